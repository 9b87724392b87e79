//! An exchange as a reader sees it: first line, header fields and a readable body of each
//! message, with the place of the finding marked.

use super::place::{Part, Side, Spot};
use super::pretty::{self, Token};
use super::visible::{counted, visible};
use crate::cassette::stored::{StoredBody, StoredEnding, StoredExchange, StoredValue};
use crate::exchange::HeaderValue;

/// Both messages of an exchange.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) request: Message,
    pub(super) response: Message,
}

/// One message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) first_line: String,
    /// Whether the place is the first line.
    pub(super) marked: bool,
    pub(super) headers: Vec<Header>,
    /// The body; empty if there is none.
    pub(super) lines: Vec<Line>,
}

/// A header field.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) marked: bool,
}

/// A line of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) indent: usize,
    pub(super) kind: LineKind,
    /// What it is made of; `None` where it is no JSON.
    pub(super) tokens: Vec<(Option<Token>, String)>,
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Plain,
    /// Here is the place of the finding.
    Marked,
    /// Not of the body: says what is left out or cannot be shown.
    Remark,
}

/// Bodies are shown up to here; beyond it, their beginning and what is around the place.
const MOST_LINES: usize = 240;
const BEGINNING: usize = 40;
const AROUND: usize = 40;
/// Lines of a body are shown up to here.
const LONGEST_TOKEN: usize = 4_000;

impl Line {
    pub(super) fn text(&self) -> String {
        let tokens = self.tokens.iter().map(|(_, token)| token.as_str());
        "  ".repeat(self.indent) + &tokens.collect::<String>()
    }

    fn remark(text: String) -> Self {
        Self { indent: 0, kind: LineKind::Remark, tokens: vec![(None, text)] }
    }
}

/// The exchange, with the spot marked if it is in there.
pub(super) fn shown(exchange: &StoredExchange, spot: Option<&Spot>) -> Shown {
    let (request, response) = (&exchange.request, &exchange.response);
    let status = crate::report::reason::of(response.status);
    let mut shown = Shown {
        request: Message {
            first_line: clean(&format!("{} {}", request.method, request.target)),
            marked: spot.is_some_and(|spot| spot.marks_first_line(Side::Request)),
            headers: headers(&request.headers, Side::Request, spot),
            lines: body(request.body.as_ref(), Side::Request, spot),
        },
        response: Message {
            first_line: format!("{} {status}", response.status).trim_end().to_owned(),
            marked: spot.is_some_and(|spot| spot.marks_first_line(Side::Response)),
            headers: headers(&response.headers, Side::Response, spot),
            lines: body(response.body.as_ref(), Side::Response, spot),
        },
    };
    if response.ending == StoredEnding::Aborted {
        let said = "the provider cut the connection here".to_owned();
        shown.response.lines.push(Line::remark(said));
    }
    shown
}

fn headers(fields: &[(String, StoredValue)], side: Side, spot: Option<&Spot>) -> Vec<Header> {
    let field = |(name, value): &(String, StoredValue)| Header {
        name: clean(name),
        value: clean(&HeaderValue::from(value.clone()).text()),
        marked: spot.is_some_and(|spot| spot.marks_header(side, name)),
    };
    let mut headers: Vec<Header> = fields.iter().map(field).collect();
    let missing = spot.filter(|spot| spot.side == side).and_then(|spot| match &spot.part {
        Part::Header(name) if !name.is_empty() && !headers.iter().any(|header| header.marked) => Some(name),
        _ => None,
    });
    if let Some(name) = missing {
        headers.push(Header { name: clean(name), value: "(missing)".to_owned(), marked: true });
    }
    headers
}

fn body(body: Option<&StoredBody>, side: Side, spot: Option<&Spot>) -> Vec<Line> {
    let Some(body) = body else { return Vec::new() };
    let bytes = match body.clone().readable() {
        Ok(bytes) => bytes,
        Err(elsewhere) => return vec![Line::remark(elsewhere.to_string())],
    };
    let size = bytes.len() as u64;
    let Ok(text) = String::from_utf8(bytes) else {
        return vec![Line::remark(format!("{} that are no text", counted(size, "byte")))];
    };
    let pointer = spot.and_then(|spot| spot.pointer(side));
    match pretty::lines(&text) {
        Some(lines) => {
            let missing = pointer.and_then(|pointer| missing_member(&lines, pointer));
            let marked = pointer.and_then(|pointer| pretty::line_of(&lines, pointer));
            let mut lines: Vec<Line> = lines.into_iter().map(json).collect();
            match (missing, marked) {
                (Some(name), Some(parent)) => {
                    let indent = lines[parent].indent + 1;
                    let tokens = vec![(None, format!("{} is missing", clean(&name)))];
                    lines.insert(parent + 1, Line { indent, kind: LineKind::Marked, tokens });
                    excerpt(lines, Some(parent + 1))
                }
                (_, marked) => excerpt(lines, marked),
            }
        }
        None => excerpt(text.lines().map(plain).collect(), pointer.map(|_| 0)),
    }
}

