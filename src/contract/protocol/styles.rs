//! How lists and structures are written where only text can stand (OpenAPI 3.1, "Style Values";
//! Smithy 2.0, "HTTP binding traits", which knows the plain forms only).

use serde_json::{Map, Value};

use super::lists;
use super::texts::{plain, typed};
use crate::contract::schema::{Kind, Schema};
use crate::contract::{Explode, ParameterStyle};
use crate::encoding::{percent_decode, percent_encode, percent_encode_path};

/// A pair of a query, both parts escaped.
pub(super) type Pair = (String, String);

/// A value as pairs of a query.
pub(super) fn query(style: ParameterStyle, name: &str, value: &Value) -> Vec<Pair> {
    let pair = |value: String| (percent_encode(name), value);
    match (value, style) {
        (Value::Null, _) => Vec::new(),
        (_, ParameterStyle::Json) => vec![pair(percent_encode(&value.to_string()))],
        (Value::Array(elements), ParameterStyle::Joined(_)) if elements.is_empty() => Vec::new(),
        (Value::Array(elements), ParameterStyle::Joined(by)) => {
            vec![pair(escaped(elements).collect::<Vec<_>>().join(&separator(by)))]
        }
        (Value::Array(elements), _) => escaped(elements).map(pair).collect(),
        (Value::Object(members), ParameterStyle::Members) => members
            .iter()
            .map(|(name, value)| (percent_encode(name), percent_encode(&plain(value))))
            .collect(),
        (Value::Object(members), ParameterStyle::Deep) => members
            .iter()
            .map(|(member, value)| {
                (percent_encode(&format!("{name}[{member}]")), percent_encode(&plain(value)))
            })
            .collect(),
        (Value::Object(members), ParameterStyle::Joined(by)) => {
            vec![pair(
                by_turns(members).map(|text| percent_encode(&text)).collect::<Vec<_>>().join(&separator(by)),
            )]
        }
        (value, _) => vec![pair(percent_encode(&plain(value)))],
    }
}

/// The value that pairs of a query carry; `None` if none of them is about it. `used` is told the
/// index of every pair that is.
pub(super) fn from_query(
    schema: Option<Schema<'_>>,
    style: ParameterStyle,
    name: &str,
    pairs: &[Pair],
    used: &mut dyn FnMut(usize),
) -> Option<Value> {
    let mut named = |wanted: &str| -> Vec<&str> {
        let own = pairs.iter().enumerate().filter(|(_, (name, _))| percent_decode(name) == wanted);
        own.inspect(|(index, _)| used(*index)).map(|(_, (_, value))| value.as_str()).collect()
    };
    let kind = schema.map(|schema| schema.kind());
    match (style, kind) {
        (ParameterStyle::Members, Some(Kind::Structure | Kind::Choice)) => {
            let names = member_names(schema?);
            let found = names.into_iter().filter_map(|member| {
                let text = named(member).last().map(|raw| percent_decode(raw))?;
                Some((member.to_owned(), typed(schema?.member(member), &text)))
            });
            some_members(found.collect())
        }
        (ParameterStyle::Deep, _) => {
            let mut members = Map::new();
            for (index, (raw, value)) in pairs.iter().enumerate() {
                let full = percent_decode(raw);
                let inner =
                    full.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
                if let Some(member) = inner {
                    used(index);
                    members.insert(member.to_owned(), typed(part(schema, member), &percent_decode(value)));
                }
            }
            some_members(members)
        }
        (ParameterStyle::Json, _) => {
            let text = percent_decode(named(name).last()?);
            Some(serde_json::from_str(&text).unwrap_or(Value::String(text)))
        }
        (_, Some(Kind::List)) => {
            let items = schema.and_then(|schema| schema.items());
            let found = named(name);
            if found.is_empty() {
                return None;
            }
            let texts = found.into_iter().flat_map(|raw| match style {
                ParameterStyle::Joined(by) => split(raw, by),
                _ => vec![percent_decode(raw)],
            });
            Some(texts.map(|text| typed(items, &text)).collect())
        }
        (ParameterStyle::Joined(by), Some(Kind::Structure | Kind::Map | Kind::Choice)) => {
            let raw = *named(name).last()?;
            Some(from_turns(schema, &split(raw, by)))
        }
        _ => named(name).last().map(|raw| typed(schema, &percent_decode(raw))),
    }
}

