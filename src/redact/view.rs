//! A text as seen through its escapes, with the way back to where each byte came from.
//!
//! A value hides behind percent-escapes in a URL, behind JSON's in a body, and behind both in a
//! URL inside a document inside a string. Looking through them finds it however it was escaped,
//! and makes an escape before it a boundary.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How deep escapes inside escapes are followed.
const DEPTH: usize = 4;

/// One kind of escape, in the order in which they are looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Escape {
    /// `\u003a`, `\/`
    Json,
    /// `%3A`
    Percent,
    /// `&amp;`, `&#58;`
    Xml,
}

impl Escape {
    /// What each one begins with.
    fn sign(self) -> u8 {
        match self {
            Self::Json => b'\\',
            Self::Percent => b'%',
            Self::Xml => b'&',
        }
    }
}

/// Every kind, the first to be looked through first.
const ESCAPES: [Escape; 3] = [Escape::Json, Escape::Percent, Escape::Xml];

/// `&#1114111;`, and a zero or two in front.
const LONGEST_ENTITY: usize = 12;

/// Decoded bytes.
pub(super) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// What was decoded on the way here, the first kind of escape first.
    layers: Vec<Rc<Layer>>,
    last: Option<Last>,
}

/// The last kind of escape that was decoded on the way to a view.
#[derive(Clone, Copy)]
struct Last {
    escape: Escape,
    /// The kinds whose signs came out of it, or stand right before what did: it may complete them.
    made: [bool; ESCAPES.len()],
}

/// So many bytes are asked at once whether there is an escape among them.
const BLOCK: usize = 64;

/// Whether any sign of an escape is in a text. Most have none, and this search is the fast one.
fn may_escape(text: &[u8]) -> bool {
    let is_sign = |byte: &u8| ESCAPES.iter().any(|escape| *byte == escape.sign());
    text.chunks(BLOCK).any(|block| block.iter().fold(false, |found, byte| found | is_sign(byte)))
}

/// Whether another kind of escape may show what no other view shows. Two kinds can be decoded in
/// either order, unless the first brings out escapes of the second: one order is enough.
fn is_news(last: Option<Last>, escape: Escape) -> bool {
    last.is_none_or(|last| escape > last.escape || last.made[escape as usize])
}

/// The escapes of one kind that were decoded, in their order. What is between them was taken as
/// it is, so that a big body with few escapes costs little.
type Layer = Vec<Unescaped>;

/// What stands for an escape.
struct Unescaped {
    /// Where it begins in the view, and how long it is.
    view: (usize, usize),
    /// Where its escape begins in what was decoded, and how long that is.
    source: (usize, usize),
}

impl<'a> View<'a> {
    pub(super) fn raw(text: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(text), layers: Vec::new(), last: None }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether nothing was decoded.
    pub(super) fn is_raw(&self) -> bool {
        self.layers.is_empty()
    }

    /// The range of the source that a range of the view came from.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        let below = |place: usize| self.layers.iter().rev().fold(place, |place, layer| under(layer, place));
        (below(start.min(self.bytes.len())), below(end.min(self.bytes.len())))
    }

    /// The view through one more kind of escape; `None` if there is none in it.
    fn through(&self, escape: Escape) -> Option<View<'static>> {
        let sign = escape.sign();
        if !self.bytes.contains(&sign) {
            return None;
        }
        let (mut bytes, mut layer) = (Vec::new(), Layer::new());
        let (mut done, mut position) = (0, 0);
        let mut made = [false; ESCAPES.len()];
        while let Some(next) = self.bytes[position..].iter().position(|byte| *byte == sign) {
            let at = position + next;
            let Some((decoded, taken)) = decode(escape, &self.bytes[at..]) else {
                position = at + 1;
                continue;
            };
            bytes.extend_from_slice(&self.bytes[done..at]);
            let start = bytes.len();
            push(&mut bytes, decoded);
            let near = &bytes[start.saturating_sub(LONGEST_ENTITY)..=start];
            ESCAPES.iter().for_each(|other| made[*other as usize] |= near.contains(&other.sign()));
            layer.push(Unescaped { view: (start, bytes.len() - start), source: (at, taken) });
            position = at + taken;
            done = position;
        }
        if layer.is_empty() {
            return None;
        }
        bytes.extend_from_slice(&self.bytes[done..]);
        let layers = self.layers.iter().cloned().chain([Rc::new(layer)]).collect();
        Some(View { bytes: Cow::Owned(bytes), layers, last: Some(Last { escape, made }) })
    }
}

