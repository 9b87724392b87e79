//! What a session knows, and what is written in place of what: the rules, applied to one view of
//! one part.

use std::cell::Cell;

use super::REDACTED;
use super::encoded;
use super::fields;
use super::names::{self, Secret};
use super::needles::{Found, each_window};
use super::parts::{Place, Side, Syntax};
use super::pointer;
use super::pseudonyms::{Kind, Pseudonyms};
use super::rules::Rules;
use super::scan;
use super::secrets::{Form, Secrets, is_redacted};
use super::shapes::{self, Shape, Shapes};
use super::signs::Signs;
use super::view::{self, Rank, Span, Tally, View};
use super::words;
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
}

/// What may have a pseudonym in a text.
struct Seen<'a> {
    values: Vec<Found<'a, (Kind, String)>>,
    shaped: Vec<(usize, &'a str, Shape)>,
}

impl Known {
    /// Every value that has a pseudonym and no shape, and every secret, in one run over a text.
    fn find<'a>(
        &'a self,
        text: &[u8],
        mut value: impl FnMut(Found<'a, (Kind, String)>),
        mut secret: impl FnMut(Found<'_, Form>),
    ) {
        each_window(text, |at| {
            self.secrets.find_at(text, at, &mut secret);
            self.pseudonyms.values().find_at(text, at, &mut value);
        });
    }

    fn seen<'a>(&'a self, text: &'a [u8]) -> Seen<'a> {
        let (mut values, mut shaped) = (Vec::new(), Vec::new());
        self.pseudonyms.values().find(text, |value| values.push(value));
        shapes::each(text, |start, value, shape| shaped.push((start, value, shape)));
        Seen { values, shaped }
    }

    /// Whether there is nothing in a part that is known: no secret, and no value that has a pseudonym.
    pub(super) fn is_unknown(&self, rules: &Rules, place: Place<'_>, bytes: &[u8]) -> bool {
        if let Place::Body(_, Syntax::Packed) = place {
            return false;
        }
        let has_pseudonym =
            |value: &[u8]| std::str::from_utf8(value).is_ok_and(|value| self.pseudonyms.of(value).is_some());
        let mut known = matches!(place, Place::Header(..)) && has_pseudonym(bytes);
        view::each(bytes, &mut |view| {
            if known {
                return;
            }
            let (bytes, found) = (view.bytes(), Cell::new(false));
            let bounded = |value: Found<'_, (Kind, String)>| {
                found.set(found.get() || is_bounded(bytes, value.start, value.end, value.value.0));
            };
            self.find(bytes, bounded, |_| found.set(true));
            shapes::each(bytes, |_, value, _| found.set(found.get() || has_pseudonym(value.as_bytes())));
            let mut ids = rules.ids.iter().flat_map(|rule| scan::matches(&rule.pattern, bytes));
            known = found.get()
                || self.secrets.is_folded_into(bytes)
                || ids.any(|(start, end)| has_pseudonym(&bytes[start..end]));
        });
        !known
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

    /// The part with the real values in the places of pseudonyms; `None` if there are none.
    pub(super) fn reveal(&self, place: Place<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let pseudonym = |start, end, with, kind: Kind| Span {
            start,
            end,
            with,
            rank: Rank::Pseudonym,
            kind: kind.plural(),
        };
        let mut real = |view: &View<'_>| {
            let mut spans = Vec::new();
            self.pseudonyms.reversed().find(view.bytes(), |found| {
                let (kind, real) = found.value;
                if is_bounded(view.bytes(), found.start, found.end, *kind) {
                    spans.push(pseudonym(found.start, found.end, escaped(place, *kind, real), *kind));
                }
            });
            shapes::each(view.bytes(), |start, value, _| {
                if let Some((kind, real)) = self.pseudonyms.real(value) {
                    spans.push(pseudonym(start, start + value.len(), real.into_owned(), kind));
                }
            });
            spans
        };
        let mut revealed = view::rewrite(bytes, &mut real, &mut Tally::default());
        for (literal, pseudonym) in self.pseudonyms.literals() {
            revealed = replaced(revealed.as_deref().unwrap_or(bytes), pseudonym, literal).or(revealed);
        }
        revealed
    }
}

