//! UUIDs in any text: they are found, and replaced by others, without reading what is around them.

/// `8-4-4-4-12` hex digits.
const LENGTH: usize = 36;

/// Before the first hyphen.
const FIRST: usize = 8;

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
    let Some(uuid) = text.get(start..start + LENGTH) else { return false };
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric();
    // An escape before it (`%2F`) is no part of it.
    let escaped = start >= 3 && text[start - 3] == b'%';
    let begins = start == 0 || escaped || !is_part(&text[start - 1]);
    let ends = !text.get(start + LENGTH).is_some_and(is_part);
    begins
        && ends
        && uuid.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Every UUID in a text that somebody may have made up.
pub(super) fn each(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let all = std::iter::from_fn(move || {
        let start = next(text, from)?;
        from = start + LENGTH;
        std::str::from_utf8(&text[start..from]).ok()
    });
    all.filter(|uuid| !uuid.starts_with(STANDS_FOR_NONE))
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
    fn others_take_their_places() {
        let text = format!("{ONE} {OTHER} {ONE}");
        let swap = |uuid: &str| (uuid == ONE).then(|| Uuid::from(OTHER));
        assert_eq!(replaced(text.as_bytes(), swap).unwrap(), format!("{OTHER} {OTHER} {OTHER}").as_bytes());
        assert_eq!(replaced(OTHER.as_bytes(), swap), None);
    }
}
