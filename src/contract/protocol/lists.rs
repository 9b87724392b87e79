//! Lists in one header (Smithy 2.0, "httpHeader serialization rules"; RFC 9110 section 5.6).

use serde_json::Value;

use super::texts::plain;
use crate::contract::schema::{Kind, Schema, TimestampFormat};

/// The elements with commas between them. A text with a comma or a quote in it is quoted; an HTTP
/// date has its one comma bare.
pub(super) fn write(items: Option<Schema<'_>>, elements: &[Value]) -> String {
    let text = |element| match is_text(items) {
        true => quoted_where_needed(&plain(element)),
        false => plain(element),
    };
    elements.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn is_text(items: Option<Schema<'_>>) -> bool {
    items.is_none_or(|items| matches!(items.kind(), Kind::Text | Kind::Any))
}

fn quoted_where_needed(text: &str) -> String {
    if !text.contains([',', '"']) && text.trim() == text && !text.is_empty() {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The texts of the elements.
pub(super) fn read(items: Option<Schema<'_>>, text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    match items.map(|items| items.kind()) {
        Some(Kind::Timestamp(TimestampFormat::HttpDate)) => dates(text),
        _ if is_text(items) => quoted(text),
        _ => text.split(',').map(|part| part.trim().to_owned()).collect(),
    }
}

/// An HTTP date has one comma of its own.
fn dates(text: &str) -> Vec<String> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    parts.chunks(2).map(|pair| pair.join(", ")).collect()
}

fn quoted(text: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (element, after) = match rest.strip_prefix('"') {
            Some(inside) => until_quote(inside),
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim_end().to_owned(), &rest[end..])
            }
        };
        elements.push(element);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return elements,
        }
    }
}

/// What stands before the closing quote, and what after it.
fn until_quote(inside: &str) -> (String, &str) {
    let mut element = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (element, &inside[at + 1..]),
            '\\' => element.extend(letters.next().map(|(_, letter)| letter)),
            letter => element.push(letter),
        }
    }
    (element, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn quotes_stand_where_they_must() {
        let elements = [json!("b,c"), json!("\"def\""), json!("a")];
        assert_eq!(write(None, &elements), r#""b,c", "\"def\"", a"#);
        assert_eq!(read(None, r#""b,c", "\"def\"", a"#), ["b,c", "\"def\"", "a"]);
        assert_eq!(read(None, " "), [""; 0]);
    }

    proptest! {
        #[test]
        fn texts_come_back(texts in prop::collection::vec("[ -~]{0,8}", 1..5)) {
            let elements: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
            prop_assert_eq!(read(None, &write(None, &elements)), texts);
        }
    }
}
