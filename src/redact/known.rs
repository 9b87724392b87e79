//! What is written in place of what: the rules, applied to one view of one part.

use super::REDACTED;
use super::fields;
use super::names;
use super::parts::{Place, Syntax};
use super::pseudonyms::{Kind, Pseudonyms};
use super::rules::Rules;
use super::secrets::{Form, Secrets};
use super::shapes::{self, Shape};
use super::view::{self, Rank, Span, Tally, View};
use crate::encoding;

/// What the summary calls what was replaced, besides [`Kind::plural`].
const CREDENTIALS: &str = "credentials";
const SECRETS: &str = "secrets";

/// What the hunt calls an encoded secret.
const ENCODED: &str = "a secret or an account id, in base64 or hex,";

/// What a session knows, to be read by many at once.
#[derive(Default)]
pub(super) struct Known {
    pub(super) secrets: Secrets,
    pub(super) pseudonyms: Pseudonyms,
    pub(super) rules: Rules,
}

impl Known {
    /// The part without secrets, and with pseudonyms. `short` are secrets of this exchange that
    /// are too short to be searched: they are replaced where they are a whole value.
    pub(super) fn rewrite(
        &self,
        place: Place<'_>,
        bytes: &[u8],
        short: &[String],
        tally: &mut Tally,
    ) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for (literal, pseudonym) in self.pseudonyms.literals().iter().rev() {
            bytes = replaced(&bytes, literal, pseudonym);
        }
        self.rewrite_again(place, &bytes, short, tally)
    }

    /// The same, where what is a literal (see [`Pseudonyms::literals`]) has been replaced already:
    /// what looks like one now is another value's pseudonym.
    pub(super) fn rewrite_again(
        &self,
        place: Place<'_>,
        bytes: &[u8],
        short: &[String],
        tally: &mut Tally,
    ) -> Vec<u8> {
        if matches!(place, Place::Body(_, Syntax::Binary)) {
            return bytes.to_vec();
        }
        let field = match place {
            Place::Header(_, name) => fields::redacted(name, &String::from_utf8_lossy(bytes)),
            _ => None,
        };
        let bytes = match &field {
            Some(field) if field.value.as_bytes() != bytes => {
                *tally.entry(CREDENTIALS).or_default() += 1;
                field.value.as_bytes()
            }
            _ => bytes,
        };
        view::rewrite(bytes, &mut |view| self.spans(place, view, short), tally)
    }

    /// The part with the real values in the places of pseudonyms.
    pub(super) fn reveal(&self, place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
        let revealed = view::rewrite(
            bytes,
            &mut |view| {
                let mut spans = Vec::new();
                self.pseudonyms.reversed().find(view.bytes(), |found| {
                    let (kind, real) = found.value;
                    if is_bounded(view.bytes(), found.start, found.end, *kind) {
                        let with = escaped(place, *kind, real);
                        spans.push(Span {
                            start: found.start,
                            end: found.end,
                            with,
                            rank: Rank::Pseudonym,
                            kind: "",
                        });
                    }
                });
                shapes::each(view.bytes(), |start, value, _| {
                    if let Some((_, real)) = self.pseudonyms.real(value) {
                        let (end, with) = (start + value.len(), real.clone());
                        spans.push(Span { start, end, with, rank: Rank::Pseudonym, kind: "" });
                    }
                });
                spans
            },
            &mut Tally::new(),
        );
        let literals = self.pseudonyms.literals().iter();
        literals.fold(revealed, |bytes, (literal, pseudonym)| replaced(&bytes, pseudonym, literal))
    }

    /// What kind of secret is left in a part, if any.
    pub(super) fn hunt(&self, bytes: &[u8]) -> Option<&'static str> {
        let mut left = None;
        view::each(bytes, &mut |view| {
            self.secrets.find(view.bytes(), |found| {
                left = Some(match found.value {
                    Form::Plain => "a secret",
                    Form::Encoded => ENCODED,
                    Form::Account => "an account id",
                });
            });
            if left.is_none() && self.secrets.is_folded_into(view.bytes()) {
                left = Some(ENCODED);
            }
        });
        left
    }

    fn spans(&self, place: Place<'_>, view: &View, short: &[String]) -> Vec<Span> {
        let bytes = view.bytes();
        let mut spans = Vec::new();
        let mut secret = |start, end, with: &str| {
            spans.push(Span { start, end, with: with.to_owned(), rank: Rank::Secret, kind: SECRETS });
        };
        let is_form = matches!(place, Place::Query | Place::Body(_, Syntax::Form)) && view.is_raw();
        let parameters = if is_form { names::secret_parameters(bytes) } else { Vec::new() };
        for found in names::secrets(bytes).into_iter().chain(parameters) {
            let with = if found.shape == names::Shape::Number { "0" } else { REDACTED };
            secret(found.start, found.end, with);
        }
        for (start, end) in short.iter().flat_map(|short| whole_values(bytes, short.as_bytes())) {
            secret(start, end, REDACTED);
        }
        self.secrets.find(bytes, |found| {
            if *found.value == Form::Plain {
                secret(found.start, found.end, REDACTED);
            }
        });
        self.add_pseudonyms(place, bytes, &mut spans);
        spans
    }

    fn add_pseudonyms(&self, place: Place<'_>, bytes: &[u8], spans: &mut Vec<Span>) {
        let mut add = |start: usize, end: usize, with: String, kind: Kind| {
            spans.push(Span { start, end, with, rank: Rank::Pseudonym, kind: kind.plural() });
        };
        self.pseudonyms.values().find(bytes, |found| {
            let (kind, pseudonym) = found.value;
            if is_bounded(bytes, found.start, found.end, *kind) {
                add(found.start, found.end, pseudonym.clone(), *kind);
            }
        });
        shapes::each(bytes, |start, value, shape| {
            let Some(pseudonym) = self.pseudonyms.of(value) else { return };
            let end = start + value.len();
            let in_json = matches!(place, Place::Body(_, Syntax::Json));
            if shape == Shape::Account && in_json && is_number(bytes, start, end) {
                let number = shapes::pseudonym_account(pseudonym).unwrap_or_default();
                return add(start, end, shapes::account_pseudonyms(number).1, Kind::Account);
            }
            let kind = if shape == Shape::Account { Kind::Account } else { Kind::Uuid };
            add(start, end, pseudonym.to_owned(), kind);
        });
        // A short request id cannot be searched; in its own field it is the whole value.
        if let Place::Header(..) = place
            && let Some(pseudonym) =
                std::str::from_utf8(bytes).ok().and_then(|value| self.pseudonyms.of(value))
        {
            add(0, bytes.len(), pseudonym.to_owned(), Kind::RequestId);
        }
    }
}

