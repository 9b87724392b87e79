use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::position::{Position, step};
use super::{Document, LARGEST};

fn read(text: &str) -> Value {
    Document::read("model", text.as_bytes()).unwrap().root
}

fn refused(text: impl AsRef<[u8]>) -> String {
    Document::read("model", text.as_ref()).unwrap_err().to_string()
}

/// The rest of the text from a pointer's place on.
fn found<'t>(text: &'t str, pointer: &str) -> &'t str {
    let document = Document::read("model", text.as_bytes()).unwrap();
    let Position { line, column } = document.locate(pointer).unwrap();
    let start: usize = text.split('\n').take(line - 1).map(|line| line.len() + 1).sum();
    let (offset, _) = text[start..].char_indices().nth(column - 1).unwrap();
    &text[start + offset..]
}

#[test]
fn what_is_no_text_is_refused() {
    let no_utf8 = "model:2:3: no UTF-8 text from byte 9 on; save the file as UTF-8";
    assert_eq!(refused(b"{\"\xc3\xa9\":\n1,\xff}"), no_utf8);
    for nothing in ["", " \n", "# only this\n", "\u{feff}", "~", "---\n"] {
        assert!(
            refused(nothing).starts_with("model: the file holds nothing, not an object; "),
            "{nothing:?}"
        );
    }
    assert!(refused("<html></html>").contains("a single value, not an object"));
    assert!(refused("[1]").contains("a list, not an object"));
    assert!(refused(vec![b' '; LARGEST + 1]).contains("67108865 bytes"));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    assert_eq!(read("\u{feff}{\"a\": 1}"), json!({"a": 1}));
    assert_eq!(read("\u{feff}a: 1"), json!({"a": 1}));
}

#[test]
fn wrong_json_is_refused_at_its_place() {
    for (text, expected) in [
        ("{\"é\": 1,\n \"ü\": x}", "model:2:7: no JSON: expected value; "),
        ("{\"a\": 1", "model:1:7: no JSON: EOF while parsing an object; "),
        ("{} {}", "model:1:4: no JSON: trailing characters; "),
        ("{\"a\": 1e400}", "model:1:11: number out of range; "),
        ("{\"b\": {\"a\": 1, \"a\": 1}}", "model:1:18: the key \"a\" stands twice in one object; "),
    ] {
        let error = refused(text);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn wrong_yaml_is_refused_at_its_place() {
    for (text, expected) in [
        ("a: 1\nb: [1\n", "model:2:4: no YAML: unclosed bracket '['; "),
        ("a: 1\nb: .inf\n", "model:2:4: the number .inf is out of range; "),
        ("a: 1\nb: 1e400\n", "model:2:4: the number 1e400 is out of range; "),
        ("a: 1\nb: 2\n\"a\": 3\n", "model:3:1: the key \"a\" stands twice in one object; "),
        ("a: 1\n---\nb: 2\n", "model:2:1: a second document begins; "),
        ("a: 1\nb: !Ref c\n", "model:2:9: the tag !Ref is not known here; "),
        ("a: !!int b\n", "model:1:10: \"b\" is not what its tag says; "),
        ("a: !Ref {}\n", "model:1:9: the tag !Ref is not known here; "),
        ("a: &a [*a]\n", "model:1:8: an alias stands inside of what it stands for; "),
        ("a: *b\n", "model:1:4: no YAML: "),
        ("? [a]\n: 1\n", "model:1:3: a key is a list or an object; "),
        ("a:\n  <<: 1\n", "model:2:7: only objects can be merged with <<; "),
    ] {
        let error = refused(text);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn what_would_grow_or_nest_without_bounds_is_refused_at_once() {
    let start = Instant::now();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let lists = deep("[", "]");
    for text in [deep("{\"a\":", "}"), format!("{{\"a\": {lists}}}"), format!("a: {lists}"), deep("- ", "")] {
        assert!(refused(&text).contains("nested deeper than 127 levels"), "{}", refused(&text));
    }
    // Each line stands for ten of the line before.
    let bomb =
        |line: &dyn Fn(usize) -> String| (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, n| text + &line(n));
    let wide = bomb(&|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", ")));
    assert!(refused(&wide).contains("aliases make the text too large"), "{}", refused(&wide));
    let long = format!("a: &a \"\\x41{}\"\nb:\n{}", "x".repeat(1 << 20), "- {*a : 1}\n".repeat(1_000));
    assert!(refused(&long).contains("aliases make the text too large"));
    let chain = (1..100).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("a{n}: &a{n} {}*a{}{}\n", "[".repeat(100), n - 1, "]".repeat(100))
    });
    assert!(refused(&chain).contains("nested deeper than 127 levels"));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn scalars_follow_the_core_schema() {
    let text = "
yes: yes
off: off
date: 2020-01-31
time: 2020-01-31T10:00:00Z
version: 1.10.0
short: 1.10
zeros: 012
octal: 0o12
hex: 0xfF
sum: 1_000
minutes: 1:30
exponent: -1.5E3
point: .5
plus: +1
largest: 18446744073709551615
larger: 18446744073709551616
nothing:
tilde: ~
truth: True
quoted: '1'
tagged: !!str 1
plain: ! 1
number: !!float 1
block: |
  a
  b
infinite: inf
";
    let expected = json!({
        "yes": "yes", "off": "off", "date": "2020-01-31", "time": "2020-01-31T10:00:00Z",
        "version": "1.10.0", "short": 1.1, "zeros": 12, "octal": 10, "hex": 255, "sum": "1_000",
        "minutes": "1:30", "exponent": -1500.0, "point": 0.5, "plus": 1,
        "largest": u64::MAX, "larger": 18446744073709551616.0, "nothing": null, "tilde": null,
        "truth": true, "quoted": "1", "tagged": "1", "plain": "1", "number": 1, "block": "a\nb\n",
        "infinite": "inf",
    });
    assert_eq!(read(text), expected);
}

#[test]
fn keys_are_text_and_keep_their_order() {
    let text = "responses: {200: a, default: b, 1.10: c, true: d, ~: e}";
    let root = read(text);
    let keys: Vec<_> = root["responses"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["200", "default", "1.10", "true", "~"]);
}

#[test]
fn aliases_and_merges_are_values() {
    let text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 0}\nd: *a\ne: {'<<': *a}\nf: &f k\n*f : 1";
    let expected = json!({"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4}, "c": {"x": 0, "y": 2, "z": 4},
        "d": {"x": 1, "y": 2}, "e": {"<<": {"x": 1, "y": 2}}, "f": "k", "k": 1});
    assert_eq!(read(text), expected);
    for (pointer, rest) in [("/c/y", "y: 2}\nb"), ("/d", "d: *a"), ("/d/y", "y: 2}\nb"), ("/k", "*f : 1")] {
        assert!(found(text, pointer).starts_with(rest), "{pointer}: {}", found(text, pointer));
    }
}