/// Where a place in a view lies in what was decoded to it: every byte of a character that stands
/// for an escape lies where the escape begins.
fn under(layer: &Layer, place: usize) -> usize {
    let before = layer.partition_point(|unescaped| unescaped.view.0 <= place);
    let Some(Unescaped { view, source }) = before.checked_sub(1).and_then(|last| layer.get(last)) else {
        return place;
    };
    let after = place - view.0;
    if after < view.1 { source.0 } else { source.0 + source.1 + after - view.1 }
}

/// Every view of a text, the raw one first.
pub(super) fn each(text: &[u8], look: &mut impl FnMut(&View<'_>)) {
    let raw = View::raw(text);
    look(&raw);
    deeper(&raw, 0, look);
}

/// Rewrites a text through every view of it: `spans` says what to write in place of what. What
/// is written must need no escape.
pub(super) fn rewrite(
    text: &[u8],
    spans: &mut impl FnMut(&View<'_>) -> Vec<Span>,
    tally: &mut Tally,
) -> Option<Vec<u8>> {
    let mut text = Cow::Borrowed(text);
    rewrite_through(&mut text, &mut Vec::new(), spans, tally);
    match text {
        Cow::Owned(text) => Some(text),
        Cow::Borrowed(_) => None,
    }
}

/// The same, looking through no escape: of what is no text, where nothing may get longer.
pub(super) fn rewrite_raw(text: &[u8], spans: Vec<Span>, tally: &mut Tally) -> Option<Vec<u8>> {
    let chosen = choose(spans);
    chosen.iter().for_each(|span| tally.count(span.kind));
    (!chosen.is_empty()).then(|| apply(text, &View::raw(text), &chosen))
}

/// What was replaced.
#[derive(Default)]
pub(super) struct Tally {
    /// How many values, by kind.
    pub(super) counts: BTreeMap<&'static str, u64>,
    /// Encoded texts, and what was written for each.
    pub(super) encoded: Vec<(String, String)>,
}

impl Tally {
    pub(super) fn count(&mut self, kind: &'static str) {
        *self.counts.entry(kind).or_default() += 1;
    }
}

/// What is written in place of a range of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) with: String,
    pub(super) rank: Rank,
    /// What is counted.
    pub(super) kind: &'static str,
}

impl Span {
    /// The span, if it cuts no escape of JSON in two: half of one would be left, and hide the quotation mark
    /// after it. What stands for itself after a backslash is part of the value, which the view through the
    /// escape shows whole; any other escape is replaced with the value.
    fn whole(self, text: &[u8]) -> Option<Self> {
        let is_cut = |at: usize| {
            let signs = text[..at].iter().rev().take_while(|byte| **byte == Escape::Json.sign());
            signs.count() % 2 == 1 && decode_json(&text[at - 1..]).is_some()
        };
        let (before, after) = (is_cut(self.start), is_cut(self.end));
        if (before && matches!(text[self.start], b'"' | b'\\' | b'/')) || (after && text[self.end] == b'\\') {
            return None;
        }
        Some(Self { start: self.start - usize::from(before), ..self })
    }
}

/// What gives way where two spans overlap in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Pseudonym,
    Secret,
}