/// One passage through the door.
pub(super) struct Passage<'a> {
    pub(super) known: &'a Known,
    pub(super) rules: &'a Rules,
    /// Secrets of this exchange that are too short to be searched: they are replaced where they
    /// are a whole value.
    pub(super) short: &'a [String],
    pub(super) tally: Tally,
}

impl<'a> Passage<'a> {
    pub(super) fn new(known: &'a Known, rules: &'a Rules) -> Self {
        Self { known, rules, short: &[], tally: Tally::default() }
    }

    /// The part without secrets, and with pseudonyms; `None` if it stays.
    pub(super) fn rewrite(&mut self, place: Place<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut literal: Option<Vec<u8>> = None;
        if is_text(place) {
            for (from, with) in self.known.pseudonyms.literals().iter().rev() {
                literal = replaced(literal.as_deref().unwrap_or(bytes), from, with).or(literal);
            }
        }
        self.rewrite_again(place, literal.as_deref().unwrap_or(bytes)).or(literal)
    }

    /// The same, where what is a literal (see [`Pseudonyms::literals`]) has been replaced already:
    /// what looks like one now is another value's pseudonym.
    pub(super) fn rewrite_again(&mut self, place: Place<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        match place {
            Place::Member(_, name) => return self.member(name, bytes),
            Place::Body(_, Syntax::Binary) => {
                let spans = self.binary(bytes);
                return view::rewrite_raw(bytes, spans, &mut self.tally);
            }
            place if !is_text(place) => return None,
            _ => {}
        }
        let field = match place {
            Place::Header(_, name) => fields::redacted(name, &String::from_utf8_lossy(bytes), self.rules),
            _ => None,
        };
        let field = field.map(|field| field.value.into_bytes()).filter(|value| value != bytes);
        if field.is_some() {
            self.tally.count(CREDENTIALS);
        }
        let mut tally = std::mem::take(&mut self.tally);
        let mut encoded = Vec::new();
        let mut spans = |view: &View<'_>| self.spans(place, view, &mut encoded);
        let rewritten = view::rewrite(field.as_deref().unwrap_or(bytes), &mut spans, &mut tally);
        tally.encoded.append(&mut encoded);
        self.tally = tally;
        rewritten.or(field)
    }

    /// A whole value under a name.
    fn member(&mut self, name: &str, value: &[u8]) -> Option<Vec<u8>> {
        if is_redacted(value) || value == b"0" || !self.rules.names.say_secret(name) {
            return None;
        }
        self.tally.count(SECRETS);
        Some(REDACTED.into())
    }

    /// Of what is no text: nothing may get longer or shorter there, nor needs to be read again.
    fn binary(&self, bytes: &[u8]) -> Vec<Span> {
        let mut spans = Vec::new();
        view::each(bytes, &mut |view| {
            let shaped = names::shaped(view.bytes()).into_iter().map(|secret| (secret.start, secret.end));
            let mut found: Vec<_> = shaped.collect();
            self.known.secrets.find(view.bytes(), |hit| {
                if *hit.value != Form::Account {
                    found.push((hit.start, hit.end));
                }
            });
            let in_source = found.into_iter().map(|(start, end)| view.source(start, end));
            spans.extend(in_source.map(|(start, end)| Span {
                with: REDACTED.chars().cycle().take(end - start).collect(),
                ..secret_span(start, end)
            }));
        });
        let place = Place::Body(Side::Request, Syntax::Binary);
        self.add_pseudonyms(place, bytes, self.known.seen(bytes), &mut spans);
        spans.retain(|span| {
            let replaced = &bytes[span.start..span.end];
            span.with.len() == replaced.len() && span.with.as_bytes() != replaced
        });
        spans
    }

