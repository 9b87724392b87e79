//! The findings, as the template wants them.

use serde::Serialize;

use crate::contract::Level;
use crate::report::evidence::{self, LineKind, Message, Shown};
use crate::report::links::{Piece, pieces};
use crate::report::place::Spot;
use crate::report::pretty::Token;
use crate::report::visible::{counted, one_line, visible};
use crate::report::{Finding, Run};

/// Evidence is unfolded from the start if there are no more findings than this.
const FEW: usize = 3;

/// Of more exchanges than these together, only the first and the last are on the page.
const FIRST: usize = 3;
const LAST: usize = 6;

/// How much of the findings is unfolded from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folding {
    /// All of it, down to the judged exchange.
    Open,
    /// What was expected and what came.
    Folded,
}

/// One finding.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    anchor: String,
    class: &'static str,
    level: String,
    says: String,
    check: String,
    name: String,
    operation: String,
    place: String,
    expected: String,
    actual: String,
    documented: Vec<Link>,
    seen: String,
    case: String,
    /// Until when it is known, and why.
    known: Option<String>,
    /// Whether more than the law and its two sides is seen at once.
    open: bool,
    exchanges: Vec<Pair>,
    /// How many exchanges between them are left out.
    left_out: usize,
    /// By line, as are the next.
    again: Vec<String>,
    curl: Vec<String>,
    /// What the filter looks through.
    haystack: String,
}

/// A piece of a sentence; with an address, it is a link.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    text: String,
    url: Option<String>,
}

/// One exchange.
#[derive(Debug, Serialize)]
struct Pair {
    nth: usize,
    title: String,
    judged: bool,
    open: bool,
    messages: Vec<Side>,
}

/// One message of it.
#[derive(Debug, Serialize)]
struct Side {
    name: &'static str,
    first_line: String,
    marked: bool,
    headers: Vec<(String, String, bool)>,
    lines: Vec<Text>,
}

/// A line of a body.
#[derive(Debug, Serialize)]
struct Text {
    class: &'static str,
    /// How deep it is, as far as the style tells apart.
    depth: usize,
    indent: String,
    tokens: Vec<(&'static str, String)>,
}

impl Item {
    pub(super) fn all(run: &Run) -> Vec<Self> {
        let folding = if run.findings.len() <= FEW { Folding::Open } else { Folding::Folded };
        run.findings.iter().map(|finding| item(run, finding, folding)).collect()
    }
}

/// A sentence with its addresses as links.
pub(super) fn documented(text: &str) -> Vec<Link> {
    let link = |piece: Piece<'_>| match piece {
        Piece::Text(text) => Link { text: one_line(text).into_owned(), url: None },
        Piece::Link { text, url } => {
            Link { text: one_line(text).into_owned(), url: Some(one_line(url).into_owned()) }
        }
    };
    pieces(text).into_iter().map(link).collect()
}

fn item(run: &Run, finding: &Finding, folding: Folding) -> Item {
    let line = |text: &str| one_line(text).into_owned();
    let block = |text: &str| visible(text).into_owned();
    let law = run.checks.iter().find(|check| check.id == finding.check);
    let Finding { check, name, operation, level, place, .. } = finding;
    let class = match finding.gravity() {
        _ if finding.known.is_some() => "known",
        Level::Must => "must",
        Level::Should => "should",
        Level::Advisory | Level::Info => "advisory",
    };
    Item {
        anchor: finding.anchor(),
        class,
        level: line(level),
        says: line(law.map_or(name, |law| &law.says)),
        check: line(check),
        name: line(name),
        operation: line(operation),
        place: line(place),
        expected: block(&finding.expected),
        actual: block(&finding.actual),
        documented: documented(&finding.documented),
        seen: counted(finding.count, "time"),
        case: line(&finding.case),
        known: finding
            .known
            .as_ref()
            .map(|known| block(&format!("Known until {}: {}", known.expires, known.reason))),
        open: folding == Folding::Open,
        exchanges: pairs(finding, folding),
        left_out: finding.evidence.len().saturating_sub(FIRST + LAST),
        again: finding.again.lines().map(block).collect(),
        curl: finding.curl.lines().map(block).collect(),
        haystack: line(&format!("{check} {name} {operation} {place}")).to_lowercase(),
    }
}

fn pairs(finding: &Finding, folding: Folding) -> Vec<Pair> {
    let spot = Spot::read(&finding.place);
    let last = finding.evidence.len().saturating_sub(1);
    let pair = |(at, exchange)| {
        let judged = at == last;
        let Shown { request, response } = evidence::shown(exchange, spot.as_ref().filter(|_| judged));
        Pair {
            nth: at + 1,
            title: format!("{} → {}", request.first_line, response.first_line),
            judged,
            open: judged && folding == Folding::Open,
            messages: vec![side("Request", request), side("Response", response)],
        }
    };
    let all = finding.evidence.len();
    let shown = finding.evidence.iter().enumerate().filter(|(at, _)| *at < FIRST || *at + LAST >= all);
    shown.map(pair).collect()
}

fn side(name: &'static str, message: Message) -> Side {
    let headers = message.headers.into_iter().map(|header| (header.name, header.value, header.marked));
    Side {
        name,
        first_line: message.first_line,
        marked: message.marked,
        headers: headers.collect(),
        lines: message.lines.into_iter().map(text).collect(),
    }
}

fn text(line: evidence::Line) -> Text {
    let class = match line.kind {
        LineKind::Plain => "",
        LineKind::Marked => "mark",
        LineKind::Remark => "remark",
    };
    let kind = |kind: Option<Token>| match kind {
        Some(Token::Key) => "k",
        Some(Token::Text) => "s",
        Some(Token::Literal) => "n",
        Some(Token::Sign) | None => "",
    };
    let tokens = line.tokens.into_iter().map(|(token, text)| (kind(token), text)).collect();
    Text { class, depth: line.indent.min(9), indent: "  ".repeat(line.indent), tokens }
}