/// A value as the text of a label, escaped. A greedy label keeps its slashes.
pub(super) fn label(style: ParameterStyle, name: &str, value: &Value, greedy: bool) -> String {
    let escape = |value: &Value| match greedy {
        true => percent_encode_path(&plain(value)),
        false => percent_encode(&plain(value)),
    };
    let assigned = |members: &Map<String, Value>, by: &str| {
        let member = |(name, value): (&String, &Value)| format!("{}={}", percent_encode(name), escape(value));
        members.iter().map(member).collect::<Vec<_>>().join(by)
    };
    let joined = |value: &Value, by: &str| match value {
        Value::Array(elements) => elements.iter().map(escape).collect::<Vec<_>>().join(by),
        Value::Object(members) => {
            by_turns(members).map(|text| percent_encode(&text)).collect::<Vec<_>>().join(by)
        }
        single => escape(single),
    };
    match (style, value) {
        (ParameterStyle::Json, _) => percent_encode(&value.to_string()),
        (ParameterStyle::Members, Value::Object(members)) => assigned(members, ","),
        (ParameterStyle::Dotted(Explode::Apart), Value::Object(members)) => {
            format!(".{}", assigned(members, "."))
        }
        (ParameterStyle::Dotted(Explode::Apart), _) => format!(".{}", joined(value, ".")),
        (ParameterStyle::Dotted(Explode::Together), _) => format!(".{}", joined(value, ",")),
        (ParameterStyle::Matrix(Explode::Apart), Value::Object(members)) => {
            format!(";{}", assigned(members, ";"))
        }
        (ParameterStyle::Matrix(Explode::Apart), Value::Array(elements)) => {
            elements.iter().map(|element| format!(";{name}={}", escape(element))).collect()
        }
        (ParameterStyle::Matrix(_), _) => format!(";{name}={}", joined(value, ",")),
        (ParameterStyle::Joined(by), _) => joined(value, &separator(by)),
        _ => joined(value, ","),
    }
}

