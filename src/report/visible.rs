//! Values that a provider made up, made safe to show: nothing in them steers a terminal or turns
//! a line of text around.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control character written out, `\u{1b}`. Line feeds and tabs stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |character| steers(character) && !matches!(character, '\n' | '\t'))
}

/// The same on one line: line feeds and tabs are written out too.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, steers)
}

/// A number with its thousands apart, `1,204`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun, `1 case`, `312 cases`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// A duration as people say it: `840 ms`, `8.4 s`, `3 min 20 s`.
pub(super) fn duration(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min {} s", grouped(millis / 60_000), millis % 60_000 / 1_000),
    }
}

/// Whether a character is obeyed rather than shown: controls, and those that turn the direction.
pub(super) fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn escaped(text: &str, escape: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&escape) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' if escape('\n') => out.push_str("\\n"),
            '\t' if escape('\t') => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // Writing to a string cannot fail.
            other if escape(other) => drop(write!(out, "\\u{{{:x}}}", u32::from(other))),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\r\n\tc\u{202e}"), "a\\u{1b}[31mb\\r\n\tc\\u{202e}");
        assert_eq!(one_line("a\nb\tc"), "a\\nb\\tc");
        assert!(matches!(visible("Zürich ✓ 東京"), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([1, 2].map(|n| counted(n, "case")), ["1 case", "2 cases"]);
        assert_eq!([12, 8_449, 200_000].map(duration), ["12 ms", "8.4 s", "3 min 20 s"]);
    }
}
