//! Values that an earlier answer gave and a later request uses.

use std::collections::BTreeSet;

use regex::Regex;

use crate::cassette::stored::{StoredBody, StoredExchange};
use crate::encoding::{percent_decode, percent_encode, percent_encode_path};

/// Part of a shell word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text.
    Literal(String),
    /// The value of a shell variable.
    Captured(String),
    /// The same, percent-encoded.
    Escaped(String),
}

impl Piece {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Literal(text) if text.is_empty())
    }
}

/// A value that an answer gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    /// The exchange whose answer gave it.
    from: usize,
    /// The member that held it.
    member: String,
    /// Which of the members of that name, counted from 1.
    nth: usize,
    value: String,
}

/// What each request takes from the answers before it.
#[derive(Debug)]
pub(super) struct Captures {
    /// In order of the answers; the first is `V1`.
    given: Vec<Given>,
    requests: Vec<Parts<Vec<Piece>>>,
}

#[derive(Debug, Clone, Default)]
struct Parts<T> {
    target: T,
    body: T,
}

impl Captures {
    pub(super) fn of(evidence: &[StoredExchange]) -> Self {
        let texts: Vec<Parts<String>> = evidence.iter().map(request).collect();
        let given = used(given(evidence, &texts), &texts);
        let requests = texts.iter().enumerate().map(|(at, texts)| pieces(texts, at, &given)).collect();
        Self { given, requests }
    }

    pub(super) fn target(&self, at: usize) -> Vec<Piece> {
        self.requests[at].target.clone()
    }

    pub(super) fn body(&self, at: usize) -> Vec<Piece> {
        self.requests[at].body.clone()
    }

    /// Whether any value has to be percent-encoded.
    pub(super) fn escapes(&self) -> bool {
        let mut pieces = self.requests.iter().flat_map(|request| &request.target);
        pieces.any(|piece| matches!(piece, Piece::Escaped(_)))
    }

    /// What is taken from the answer of that exchange, each with the variable that takes it.
    pub(super) fn taken_from(&self, at: usize) -> Vec<(String, &Given)> {
        let named = self.given.iter().enumerate().map(|(index, given)| (variable(index), given));
        named.filter(|(_, given)| given.from == at).collect()
    }
}

/// The line, with what it prints going into variables.
pub(super) fn assign(line: &str, at: usize, taken: &[(String, &Given)]) -> String {
    match taken {
        [] => line.to_owned(),
        [(name, given)] => format!("{name}=$({line} | {})", given.filter()),
        several => {
            let answer = format!("R{}", at + 1);
            let each = several
                .iter()
                .map(|(name, given)| format!("\n{name}=$(printf %s \"${answer}\" | {})", given.filter()));
            format!("{answer}=$({line}){}", each.collect::<String>())
        }
    }
}

impl Given {
    fn filter(&self) -> String {
        let member = self.member.replace('.', "\\.");
        format!("grep -o '\"{member}\": *\"[^\"]*\"' | sed -n {}p | cut -d'\"' -f4", self.nth)
    }
}

fn variable(index: usize) -> String {
    format!("V{}", index + 1)
}

fn request(exchange: &StoredExchange) -> Parts<String> {
    Parts { target: exchange.request.target.clone(), body: text(exchange.request.body.as_ref()) }
}