/// The value of a label's raw text.
pub(super) fn from_label(schema: Option<Schema<'_>>, style: ParameterStyle, name: &str, raw: &str) -> Value {
    let kind = schema.map(|schema| schema.kind());
    let named = format!(";{name}=");
    let (bare, by) = match style {
        ParameterStyle::Dotted(Explode::Apart) => (raw.strip_prefix('.').unwrap_or(raw), '.'),
        ParameterStyle::Dotted(Explode::Together) => (raw.strip_prefix('.').unwrap_or(raw), ','),
        ParameterStyle::Matrix(Explode::Apart) => (raw.strip_prefix(';').unwrap_or(raw), ';'),
        ParameterStyle::Matrix(Explode::Together) => (raw.strip_prefix(&named).unwrap_or(raw), ','),
        ParameterStyle::Joined(by) => (raw, by),
        _ => (raw, ','),
    };
    let apart = matches!(
        style,
        ParameterStyle::Members
            | ParameterStyle::Dotted(Explode::Apart)
            | ParameterStyle::Matrix(Explode::Apart)
    );
    // Only where each value repeats the name: elsewhere the same letters are the value's own.
    let is_named = style == ParameterStyle::Matrix(Explode::Apart);
    let value_of = |raw: &str| {
        percent_decode(
            Some(raw).filter(|_| is_named).and_then(|raw| raw.strip_prefix(&named[1..])).unwrap_or(raw),
        )
    };
    match kind {
        _ if style == ParameterStyle::Json => {
            let text = percent_decode(raw);
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        Some(Kind::List) => {
            let items = schema.and_then(|schema| schema.items());
            let texts = match is_named {
                true => bare.split(by).map(value_of).collect(),
                false => split(bare, by),
            };
            texts.iter().map(|text| typed(items, text)).collect()
        }
        Some(Kind::Structure | Kind::Map | Kind::Choice) if apart => assigned(schema, bare, by),
        Some(Kind::Structure | Kind::Map | Kind::Choice) => from_turns(schema, &split(bare, by)),
        _ => typed(schema, &value_of(bare)),
    }
}

/// A value as the text of a header or a cookie.
pub(super) fn header(schema: Option<Schema<'_>>, style: ParameterStyle, value: &Value) -> String {
    match (style, value) {
        (ParameterStyle::Json, _) => value.to_string(),
        (ParameterStyle::Members, Value::Object(members)) => {
            let member = |(name, value): (&String, &Value)| format!("{name}={}", plain(value));
            members.iter().map(member).collect::<Vec<_>>().join(",")
        }
        (_, Value::Object(members)) => by_turns(members).collect::<Vec<_>>().join(","),
        (ParameterStyle::Joined(by), Value::Array(elements)) => {
            elements.iter().map(plain).collect::<Vec<_>>().join(&by.to_string())
        }
        (_, Value::Array(elements)) => lists::write(schema.and_then(|schema| schema.items()), elements),
        (_, value) => plain(value),
    }
}

/// The value of a header's or a cookie's text.
pub(super) fn from_header(schema: Option<Schema<'_>>, style: ParameterStyle, text: &str) -> Value {
    let kind = schema.map(|schema| schema.kind());
    match (style, kind) {
        (ParameterStyle::Json, _) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        (ParameterStyle::Joined(by), Some(Kind::List)) => {
            let items = schema.and_then(|schema| schema.items());
            text.split(by).map(|text| typed(items, text.trim())).collect()
        }
        (_, Some(Kind::List)) => {
            let items = schema.and_then(|schema| schema.items());
            lists::read(items, text).iter().map(|text| typed(items, text)).collect()
        }
        (ParameterStyle::Members, Some(Kind::Structure | Kind::Map | Kind::Choice)) => {
            assigned(schema, text, ',')
        }
        (_, Some(Kind::Structure | Kind::Map | Kind::Choice)) => {
            from_turns(schema, &text.split(',').map(|text| text.trim().to_owned()).collect::<Vec<_>>())
        }
        _ => typed(schema, text),
    }
}

/// `a=1,b=2`, escaped.
fn assigned(schema: Option<Schema<'_>>, raw: &str, by: char) -> Value {
    let member = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let name = percent_decode(name);
        let value = typed(part(schema, &name), &percent_decode(value));
        Some((name, value))
    };
    Value::Object(raw.split(by).filter_map(member).collect())
}

/// `a,1,b,2`
fn from_turns(schema: Option<Schema<'_>>, texts: &[String]) -> Value {
    let member = |pair: &[String]| match pair {
        [name, value] => Some((name.clone(), typed(part(schema, name), value))),
        _ => None,
    };
    Value::Object(texts.chunks(2).filter_map(member).collect())
}

fn by_turns(members: &Map<String, Value>) -> impl Iterator<Item = String> {
    members.iter().flat_map(|(name, value)| [name.clone(), plain(value)])
}

fn member_names(schema: Schema<'_>) -> Vec<&str> {
    let own = schema.members().map(|member| member.name);
    own.chain(schema.branches().flat_map(member_names)).collect()
}

fn part<'c>(schema: Option<Schema<'c>>, name: &str) -> Option<Schema<'c>> {
    schema.and_then(|schema| schema.member(name).or_else(|| schema.values()))
}

fn some_members(members: Map<String, Value>) -> Option<Value> {
    (!members.is_empty()).then_some(Value::Object(members))
}

fn escaped(elements: &[Value]) -> impl Iterator<Item = String> {
    elements.iter().map(|element| percent_encode(&plain(element)))
}

/// A comma between elements is not escaped (RFC 6570), and any other separator is.
fn separator(by: char) -> String {
    match by {
        ',' => ",".to_owned(),
        other => percent_encode(&other.to_string()),
    }
}

