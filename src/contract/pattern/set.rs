//! Sets of characters, as brackets hold them.

use std::fmt;
use std::ops::RangeInclusive;

use super::escape::{self, Atom};

/// The last character there is.
pub(super) const LAST: u32 = 0x0010_ffff;

/// First halves of characters beyond 16 bits. In a text of ours they never stand alone.
pub(super) const HIGH: RangeInclusive<u32> = 0xd800..=0xdbff;

/// Second halves.
pub(super) const LOW: RangeInclusive<u32> = 0xdc00..=0xdfff;

/// Characters beyond 16 bits.
const BEYOND: (u32, u32) = (0x0001_0000, LAST);

/// Characters of some ranges and properties, or all others.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    negated: bool,
    ranges: Vec<(u32, u32)>,
    properties: Vec<String>,
}

impl Set {
    fn of(ranges: &[(u32, u32)]) -> Self {
        Self { ranges: ranges.to_vec(), ..Self::default() }
    }

    fn ascii(ranges: &[(char, char)]) -> Self {
        Self::of(&ranges.iter().map(|(first, last)| ((*first).into(), (*last).into())).collect::<Vec<_>>())
    }

    pub(super) fn digits() -> Self {
        Self::ascii(&[('0', '9')])
    }

    pub(super) fn word() -> Self {
        Self::ascii(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')])
    }

    /// White space and line ends (ECMA 262, `CharacterClassEscape :: s`).
    pub(super) fn space() -> Self {
        let single = [0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff].map(|point| (point, point));
        Self::of(&[[(0x09, 0x0d), (0x2000, 0x200a), (0x2028, 0x2029)].as_slice(), &single].concat())
    }

    pub(super) fn everything() -> Self {
        Self::of(&[(0, LAST)])
    }

    /// What is no line end.
    pub(super) fn line() -> Self {
        let ends = Self::of(&[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)]);
        Self { negated: true, ..ends }
    }

