//! The parts of a multipart body (RFC 2046 section 5.1, RFC 7578).

use super::body::Content;
use super::parts::{Place, Visit};
use super::splice::Splice;

/// Shows header fields and content of every part; the boundaries stay.
pub(super) fn walk(content: &Content<'_>, bytes: &[u8], visit: &mut Visit<'_>) -> Option<Vec<u8>> {
    let Some(boundary) = parameter(&content.kind, "boundary").filter(|boundary| !boundary.is_empty()) else {
        return content.within("text/plain").walk(bytes, visit);
    };
    let mut splice = Splice::new(bytes);
    for (start, end) in segments(bytes, format!("--{boundary}").as_bytes()) {
        part(content, bytes, (start, end), visit, &mut splice);
    }
    splice.finish()
}

/// What is between the boundaries, without the line ends that belong to them. What comes before
/// the first one and after the last one is for nobody to read, but is text too.
fn segments(bytes: &[u8], delimiter: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut start, mut index) = (0, 0);
    while index < bytes.len() {
        let line =
            bytes[index..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| index + at + 1);
        if bytes[index..line].starts_with(delimiter) {
            let before = bytes[start..index].strip_suffix(b"\n").unwrap_or(&bytes[start..index]);
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            found.push((start, start + before.len()));
            start = line;
        }
        index = line;
    }
    found.push((start, bytes.len()));
    found
}

fn part(
    content: &Content<'_>,
    bytes: &[u8],
    (start, end): (usize, usize),
    visit: &mut Visit<'_>,
    splice: &mut Splice<'_>,
) {
    let (mut kind, mut name, mut index) = (String::new(), None, start);
    let is_part = start > 0;
    while is_part && index < end {
        let line_end =
            bytes[index..end].iter().position(|byte| *byte == b'\n').map_or(end, |at| index + at + 1);
        let line = bytes[index..line_end].trim_ascii_end();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            // The blank line after the fields; anything else is no field, and so content.
            index = if line.is_empty() { line_end } else { index };
            break;
        };
        let field = String::from_utf8_lossy(&line[..colon]).trim().to_ascii_lowercase();
        let value = line[colon + 1..].trim_ascii();
        let value_at = index + line.len() - value.len();
        match field.as_str() {
            "content-type" => kind = String::from_utf8_lossy(value).into_owned(),
            "content-disposition" => name = parameter(&String::from_utf8_lossy(value), "name"),
            _ => {}
        }
        if let Some(with) = visit(Place::Header(content.side, &field), value) {
            splice.put(value_at, value_at + value.len(), &with);
        }
        index = line_end;
    }
    if index >= end {
        return;
    }
    let value = &bytes[index..end];
    let whole = name.and_then(|name| visit(Place::Member(content.side, &name), value));
    if let Some(with) = whole.or_else(|| content.within(kind).walk(value, visit)) {
        splice.put(index, end, &with);
    }
}

/// A parameter of a field, `name="x"`, without its quotes.
fn parameter(field: &str, name: &str) -> Option<String> {
    let parameters = field.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut values = parameters.filter(|(own, _)| own.trim().eq_ignore_ascii_case(name));
    values.next().map(|(_, value)| value.trim().trim_matches('"').to_owned())
}