/// The name of the member that the pointer is about, if the object that should have it is there
/// without it.
fn missing_member(lines: &[pretty::Line], pointer: &str) -> Option<String> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let at = |pointer: &str| lines.iter().position(|line| line.pointer.as_deref() == Some(pointer));
    let parent = &lines[at(parent)?];
    let opens = parent.tokens.last().is_some_and(|(_, token)| token == "{");
    let missing = opens && at(pointer).is_none();
    missing.then(|| name.replace("~1", "/").replace("~0", "~"))
}

fn json(line: pretty::Line) -> Line {
    let tokens = line.tokens.into_iter().map(|(kind, token)| (Some(kind), short(&token)));
    Line { indent: line.indent, kind: LineKind::Plain, tokens: tokens.collect() }
}

fn plain(line: &str) -> Line {
    Line { indent: 0, kind: LineKind::Plain, tokens: vec![(None, short(line))] }
}

fn clean(text: &str) -> String {
    short(&super::visible::one_line(text))
}

fn short(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TOKEN) else { return visible(text).into_owned() };
    let left = counted((text.len() - end) as u64, "byte");
    format!("{}… ({left} more)", visible(&text[..end]))
}

/// Marks the line, and leaves out what a reader would not scroll through.
fn excerpt(mut lines: Vec<Line>, marked: Option<usize>) -> Vec<Line> {
    if let Some(line) = marked.and_then(|at| lines.get_mut(at)) {
        line.kind = LineKind::Marked;
    }
    if lines.len() <= MOST_LINES {
        return lines;
    }
    let marked = marked.unwrap_or_default();
    let shown = |at: usize| at < BEGINNING || at.abs_diff(marked) <= AROUND;
    let mut excerpt = Vec::new();
    let mut left_out = 0;
    for (at, line) in lines.into_iter().enumerate() {
        if !shown(at) {
            left_out += 1;
            continue;
        }
        gap(&mut excerpt, &mut left_out);
        excerpt.push(line);
    }
    gap(&mut excerpt, &mut left_out);
    excerpt
}

fn gap(excerpt: &mut Vec<Line>, left_out: &mut u64) {
    if *left_out > 0 {
        excerpt.push(Line::remark(format!("… {} left out, run.json has them", counted(*left_out, "line"))));
        *left_out = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn marked(message: &Message) -> Vec<String> {
        let lines = message.lines.iter().filter(|line| line.kind == LineKind::Marked);
        lines.map(|line| line.text().trim().to_owned()).collect()
    }

    #[test]
    fn the_place_is_marked_in_the_message_it_is_in() {
        let run = example::moto();
        let marks = run.findings.iter().map(|finding| {
            let spot = Spot::read(&finding.place);
            let Shown { request, response } = shown(finding.evidence.last().unwrap(), spot.as_ref());
            let mut marks = marked(&request);
            marks.extend(marked(&response));
            for message in [&request, &response] {
                marks.extend(message.marked.then(|| message.first_line.clone()));
                let headers = message.headers.iter().filter(|header| header.marked);
                marks.extend(headers.map(|header| format!("{}: {}", header.name, header.value)));
            }
            format!("{}: {}", finding.place, marks.join(" | "))
        });
        insta::assert_snapshot!(marks.collect::<Vec<_>>().join("\n"), @r#"
        response status: 500 Internal Server Error
        response body /clusterInfoList/2/creationTime: "creationTime": "2026-03-14T09:26:53.118302",
        response status: 500 Internal Server Error
        response status: 500 Internal Server Error
        request body /clusterName: "clusterName": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        response body /nextToken: nextToken is missing
        response body /clusterInfoList: "clusterInfoList": [
        response header content-type: content-type: text/html; charset=utf-8
        response body /invalidParameter: "invalidParameter": null
        "#);
    }

    #[test]
    fn of_a_long_body_the_beginning_and_the_place_are_shown() {
        let items: Vec<_> = (0..2_000).map(|at| serde_json::json!({ "id": at })).collect();
        let text = serde_json::json!({ "items": items }).to_string();
        let stored = StoredBody::of(&crate::exchange::Body::from(text)).unwrap();
        let spot = Spot::read("response body /items/1500/id");
        let lines = body(Some(&stored), Side::Response, spot.as_ref());
        assert!(lines.len() < MOST_LINES);
        assert!(
            lines.iter().any(|line| line.kind == LineKind::Marked && line.text().trim() == "\"id\": 1500")
        );
        let remarks = lines.iter().filter(|line| line.kind == LineKind::Remark).count();
        assert_eq!(remarks, 2);
    }
}