fn text(body: Option<&StoredBody>) -> String {
    let bytes = body.cloned().and_then(|body| body.bytes().ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Every value of an answer that no request before it had, the longest first.
fn given(evidence: &[StoredExchange], requests: &[Parts<String>]) -> Vec<Given> {
    let mut all: Vec<Given> = Vec::new();
    for (from, exchange) in evidence.iter().enumerate() {
        let known = |value: &str| {
            requests[..=from].iter().any(|request| {
                request.body.contains(value) || percent_decode(&request.target).contains(value)
            })
        };
        for given in members(from, &text(exchange.response.body.as_ref())) {
            if !known(&given.value) && !all.iter().any(|other| other.value == given.value) {
                all.push(given);
            }
        }
    }
    all.sort_by_key(|given| std::cmp::Reverse(given.value.len()));
    all
}

/// The string members of a JSON text that may be made up by the provider: identifiers, tokens
/// and pseudonyms have eight characters at least, and a digit.
fn members(from: usize, text: &str) -> Vec<Given> {
    // As what `Given::filter` finds; a line of `grep` is a line here.
    let Ok(pattern) = Regex::new(r#""([A-Za-z0-9_.:-]+)": *"([^"\n]*)""#) else { return Vec::new() };
    let mut seen = std::collections::HashMap::<String, usize>::new();
    let mut all = Vec::new();
    for found in pattern.captures_iter(text) {
        let (member, value) = (found[1].to_owned(), found[2].to_owned());
        let nth = seen.entry(member.clone()).or_default();
        *nth += 1;
        let made_up = value.len() >= 8 && value.contains(|c: char| c.is_ascii_digit());
        if made_up && !value.contains('\\') {
            all.push(Given { from, member, nth: *nth, value });
        }
    }
    all
}

/// Those that a later request uses, in order of the answers.
fn used(given: Vec<Given>, requests: &[Parts<String>]) -> Vec<Given> {
    let mut used = BTreeSet::new();
    for (at, texts) in requests.iter().enumerate() {
        let Parts { target, body } = pieces(texts, at, &given);
        for piece in target.iter().chain(&body) {
            if let Piece::Captured(name) | Piece::Escaped(name) = piece {
                used.extend((0..given.len()).filter(|index| variable(*index) == *name));
            }
        }
    }
    let mut used: Vec<Given> = used.into_iter().map(|index| given[index].clone()).collect();
    used.sort_by_key(|given| given.from);
    used
}

fn pieces(texts: &Parts<String>, at: usize, given: &[Given]) -> Parts<Vec<Piece>> {
    let mut target = vec![Piece::Literal(texts.target.clone())];
    let mut body = vec![Piece::Literal(texts.body.clone())];
    let mut earlier: Vec<(usize, &Given)> = given.iter().enumerate().filter(|(_, g)| g.from < at).collect();
    // Longest first: an ARN before the id inside it.
    earlier.sort_by_key(|(_, given)| std::cmp::Reverse(given.value.len()));
    for (index, Given { value, .. }) in earlier {
        let name = variable(index);
        let escaped = percent_encode(value);
        // Even a value that needs no escapes: what stands in its place on the wire may.
        target = split(target, &escaped, &Piece::Escaped(name.clone()));
        for raw in [percent_encode_path(value), value.clone()] {
            target = split(target, &raw, &Piece::Captured(name.clone()));
        }
        body = split(body, value, &Piece::Captured(name));
    }
    Parts { target, body }
}

/// The pieces with that one in every place of the text.
fn split(pieces: Vec<Piece>, text: &str, with: &Piece) -> Vec<Piece> {
    let mut out = Vec::new();
    for piece in pieces {
        let Piece::Literal(mut rest) = piece else {
            out.push(piece);
            continue;
        };
        while let Some(at) = whole(&rest, text) {
            let after = rest.split_off(at + text.len());
            rest.truncate(at);
            out.extend([Piece::Literal(rest), with.clone()]);
            rest = after;
        }
        out.push(Piece::Literal(rest));
    }
    out
}

/// Where the value stands alone, and not inside a longer word: `cursor-1` is not in `cursor-10`.
fn whole(text: &str, value: &str) -> Option<usize> {
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    text.match_indices(value).map(|(at, _)| at).find(|&at| {
        let (before, after) = (&text[..at], &text[at + value.len()..]);
        let begins = !before.ends_with(inside) || ends_with_escape(before);
        begins && !after.starts_with(inside)
    })
}

fn ends_with_escape(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}