    /// What is replaced in one view, in one walk over its words and one over its windows.
    fn spans(&self, place: Place<'_>, view: &View<'_>, encoded: &mut Vec<(String, String)>) -> Vec<Span> {
        let bytes = view.bytes();
        let mut spans = Vec::new();
        let is_form = matches!(place, Place::Query | Place::Body(_, Syntax::Form)) && view.is_raw();
        let parameters = if is_form { self.rules.names.parameters(bytes) } else { Vec::new() };
        let (mut signs, mut shapes, mut shaped) = (Signs::default(), Shapes::default(), Vec::new());
        words::each(bytes, |word| {
            signs.word(bytes, word.clone());
            shapes.word(bytes, word, &mut |start, value, shape| shaped.push((start, value, shape)));
        });
        let named = self.rules.names.secrets_by(signs, bytes).into_iter().chain(parameters);
        spans.extend(named.map(|Secret { start, end, shape }| {
            let with = if shape == names::Shape::Number { "0" } else { REDACTED };
            Span { with: with.to_owned(), ..secret_span(start, end) }
        }));
        let mut secrets: Vec<_> =
            self.short.iter().flat_map(|short| whole_values(place, bytes, short.as_bytes())).collect();
        secrets.extend(self.rules.patterns.iter().flat_map(|pattern| scan::matches(pattern, bytes)));
        spans.extend(secrets.into_iter().map(|(start, end)| secret_in(place, bytes, start, end)));
        if view.is_raw() && matches!(place, Place::Body(_, Syntax::Json)) {
            spans.extend(pointer::places(bytes, &self.rules.pointers).into_iter().map(|(start, end)| {
                let is_text = bytes.get(start.wrapping_sub(1)) == Some(&b'"');
                let with = if is_text { REDACTED } else { "0" };
                Span { with: with.to_owned(), ..secret_span(start, end) }
            }));
        }
        let (mut values, mut secrets) = (Vec::new(), Vec::new());
        self.known.find(
            bytes,
            |value| values.push(value),
            |secret| match secret.value {
                Form::Plain => secrets.push(secret_in(place, bytes, secret.start, secret.end)),
                Form::Encoded => secrets.extend(self.encoded(bytes, secret.start..secret.end, encoded)),
                Form::Account => {}
            },
        );
        spans.append(&mut secrets);
        self.add_pseudonyms(place, bytes, Seen { values, shaped }, &mut spans);
        spans
    }

    /// What is written for an encoded text around a secret, if it can be taken apart. One that
    /// holds no secret but an account is remembered: it may be a page token that comes back.
    fn encoded(
        &self,
        bytes: &[u8],
        range: std::ops::Range<usize>,
        remembered: &mut Vec<(String, String)>,
    ) -> Option<Span> {
        let holds_secret = Cell::new(false);
        let rewrite = |inner: &[u8]| {
            let mut spans = |view: &View<'_>| {
                let mut spans = Vec::new();
                self.known.secrets.find(view.bytes(), |found| {
                    if *found.value == Form::Plain {
                        holds_secret.set(true);
                        spans.push(secret_span(found.start, found.end));
                    }
                });
                let seen = self.known.seen(view.bytes());
                self.add_pseudonyms(Place::Body(Side::Request, Syntax::Text), view.bytes(), seen, &mut spans);
                spans
            };
            view::rewrite(inner, &mut spans, &mut Tally::default())
        };
        let encoded::Rewritten { range, with } = encoded::around(bytes, range, &rewrite)?;
        let real = String::from_utf8_lossy(&bytes[range.clone()]).into_owned();
        if self.known.pseudonyms.of(&real).is_some() {
            return None;
        }
        if !holds_secret.get() {
            remembered.push((real, with.clone()));
        }
        Some(Span { with, ..secret_span(range.start, range.end) })
    }

    fn add_pseudonyms(&self, place: Place<'_>, bytes: &[u8], seen: Seen<'_>, spans: &mut Vec<Span>) {
        let pseudonyms = &self.known.pseudonyms;
        let mut add = |start: usize, end: usize, with: &str, kind: Kind| {
            let (with, kind) = (with.to_owned(), kind.plural());
            spans.push(Span { start, end, with, rank: Rank::Pseudonym, kind });
        };
        for Found { start, end, value: (kind, pseudonym) } in seen.values {
            if is_bounded(bytes, start, end, *kind) {
                add(start, end, pseudonym, *kind);
            }
        }
        for (start, end) in self.rules.ids.iter().flat_map(|rule| scan::matches(&rule.pattern, bytes)) {
            let value = std::str::from_utf8(&bytes[start..end]).ok();
            if let Some(pseudonym) = value.and_then(|value| pseudonyms.of(value))
                && is_bounded(bytes, start, end, Kind::Id)
            {
                add(start, end, &pseudonym, Kind::Id);
            }
        }
        for (start, value, shape) in seen.shaped {
            let Some(pseudonym) = pseudonyms.of(value) else { continue };
            let end = start + value.len();
            let in_json = matches!(place, Place::Body(_, Syntax::Json));
            if shape == Shape::Account && in_json && is_number(bytes, start, end) {
                let number = shapes::pseudonym_account(&pseudonym).unwrap_or_default();
                add(start, end, &shapes::account_pseudonyms(number).1, Kind::Account);
                continue;
            }
            let kind = if shape == Shape::Account { Kind::Account } else { Kind::Uuid };
            add(start, end, &pseudonym, kind);
        }
        // A short request id cannot be searched; in its own field it is the whole value.
        if let Place::Header(..) = place
            && let Some(pseudonym) = std::str::from_utf8(bytes).ok().and_then(|value| pseudonyms.of(value))
        {
            add(0, bytes.len(), &pseudonym, Kind::RequestId);
        }
    }
}