/// The decoded parts of a raw text. An escaped comma is part of an element.
fn split(raw: &str, by: char) -> Vec<String> {
    let plain: Vec<String> = raw.split(by).map(percent_decode).collect();
    match by {
        ',' | '.' | ';' => plain,
        _ => plain.iter().flat_map(|text| text.split(by)).map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SCHEMAS: &[(&str, &str)] = &[
        ("One", r#"{"type": "string"}"#),
        ("Many", r#"{"type": "array", "items": {"type": "string"}}"#),
        ("Both", r#"{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}"#),
    ];

    fn definitions() -> Map<String, Value> {
        let schema = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), serde_json::from_str(text).expect("the schemas are JSON"))
        };
        SCHEMAS.iter().map(schema).collect()
    }

    /// A value of each kind, with the name of its schema.
    fn values() -> impl Strategy<Value = (&'static str, Value)> {
        let text = || "[a-z,;=./ %é]{1,6}";
        prop_oneof![
            text().prop_map(|text| ("One", json!(text))),
            prop::collection::vec(text(), 1..4).prop_map(|texts| ("Many", json!(texts))),
            (text(), any::<i32>()).prop_map(|(a, b)| ("Both", json!({"a": a, "b": b}))),
        ]
    }

    proptest! {
        #[test]
        fn what_stands_in_a_query_comes_back((name, value) in values(), style in prop::sample::select(vec![
            ParameterStyle::Joined(','), ParameterStyle::Members, ParameterStyle::Json,
        ])) {
            let definitions = definitions();
            let schema = Some(Schema::named(&definitions, name));
            let pairs = query(style, "p[x", &value);
            prop_assert_eq!(from_query(schema, style, "p[x", &pairs, &mut |_| ()), Some(value));
        }

        #[test]
        fn what_stands_in_a_label_comes_back((name, value) in values(), style in prop::sample::select(vec![
            ParameterStyle::Plain, ParameterStyle::Members, ParameterStyle::Json,
            ParameterStyle::Matrix(Explode::Apart), ParameterStyle::Matrix(Explode::Together),
            ParameterStyle::Dotted(Explode::Together),
        ])) {
            let definitions = definitions();
            let schema = Some(Schema::named(&definitions, name));
            let raw = label(style, "p", &value, false);
            prop_assert_eq!(from_label(schema, style, "p", &raw), value, "{}", raw);
        }
    }

    #[test]
    fn a_value_that_looks_like_its_name_stays() {
        let definitions = definitions();
        for style in [ParameterStyle::Plain, ParameterStyle::Matrix(Explode::Apart)] {
            let (value, schema) = (json!(["p=", "p=x"]), Some(Schema::named(&definitions, "Many")));
            assert_eq!(from_label(schema, style, "p", &label(style, "p", &value, false)), value);
        }
    }

    #[test]
    fn each_style_is_written_as_documented() {
        let (list, both) = (json!(["blue", "black"]), json!({"R": 100, "G": 200}));
        let joined = |style, value: &Value| {
            let pairs =
                query(style, "color", value).into_iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join("&")
        };
        assert_eq!(joined(ParameterStyle::Plain, &list), "color=blue&color=black");
        assert_eq!(joined(ParameterStyle::Joined(','), &list), "color=blue,black");
        assert_eq!(joined(ParameterStyle::Joined(' '), &list), "color=blue%20black");
        assert_eq!(joined(ParameterStyle::Joined('|'), &both), "color=R%7C100%7CG%7C200");
        assert_eq!(joined(ParameterStyle::Members, &both), "R=100&G=200");
        assert_eq!(joined(ParameterStyle::Deep, &both), "color%5BR%5D=100&color%5BG%5D=200");
        let label = |style, value| label(style, "color", value, false);
        assert_eq!(label(ParameterStyle::Plain, &list), "blue,black");
        assert_eq!(label(ParameterStyle::Members, &both), "R=100,G=200");
        assert_eq!(label(ParameterStyle::Dotted(Explode::Apart), &list), ".blue.black");
        assert_eq!(label(ParameterStyle::Dotted(Explode::Together), &both), ".R,100,G,200");
        assert_eq!(label(ParameterStyle::Matrix(Explode::Apart), &list), ";color=blue;color=black");
        assert_eq!(label(ParameterStyle::Matrix(Explode::Together), &both), ";color=R,100,G,200");
    }
}
