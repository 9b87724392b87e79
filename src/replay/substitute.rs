//! Puts one text in the place of another, but only where it stands alone.

use std::borrow::Cow;

/// Replaces `from` by `to` wherever the characters beside it are not `part` of a longer word.
pub(super) fn whole_words<'t>(text: &'t str, from: &str, to: &str, part: fn(char) -> bool) -> Cow<'t, str> {
    if from.is_empty() || !text.contains(from) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, found) in text.match_indices(from) {
        let end = at + found.len();
        let is_inside =
            text[..at].chars().next_back().is_some_and(part) || text[end..].chars().next().is_some_and(part);
        if !is_inside {
            out.push_str(&text[copied..at]);
            out.push_str(to);
            copied = end;
        }
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What an idempotency token is made of: a UUID's dashes are inside it.
pub(super) fn of_token(part: char) -> bool {
    part.is_alphanumeric() || matches!(part, '-' | '_')
}

/// What a host's name is made of.
pub(super) fn of_host(part: char) -> bool {
    part.is_alphanumeric() || matches!(part, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_replaced() {
        let text = r#"{"a":"tok-1","b":"tok-12","c":"x/tok-1?","d":"tok-1-b"}"#;
        let replaced = r#"{"a":"new","b":"tok-12","c":"x/new?","d":"tok-1-b"}"#;
        assert_eq!(whole_words(text, "tok-1", "new", of_token), replaced);
        let hosts = "https://a.example/x a.example.com b.a.example a.example:80";
        assert_eq!(
            whole_words(hosts, "a.example", "127.0.0.1:9", of_host),
            "https://127.0.0.1:9/x a.example.com b.a.example 127.0.0.1:9:80"
        );
    }

    #[test]
    fn what_is_not_there_costs_nothing() {
        assert!(matches!(whole_words("abc", "d", "e", of_token), Cow::Borrowed("abc")));
        assert!(matches!(whole_words("abc", "", "e", of_token), Cow::Borrowed("abc")));
    }
}