#[test]
fn places_are_found_in_both_languages() {
    let json = "{\n  \"pä\\u0074h\": {\"/a~b\": [1, {\"x\": []}]},\n  \"other\": \"]}\\\"\"\n}";
    let yaml = "# comment\npäth:\n  /a~b:\n  - 1\n  - x: []\nother: ']}\"'\n";
    for (pointer, in_json, in_yaml) in [
        ("", "{\n", "päth:"),
        ("/päth", "\"pä", "päth:"),
        ("/päth/~1a~0b", "\"/a~b\"", "/a~b:"),
        ("/päth/~1a~0b/0", "1, {", "1\n"),
        ("/päth/~1a~0b/1", "{\"x\"", "x: []"),
        ("/päth/~1a~0b/1/x", "\"x\"", "x: []"),
        ("/päth/~1a~0b/1/x/0", "\"x\"", "x: []"),
        ("/päth/~1a~0b/7/x", "\"/a~b\"", "/a~b:"),
        ("/päth/~1a~0b/x", "\"/a~b\"", "/a~b:"),
        ("/other/x", "\"other\"", "other:"),
        ("/none", "{\n", "päth:"),
    ] {
        assert!(found(json, pointer).starts_with(in_json), "{pointer}: {}", found(json, pointer));
        assert!(found(yaml, pointer).starts_with(in_yaml), "{pointer}: {}", found(yaml, pointer));
    }
    assert_eq!(Document::read("model", b"{}").unwrap().locate("none"), None);
}

#[test]
fn an_error_names_place_and_pointer() {
    let document = Document::read("model", b"{\"a\":\n  {\"b\": 1}}").unwrap();
    let error = document.error("/a/b", "not a text", "put it in quotes");
    assert_eq!(error.to_string(), "model:2:4: not a text (at /a/b); put it in quotes");
    let whole = document.error("", "no version", "add one");
    assert_eq!(whole.to_string(), "model:1:1: no version; add one");
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-c/~\"\\\\{}\\[\\]:,é🙂 \n\u{85}\u{2028}-]{0,4}",
        1 => any::<String>(),
    ]
}

fn objects() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((texts(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec((texts(), inner), 0..5)
        .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>()))
}

/// Every value inside of another one: its pointer, and how its place begins.
fn places(value: &Value, at: &str, into: &mut Vec<(String, String)>) {
    let children: Vec<(String, String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (step(name), serde_json::to_string(name).unwrap(), value))
            .collect(),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("/{index}"), first(value), value))
            .collect(),
        _ => Vec::new(),
    };
    for (step, begins, value) in children {
        let pointer = format!("{at}{step}");
        places(value, &pointer, into);
        into.push((pointer, begins));
    }
}

fn first(value: &Value) -> String {
    match value {
        Value::Object(_) => "{".to_owned(),
        Value::Array(_) => "[".to_owned(),
        single => single.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_read_and_found_again(value in objects()) {
        let compact = value.to_string();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        // JSON behind a YAML document's mark is YAML.
        let yaml = format!("---\n{pretty}");
        let mut expected = Vec::new();
        places(&value, "", &mut expected);
        for text in [&compact, &pretty, &yaml] {
            prop_assert_eq!(&read(text), &value);
            for (pointer, begins) in &expected {
                let rest = found(text, pointer);
                prop_assert!(rest.starts_with(begins), "{} is at {:?}", pointer, rest);
            }
        }
    }

    #[test]
    fn any_text_is_a_document_or_an_error(text in "[-a-b:{}\\[\\]\"'&*!<>|?#%@0-9. \t\r\n~é]{0,60}") {
        for text in [text.clone(), format!("a: {text}"), format!("{{{text}")] {
            if let Ok(document) = Document::read("model", text.as_bytes()) {
                prop_assert!(document.locate("/a/0").is_some());
            }
        }
    }
}
