//! Where two keys differ, and what of them may be shown.

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::encoding::is_uuid;
use crate::exchange::Timestamp;

/// A text longer than this is cut.
const TEXT: usize = 100;

/// How much of a cut text is shown before the first difference.
const LEAD: usize = 30;

/// Lines of a diff that are shown.
const LINES: usize = 13;

/// Lines of one sign in a row that are shown.
const RUN: usize = 4;

/// Longer texts are not compared line by line.
const COMPARED: usize = 64 * 1024;

/// The places whose values differ, `input/maxResults`; a part that one side lacks is one place.
pub(super) fn differing(cassette: &Value, request: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(cassette, request, "", &mut found);
    found
}

fn collect(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    if one == other {
        return;
    }
    // As in a JSON pointer (RFC 6901), without the first slash.
    let below = |name: &str| {
        let name = name.replace('~', "~0").replace('/', "~1");
        if at.is_empty() { name } else { format!("{at}/{name}") }
    };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let added = other.keys().filter(|name| !one.contains_key(*name));
            for name in one.keys().chain(added) {
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => collect(one, other, &below(name), found),
                    _ => found.push(below(name)),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                match (one.get(index), other.get(index)) {
                    (Some(one), Some(other)) => collect(one, other, &below(&index.to_string()), found),
                    _ => found.push(below(&index.to_string())),
                }
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// The request as it may be shown beside a recorded one: what equals the cassette was redacted
/// when it was recorded and stays as it is, anything else is shown redacted.
pub(super) fn showable(request: &Value, redacted: &Value, cassette: Option<&Value>) -> Value {
    if Some(request) == cassette {
        return request.clone();
    }
    match (request, redacted) {
        (Value::Object(members), Value::Object(hidden)) if members.len() == hidden.len() => {
            let shown = members.iter().map(|(name, value)| {
                let hidden = hidden.get(name).unwrap_or(&Value::Null);
                (name.clone(), showable(value, hidden, cassette.and_then(|cassette| cassette.get(name))))
            });
            // A redacted name has no counterpart: then nothing below is taken from the request.
            if members.keys().all(|name| hidden.contains_key(name)) {
                Value::Object(shown.collect())
            } else {
                redacted.clone()
            }
        }
        (Value::Array(elements), Value::Array(hidden)) if elements.len() == hidden.len() => {
            let pairs = elements.iter().zip(hidden).enumerate();
            pairs
                .map(|(at, (value, hidden))| {
                    showable(value, hidden, cassette.and_then(|cassette| cassette.get(at)))
                })
                .collect()
        }
        _ => redacted.clone(),
    }
}

/// The value at a place that [`differing`] named.
pub(super) fn at<'v>(value: &'v Value, place: &str) -> Option<&'v Value> {
    value.pointer(&format!("/{place}"))
}

/// Whether a value looks like one that is made anew in each run: a UUID, an instant, a long number.
pub(super) fn looks_made_up(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            is_uuid(text) || Timestamp::parse(text).is_some() || Timestamp::parse_http(text).is_some()
        }
        Value::Number(number) => number.as_f64().is_some_and(|number| (1e9..1e14).contains(&number)),
        _ => false,
    }
}

/// What members and parameters are called that tell a repeated call: in lower case, without dashes and
/// underscores.
const TOKENS: [&str; 5] =
    ["clienttoken", "clientrequesttoken", "idempotencytoken", "idempotencykey", "clientidempotencytoken"];

/// Whether a place is called as client tokens are; those of a query and a form are `name=value`.
pub(super) fn is_of_client_token(place: &str, value: Option<&Value>) -> bool {
    let parameter = value.and_then(Value::as_str).and_then(|text| text.split_once('=')).map(|(name, _)| name);
    place.split('/').chain(parameter).any(|name| {
        let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
        TOKENS.contains(&plain.strip_prefix("xamz").unwrap_or(&plain))
    })
}

