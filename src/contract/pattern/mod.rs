//! Patterns as models write them, in a syntax that both the validator and the generator read.
//!
//! JSON Schema and Smithy mean ECMA 262, and published models add habits of Java to it. The
//! outcome is the part of the `regex` crate's syntax in which nothing depends on a dialect: classes
//! are spelled out as ranges.

mod escape;
mod schemas;
mod set;
#[cfg(test)]
mod tests;

use escape::Atom;
pub(super) use schemas::Patterns;
use set::Set;

/// A compiled pattern may take that many bytes: published models repeat wide classes thousands of times.
pub(super) const LARGEST: usize = 64 << 20;

/// What has become of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Translated {
    /// Decided in time that grows with the text only.
    Linear(String),
    /// It looks around or back, which can take too long to be decided.
    Backtracking(String),
    /// Not ECMA 262, or beyond what we know of it.
    Unreadable,
}

/// Reads a pattern of ECMA 262, which any part of a text may match.
pub(super) fn translate(ecma: &str) -> Translated {
    let mut translator = Translator { rest: ecma, out: String::new(), dots: vec![Dot::Line], looks: false };
    match translator.all() {
        Some(()) if translator.looks => Translated::Backtracking(translator.out),
        Some(()) => Translated::Linear(translator.out),
        None => Translated::Unreadable,
    }
}

struct Translator<'p> {
    rest: &'p str,
    out: String,
    /// What a dot means in each group that is open.
    dots: Vec<Dot>,
    looks: bool,
}

/// What a dot matches.
#[derive(Clone, Copy)]
enum Dot {
    /// Anything within a line.
    Line,
    /// Anything, after `(?s)`.
    All,
}

impl Translator<'_> {
    /// `None` as soon as something is unreadable, here and below.
    fn all(&mut self) -> Option<()> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                ')' => {
                    self.dots.pop();
                    self.dots.last()?;
                    self.out.push(c);
                }
                '.' => self.dot(),
                '{' => self.brace(),
                '}' | ']' => self.out.extend(['\\', c]),
                _ => self.out.push(c),
            }
        }
        (self.dots.len() == 1).then_some(())
    }

    fn next(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let c = letters.next()?;
        self.rest = letters.as_str();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        self.rest.strip_prefix(text).map(|rest| self.rest = rest).is_some()
    }

    fn escape(&mut self) -> Option<()> {
        let atom = match escape::place(self.rest) {
            Some((place, rest)) => {
                self.rest = rest;
                self.looks |= place.looks();
                self.out.push_str(&place.text());
                return Some(());
            }
            None => escape::atom(&mut self.rest)?,
        };
        match atom {
            Atom::Point(point) if !set::is_surrogate(point) => self.out.push_str(&set::point(point)),
            Atom::Property(name) => self.out.push_str(&name),
            atom => self.set(Set::from(atom)),
        }
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        let start = self.rest;
        let set = Set::parse(&mut self.rest)?;
        let inside = &start[..start.len() - self.rest.len()];
        // Nothing in it differs between the dialects.
        let plain = !inside.contains(['\\', '[', '&', '~']) && !inside.contains("--");
        if plain && !set.has_surrogates() && !set.is_trivial() {
            self.out.push('[');
            self.out.push_str(inside);
        } else {
            self.set(set);
        }
        Some(())
    }

    /// Halves of characters one after the other are whole characters.
    fn set(&mut self, set: Set) {
        let mut ahead = self.rest;
        let next = match () {
            () if !set.is_high() => None,
            () if ahead.starts_with('[') => {
                ahead = &ahead[1..];
                Set::parse(&mut ahead)
            }
            () if ahead.starts_with("\\u") => {
                ahead = &ahead[1..];
                escape::atom(&mut ahead).map(Set::from)
            }
            () => None,
        };
        let whole = next.and_then(|low| set.with_low(&low));
        if whole.is_some() {
            self.rest = ahead;
        }
        self.out.push_str(&whole.unwrap_or(set).to_string());
    }

    fn group(&mut self) -> Option<()> {
        let dot = *self.dots.last()?;
        self.out.push('(');
        let looks = ["?=", "?!", "?<=", "?<!", "?>"].into_iter().find(|sign| self.eat(sign));
        if let Some(sign) = looks {
            self.looks = true;
            self.out.push_str(sign);
        } else if self.eat("?<") || self.eat("?P<") {
            self.out.push_str("?<");
        } else if self.eat("?") {
            return self.flags(dot);
        }
        self.dots.push(dot);
        Some(())
    }

    /// `(?i)`, `(?i-m:`: for a group of its own or for the rest of the group around it.
    fn flags(&mut self, mut dot: Dot) -> Option<()> {
        let end = self.rest.find([':', ')'])?;
        let (on, off) = self.rest[..end].split_once('-').unwrap_or((&self.rest[..end], ""));
        if !on.chars().chain(off.chars()).all(|flag| matches!(flag, 'i' | 'm' | 's')) {
            return None;
        }
        for (flags, meaning) in [(on, Dot::All), (off, Dot::Line)] {
            dot = if flags.contains('s') { meaning } else { dot };
        }
        // Dots are written out, so that nobody else needs to know of `s`.
        let (on, off) = (on.replace('s', ""), off.replace('s', ""));
        let flags = if off.is_empty() { on } else { format!("{on}-{off}") };
        let own = self.rest[end..].starts_with(':');
        self.rest = &self.rest[end + 1..];
        match (own, flags.as_str()) {
            (true, flags) => self.out.push_str(&format!("?{flags}:")),
            (false, "") => self.out.push_str("?:)"),
            (false, flags) => self.out.push_str(&format!("?{flags})")),
        }
        if own {
            self.dots.push(dot);
        } else {
            *self.dots.last_mut()? = dot;
        }
        Some(())
    }

    fn dot(&mut self) {
        let dot = match self.dots.last() {
            Some(Dot::All) => Set::everything(),
            _ => Set::line(),
        };
        self.out.push_str(&dot.to_string());
    }

    /// A count of repetitions, or just a brace.
    fn brace(&mut self) {
        let count = self.rest.split_once('}').map(|(count, _)| count);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let counts = count.is_some_and(|count| {
            let (least, most) = count.split_once(',').unwrap_or((count, ""));
            !least.is_empty() && digits(least) && digits(most)
        });
        match count {
            Some(count) if counts => {
                self.out.push_str(&format!("{{{count}}}"));
                self.rest = &self.rest[count.len() + 1..];
            }
            _ => self.out.push_str("\\{"),
        }
    }
}
