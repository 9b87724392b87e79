//! The texts and byte strings of CBOR (RFC 8949), rewritten in their places: containers count
//! items and not bytes, so that all around them stays.

use super::parts::{Place, Side, Syntax, Visit};
use super::splice::Splice;

/// So many containers hand their names down to what is in them.
const NAMES: usize = 8;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// An array or a map that is being read.
struct Frame {
    /// Items to come, names and values counted alike; `None` until a break.
    left: Option<u64>,
    /// Of a map: whether a name is next, and the last one.
    next: Next,
    name: Option<String>,
}

impl Frame {
    fn advance(&mut self) {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.next = match self.next {
            Next::Name => Next::Value,
            Next::Value => Next::Name,
            Next::Item => Next::Item,
        };
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Item,
    Name,
    Value,
}

/// The first bytes of an item.
struct Head {
    major: u8,
    /// The number that they say; `None` for an indefinite length.
    number: Option<u64>,
    length: usize,
}

/// Shows every text and byte string, and the numbers that stand under a name. What is no CBOR is
/// shown as one text.
pub(super) fn walk(side: Side, bytes: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    let mut splice = Splice::new(bytes);
    let (mut index, mut stack) = (0, Vec::<Frame>::new());
    while index < bytes.len() {
        let Some(head) = head(&bytes[index..]) else {
            if let Some(with) = visit(Place::Body(side, Syntax::Text), &bytes[index..]) {
                splice.put(index, bytes.len(), &with);
            }
            break;
        };
        let (start, after) = (index, index + head.length);
        index = after;
        match (head.major, head.number) {
            (7, None) => {
                stack.pop();
            }
            (TAG, _) => continue,
            (ARRAY | MAP, number) => {
                let (next, times) = if head.major == MAP { (Next::Name, 2) } else { (Next::Item, 1) };
                stack.push(Frame {
                    left: number.map(|number| number.saturating_mul(times)),
                    next,
                    name: None,
                });
                finish(&mut stack);
                continue;
            }
            (BYTES | TEXT, _) => {
                let (value, end) = string(bytes, start, &head);
                index = end;
                let is_name = stack.last().is_some_and(|frame| frame.next == Next::Name);
                let names = if is_name { Vec::new() } else { names(&stack) };
                if let Some(with) = shown(side, &names, &value, visit) {
                    splice.put(start, end, &[head_of(head.major, with.len() as u64), with].concat());
                }
                if is_name && let Some(frame) = stack.last_mut() {
                    frame.name = Some(String::from_utf8_lossy(&value).into_owned());
                }
            }
            (UNSIGNED | NEGATIVE, Some(number)) => {
                let number = number.to_string();
                let mut named = names(&stack).into_iter();
                if named.any(|name| visit(Place::Member(side, name), number.as_bytes()).is_some()) {
                    splice.put(start, after, &head_of(UNSIGNED, 0));
                }
            }
            _ => {}
        }
        count(&mut stack);
    }
    splice.finish()
}

/// The names that a value stands under, its own first: a container hands its name down.
fn names(stack: &[Frame]) -> Vec<&str> {
    let frames = stack.iter().rev().take(NAMES).filter(|frame| frame.next != Next::Name);
    frames.filter_map(|frame| frame.name.as_deref()).collect()
}

fn shown(side: Side, names: &[&str], value: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    let whole = names.iter().find_map(|name| visit(Place::Member(side, name), value));
    whole.or_else(|| visit(Place::Body(side, Syntax::Text), value))
}

/// One item of the innermost container is done.
fn count(stack: &mut Vec<Frame>) {
    if let Some(frame) = stack.last_mut() {
        frame.advance();
    }
    finish(stack);
}

/// A container that is full is an item of the one around it.
fn finish(stack: &mut Vec<Frame>) {
    while stack.last().is_some_and(|frame| frame.left == Some(0)) {
        stack.pop();
        if let Some(frame) = stack.last_mut() {
            frame.advance();
        }
    }
}

fn head(bytes: &[u8]) -> Option<Head> {
    let first = *bytes.first()?;
    let (major, short) = (first >> 5, first & 31);
    let size = match short {
        0..24 => return Some(Head { major, number: Some(short.into()), length: 1 }),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 if (BYTES..=MAP).contains(&major) || major == 7 => {
            return Some(Head { major, number: None, length: 1 });
        }
        _ => return None,
    };
    let number = bytes.get(1..=size)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
    Some(Head { major, number: Some(number), length: 1 + size })
}

/// The bytes of a string, of all its chunks if it has some, and where it ends. One that was cut
/// short ends with the document.
fn string(bytes: &[u8], start: usize, own: &Head) -> (Vec<u8>, usize) {
    let after = start + own.length;
    let taken = |from: usize, number: u64| {
        let end = usize::try_from(number).ok().and_then(|number| from.checked_add(number));
        end.unwrap_or(bytes.len()).min(bytes.len())
    };
    let Some(number) = own.number else {
        let (mut joined, mut index) = (Vec::new(), after);
        while let Some(chunk) = head(&bytes[index..]) {
            index += chunk.length;
            match chunk.number {
                Some(number) if chunk.major == own.major => {
                    let end = taken(index, number);
                    joined.extend_from_slice(&bytes[index..end]);
                    index = end;
                }
                _ => break,
            }
        }
        return (joined, index);
    };
    let end = taken(after, number);
    (bytes[after..end].to_vec(), end)
}

fn head_of(major: u8, number: u64) -> Vec<u8> {
    let first = major << 5;
    let short = u8::try_from(number).ok().filter(|number| *number < 24);
    match (short, u8::try_from(number), u16::try_from(number), u32::try_from(number)) {
        (Some(short), ..) => vec![first | short],
        (_, Ok(number), ..) => vec![first | 24, number],
        (_, _, Ok(number), _) => [&[first | 25][..], &number.to_be_bytes()].concat(),
        (.., Ok(number)) => [&[first | 26][..], &number.to_be_bytes()].concat(),
        _ => [&[first | 27][..], &number.to_be_bytes()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the values under `password` replaced, and `hunter22` anywhere.
    fn replaced(bytes: &[u8]) -> Option<Vec<u8>> {
        walk(Side::Request, bytes, &mut |place, value| match place {
            Place::Member(_, "password") => Some(b"R".to_vec()),
            Place::Body(..) => {
                let text = String::from_utf8_lossy(value).replace("hunter22", "RRRR");
                (text.as_bytes() != value).then(|| text.into_bytes())
            }
            _ => None,
        })
    }

    fn cbor(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn texts_are_replaced_in_their_places() {
        let before =
            cbor(&[b"\xa3\x68password\x45abcde\x61a\x82\x68hunter22\xf9\x3c\x00\x61b\xc1\x1a\0\0\0\x01"]);
        let after = cbor(&[b"\xa3\x68password\x41R\x61a\x82\x64RRRR\xf9\x3c\x00\x61b\xc1\x1a\0\0\0\x01"]);
        assert_eq!(replaced(&before), Some(after));
        assert_eq!(replaced(b"\xa1\x61a\x61b"), None);
    }

    #[test]
    fn a_name_is_handed_down_and_numbers_become_zero() {
        let before = b"\xbf\x68password\x82\x19\x30\x39\xa1\x61v\x63abc\x61x\x63abc\xff";
        assert_eq!(replaced(before).unwrap(), b"\xbf\x68password\x82\x00\xa1\x61v\x61R\x61x\x63abc\xff");
    }

    #[test]
    fn chunks_are_one_text_and_a_cut_one_is_seen() {
        assert_eq!(replaced(b"\x7f\x64hunt\x64er22\xff").unwrap(), b"\x64RRRR");
        assert_eq!(replaced(b"\x82\x68hunter22\x78\x20hunter22").unwrap(), b"\x82\x64RRRR\x64RRRR");
        assert_eq!(replaced(b"\x1c hunter22").unwrap(), b"\x1c RRRR");
        let deep = vec![0x81; 200_000];
        assert_eq!(replaced(&deep), None);
    }
}
