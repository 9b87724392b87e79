//! Which twelve digits are the id of an account: what stands around them shows it.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::shapes::{self, ACCOUNT, Shape};

/// So much before the digits is looked at, and so much behind them.
const NEAR: usize = 256;

/// Members that hold an account id outside of any ARN.
static OWNER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?i-u)"(?:aws[-_]?)?(?:owner|account)(?:[-_]?account)?(?:[-_]?id)?"\s*:\s*"?$"#)
});

/// What follows where an account is in the name of a host.
static HOST: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?-u)^\.[a-z0-9.-]*(?:amazonaws\.com|\.aws)\b"));

/// Before an account in the path of a queue.
const IN_PATH: &[u8] = b"amazonaws.com/";

/// The account ids that a text shows to be some.
pub(super) fn shown(text: &[u8], mut hit: impl FnMut(&str)) {
    shapes::each(text, |start, value, shape| {
        if shape == Shape::Account && is_shown(text, start) {
            hit(value);
        }
    });
}

/// Whether the twelve digits here are an account's.
pub(super) fn is_shown(text: &[u8], start: usize) -> bool {
    let end = start + ACCOUNT;
    let before = &text[start.saturating_sub(NEAR)..start];
    let of_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    match before.last() {
        Some(b':') if is_arn(before) => true,
        Some(b':' | b'"' | b' ' | b'\t' | b'\r' | b'\n')
            if !of_word(text.get(end)) && OWNER.is_match(before) =>
        {
            true
        }
        Some(b'/') if text.get(end) == Some(&b'/') && before.ends_with(IN_PATH) => true,
        last => {
            let behind = &text[end..text.len().min(end + NEAR)];
            behind.first() == Some(&b'.') && !of_word(last) && HOST.is_match(behind)
        }
    }
}

/// `arn:<partition>:<service>:<region>:`
fn is_arn(before: &[u8]) -> bool {
    let of_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let mut parts = before.rsplit(|byte| *byte == b':').skip(1);
    let (region, service, partition, scheme) = (parts.next(), parts.next(), parts.next(), parts.next());
    scheme.is_some_and(|scheme| scheme.ends_with(b"arn"))
        && partition.is_some_and(|partition| !partition.is_empty())
        && [region, service, partition].into_iter().flatten().flatten().all(of_part)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_known_where_they_are_shown() {
        let learned = |text: &str| {
            let mut all = Vec::new();
            shown(text.as_bytes(), |account| all.push(account.to_owned()));
            all
        };
        for text in [
            "x arn:aws-cn:kafka:cn-north-1:111122223333:cluster/a",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333",
            r#"{"AccountId" : 111122223333}"#,
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/a",
            "https://sqs.us-east-1.amazonaws.com/111122223333/queue",
            "a-111122223333.x.on.aws",
        ] {
            assert_eq!(learned(text), ["111122223333"], "{text}");
        }
        assert_eq!(learned(r#"{"OwnerAccountId": "111122223333", "AccountId":"222233334444"}"#).len(), 2);
        for text in [
            "arn:aws:iam::aws:policy/x arn:aws:s3:::b/111122223333",
            "arn::iam::111122223333:root",
            r#"{"accountName":"111122223333","account":"111122223333b"}"#,
            "111122223333.example.com a111122223333.x.on.aws sqs.amazonaws.com/111122223333",
        ] {
            assert!(learned(text).is_empty(), "{text}");
        }
    }
}
