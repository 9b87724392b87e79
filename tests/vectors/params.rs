//! Values as the vectors write them, with the model's names, instants in seconds and bytes as
//! text, and as they are on the wire.

use std::time::{Duration, SystemTime};

use onrecord::contract::{Kind, Schema, TimestampFormat};
use onrecord::encoding::{base64, unbase64};
use onrecord::exchange::Timestamp;
use serde_json::{Map, Value, json};

/// From the vector to the wire.
pub(crate) fn to_wire(schema: Schema<'_>, value: &Value) -> Value {
    each(schema, value, &member_on_wire, &|schema, value| match (schema.kind(), value) {
        (Kind::Timestamp(format), Value::Number(seconds)) => instant(format, seconds.as_f64().unwrap()),
        (Kind::Text, Value::String(text)) if is_blob(schema) => base64(text.as_bytes()).into(),
        _ => value.clone(),
    })
}

/// From the wire to the vector. Numbers are floats, so that `1` and `1.0` are the same.
pub(crate) fn from_wire(schema: Schema<'_>, value: &Value) -> Value {
    each(schema, value, &member_in_model, &|schema, value| match (schema.kind(), value) {
        (Kind::Timestamp(_), Value::String(text)) => {
            let at = Timestamp::parse(text).or_else(|| Timestamp::parse_http(text));
            at.map_or_else(|| value.clone(), |at| json!(at.epoch_seconds()))
        }
        (Kind::Text, Value::String(text)) if is_blob(schema) => {
            let bytes = unbase64(text).and_then(|bytes| String::from_utf8(bytes).ok());
            bytes.map_or_else(|| value.clone(), Value::String)
        }
        _ => value.clone(),
    })
}

/// A vector's value as [`from_wire`] has it: without `null` in structures, and no value an empty one.
pub(crate) fn plain(schema: Schema<'_>, value: &Value) -> Value {
    let value = if value.is_null() { json!({}) } else { value.clone() };
    floats(each(schema, &value, &member_in_model, &|_, value| value.clone()))
}

/// With every number a float.
pub(crate) fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(elements) => elements.into_iter().map(floats).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, floats(value))).collect(),
        other => other,
    }
}

type Rename = dyn Fn(Schema<'_>, &str) -> String;

fn each(
    schema: Schema<'_>,
    value: &Value,
    rename: &Rename,
    leaf: &dyn Fn(Schema<'_>, &Value) -> Value,
) -> Value {
    match (schema.kind(), value) {
        (Kind::Structure, Value::Object(members)) => {
            let mut renamed = Map::new();
            for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                let inner = schema.member(&member_on_wire(schema, name));
                let value = inner.map_or_else(|| value.clone(), |inner| each(inner, value, rename, leaf));
                renamed.insert(rename(schema, name), value);
            }
            Value::Object(renamed)
        }
        (Kind::Map, Value::Object(entries)) => {
            let values = schema.values();
            let entry = |(key, value): (&String, &Value)| {
                let value = values.map_or_else(|| value.clone(), |values| each(values, value, rename, leaf));
                (key.clone(), value)
            };
            Value::Object(entries.iter().map(entry).collect())
        }
        (Kind::List, Value::Array(elements)) => match schema.items() {
            Some(items) => elements.iter().map(|element| each(items, element, rename, leaf)).collect(),
            None => value.clone(),
        },
        _ => leaf(schema, value),
    }
}

fn member_on_wire(schema: Schema<'_>, name: &str) -> String {
    let renamed =
        |member: &onrecord::contract::Member<'_>| member.schema.note("name").is_some_and(|own| own == name);
    schema.members().find(renamed).map_or(name, |member| member.name).to_owned()
}

fn member_in_model(schema: Schema<'_>, name: &str) -> String {
    let own = schema.member(name).and_then(|member| member.note("name")).and_then(Value::as_str);
    own.unwrap_or(name).to_owned()
}

fn is_blob(schema: Schema<'_>) -> bool {
    schema.keyword("contentEncoding").is_some()
}

fn instant(format: TimestampFormat, seconds: f64) -> Value {
    let at = Timestamp::from(SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds));
    match format {
        TimestampFormat::DateTime => at.to_string().replace(".000Z", "Z").into(),
        TimestampFormat::HttpDate => at.http().into(),
        TimestampFormat::EpochSeconds if seconds.fract() == 0.0 => (seconds as i64).into(),
        TimestampFormat::EpochSeconds => seconds.into(),
    }
}
