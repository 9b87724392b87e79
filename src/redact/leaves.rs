//! The texts inside of an array or an object that stands under a secret's name.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// A string, which may be a member's name or be cut short; the begin of a value that holds
/// others; its end.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s-u)"((?:[^"\\]|\\.)*)(?:("\s*:)|"|\\?\z)|([\[{])|[\]}]"#).expect("a valid pattern")
});

/// Members that say what a value is like: a schema of a password holds no password, and the words
/// in it (`string`) must not be hunted.
const DESCRIBING: &[&[u8]] = &[b"type", b"format", b"$ref", b"title", b"description"];

/// Calls `leaf` with the range of every text in the value that begins at `start`, and returns
/// where the value ends.
pub(super) fn each(text: &[u8], start: usize, mut leaf: impl FnMut(usize, usize)) -> usize {
    let (mut depth, mut describes) = (0_usize, false);
    for token in TOKEN.captures_iter(&text[start..]) {
        if let Some(string) = token.get(1) {
            if token.get(2).is_some() {
                describes = DESCRIBING.contains(&string.as_bytes());
            } else if !describes && !string.is_empty() {
                leaf(start + string.start(), start + string.end());
            }
        } else if token.get(3).is_some() {
            depth += 1;
        } else {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return start + token.get(0).map_or(0, |token| token.end());
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_one_value_are_found() {
        let leaves = |text: &'static str| {
            let mut found = Vec::new();
            let end = each(text.as_bytes(), 0, |start, end| found.push(&text[start..end]));
            (found, &text[end..])
        };
        assert_eq!(
            leaves(r#"["a\"]",{"b" : "c","d":["e",""]}],"f":"g""#),
            (vec![r#"a\"]"#, "c", "e"], r#","f":"g""#)
        );
        assert_eq!(leaves(r#"{"type":"string","value":"x"}"#), (vec!["x"], ""));
        assert_eq!(leaves(r#"{"a":["b","c\"#), (vec!["b", "c"], ""));
    }
}