fn secret_span(start: usize, end: usize) -> Span {
    Span { start, end, with: REDACTED.to_owned(), rank: Rank::Secret, kind: SECRETS }
}

/// The same, where a number of JSON stays one.
fn secret_in(place: Place<'_>, bytes: &[u8], start: usize, end: usize) -> Span {
    let is_number = matches!(place, Place::Body(_, Syntax::Json)) && is_number(bytes, start, end);
    Span { with: if is_number { "0" } else { REDACTED }.to_owned(), ..secret_span(start, end) }
}

/// Whether a part is text that may be rewritten.
fn is_text(place: Place<'_>) -> bool {
    match place {
        Place::Path | Place::Query | Place::Header(..) => true,
        Place::Body(_, syntax) => matches!(syntax, Syntax::Form | Syntax::Json | Syntax::Text),
        Place::Operation | Place::Method | Place::HeaderName(_) | Place::Member(..) => false,
    }
}

/// A text with one word in the place of another, in a pass of its own: what this writes is not to
/// be taken for a value, nor what was written for a value for this word.
fn replaced(text: &[u8], from: &str, with: &str) -> Option<Vec<u8>> {
    let mut spans = |view: &View<'_>| {
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
    view::rewrite(text, &mut spans, &mut Tally::default())
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
        // Names are put together of others: `acme` in `acme-prod` is the same.
        Kind::Id => {
            let runs_on = |outside: Option<u8>, inside: Option<&u8>| {
                outside.is_some_and(|byte| byte.is_ascii_alphanumeric())
                    && inside.is_some_and(u8::is_ascii_alphanumeric)
            };
            !runs_on(before, text.get(start))
                && !runs_on(after, end.checked_sub(1).and_then(|at| text.get(at)))
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

/// Where a text is a whole string of JSON that is no member's name, a whole number, or a whole
/// parameter. The last string of a text that was cut short has no end. Header fields have none of
/// these.
pub(super) fn whole_values(place: Place<'_>, text: &[u8], value: &[u8]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    if value.is_empty() || matches!(place, Place::Header(..)) {
        return found;
    }
    for start in 1..text.len() {
        let end = start + value.len();
        if text.get(start..end) != Some(value) {
            continue;
        }
        // The mark that closes one opens none, though the value may be a comma.
        let closes = found.last().is_some_and(|(_, last)| *last + 1 == start);
        let quoted = !closes && opens(text, start - 1) && matches!(text.get(end), None | Some(b'"'));
        let named = text.get(end + 1..).and_then(|rest| rest.iter().find(|byte| !byte.is_ascii_whitespace()));
        let parameter = text[start - 1] == b'=' && matches!(text.get(end), None | Some(b'&'));
        let number = value.iter().all(u8::is_ascii_digit) && is_number(text, start, end);
        if parameter || number || (quoted && named != Some(&b':')) {
            found.push((start, end));
        }
    }
    found
}

/// Whether a quotation mark of JSON begins a string: between two of them stands what separates them.
fn opens(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rfind(|byte| !byte.is_ascii_whitespace());
    text[at] == b'"' && matches!(before, None | Some(b':' | b'[' | b',' | b'{'))
}

/// A real value as the syntax of its place needs it.
fn escaped(place: Place<'_>, kind: Kind, real: &str) -> String {
    if !matches!(kind, Kind::Cursor | Kind::RequestId | Kind::Id) {
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
