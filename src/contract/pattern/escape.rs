//! What a backslash and the letters behind it mean.

use super::set::{self, Set};

/// One character or one class, inside of brackets or outside.
pub(super) enum Atom {
    Point(u32),
    Set(Set),
    /// `\p{L}`, as it is written for all readers.
    Property(String),
}

/// What matches no character, or one that was matched before.
pub(super) enum Place {
    Edge(&'static str),
    Reference(usize),
}

impl Place {
    pub(super) fn looks(&self) -> bool {
        matches!(self, Self::Reference(_))
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Edge(text) => (*text).to_owned(),
            Self::Reference(group) => format!("\\{group}"),
        }
    }
}

/// What a backslash outside of brackets may mean beside an atom, and the text behind it.
pub(super) fn place(rest: &str) -> Option<(Place, &str)> {
    let edge = match rest.chars().next()? {
        'b' => r"\b",
        'B' => r"\B",
        // Java's: in ECMA 262 they would be letters, which nobody escapes.
        'A' => "^",
        'z' | 'Z' => "$",
        '1'..='9' => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            return Some((Place::Reference(rest[..end].parse().ok()?), &rest[end..]));
        }
        _ => return None,
    };
    Some((Place::Edge(edge), &rest[1..]))
}

/// Reads on from behind a backslash.
pub(super) fn atom(rest: &mut &str) -> Option<Atom> {
    let mut letters = rest.chars();
    let c = letters.next()?;
    *rest = letters.as_str();
    let point = match c {
        'd' => return Some(Atom::Set(Set::digits())),
        'D' => return Some(Atom::Set(Set::digits().complement())),
        'w' => return Some(Atom::Set(Set::word())),
        'W' => return Some(Atom::Set(Set::word().complement())),
        's' => return Some(Atom::Set(Set::space())),
        'S' => return Some(Atom::Set(Set::space().complement())),
        'p' | 'P' => return property(rest, c == 'P'),
        'b' => 0x08,
        't' => 0x09,
        'n' => 0x0a,
        'v' => 0x0b,
        'f' => 0x0c,
        'r' => 0x0d,
        '0'..='7' => {
            let digits = rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let more = take(rest, digits)?;
            u32::from_str_radix(&format!("{c}{more}"), 8).ok()?
        }
        'c' => u32::from(take(rest, 1)?.chars().next().filter(char::is_ascii_alphabetic)?) % 32,
        'x' => hex(rest, 2)?,
        'u' => unit(rest)?,
        _ if c.is_ascii_alphanumeric() => return None,
        _ => c.into(),
    };
    Some(Atom::Point(point))
}

fn take<'t>(rest: &mut &'t str, length: usize) -> Option<&'t str> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

/// So many digits, or any number of them in braces.
fn hex(rest: &mut &str, length: usize) -> Option<u32> {
    let digits = match rest.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
        Some((digits, left)) => {
            *rest = left;
            digits
        }
        None => take(rest, length)?,
    };
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|point| hex && *point <= set::LAST)
}

/// Two halves of a character are one.
fn unit(rest: &mut &str) -> Option<u32> {
    let high = hex(rest, 4)?;
    if set::HIGH.contains(&high) && rest.starts_with("\\u") {
        let mut ahead = &rest[2..];
        if let Some(low) = hex(&mut ahead, 4).filter(|low| set::LOW.contains(low)) {
            *rest = ahead;
            return Some(set::whole(high, low));
        }
    }
    Some(high)
}

/// A Unicode property, or one of Java's names for a set.
fn property(rest: &mut &str, negated: bool) -> Option<Atom> {
    let name = match rest.strip_prefix('{') {
        Some(inside) => {
            let (name, left) = inside.split_once('}')?;
            *rest = left;
            name
        }
        None => take(rest, 1)?,
    };
    if let Some(set) = Set::posix(&name.to_ascii_lowercase()) {
        return Some(Atom::Set(if negated { set.complement() } else { set }));
    }
    let sign = if negated { 'P' } else { 'p' };
    let name = match name {
        "IsAlphabetic" => "Alphabetic",
        "IsDigit" => "Nd",
        "IsLetter" => "L",
        "IsLowercase" => "Lowercase",
        "IsPunctuation" => "P",
        "IsUppercase" => "Uppercase",
        "IsWhite_Space" | "IsWhitespace" => "White_Space",
        other => other,
    };
    let legible = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'='));
    (legible && !name.is_empty()).then(|| Atom::Property(format!("\\{sign}{{{name}}}")))
}
