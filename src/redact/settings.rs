//! Secrets in settings: a pair of a name and a value, a line of a configuration file, a header field
//! that a text repeats.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::names::{self, Secret, Shape};

/// The value of a pair, as environment variables and parameters are given.
static VALUE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(?s-u)"[Vv]alue"\s*:\s*"((?:[^"\\]|\\.)+)""#));

/// Its name.
static NAME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?-u)"(?:[Nn]ame|[Kk]ey|variable[Nn]ame)"\s*:\s*"([^"\\]+)""#));

/// What says that the value beside it is a secret, whatever its name: Astronomer's environment
/// variables, parameters of AWS Systems Manager.
static SAYS_SECRET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?-u)"(?:isSecret|is_secret|sensitive)"\s*:\s*true|"Type"\s*:\s*"SecureString""#)
});

/// `password: x`, `aws_secret_access_key = x`
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    let endings = names::endings();
    pattern(&format!(r#"(?i-u)({endings})(?:[ \t]*:[ \t]*|[ \t]+=[ \t]*)['"]?([^\s"'<>,;&\\]{{6,}})"#))
});

/// `Authorization: Bearer x`
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i-u)\b(bearer|basic) +([a-z0-9+/_~.-]{12,}=*)"));

/// The values of pairs whose name, or what stands beside it, says that they are secret.
pub(super) fn pairs<'t>(
    text: &'t [u8],
    says_secret: impl Fn(&str) -> bool + 't,
) -> impl Iterator<Item = Secret> + 't {
    VALUE.captures_iter(text).filter_map(move |found| {
        let value = found.get(1)?;
        let pair = object_around(text, value.range());
        let name = NAME.captures(pair).and_then(|found| found.get(1));
        let is_secret = name.is_some_and(|name| says_secret(&String::from_utf8_lossy(name.as_bytes())))
            || SAYS_SECRET.is_match(pair);
        is_secret.then(|| Secret { start: value.start(), end: value.end(), shape: Shape::Text })
    })
}

/// The values in lines, with the ranges of their names. A plain word is none: prose says `password: wrong`.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Secret)> {
    [&*LINE, &*SCHEME].into_iter().flat_map(|pattern| pattern.captures_iter(text)).filter_map(|found| {
        let (name, value) = (found.get(1)?, found.get(2)?);
        let is_word = value.as_bytes().iter().all(u8::is_ascii_alphabetic);
        let secret = Secret { start: value.start(), end: value.end(), shape: Shape::Text };
        (!is_word).then_some((name.range(), secret))
    })
}

/// The innermost object that a value stands in; the braces of texts inside may cut it short.
fn object_around(text: &[u8], value: Range<usize>) -> &[u8] {
    let start = text[..value.start].iter().rposition(|byte| matches!(byte, b'{' | b'}')).unwrap_or(0);
    let length = text[value.end..].iter().position(|byte| matches!(byte, b'{' | b'}'));
    &text[start..length.map_or(text.len(), |length| value.end + length)]
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<&str> {
        let all = pairs(text.as_bytes(), |name| names::Names::default().say_secret(name));
        let all = all.chain(lines(text.as_bytes()).map(|(_, secret)| secret));
        all.map(|secret| &text[secret.start..secret.end]).collect()
    }

    #[test]
    fn the_value_beside_a_name_that_says_secret_is_one() {
        assert_eq!(seen(r#"[{"name":"API_SECRET","value":"x1"},{"name":"LEVEL","value":"info"}]"#), ["x1"]);
        assert_eq!(seen(r#"{"value":"x1","key":"DB_PASSWORD"}"#), ["x1"]);
        assert_eq!(seen(r#"{"key":"URL","value":"a\"b","isSecret":true}"#), [r#"a\"b"#]);
        assert_eq!(seen(r#"{"Name":"/a","Type":"SecureString","Value":"x1"}"#), ["x1"]);
        assert!(seen(r#"{"key":"URL","value":"x1","isSecret":false},{"isSecret":true}"#).is_empty());
    }

    #[test]
    fn lines_and_repeated_header_fields_are_seen() {
        assert_eq!(seen("a: b\npassword: hunter-22\n"), ["hunter-22"]);
        assert_eq!(seen("[default]\naws_secret_access_key = wJalr/1\nregion = eu-west-1"), ["wJalr/1"]);
        assert_eq!(seen("refused: Authorization: Bearer abcdef-123456"), ["abcdef-123456"]);
        assert!(seen("the password: incorrect, or Basic authentication").is_empty());
    }
}
