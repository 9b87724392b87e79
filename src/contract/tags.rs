//! Tags, written as a map or as a list of pairs. Things keep them as a map.

use serde_json::{Map, Value, json};

use super::{Kind, Schema};

/// What the members of a pair are called, without regard to case.
const KEY: &[&str] = &["key", "tagkey"];
const VALUE: &[&str] = &["value", "tagvalue"];

/// The names that a structure gives to key and value, if it is a pair.
pub(crate) fn pair(schema: Schema<'_>) -> Option<(&str, &str)> {
    let called = |names: &[&str]| {
        schema
            .members()
            .map(|member| member.name)
            .find(|name| names.iter().any(|it| it.eq_ignore_ascii_case(name)))
    };
    Some((called(KEY)?, called(VALUE)?))
}

/// Whether values of this schema may be tags.
pub(crate) fn are_tags(schema: Schema<'_>) -> bool {
    schema.kind() == Kind::Map || schema.items().is_some_and(|items| pair(items).is_some())
}

/// Tags as a map, however they are written.
pub(crate) fn to_map(tags: &Value) -> Option<Map<String, Value>> {
    match tags {
        Value::Object(map) => Some(map.clone()),
        Value::Array(pairs) => pairs.iter().map(entry).collect(),
        _ => None,
    }
}

/// Tags as the list of pairs that a schema describes.
pub(crate) fn to_pairs(items: Schema<'_>, tags: &Map<String, Value>) -> Option<Value> {
    let (key, value) = pair(items)?;
    Some(tags.iter().map(|(name, text)| json!({ key: name, value: text })).collect())
}

fn entry(pair: &Value) -> Option<(String, Value)> {
    let members = pair.as_object()?;
    let called = |names: &[&str]| {
        let mut members = members.iter();
        members.find(|(name, _)| names.iter().any(|it| it.eq_ignore_ascii_case(name))).map(|(_, value)| value)
    };
    Some((called(KEY)?.as_str()?.to_owned(), called(VALUE).cloned().unwrap_or_default()))
}
