//! Members found by their names alone, in a text that is not quite JSON: cut short, with a member
//! twice, behind a byte order mark.

use std::collections::BTreeSet;

/// The texts and numbers under members of these names.
pub(super) fn values(text: &str, names: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let quoted = format!("\"{name}\"");
        let mut looked_at = 0;
        for (at, _) in text.match_indices(&quoted) {
            let after = text[at + quoted.len()..].trim_start();
            // What is inside of a value that was taken whole is known.
            if at >= looked_at
                && let Some(value) = after.strip_prefix(':')
            {
                looked_at = text.len() - leaves(value, &mut found).len();
            }
        }
    }
    found
}

/// Adds the texts and numbers of the value at the start, and returns what follows it.
fn leaves<'t>(text: &'t str, found: &mut Vec<String>) -> &'t str {
    let (mut rest, mut depth) = (text.trim_start(), 0_usize);
    while let Some(first) = rest.chars().next() {
        match first {
            '{' | '[' => (rest, depth) = (&rest[1..], depth + 1),
            '}' | ']' => (rest, depth) = (&rest[1..], depth.saturating_sub(1)),
            ',' if depth > 0 => rest = &rest[1..],
            ',' => {}
            '"' => {
                let (raw, after) = string(&rest[1..]);
                rest = after.trim_start();
                match rest.strip_prefix(':') {
                    Some(value) if depth > 0 => rest = value,
                    _ => found.extend(pieces(raw)),
                }
            }
            _ => {
                let (word, after) = word(rest);
                found.extend(
                    word.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then(|| word.to_owned()),
                );
                rest = after;
            }
        }
        rest = rest.trim_start();
        if depth == 0 {
            break;
        }
    }
    rest
}

/// What of a string can be searched: a byte that is no UTF-8 was lost on the way here.
fn pieces(raw: &str) -> Vec<String> {
    let text = serde_json::from_str::<String>(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.to_owned());
    let pieces = text.split(char::REPLACEMENT_CHARACTER).filter(|piece| !piece.is_empty());
    pieces.map(str::to_owned).collect()
}

/// The string that began before, to its quote or to where it was cut, and what follows it.
fn string(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return (&text[..at], &text[at + 1..]),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (text, "")
}

/// A number, or anything else without quotes. Never empty, so that the caller comes on.
fn word(text: &str) -> (&str, &str) {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | '"' | '[' | '{');
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        values(text, &BTreeSet::from(["key"].map(str::to_owned)))
    }

    #[test]
    fn a_value_is_found_however_the_text_ends() {
        for text in
            [r#"{"key" : "a\"b"}"#, r#"{"key":"a\"b"#, "\u{feff}{\"key\":\"a\\\"b\"", r#"x"key":["a\"b"#]
        {
            assert_eq!(found(text), ["a\"b"], "{text}");
        }
        assert_eq!(found(r#"{"key":"a","key":"b","other":"c"}"#), ["a", "b"]);
        assert_eq!(found(r#"{"key":{"x":["a",1,null],"key":{"y":"b"}},"z":"c"}"#), ["a", "1", "b"]);
        assert_eq!(found("{\"key\":\"hunter22\u{fffd}rest\""), ["hunter22", "rest"]);
        for text in [r#"{"key":"#, r#""key""#, r#"{"keys":"a"}"#, r#"{"key":,"b":"c"}"#, r#"{"key":é}"#] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
