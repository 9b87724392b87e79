//! Where instants stand in a text at which something expires.

use std::ops::Range;

/// A place in a text, and what stands there now.
pub(super) type Found = (Range<usize>, String);

/// What all names have in common that are looked for, as names are written.
pub(super) const STEMS: [&str; 2] = ["xpir", "XPIR"];

/// The parameter of a presigned URL that says when it was signed.
pub(super) const SIGNED_AT: &str = "X-Amz-Date=";

/// Members that say when something expires, whoever's API it is: in lower case, without dashes and
/// underscores.
const WELL_KNOWN: [&str; 14] = [
    "expiration", // temporary credentials of AWS
    "expirationdate",
    "expirationtime",
    "expirationtimestamp", // tokens of Kubernetes
    "expireat",
    "expires",
    "expiresat",
    "expireson", // tokens of Azure
    "expirestime",
    "expiretime", // tokens of Google
    "expiry",
    "expirydate",
    "expirytime",
    "tokenexpiration",
];

pub(super) fn is_well_known(name: &str) -> bool {
    let plain: String = name.chars().filter(|part| !matches!(part, '-' | '_')).collect();
    WELL_KNOWN.contains(&plain.to_ascii_lowercase().as_str())
}

/// The values of members and elements of JSON and XML with such names. JSON inside of a string is a client's
/// own, and not looked into. No other names are found than those with a stem of "expire" in them.
pub(super) fn members(text: &str, is_meant: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut stems: Vec<_> =
        STEMS.iter().flat_map(|stem| text.match_indices(stem)).map(|(at, _)| at).collect();
    stems.sort_unstable();
    for at in stems {
        let start = text[..at].trim_end_matches(is_of_name).len();
        let end = text.len() - text[at..].trim_start_matches(is_of_name).len();
        // A name may have the stem twice.
        let is_new = found.last().is_none_or(|last| last.end <= start);
        // What stands before a name is one byte, for else it is of no notation.
        let value = match text[..start].bytes().next_back() {
            Some(b'"') => json_value(text, end),
            Some(b'<' | b':') => xml_value(text, end),
            _ => None,
        };
        found.extend(value.filter(|_| is_new && is_meant(&text[start..end])));
    }
    found
}

fn is_of_name(part: char) -> bool {
    part.is_ascii_alphanumeric() || matches!(part, '-' | '_')
}

/// The value behind a member's name: what is in its quotes, or a number.
fn json_value(text: &str, name_ends: usize) -> Option<Range<usize>> {
    let rest = text[name_ends..].strip_prefix('"')?.trim_start().strip_prefix(':')?.trim_start();
    let (value, length) = match rest.strip_prefix('"') {
        Some(value) => (value, value.find(['"', '\\'])?),
        None => (rest, rest.find(|part: char| !is_of_number(part)).unwrap_or(rest.len())),
    };
    let start = text.len() - value.len();
    Some(start..start + length)
}

fn is_of_number(part: char) -> bool {
    part.is_ascii_digit() || matches!(part, '.' | 'e' | 'E' | '+')
}

fn xml_value(text: &str, name_ends: usize) -> Option<Range<usize>> {
    let value = text[name_ends..].strip_prefix('>')?;
    let start = name_ends + 1;
    Some(start..start + value.find('<')?)
}

/// When presigned URLs were signed; they expire a while after that, and are recognised without it.
pub(super) fn signed_at(text: &str) -> impl Iterator<Item = Range<usize>> {
    const LENGTH: usize = "20261121T073237Z".len();
    text.match_indices(SIGNED_AT).map(|(at, _)| at + SIGNED_AT.len()..at + SIGNED_AT.len() + LENGTH)
}

/// When a cookie expires.
pub(super) fn cookie(value: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for part in value.split(';') {
        let start = at + part.len() - part.trim_start().len();
        let end = at + part.trim_end().len();
        at += part.len() + 1;
        if let Some((name, date)) = value.get(start..end)?.split_once('=')
            && name.eq_ignore_ascii_case("expires")
        {
            return Some(end - date.len()..end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        members(text, is_well_known).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn members_are_found_in_every_notation() {
        for (text, value) in [
            (r#"{"Expiration":"2025-11-21T07:32:37Z","a":1}"#, "2025-11-21T07:32:37Z"),
            (r#"{"expires_at" : 1763710357.5}"#, "1763710357.5"),
            (r#"{"expires_on":"1763710357"}"#, "1763710357"),
            (r#"{"EXPIRES_AT":1763710357}"#, "1763710357"),
            ("<Expiration>2025-11-21T07:32:37Z</Expiration>", "2025-11-21T07:32:37Z"),
            ("<s:Expiration>2025-11-21T07:32:37Z</s:Expiration>", "2025-11-21T07:32:37Z"),
        ] {
            assert_eq!(found(text), [value], "{text}");
        }
    }

    #[test]
    fn other_members_and_prose_are_not_found() {
        for text in [
            r#"{"createdAt":"2025-11-21T07:32:37Z","expires_in":3600}"#,
            r#"{"a":"Expiration: 2025-11-21T07:32:37Z"}"#,
            r#"{"a":"Expiration","b":"2025-11-21T07:32:37Z"}"#,
            r#"{"expired":"2025-11-21T07:32:37Z"}"#,
            r#"{"a":"{\"expiresAt\": \"2025-11-21T07:32:37Z\"}"}"#,
            r#"{"Expiration"#,
            r#"{"Expiration":"#,
            "<Expiration>",
            "éxpiration",
            "xpir",
        ] {
            assert!(found(text).iter().all(|value| value.is_empty()), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn a_cookie_says_when_it_expires() {
        let text = "id=a; Path=/; expires=Fri, 21 Nov 2025 07:32:37 GMT ; Secure";
        assert_eq!(cookie(text).map(|range| &text[range]), Some("Fri, 21 Nov 2025 07:32:37 GMT"));
        assert_eq!(cookie("id=expires; Max-Age=5"), None);
        let first = "expires=b";
        assert_eq!(cookie(first), Some(8..9), "the first pair is the cookie itself, and no date");
    }
}