fn rewrite_through(
    text: &mut Cow<'_, [u8]>,
    path: &mut Vec<Escape>,
    spans: &mut impl FnMut(&View<'_>) -> Vec<Span>,
    tally: &mut Tally,
) {
    let mut view = View::raw(text);
    for escape in path.iter() {
        match view.through(*escape) {
            Some(next) => view = next,
            None => return,
        }
    }
    let (last, may_escape) = (view.last, may_escape(view.bytes()));
    let mut chosen = choose(spans(&view).into_iter().filter_map(|span| span.whole(view.bytes())).collect());
    chosen.retain(|span| &view.bytes()[span.start..span.end] != span.with.as_bytes());
    if !chosen.is_empty() {
        chosen.iter().for_each(|span| tally.count(span.kind));
        let applied = apply(text, &view, &chosen);
        drop(view);
        *text = Cow::Owned(applied);
    }
    // What was written in needs no escape.
    if may_escape && path.len() < DEPTH {
        for escape in ESCAPES.into_iter().filter(|escape| is_news(last, *escape)) {
            path.push(escape);
            rewrite_through(text, path, spans, tally);
            path.pop();
        }
    }
}

fn deeper(view: &View<'_>, depth: usize, look: &mut impl FnMut(&View<'_>)) {
    if depth == DEPTH || !may_escape(view.bytes()) {
        return;
    }
    for escape in ESCAPES.into_iter().filter(|escape| is_news(view.last, *escape)) {
        if let Some(view) = view.through(escape) {
            look(&view);
            deeper(&view, depth + 1, look);
        }
    }
}

/// The leftmost and longest, except that a secret is never cut in two by a pseudonym.
fn choose(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, usize::MAX - span.end, std::cmp::Reverse(span.rank)));
    let mut chosen: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match chosen.last_mut() {
            Some(last) if span.start < last.end => {
                if span.end > last.end && span.rank > last.rank {
                    *last = span;
                }
            }
            _ => chosen.push(span),
        }
    }
    chosen
}

fn apply(text: &[u8], view: &View<'_>, spans: &[Span]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        let (start, end) = view.source(span.start, span.end);
        out.extend_from_slice(text.get(done..start).unwrap_or_default());
        out.extend_from_slice(span.with.as_bytes());
        done = end.max(done);
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    out
}

enum Decoded {
    Byte(u8),
    Char(char),
}

