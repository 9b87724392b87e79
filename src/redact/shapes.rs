//! Identifiers known by their shape: account ids, UUIDs, and the pseudonyms of this module.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// Twelve digits, not part of a longer number.
const ACCOUNT: usize = 12;
/// `8-4-4-4-12` hex digits, not part of a longer word.
const UUID: usize = 36;
/// Before its first hyphen.
const FIRST_OF_UUID: usize = 8;

/// `arn:<partition>:<service>:<region>:<account>:`
static ARN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)arn:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})(?::|[^0-9:]|$)")
        .expect("a valid pattern")
});

/// Members that hold an account id outside of any ARN.
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u)"(?:aws[-_]?)?(?:owner|account)(?:[-_]?account)?(?:[-_]?id)?"\s*:\s*"?([0-9]{12})\b"#)
        .expect("a valid pattern")
});

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
    let mut index = 0;
    while index < text.len() {
        let Some(length) = word(&text[index..]) else {
            index += 1;
            continue;
        };
        let (start, rest) = (index, &text[index..]);
        index += length;
        if length == FIRST_OF_UUID
            && let Some(uuid) = uuid(rest)
        {
            hit(start, uuid, Shape::Uuid);
            index = start + UUID;
            continue;
        }
        if length < ACCOUNT {
            continue;
        }
        accounts(&rest[..length], |offset, account| {
            let at = start + offset;
            // An escape hides the boundary before a UUID (`%2F550e...`), but not that this is its end.
            let ends_uuid = (at + ACCOUNT).checked_sub(UUID).is_some_and(|before| fits_uuid(&text[before..]));
            if !ends_uuid {
                hit(at, account, Shape::Account);
            }
        });
    }
}

/// The account ids that a text shows to be some.
pub(super) fn shown_accounts(text: &[u8], mut hit: impl FnMut(&str)) {
    let shown = ARN.captures_iter(text).chain(OWNER.captures_iter(text));
    for account in shown.filter_map(|found| found.get(1)) {
        if let Ok(account) = std::str::from_utf8(account.as_bytes()) {
            hit(account);
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

/// Whether the text as a whole is a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == UUID && uuid(text.as_bytes()).is_some()
}

/// The length of the run of letters and digits at the start.
fn word(text: &[u8]) -> Option<usize> {
    let length = text.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(text.len());
    (length > 0).then_some(length)
}

fn uuid(text: &[u8]) -> Option<&str> {
    let bounded = text.get(UUID).is_none_or(|next| !next.is_ascii_alphanumeric());
    if bounded && fits_uuid(text) { std::str::from_utf8(&text[..UUID]).ok() } else { None }
}

fn fits_uuid(text: &[u8]) -> bool {
    let fits = |(index, byte): (usize, &u8)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.get(..UUID).is_some_and(|candidate| candidate.iter().enumerate().all(fits))
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

    #[test]
    fn accounts_are_learned_where_they_are_shown() {
        let learned = |text: &str| {
            let mut all = Vec::new();
            shown_accounts(text.as_bytes(), |account| all.push(account.to_owned()));
            all
        };
        assert_eq!(learned("x arn:aws-cn:kafka:cn-north-1:111122223333:cluster/a"), ["111122223333"]);
        assert_eq!(learned("arn:aws:iam::111122223333:root"), ["111122223333"]);
        assert_eq!(learned(r#"{"OwnerAccountId": "111122223333", "AccountId":"222233334444"}"#).len(), 2);
        assert!(learned("arn:aws:iam::aws:policy/x arn:aws:s3:::b/111122223333").is_empty());
    }
}
