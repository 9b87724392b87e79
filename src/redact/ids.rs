//! Ids that an account's own host names show, and pseudonyms that keep a value's form.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// Names of AWS that only some texts hold, so that the patterns below are seldom tried.
static MENTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)amazonaws\.com|\.on\.aws|\.api\.aws|:dsql:"));

/// The machine-made label of host names that are an account's own, as the services' own pages show
/// them: clusters of EKS and their OIDC issuers, of DSQL and MSK, API Gateway, RDS, OpenSearch.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u)\b(?:([0-9A-F]{32})\.[a-z0-9]{3}\.[a-z0-9-]+\.eks\.",
        r"|([a-z0-9]{26})\.dsql(?:-[a-z0-9]+)?\.[a-z0-9-]+\.on\.aws",
        r"|([a-z0-9]{10})\.execute-api\.",
        r"|(?:b|z)-[0-9]+\.[A-Za-z0-9-]+\.([a-z0-9]{6})\.c[0-9]+\.kafka\.",
        r"|boot-([a-z0-9]{6,})\.c[0-9]+\.kafka-serverless\.",
        r"|(c[a-z0-9]{11})\.[a-z0-9-]+\.rds\.",
        r"|[a-z0-9-]+-([a-z0-9]{26})\.[a-z0-9-]+\.es\.)",
        r"|amazonaws\.com/id/([0-9A-F]{32})\b",
        r"|:dsql:[a-z0-9-]*:[0-9]*:cluster/([a-z0-9]{26})\b",
    ))
});

/// The long ones, wherever they are.
static LIKE_OWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?-u)\b([0-9a-z]{26}|[0-9A-F]{32})\b"));

/// How many places of a pseudonym hold its number, at most: a run may name hundreds of ids, and each
/// must get the same pseudonym in a replay that knows but one. And how many values each may have,
/// so that hex stays hex and base32 stays base32.
const PLACES: usize = 13;
const BASE: u64 = 6;

/// The ids in a text that its host names show to be an account's own.
pub(super) fn own(text: &[u8], mut hit: impl FnMut(&str)) {
    let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(byte);
    let mut done = 0;
    for mention in MENTION.find_iter(text).map(|found| found.range()) {
        // One that stands in the same run as the last was looked at with it.
        if mention.start >= done {
            let start = mention.start - text[done..mention.start].iter().rev().take_while(of_name).count();
            done = mention.end + text[mention.end..].iter().take_while(of_name).count();
            OWN.captures_iter(&text[start..done]).for_each(|found| first_group(&found, &mut hit));
        }
    }
}

/// The words of a text that have the form of such an id, and are too long to be anything but made by a
/// machine; no pseudonyms.
pub(super) fn like_own(text: &[u8], mut hit: impl FnMut(&str)) {
    let mut real = |id: &str| {
        if !is_pseudonym(id) {
            hit(id)
        }
    };
    LIKE_OWN.captures_iter(text).for_each(|found| first_group(&found, &mut real));
}

/// A value of the same form that says nothing but a number: capitals stay capitals, letters
/// letters, digits digits, and all else as it is. A number too great for it begins again.
pub(super) fn pseudonym(value: &str, number: u64) -> String {
    let places = places(value);
    let mut number = number % capacity(value);
    let (mut seen, mut reversed) = (0, Vec::new());
    for char in value.chars().rev() {
        seen += usize::from(char.is_ascii_alphanumeric());
        let in_number = char.is_ascii_alphanumeric() && seen <= places;
        let digit = if in_number { (number % BASE) as u8 } else { 0 };
        if in_number {
            number /= BASE;
        }
        reversed.push(match char {
            char if char.is_ascii_digit() => char::from(b'2' + digit),
            char if char.is_ascii_uppercase() => char::from(b'A' + digit),
            char if char.is_alphabetic() => char::from(b'a' + digit),
            char => char,
        });
    }
    reversed.into_iter().rev().collect()
}

/// Whether a value looks like a pseudonym of its form: what holds no number is all `a`, `A` and `2`.
pub(super) fn is_pseudonym(value: &str) -> bool {
    let letters: Vec<_> = value.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let (blank, number) = letters.split_at(letters.len() - places(value));
    !blank.is_empty()
        && blank.iter().all(|byte| b"aA2".contains(byte))
        && number.iter().all(|byte| matches!(byte, b'a'..=b'f' | b'A'..=b'F' | b'2'..=b'7'))
}

/// How many numbers there are for a value's form.
pub(super) fn capacity(value: &str) -> u64 {
    BASE.pow(places(value) as u32)
}

fn places(value: &str) -> usize {
    let letters = value.chars().filter(char::is_ascii_alphanumeric).count();
    letters.div_ceil(2).min(PLACES)
}

fn first_group(found: &regex::bytes::Captures<'_>, hit: &mut impl FnMut(&str)) {
    let groups = found.iter().skip(1).flatten();
    groups.filter_map(|group| std::str::from_utf8(group.as_bytes()).ok()).for_each(hit);
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn the_hosts_of_an_account_show_its_ids() {
        let found = |text: &str| {
            let mut all = Vec::new();
            own(text.as_bytes(), |id| all.push(id.to_owned()));
            all
        };
        for (text, id) in [
            (
                "https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.us-east-1.eks.amazonaws.com",
                "0A1B2C3D4E5F60718293A4B5C6D7E8F9",
            ),
            (
                "https://oidc.eks.us-east-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9",
                "0A1B2C3D4E5F60718293A4B5C6D7E8F9",
            ),
            ("abcdefghij0123456789abcdef.dsql.us-east-1.on.aws", "abcdefghij0123456789abcdef"),
            (
                "arn:aws:dsql:us-east-1:111122223333:cluster/abcdefghij0123456789abcdef",
                "abcdefghij0123456789abcdef",
            ),
            ("b-1.demo.h1a2s3.c2.kafka.us-east-1.amazonaws.com:9092", "h1a2s3"),
            ("a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "a1b2c3d4e5"),
            ("db.cabcdefghijk.us-east-1.rds.amazonaws.com", "cabcdefghijk"),
        ] {
            assert_eq!(found(text), [id], "{text}");
        }
        for public in
            ["kafka.us-east-1.amazonaws.com", "cloudhsmv2.us-east-1.amazonaws.com", "eks.us-east-1.api.aws"]
        {
            assert!(found(public).is_empty(), "{public}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_pseudonym_keeps_the_form(value in "[a-zA-Z0-9./_-]{2,40}", one in 0_u64..5, two in 0_u64..5) {
            let (first, second) = (pseudonym(&value, one), pseudonym(&value, two));
            let class = |char: char| (char.is_ascii_digit(), char.is_ascii_uppercase(), char.is_ascii_lowercase());
            prop_assert!(value.chars().map(class).eq(first.chars().map(class)));
            if capacity(&value) > 5 {
                prop_assert_eq!(one == two, first == second);
            }
            if value.chars().filter(char::is_ascii_alphanumeric).count() > 1 {
                prop_assert!(is_pseudonym(&first), "{first}");
            }
        }
    }
}
