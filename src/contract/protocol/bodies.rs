//! Bodies of JSON, and members that are whole bodies.

use serde_json::{Map, Value};

use super::Malformed;
use crate::contract::schema::{Kind, Schema};
use crate::encoding::{base64, unbase64};
use crate::exchange::Body;

/// The media type of JSON bodies of REST protocols.
pub(super) const JSON: &str = "application/json";

/// What a member looks like that is the whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload {
    /// Bytes; the value is base64.
    Bytes,
    Text,
    /// JSON.
    Json,
}

impl Payload {
    pub(super) fn of(schema: Schema<'_>) -> Self {
        match schema.kind() {
            Kind::Text if schema.keyword("contentEncoding").is_some() => Self::Bytes,
            Kind::Text => Self::Text,
            _ => Self::Json,
        }
    }

    /// The documented media type; `None` where any will do.
    pub(super) fn media_type(self, schema: Schema<'_>) -> Option<&str> {
        let stated = schema.keyword("contentMediaType").and_then(Value::as_str);
        stated.or(match self {
            Self::Bytes => None,
            Self::Text => Some("text/plain"),
            Self::Json => Some(JSON),
        })
    }

    pub(super) fn write(self, value: &Value) -> Body {
        match (self, value) {
            (Self::Bytes, Value::String(text)) => {
                // What is no base64 goes out as it is: whoever sends it wants to see what happens.
                Body::from(unbase64(text).unwrap_or_else(|| text.clone().into_bytes()))
            }
            (Self::Text, Value::String(text)) => Body::from(text.clone()),
            (_, value) => Body::from(value.to_string()),
        }
    }

    /// `None` where there is no body.
    pub(super) fn read(self, body: &Body) -> Result<Option<Value>, Malformed> {
        if body.is_empty() {
            return Ok(None);
        }
        let read = match self {
            Self::Bytes => Some(Value::from(base64(body.as_bytes()))),
            Self::Text => body.text().map(Value::from),
            Self::Json => body.json(),
        };
        read.map(Some).ok_or(Malformed::Body)
    }
}

/// The members of a JSON body; none where there is no body.
pub(super) fn members(body: &Body) -> Result<Map<String, Value>, Malformed> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match body.json() {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(Malformed::Body),
    }
}

/// A structure without what it need not say: `null` for its members, at any depth. Lists and maps
/// keep theirs, for there it means something (`@sparse`).
pub(super) fn without_nulls(schema: Schema<'_>, value: Value) -> Value {
    each_structure(schema, value, &mut |_, _, value| !value.is_null())
}

/// A value without the `__type` that some providers put into unions.
pub(super) fn without_types(schema: Schema<'_>, value: Value) -> Value {
    each_structure(schema, value, &mut |schema, name, _| {
        name != "__type" || schema.note("union").is_none() || schema.member(name).is_some()
    })
}

/// What a client sees: neither members that are not documented nor `null` for one that is.
pub(super) fn as_read(schema: Schema<'_>, value: Value) -> Value {
    each_structure(schema, value, &mut |schema, name, value| {
        !value.is_null() && schema.member(name).is_some()
    })
}

/// Keeps of every structure in a value the members that `keep` wants.
fn each_structure(
    schema: Schema<'_>,
    value: Value,
    keep: &mut dyn FnMut(Schema<'_>, &str, &Value) -> bool,
) -> Value {
    let schema = schema.chosen(&value);
    match value {
        Value::Object(members) => {
            let is_structure = schema.kind() == Kind::Structure;
            let mut kept = Map::new();
            for (name, value) in members {
                if is_structure && !keep(schema, &name, &value) {
                    continue;
                }
                let value = match schema.member(&name).or_else(|| schema.values()) {
                    Some(inner) => each_structure(inner, value, keep),
                    None => value,
                };
                kept.insert(name, value);
            }
            Value::Object(kept)
        }
        Value::Array(elements) => match schema.items() {
            Some(items) => elements.into_iter().map(|value| each_structure(items, value, keep)).collect(),
            None => Value::Array(elements),
        },
        single => single,
    }
}
