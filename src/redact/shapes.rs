//! Identifiers known by their shape: account ids, UUIDs, and the pseudonyms of this module.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::words;
use crate::encoding::{UUID_LENGTH as UUID, begins_with_uuid};

/// Twelve digits, not part of a longer number.
pub(super) const ACCOUNT: usize = 12;
/// Before a UUID's first hyphen.
const FIRST_OF_UUID: usize = 8;

static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u:\b(cursor|request-id)-([0-9]{1,80})\b)").expect("a valid pattern"));

/// What was found by its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Account,
    Uuid,
}

/// Every account id and UUID in a text: where it begins, and what it is.
pub(super) fn each<'a>(text: &'a [u8], mut hit: impl FnMut(usize, &'a str, Shape)) {
    let mut shapes = Shapes::default();
    words::each(text, |word| shapes.word(text, word, &mut hit));
}

/// The same, word by word.
#[derive(Default)]
pub(super) struct Shapes {
    /// Where the last UUID ends.
    done: usize,
}

impl Shapes {
    #[inline]
    pub(super) fn word<'a>(
        &mut self,
        text: &'a [u8],
        word: Range<usize>,
        hit: &mut impl FnMut(usize, &'a str, Shape),
    ) {
        if word.start < self.done {
            return;
        }
        if word.len() == FIRST_OF_UUID
            && let Some(uuid) = uuid(&text[word.start..])
        {
            hit(word.start, uuid, Shape::Uuid);
            self.done = word.start + UUID;
        }
        if word.len() >= ACCOUNT {
            accounts(&text[word.clone()], |offset, account| {
                let at = word.start + offset;
                // An escape hides the boundary before a UUID (`%2F550e...`), but not that this is its end.
                let ends_uuid =
                    (at + ACCOUNT).checked_sub(UUID).is_some_and(|before| begins_with_uuid(&text[before..]));
                if !ends_uuid {
                    hit(at, account, Shape::Account);
                }
            });
        }
    }
}

/// The numbered pseudonyms in a text: their word and number.
pub(super) fn numbered<'a>(text: &'a [u8], mut hit: impl FnMut(&'a str, u64)) {
    for found in NUMBERED.captures_iter(text) {
        let part = |group| found.get(group).and_then(|part| std::str::from_utf8(part.as_bytes()).ok());
        if let (Some(word), Some(Ok(number))) = (part(1), part(2).map(str::parse)) {
            hit(word, number);
        }
    }
}

/// The number of a pseudonym of this word (`cursor`), if the text is one as a whole.
pub(super) fn number_of(text: &str, word: &str) -> Option<u64> {
    let digits = text.strip_prefix(word)?.strip_prefix('-')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The pseudonyms of an account: as text, and as a number of JSON, which has no leading zeros.
pub(super) fn account_pseudonyms(number: u64) -> (String, String) {
    (format!("{number:012}"), format!("9{number:011}"))
}

/// The number of an account's pseudonym. Real account ids are spread evenly; one that looks
/// like this is not to be met.
pub(super) fn pseudonym_account(account: &str) -> Option<u64> {
    let rest = account.strip_prefix("0000000").or_else(|| account.strip_prefix("9000000"))?;
    if rest.len() == ACCOUNT - 7 { rest.parse().ok() } else { None }
}

/// The number of a UUID's pseudonym.
pub(super) fn pseudonym_uuid(uuid: &str) -> Option<u64> {
    uuid.strip_prefix("00000000-0000-4000-8000-")?.parse().ok()
}

/// The UUID that a text begins with, not part of a longer word.
fn uuid(text: &[u8]) -> Option<&str> {
    let bounded = text.get(UUID).is_none_or(|next| !next.is_ascii_alphanumeric());
    if bounded && begins_with_uuid(text) { std::str::from_utf8(&text[..UUID]).ok() } else { None }
}

fn accounts<'a>(word: &'a [u8], mut hit: impl FnMut(usize, &'a str)) {
    let mut start = 0;
    while start < word.len() {
        let digits = word[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == ACCOUNT
            && let Ok(account) = std::str::from_utf8(&word[start..start + ACCOUNT])
        {
            hit(start, account);
        }
        start += digits.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &str)> {
        let mut all = Vec::new();
        each(text.as_bytes(), |start, value, _| all.push((start, value)));
        all
    }

    #[test]
    fn longer_numbers_and_words_are_no_hits() {
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        assert_eq!(found("111122223333"), [(0, "111122223333")]);
        assert_eq!(found("bucket-111122223333.x v111122223333b").len(), 2);
        assert!(found("1111222233334 1732194757250").is_empty());
        assert_eq!(found(&format!("cluster/{uuid}-2")), [(8, uuid)]);
        assert!(found(&format!("{uuid}0")).is_empty());
        assert!(found(&format!("a{uuid}")).is_empty());
        assert_eq!(found("446655440000-446655440000").len(), 2);
    }
}
