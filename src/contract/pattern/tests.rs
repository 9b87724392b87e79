use serde_json::{Map, Value, json};

use super::*;
use crate::contract::validate::compile;

/// Whether a text matches, as the validator decides it.
fn matches(pattern: &str, text: &str) -> bool {
    let translated = match translate(pattern) {
        Translated::Linear(translated) => {
            assert!(regex::Regex::new(&translated).is_ok(), "{translated}");
            translated
        }
        Translated::Backtracking(translated) => translated,
        Translated::Unreadable => panic!("{pattern} is not read"),
    };
    let validator = compile(&Map::new(), &json!({"pattern": translated}));
    validator.unwrap_or_else(|| panic!("{translated} is refused")).is_valid(&Value::from(text))
}

#[test]
fn patterns_mean_what_ecma_262_says() {
    for (pattern, right, wrong) in [
        ("b", &["abc"][..], &["ac"][..]),
        (r"^\d$", &["7"], &["\u{661}"]),
        (r"^\D$", &["\u{661}"], &["7"]),
        (r"^\w$", &["_"], &["é"]),
        (r"^[\W]$", &["é"], &["_"]),
        (r"^[^\w\s]$", &["é", "-"], &["a", " "]),
        (r"^\s$", &["\u{feff}", "\u{a0}", "\u{b}"], &["\u{85}"]),
        (r"^\S+$", &["\u{85}"], &["a\u{2028}"]),
        (r"^.$", &["é", "\u{85}"], &["\n", "\r", "\u{2028}"]),
        (r"^a$", &["a"], &["a\n"]),
        (r"^[^]$", &["\n"], &["ab"]),
        (r"^(a|[])$", &["a"], &["", "b"]),
        (r"^\/\-\_\:\<\>\&\~\#$", &["/-_:<>&~#"], &["/-_:a"]),
        (r"^[\/\-\_\:\<\>\&\~\#]+$", &["/-_:<>&~#"], &["a"]),
        (r"^[a&&b]+$", &["a&b"], &["c"]),
        (r"^[+--]+$", &["+,-"], &["a"]),
        (r"^[a[b]+$", &["[ab"], &["c"]),
        (r"^[\w-\.]+$", &["a-."], &["a,"]),
        (r"^[a-\d]+$", &["a-1"], &["b"]),
        (r"^{a}{2}]$", &["{a}}]"], &["{a}]"]),
        (r"^a{,2}$", &["a{,2}"], &["a", "aa"]),
        (r"^a{2,}b{1}c{0,1}$", &["aab", "aaabc"], &["ab"]),
        (r"^\x41\u0042\u{43}\x{44}\cI\0$", &["ABCD\t\0"], &["ABCD"]),
        (r"^[^\000-\037]+$", &["a"], &["\u{1f}"]),
        (r"^[\b]$", &["\u{8}"], &["b"]),
        (r"^a\b.b$", &["a b"], &["aab"]),
    ] {
        right.iter().for_each(|text| assert!(matches(pattern, text), "{pattern} {text:?}"));
        wrong.iter().for_each(|text| assert!(!matches(pattern, text), "{pattern} {text:?}"));
    }
}

#[test]
fn halves_of_characters_are_characters() {
    for pattern in [
        r"^\uD83D\uDE00$",
        r"^[\uD83D\uDE00-\uD83D\uDE0F]$",
        r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]$",
        r"^[\uD800\uDBFF-\uDC00\uDFFF]$",
        r"^[\uD800-\uDBFF][\uDC00-\uDFFF]$",
        r"^[\uD83C-\uDBFF]\uDE00$",
        r"^(?:\uD83D[\uDE00-\uDE4F])$",
        r"^[^\uD83D\uDE01]$",
    ] {
        assert!(matches(pattern, "😀"), "{pattern}");
        assert!(!matches(pattern, "😀😀") && !matches(pattern, "\u{ffff}\u{ffff}"), "{pattern}");
    }
    assert!(!matches(r"^(?:\uD83D[\uDE00-\uDE4F])$", "\u{1f650}"));
    assert!(!matches(r"^\uD83D$", "😀") && !matches(r"^[\uD83D]$", "😀"));
}

