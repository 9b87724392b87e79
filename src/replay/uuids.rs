//! UUIDs in any text: they are found, and replaced by others, without reading what is around them.

use std::ops::Range;

use crate::encoding::{UUID_LENGTH as LENGTH, begins_with_uuid};

/// Before the first hyphen.
const FIRST: usize = 8;

/// A longer word than any name.
const LONGEST_WORD: usize = 1024;

/// What pseudonyms of the provider's own UUIDs begin with, and those that stand for none.
const STANDS_FOR_NONE: &str = "00000000-0000-";

/// A UUID as it was written.
pub(super) type Uuid = Box<str>;

/// Where the next UUID at or behind `from` begins.
fn next(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let hyphen = from + text.get(from..)?.iter().position(|byte| *byte == b'-')?;
        if let Some(start) = hyphen.checked_sub(FIRST).filter(|start| is_at(text, *start)) {
            return Some(start);
        }
        from = hyphen + 1;
    }
}

fn is_at(text: &[u8], start: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric();
    // An escape before it (`%2F`) is no part of it.
    let escaped = start >= 3 && text[start - 3] == b'%';
    let begins = start == 0 || escaped || !is_part(&text[start - 1]);
    let ends = !text.get(start + LENGTH).is_some_and(is_part);
    begins && ends && begins_with_uuid(&text[start..])
}

/// Every UUID in a text that somebody may have made up.
pub(super) fn each(text: &[u8]) -> impl Iterator<Item = &str> {
    places(text).map(|(_, uuid)| uuid)
}

/// Those that are a part of a name there: `test-<uuid>`.
pub(super) fn in_names(text: &[u8]) -> impl Iterator<Item = &str> {
    places(text).filter(|(start, _)| is_in_name(text, *start)).map(|(_, uuid)| uuid)
}

/// The others, which are identities, or stand in what refers to something.
pub(super) fn outside_names(text: &[u8]) -> impl Iterator<Item = &str> {
    places(text).filter(|(start, _)| !is_in_name(text, *start)).map(|(_, uuid)| uuid)
}

fn places(text: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    let all = std::iter::from_fn(move || {
        let start = next(text, from)?;
        from = start + LENGTH;
        Some((start, std::str::from_utf8(&text[start..from]).ok()?))
    });
    all.filter(|(_, uuid)| !uuid.starts_with(STANDS_FOR_NONE))
}

/// Whether the UUID at `start` stands directly behind a letter or digit and one of `-`, `_`, `.`, in a word
/// that refers to nothing else.
fn is_in_name(text: &[u8], start: usize) -> bool {
    let Some(word) = word(text, start) else { return false };
    // One UUID behind another is a part of a name if that is.
    let mut first = start;
    while first > word.start + LENGTH && is_at(text, first - LENGTH - 1) {
        first -= LENGTH + 1;
    }
    let Some([.., stem, b'-' | b'_' | b'.']) = text.get(word.start..first) else { return false };
    // The last letter of an escape (`%2F`, `\n`) is none.
    let is_escape = [(4, b'%'), (3, b'\\')]
        .into_iter()
        .any(|(behind, mark)| first.checked_sub(behind).is_some_and(|at| text[at] == mark));
    stem.is_ascii_alphanumeric() && !is_escape && !refers(&text[word])
}

/// What is around a place up to quotes, tags and white space; `None` if it is too long for a name.
fn word(text: &[u8], start: usize) -> Option<Range<usize>> {
    let is_edge = |byte: &u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_control()
            || matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'<' | b'>')
    };
    let before = text[..start].iter().rev().take(LONGEST_WORD).take_while(|byte| !is_edge(byte)).count();
    let behind = text[start..].iter().take(LONGEST_WORD).take_while(|byte| !is_edge(byte)).count();
    (before.max(behind) < LONGEST_WORD).then(|| start - before..start + behind)
}

/// Whether a word is an ARN, a URL or another one with a colon: it says where something is.
fn refers(word: &[u8]) -> bool {
    word.contains(&b':') || word.windows(3).any(|part| part.eq_ignore_ascii_case(b"%3a"))
}

/// The text with another UUID wherever `with` gives one; `None` where it does not.
pub(super) fn replaced(text: &[u8], mut with: impl FnMut(&str) -> Option<Uuid>) -> Option<Vec<u8>> {
    let mut changed: Option<Vec<u8>> = None;
    let mut from = 0;
    while let Some(start) = next(text, from) {
        from = start + LENGTH;
        let other = std::str::from_utf8(&text[start..from]).ok().and_then(&mut with);
        // Of one length, so that nothing moves.
        if let Some(other) = other.filter(|other| other.len() == LENGTH) {
            changed.get_or_insert_with(|| text.to_vec())[start..from].copy_from_slice(other.as_bytes());
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11";
    const OTHER: &str = "D1C5A0DE-3B1C-4BB0-B8DE-2A4D3A6C1E97";

    #[test]
    fn uuids_are_found_in_any_text() {
        let text = format!(r#"/test-{ONE}-x?a=b%2F{OTHER}&{{"{ONE}":["{ONE}"]}}"#);
        assert_eq!(each(text.as_bytes()).collect::<Vec<_>>(), [ONE, OTHER, ONE, ONE]);
        for none in
            [&format!("a{ONE}"), &format!("{ONE}0"), &ONE[1..], "00000000-0000-4000-8000-000000000001", ""]
        {
            assert_eq!(each(none.as_bytes()).count(), 0, "{none}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_told_from_an_identity() {
        let names =
            ["test-U", "/buckets/ci_U", r#"{"a":"dir/x.U.txt"}"#, "test-U-U", "a=b&name=test-U", "-x-U"];
        for name in names {
            let text = name.replace('U', ONE);
            assert!(in_names(text.as_bytes()).eq(each(text.as_bytes())), "{name}");
            assert_eq!(outside_names(text.as_bytes()).count(), 0, "{name}");
        }
        let long = "x".repeat(LONGEST_WORD);
        let long = [format!("{long}-U"), format!("test-U{long}").replace("Ux", "U-x")];
        let others = [
            "U",
            "/settings/U",
            "-U",
            "x--U",
            "x%2F-U",
            r#"["\n-U"]"#,
            "U-U",
            r#"{"a":"U"}"#,
            "arn:aws:kms:eu-west-1:123456789012:key/U",
            "arn:aws:iam::123456789012:role/test-U",
            "arn%3aaws%3As3/test-U",
            "https://host.example/x?name=test-U",
            "registry/app-U:latest",
        ];
        for other in others.into_iter().map(str::to_owned).chain(long) {
            let text = other.replace('U', ONE);
            assert!(outside_names(text.as_bytes()).eq(each(text.as_bytes())), "{other}");
            assert!(each(text.as_bytes()).count() > 0 && in_names(text.as_bytes()).count() == 0, "{other}");
        }
    }

    #[test]
    fn others_take_their_places() {
        let text = format!("{ONE} {OTHER} {ONE}");
        let swap = |uuid: &str| (uuid == ONE).then(|| Uuid::from(OTHER));
        assert_eq!(replaced(text.as_bytes(), swap).unwrap(), format!("{OTHER} {OTHER} {OTHER}").as_bytes());
        assert_eq!(replaced(OTHER.as_bytes(), swap), None);
    }
}