fn push(out: &mut Vec<u8>, decoded: Decoded) {
    match decoded {
        Decoded::Byte(byte) => out.push(byte),
        Decoded::Char(char) => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// What an escape stands for, and how long it is; `None` if it is none.
fn decode(escape: Escape, text: &[u8]) -> Option<(Decoded, usize)> {
    match escape {
        Escape::Percent => {
            let value = hex(text.get(1..3)?)?;
            Some((Decoded::Byte(u8::try_from(value).ok()?), 3))
        }
        Escape::Json => decode_json(text),
        Escape::Xml => decode_xml(text),
    }
}

fn decode_json(text: &[u8]) -> Option<(Decoded, usize)> {
    let plain = match text.get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        byte @ (b'"' | b'\\' | b'/') => *byte,
        b'u' => return decode_unicode(text),
        _ => return None,
    };
    Some((Decoded::Byte(plain), 2))
}

fn decode_xml(text: &[u8]) -> Option<(Decoded, usize)> {
    let length = text.iter().take(LONGEST_ENTITY).position(|byte| *byte == b';')?;
    let plain = match &text[1..length] {
        b"amp" => b'&',
        b"lt" => b'<',
        b"gt" => b'>',
        b"quot" => b'"',
        b"apos" => b'\'',
        number => {
            let number = std::str::from_utf8(number.strip_prefix(b"#")?).ok()?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            return Some((Decoded::Char(char::from_u32(code.ok()?)?), length + 1));
        }
    };
    Some((Decoded::Byte(plain), length + 1))
}

fn decode_unicode(text: &[u8]) -> Option<(Decoded, usize)> {
    let first = hex(text.get(2..6)?)?;
    if let Some(char) = char::from_u32(first) {
        return Some((Decoded::Char(char), 6));
    }
    let second = text.get(6..8).filter(|sign| sign == b"\\u").and_then(|_| hex(text.get(8..12)?))?;
    let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
    let char = char::decode_utf16(pair).next()?.ok()?;
    Some((Decoded::Char(char), 12))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        each(text.as_bytes(), &mut |view| seen.push(String::from_utf8_lossy(view.bytes()).into_owned()));
        seen
    }

    fn replaced(text: &str, from: &str) -> String {
        let mut spans = |view: &View<'_>| {
            let hay = String::from_utf8_lossy(view.bytes()).into_owned();
            let hits = hay.match_indices(from);
            hits.map(|(start, _)| Span {
                start,
                end: start + from.len(),
                with: "X".into(),
                rank: Rank::Secret,
                kind: "",
            })
            .collect()
        };
        let rewritten = rewrite(text.as_bytes(), &mut spans, &mut Tally::default());
        rewritten.map_or_else(|| text.to_owned(), |text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn escapes_are_looked_through_to_a_depth() {
        assert_eq!(all("a"), ["a"]);
        assert_eq!(all("a%3Ab"), ["a%3Ab", "a:b"]);
        assert_eq!(all(r"a\u003ab\/"), [r"a\u003ab\/", "a:b/"]);
        assert_eq!(all(r"\ud83d\ude00 \ud83d"), [r"\ud83d\ude00 \ud83d", "\u{1f600} \\ud83d"]);
        assert_eq!(all("a&amp;b&#x3a;&#58;"), ["a&amp;b&#x3a;&#58;", "a&b::"]);
        assert_eq!(all("a&b;&#xd800;&lt"), ["a&b;&#xd800;&lt"]);
        assert!(all("%253A").contains(&":".to_owned()));
        assert_eq!(all("100% \\x"), ["100% \\x"]);
        // In one order only, where the order does not matter.
        assert_eq!(all("%3A, and far away &lt;").len(), 4);
        assert_eq!(all(r"%3A, and far away &lt;, and again \/").len(), 8);
        for text in [
            "%26lt;",
            "&#37;3C",
            r"%5cu003c",
            r"\u00253C",
            r"\u0026lt;",
            r"&#92;u003c",
            r"\u003&#99;",
            "%3&#67;",
        ] {
            assert!(all(text).contains(&"<".to_owned()), "{text}");
        }
    }

    #[test]
    fn every_byte_knows_where_it_came_from() {
        let places = |text: &str, path: &[Escape]| {
            let raw = View::raw(text.as_bytes());
            let view = path.iter().fold(raw, |view, escape| view.through(*escape).unwrap());
            (0..=view.bytes().len()).map(|place| view.source(place, place).0).collect::<Vec<_>>()
        };
        assert_eq!(places("a%2Fb%", &[Escape::Percent]), [0, 1, 4, 5, 6]);
        assert_eq!(places(r"\u00e9x", &[Escape::Json]), [0, 0, 6, 7]);
        assert_eq!(places("%253Ax", &[Escape::Percent, Escape::Percent]), [0, 5, 6]);
        assert_eq!(places(r"y\u0025\u00334z", &[Escape::Json, Escape::Percent]), [0, 1, 14, 15]);
    }

    #[test]
    fn only_what_is_replaced_changes() {
        assert_eq!(replaced("q=%20a%2Fb%20&c=%2f", "a/b"), "q=%20X%20&c=%2f");
        assert_eq!(replaced(r#"{"a":"x\u0061\/b","c":"\u00e9"}"#, "a/b"), r#"{"a":"xX","c":"\u00e9"}"#);
        assert_eq!(
            replaced(r#"{"a":"{\"b\":\"say \\\"hi\\\"\"}"}"#, "say \"hi\""),
            r#"{"a":"{\"b\":\"X\"}"}"#
        );
        assert_eq!(replaced("a/ba/b", "a/b"), "XX");
    }

    #[test]
    fn a_secret_is_not_cut_in_two() {
        let span = |start, end, rank| Span { start, end, with: String::new(), rank, kind: "" };
        let (short, long) = (span(0, 5, Rank::Pseudonym), span(3, 9, Rank::Secret));
        assert_eq!(choose(vec![short.clone(), long.clone()])[0], long);
        assert_eq!(choose(vec![short, span(1, 4, Rank::Secret)]).len(), 1);
        assert_eq!(choose(vec![long, span(5, 12, Rank::Pseudonym)]).len(), 1);
    }
}
