//! The messages of an event stream of AWS: a prelude of two lengths and their checksum, headers,
//! a payload, and the checksum of all.

use super::body::Content;
use super::parts::{Place, Visit};
use super::splice::Splice;
use crate::encoding::crc32;

/// Two lengths and their checksum.
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// Types of header values that have their length before them.
const BYTES: u8 = 6;
const TEXT: u8 = 7;

/// Shows the headers and the payload of every message; lengths and checksums are made true again.
pub(super) fn walk(content: &Content<'_>, bytes: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    let mut splice = Splice::new(bytes);
    let mut start = 0;
    for length in lengths(bytes) {
        let message = &bytes[start..start + length];
        let rewritten = match split(message) {
            Some((headers, payload)) => rewrite(content, headers, payload, visit),
            None => content.within("").walk(message, visit),
        };
        if let Some(with) = rewritten {
            splice.put(start, start + length, &with);
        }
        start += length;
    }
    splice.finish()
}

/// The lengths of the messages; what is no whole message is one piece at the end.
pub(super) fn lengths(bytes: &[u8]) -> Vec<usize> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < bytes.len() {
        let rest = &bytes[start..];
        let length = number(rest, 0).filter(|length| split(&rest[..(*length).min(rest.len())]).is_some());
        let length = length.unwrap_or(rest.len());
        found.push(length);
        start += length;
    }
    found
}

/// Headers and payload of a message; `None` if it is none.
fn split(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let (total, headers) = (number(message, 0)?, number(message, 4)?);
    let payload_at = PRELUDE.checked_add(headers)?;
    let payload_end = total.checked_sub(CHECKSUM)?;
    if total != message.len() || payload_at > payload_end {
        return None;
    }
    Some((&message[PRELUDE..payload_at], &message[payload_at..payload_end]))
}

fn rewrite(content: &Content<'_>, headers: &[u8], payload: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    let mut kind = String::new();
    let mut splice = Splice::new(headers);
    for (name, start, end) in texts(headers) {
        let value = &headers[start..end];
        if name == ":content-type" {
            kind = String::from_utf8_lossy(value).into_owned();
        }
        let with = visit(Place::Header(content.side, &name), value);
        if let Some((with, length)) =
            with.and_then(|with| Some((u16::try_from(with.len()).ok()?, with))).map(|(n, w)| (w, n))
        {
            splice.put(start - 2, end, &[&length.to_be_bytes()[..], &with].concat());
        }
    }
    let (new_headers, new_payload) = (splice.finish(), content.within(kind).walk(payload, visit));
    if new_headers.is_none() && new_payload.is_none() {
        return None;
    }
    message(new_headers.as_deref().unwrap_or(headers), new_payload.as_deref().unwrap_or(payload))
}

/// A message of these headers with this payload; `None` if its length cannot be said.
fn message(headers: &[u8], payload: &[u8]) -> Option<Vec<u8>> {
    let total = u32::try_from(PRELUDE + headers.len() + payload.len() + CHECKSUM).ok()?;
    let mut out = [total.to_be_bytes(), u32::try_from(headers.len()).ok()?.to_be_bytes()].concat();
    out.extend(crc32(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend(crc32(&out).to_be_bytes());
    Some(out)
}

/// The headers that hold text or bytes: name, and the range of the value.
fn texts(headers: &[u8]) -> Vec<(String, usize, usize)> {
    let (mut found, mut index) = (Vec::new(), 0);
    while let Some(name_length) = headers.get(index) {
        let name_end = index + 1 + usize::from(*name_length);
        let (Some(name), Some(kind)) = (headers.get(index + 1..name_end), headers.get(name_end)) else {
            break;
        };
        let value_at = name_end + 1;
        index = match *kind {
            0 | 1 => value_at,
            2 => value_at + 1,
            3 => value_at + 2,
            4 => value_at + 4,
            5 | 8 => value_at + 8,
            9 => value_at + 16,
            BYTES | TEXT => {
                let Some([high, low]) = headers.get(value_at..value_at + 2) else { break };
                let start = value_at + 2;
                let end = start + usize::from(u16::from_be_bytes([*high, *low]));
                if end > headers.len() {
                    break;
                }
                found.push((String::from_utf8_lossy(name).to_ascii_lowercase(), start, end));
                end
            }
            _ => break,
        };
    }
    found
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::parts::Side;
    use super::*;

    #[test]
    fn lengths_and_checksums_are_made_true() {
        let header = |name: &str, value: &str| {
            let mut out = vec![u8::try_from(name.len()).unwrap()];
            out.extend(name.bytes().chain([TEXT]));
            out.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            out.extend(value.bytes());
            out
        };
        let made = |secret: &str| {
            let headers = [header(":event-type", "e"), header("x", secret)].concat();
            message(&headers, format!("<{secret}>").as_bytes()).unwrap()
        };
        let replaced = |_: Place<'_>, bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace("hunter22", "R");
            (text.as_bytes() != bytes).then(|| text.into_bytes())
        };
        let content = Content::of(Side::Response, "application/vnd.amazon.eventstream");
        let stream = [made("hunter22"), made("x"), made("hunter22")].concat();
        let expected = [made("R"), made("x"), made("R")].concat();
        assert_eq!(walk(&content, &stream, &mut { replaced }), Some(expected.clone()));
        assert_eq!(walk(&content, &expected, &mut { replaced }), None);
        let cut = [made("x"), b"\0\0\0\x60 hunter22".to_vec()].concat();
        let expected = [made("x"), b"\0\0\0\x60 R".to_vec()].concat();
        assert_eq!(walk(&content, &cut, &mut { replaced }), Some(expected));
    }
}