/// A unified diff over pretty JSON, labelled `cassette` and `request`, cut to a few lines.
pub(super) fn diff(cassette: &Value, request: &Value) -> Vec<String> {
    let (old, new) = (pretty(cassette, request), pretty(request, cassette));
    if old.len().max(new.len()) > COMPARED {
        return vec!["(too long to be shown)".to_owned()];
    }
    if old == new {
        return vec!["(they differ in what must not be shown)".to_owned()];
    }
    let diff = TextDiff::from_lines(&old, &new);
    let text = diff.unified_diff().context_radius(1).header("cassette", "request").to_string();
    let mut lines = without_long_runs(text.lines());
    if lines.len() > LINES {
        let more = lines.len() - LINES + 1;
        lines.truncate(LINES - 1);
        lines.push(format!("(and {more} lines more)"));
    }
    lines
}

/// Cuts what is only added or only taken away to its first lines, so that the other side is seen.
fn without_long_runs<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let (mut sign, mut run) = ("", 0);
    let close = |kept: &mut Vec<String>, sign: &str, run: usize| match run.saturating_sub(RUN) {
        0 => {}
        more => kept.push(format!("{sign} (and {more} lines more)")),
    };
    for line in lines {
        let own = line.get(..1).filter(|sign| matches!(*sign, "+" | "-")).unwrap_or_default();
        if own != sign || own.is_empty() {
            close(&mut kept, sign, run);
            (sign, run) = (own, 0);
        }
        run += usize::from(!own.is_empty());
        if run <= RUN {
            kept.push(line.to_owned());
        }
    }
    close(&mut kept, sign, run);
    kept
}

fn pretty(value: &Value, other: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&shortened(value, Some(other))).unwrap_or_default();
    text.push('\n');
    text
}

/// The value with long texts cut to where they differ from the other side's.
fn shortened(value: &Value, other: Option<&Value>) -> Value {
    match value {
        Value::String(text) => Value::String(excerpt(text, other.and_then(Value::as_str))),
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            elements.map(|(at, value)| shortened(value, other.and_then(|other| other.get(at)))).collect()
        }
        Value::Object(members) => {
            let members = members.iter();
            let members: Map<_, _> = members
                .map(|(name, value)| {
                    let other = other.and_then(|other| other.get(name));
                    (excerpt(name, None), shortened(value, other))
                })
                .collect();
            Value::Object(members)
        }
        other => other.clone(),
    }
}

/// The part of a text around the first character in which it differs from another.
pub(super) fn excerpt(text: &str, other: Option<&str>) -> String {
    let length = text.chars().count();
    if length <= TEXT {
        return text.to_owned();
    }
    let same = other.map_or(0, |other| text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count());
    let from = if same == length { 0 } else { same.saturating_sub(LEAD) };
    let shown: String = text.chars().skip(from).take(TEXT).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if from + TEXT < length { "…" } else { "" };
    format!("{before}{shown}{after} ({length} characters)")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_named_from_the_outside() {
        let one = json!({"input": {"a": 1, "b": [1, 2], "c": {"d": true}}, "query": []});
        let other = json!({"input": {"a": 1, "b": [1, 3, 4], "e": 0}, "query": []});
        assert_eq!(differing(&one, &other), ["input/b/1", "input/b/2", "input/c", "input/e"]);
        assert!(differing(&one, &one).is_empty());
    }

    #[test]
    fn a_long_text_is_shown_where_it_differs() {
        let (one, other) = (format!("{}x{}", "a".repeat(500), "b".repeat(500)), "a".repeat(900));
        let lines = diff(&json!({"p": one}), &json!({"p": other})).join("\n");
        assert!(lines.contains(&format!("…{}xbbb", "a".repeat(30))), "{lines}");
        assert!(lines.contains("(1001 characters)") && lines.contains("(900 characters)"), "{lines}");
    }

    #[test]
    fn only_what_the_cassette_holds_is_shown_as_it_is() {
        let request = json!({"account": "1111", "owner": "ada", "list": ["x", "y"]});
        let redacted = json!({"account": "0000", "owner": "****", "list": ["*", "*"]});
        let cassette = json!({"account": "1111", "owner": "bob", "list": ["x"]});
        let shown = showable(&request, &redacted, Some(&cassette));
        assert_eq!(shown, json!({"account": "1111", "owner": "****", "list": ["x", "*"]}));
    }
}
