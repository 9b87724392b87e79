//! Multipart bodies (RFC 2046 section 5.1): the boundary is made up for each request, the parts are not.

use serde_json::{Map, Value, json};

use super::{Part, Structure};
use crate::encoding::base64;

/// The parts, in their order, which may say something (RFC 7578 section 5.2). Only what is written
/// as the grammar has it, with nothing before the first boundary or behind the last one.
pub(super) fn read(media: &str, bytes: &[u8]) -> Option<Structure> {
    let (boundary, media) = without_boundary(media)?;
    let (first, last) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}--"));
    let inside = bytes.strip_prefix(first.as_bytes())?;
    let inside = inside.strip_suffix(b"\r\n").unwrap_or(inside).strip_suffix(last.as_bytes())?;
    let parts: Option<Vec<_>> =
        split(inside, format!("\r\n--{boundary}").as_bytes())?.into_iter().map(part).collect();
    Some(Structure { part: Part::Multipart, value: Value::Array(parts?), media: Some(media) })
}

/// The boundary, and the media type without it.
fn without_boundary(media: &str) -> Option<(String, String)> {
    let is_boundary = |parameter: &&str| {
        parameter.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
    };
    let (own, others): (Vec<_>, Vec<_>) = media.split(';').partition(|parameter| is_boundary(parameter));
    let [own] = own.as_slice() else { return None };
    let boundary = own.split_once('=')?.1.trim();
    let boundary = boundary.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(boundary);
    let is_plain = boundary.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    (is_plain && !boundary.is_empty()).then(|| (boundary.to_owned(), others.join(";")))
}

/// What is between the delimiters; each is a line of its own.
fn split<'b>(mut bytes: &'b [u8], delimiter: &[u8]) -> Option<Vec<&'b [u8]>> {
    let mut found = Vec::new();
    while let Some(at) = bytes.windows(delimiter.len()).position(|window| window == delimiter) {
        found.push(&bytes[..at]);
        // A line that only begins like a delimiter may be one that another reader takes for one.
        bytes = bytes[at + delimiter.len()..].strip_prefix(b"\r\n")?;
    }
    found.push(bytes);
    Some(found)
}

fn part(bytes: &[u8]) -> Option<Value> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = match end {
        Some(at) => (&bytes[..at], &bytes[at + 4..]),
        None => (&b""[..], bytes.strip_prefix(b"\r\n")?),
    };
    let mut fields = Map::new();
    for line in std::str::from_utf8(head).ok()?.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        // A field twice, or one that goes on in the next line, is compared as it came.
        if name.is_empty() || name.contains(char::is_whitespace) {
            return None;
        }
        if fields.insert(name.to_ascii_lowercase(), json!(value.trim())).is_some() {
            return None;
        }
    }
    let body = match std::str::from_utf8(body) {
        Ok(text) => json!(text),
        Err(_) => json!({ "base64": base64(body) }),
    };
    Some(json!({ "fields": fields, "content": body }))
}