#[test]
fn habits_of_java_are_understood() {
    for (pattern, right, wrong) in [
        (r"^\p{XDigit}\P{XDigit}$", &["fg"][..], &["ff"][..]),
        (r"^[\p{Alnum}\p{Punct}\p{Blank}]+$", &["a1 !"], &["é"]),
        (r"^[[:alnum:]_]+$", &["a1_"], &[":", "-"]),
        (r"^[\p{IsAlphabetic}\pN]+$", &["é1"], &["-"]),
        (r"^(?s).(?-s:.)$", &["\na"], &["\n\n"]),
        (r"^(?i)ab(?-i:c)$", &["ABc"], &["ABC"]),
        (r"^((?s).)(.)$", &["\na"], &["\n\n"]),
        (r"^\Aa\z$", &["a"], &["Aaz"]),
    ] {
        right.iter().for_each(|text| assert!(matches(pattern, text), "{pattern} {text:?}"));
        wrong.iter().for_each(|text| assert!(!matches(pattern, text), "{pattern} {text:?}"));
    }
}

#[test]
fn what_looks_around_is_told_from_what_does_not() {
    for (pattern, right, wrong) in [
        (r"^(?!aws)\d*[a-z]+$", "1ab", "aws"),
        (r"^(?=.{2}$)\w+$", "ab", "abc"),
        (r"^a(?<=a)b(?<!a)$", "ab", "aa"),
        (r"^(.)\1[0]$", "aa0", "ab0"),
    ] {
        assert!(matches!(translate(pattern), Translated::Backtracking(_)), "{pattern}");
        assert!(matches(pattern, right) && !matches(pattern, wrong), "{pattern}");
    }
    for pattern in [r"\(?=a", r"[(?=]", "(?:a)", "(?<name>a)"] {
        assert!(matches!(translate(pattern), Translated::Linear(_)), "{pattern}");
    }
}

#[test]
fn what_is_no_pattern_is_unreadable() {
    for pattern in [
        "[a",
        "[b-a]",
        "(",
        ")",
        "a)",
        "\\",
        r"\u12",
        r"\x{110000}",
        r"\c1",
        r"\p{",
        r"\p{a}b}\p{}",
        r"\k<a>",
        r"\Q",
        "[a&&[b]]",
        "(?x)a",
        r"[\u",
    ] {
        assert_eq!(translate(pattern), Translated::Unreadable, "{pattern}");
    }
}

#[test]
fn what_needs_no_translation_stays() {
    for pattern in ["^[a-z0-9][a-z0-9-]*$", "^(a|b){1,2}$", "^[^/]+/[*]$", r"^\p{L}+\.é$", r"^$|^\*$"] {
        assert_eq!(translate(pattern), Translated::Linear(pattern.to_owned()));
    }
}

#[test]
fn every_pattern_of_a_schema_is_translated() {
    let mut schema = json!({
        "pattern": "^a$",
        "properties": {"pattern": {"pattern": r"^\d$"}, "odd": {"pattern": "(", "maxLength": 2}},
        "patternProperties": {r"^\d": true, "(": true}, "additionalProperties": false,
        "enum": [{"pattern": r"\d"}],
    });
    let mut patterns = Patterns::default();
    patterns.translate("Name", &mut schema);
    let expected = json!({
        "pattern": "^a$",
        "properties": {"pattern": {"pattern": "^[0-9]$", "x-onrecord-pattern": r"^\d$"}, "odd": {"maxLength": 2}},
        "patternProperties": {"^[0-9]": true},
        "enum": [{"pattern": r"\d"}],
    });
    assert_eq!(schema, expected);
    let told: Vec<_> = patterns.unreadable.iter().map(|it| (&*it.pattern, &*it.definition)).collect();
    assert_eq!(told, [("(", "Name")]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_not(text in r"[-a-c\[\]^\\(){},?*+.|:!=<>&$duxpDk0189 é\n😀]{0,20}") {
        if let Translated::Linear(translated) = translate(&text) {
            // What was translated once is left alone.
            if regex::Regex::new(&translated).is_ok() {
                proptest::prop_assert!(matches!(translate(&translated), Translated::Linear(_)));
            }
        }
    }
}