    /// The POSIX classes, by their names in lower case. `alpha`, `lower` and `upper` are
    /// properties in ECMA 262, and wider.
    pub(super) fn posix(name: &str) -> Option<Self> {
        Some(match name {
            "all" | "any" => Self::everything(),
            "alnum" => Self::ascii(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
            "ascii" => Self::of(&[(0, 0x7f)]),
            "blank" => Self::ascii(&[('\t', '\t'), (' ', ' ')]),
            "cntrl" => Self::of(&[(0, 0x1f), (0x7f, 0x7f)]),
            "digit" => Self::digits(),
            "graph" => Self::ascii(&[('!', '~')]),
            "print" => Self::ascii(&[(' ', '~')]),
            "punct" => Self::ascii(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
            "xdigit" => Self::ascii(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
            _ => return None,
        })
    }

    /// Reads on from behind a bracket to behind the one that closes.
    pub(super) fn parse(rest: &mut &str) -> Option<Self> {
        let mut set = Self::default();
        if let Some(inside) = rest.strip_prefix('^') {
            set.negated = true;
            *rest = inside;
        }
        loop {
            if let Some(behind) = rest.strip_prefix(']') {
                *rest = behind;
                return Some(set);
            }
            let atom = item(rest)?;
            let hyphen = rest.strip_prefix('-').filter(|behind| !behind.starts_with(']'));
            let Some(behind) = hyphen else {
                set.add(atom);
                continue;
            };
            *rest = behind;
            match (atom, item(rest)?) {
                (Atom::Point(first), Atom::Point(last)) if first <= last => set.ranges.push((first, last)),
                (Atom::Point(_), Atom::Point(_)) => return None,
                // A class is no end of a range, so the hyphen is itself.
                (first, last) => {
                    [first, Atom::Point('-'.into()), last].into_iter().for_each(|atom| set.add(atom))
                }
            }
        }
    }

    fn add(&mut self, atom: Atom) {
        match atom {
            Atom::Point(point) => self.ranges.push((point, point)),
            Atom::Set(set) => self.ranges.extend(set.ranges),
            Atom::Property(name) => self.properties.push(name),
        }
    }

    /// Of a set without properties.
    pub(super) fn complement(mut self) -> Self {
        self.ranges.sort_unstable();
        let mut ranges = Vec::new();
        let mut next = 0;
        for (first, last) in self.ranges {
            if first > next {
                ranges.push((next, first - 1));
            }
            next = next.max(last + 1);
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self::of(&ranges)
    }

    /// Neither empty nor everything by having nothing in the brackets.
    pub(super) fn is_trivial(&self) -> bool {
        self.ranges.is_empty() && self.properties.is_empty()
    }

    pub(super) fn has_surrogates(&self) -> bool {
        self.ranges.iter().any(|(first, last)| *first <= *LOW.end() && *last >= *HIGH.start())
    }

    /// Whether it is of first halves alone.
    pub(super) fn is_high(&self) -> bool {
        self.is_within(&HIGH)
    }

    fn is_within(&self, halves: &RangeInclusive<u32>) -> bool {
        let within = |(first, last): &(u32, u32)| halves.contains(first) && halves.contains(last);
        !self.negated && !self.is_trivial() && self.properties.is_empty() && self.ranges.iter().all(within)
    }

    /// The characters whose halves are of this set and of the next; `None` if the next one is no
    /// set of second halves.
    pub(super) fn with_low(&self, low: &Self) -> Option<Self> {
        if !low.is_within(&LOW) {
            return None;
        }
        let highs = self.ranges.iter().flat_map(|(first, last)| *first..=*last);
        let ranges = highs.flat_map(|high| {
            low.ranges.iter().map(move |(first, last)| (whole(high, *first), whole(high, *last)))
        });
        Some(Self::of(&joined(ranges.collect())))
    }

    /// Without halves. Where both kinds are in, whole characters were meant.
    fn mended(&self) -> Vec<(u32, u32)> {
        let touches = |halves: &RangeInclusive<u32>| {
            let end = |point: &u32| halves.contains(point);
            self.ranges.iter().any(|(first, last)| end(first) || end(last))
        };
        let (before, after) = (*HIGH.start() - 1, *LOW.end() + 1);
        let clipped = self.ranges.iter().filter_map(|(first, last)| {
            let first = if is_surrogate(*first) { after } else { *first };
            let last = if is_surrogate(*last) { before } else { *last };
            (first <= last).then_some((first, last))
        });
        clipped.chain((touches(&HIGH) && touches(&LOW)).then_some(BEYOND)).collect()
    }
}

impl From<Atom> for Set {
    fn from(atom: Atom) -> Self {
        let mut set = Self::default();
        set.add(atom);
        set
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges = self.mended();
        if ranges.is_empty() && self.properties.is_empty() {
            // No reader takes empty brackets.
            return f.write_str(if self.negated { r"[\u{0}-\u{10FFFF}]" } else { r"[^\u{0}-\u{10FFFF}]" });
        }
        f.write_str(if self.negated { "[^" } else { "[" })?;
        for (first, last) in ranges {
            f.write_str(&point(first))?;
            if first < last {
                write!(f, "-{}", point(last))?;
            }
        }
        write!(f, "{}]", self.properties.concat())
    }
}

/// One character or class inside of brackets.
fn item(rest: &mut &str) -> Option<Atom> {
    if let Some(behind) = rest.strip_prefix('\\') {
        *rest = behind;
        return escape::atom(rest);
    }
    // Java's way to intersect, which ECMA 262 would take for two classes.
    if rest.starts_with("&&[") {
        return None;
    }
    let posix = rest.strip_prefix("[:").and_then(|inside| inside.split_once(":]"));
    if let Some((set, behind)) = posix.and_then(|(name, behind)| Some((Set::posix(name)?, behind))) {
        *rest = behind;
        return Some(Atom::Set(set));
    }
    let mut letters = rest.chars();
    let c = letters.next()?;
    *rest = letters.as_str();
    Some(Atom::Point(c.into()))
}

/// Ranges that touch are one.
fn joined(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if first <= *end + 1 => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// A character as it stands in a pattern, in brackets or outside.
pub(super) fn point(point: u32) -> String {
    match char::from_u32(point) {
        Some(c) if c == ' ' || c.is_ascii_graphic() => regex::escape(c.encode_utf8(&mut [0; 4])),
        _ => format!("\\u{{{point:X}}}"),
    }
}

pub(super) fn is_surrogate(point: u32) -> bool {
    HIGH.contains(&point) || LOW.contains(&point)
}

/// The character of two halves.
pub(super) fn whole(high: u32, low: u32) -> u32 {
    BEYOND.0 + ((high - HIGH.start()) << 10) + (low - LOW.start())
}