/// A text with one word in the place of another, in a pass of its own: what this writes is not to
/// be taken for a value, nor what was written for a value for this word.
fn replaced(text: &[u8], from: &str, with: &str) -> Vec<u8> {
    let mut spans = |view: &View| {
        let places = view.bytes().windows(from.len()).enumerate();
        let found = places.filter(|(start, window)| {
            *window == from.as_bytes() && is_bounded(view.bytes(), *start, start + from.len(), Kind::Cursor)
        });
        let span = |start| Span {
            start,
            end: start + from.len(),
            with: with.to_owned(),
            rank: Rank::Pseudonym,
            kind: "",
        };
        found.map(|(start, _)| span(start)).collect()
    };
    view::rewrite(text, &mut spans, &mut Tally::new())
}

/// Whether a value begins and ends where a word does: a part of a longer word is another word.
fn is_bounded(text: &[u8], start: usize, end: usize, kind: Kind) -> bool {
    let before = start.checked_sub(1).and_then(|index| text.get(index)).copied();
    let (after, next) = (text.get(end).copied(), text.get(end + 1).copied());
    let part_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let joined = |byte: u8| part_of_word(byte) || byte == b'-';
    match kind {
        Kind::Host => {
            let more = match after {
                Some(b'.') => next.is_some_and(part_of_word),
                Some(b':') => next.is_some_and(|byte| byte.is_ascii_digit()),
                after => after.is_some_and(joined),
            };
            !before.is_some_and(|byte| joined(byte) || byte == b'.') && !more
        }
        _ => !before.is_some_and(joined) && !after.is_some_and(joined),
    }
}

/// Whether what stands here is a number of JSON, and not inside of a string.
fn is_number(text: &[u8], start: usize, end: usize) -> bool {
    let blank = |byte: &&u8| !byte.is_ascii_whitespace();
    let before = text[..start].iter().rev().find(blank);
    let after = text[end..].iter().find(blank);
    matches!(before, Some(b':' | b'[' | b',')) && matches!(after, Some(b',' | b']' | b'}'))
}

/// Where a text is a whole string of JSON that is no member's name, or a whole parameter. The last
/// string of a text that was cut short has no end.
fn whole_values(text: &[u8], value: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for start in 1..text.len() {
        let end = start + value.len();
        if value.is_empty() || text.get(start..end) != Some(value) {
            continue;
        }
        let quoted = text[start - 1] == b'"' && matches!(text.get(end), None | Some(b'"'));
        let named = text.get(end + 1..).and_then(|rest| rest.iter().find(|byte| !byte.is_ascii_whitespace()));
        let parameter = text[start - 1] == b'=' && matches!(text.get(end), None | Some(b'&'));
        if parameter || (quoted && named != Some(&b':')) {
            found.push((start, end));
        }
    }
    found
}

/// A real value as the syntax of its place needs it.
fn escaped(place: Place<'_>, kind: Kind, real: &str) -> String {
    if !matches!(kind, Kind::Cursor | Kind::RequestId) {
        return real.to_owned();
    }
    match place {
        Place::Path | Place::Query | Place::Body(_, Syntax::Form) => encoding::percent_encode(real),
        Place::Body(_, Syntax::Json) => {
            let quoted = serde_json::Value::from(real).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        _ => real.to_owned(),
    }
}
