//! Single values as texts: what stands in a path, a query, a header or a cookie.

use serde_json::{Number, Value};

use crate::contract::schema::{Kind, Schema, TimestampFormat};

/// So many digits come back from any double.
const DIGITS: usize = 15;

/// Numbers that JSON writes as texts.
const NOT_FINITE: &[&str] = &["NaN", "Infinity", "-Infinity"];

/// A value as text.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A text as what its schema makes of it. What cannot be that stays text, and breaks the schema.
pub(super) fn typed(schema: Option<Schema<'_>>, text: &str) -> Value {
    let parsed = match schema.map(|schema| schema.kind()) {
        Some(Kind::Integer) => integer(text),
        Some(Kind::Number | Kind::Timestamp(TimestampFormat::EpochSeconds)) => {
            integer(text).or_else(|| number(text))
        }
        Some(Kind::Boolean) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// An integer in its one form: `+5` and `05` stay text, for a provider may not take them for `5`.
fn integer(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().filter(|integer| integer.to_string() == text).map(Value::from)
}

/// A number that a double keeps whole: with fifteen digits it does, with more it may.
fn number(text: &str) -> Option<Value> {
    if NOT_FINITE.contains(&text) {
        return None;
    }
    let number = text.parse().ok().and_then(Number::from_f64)?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits <= DIGITS || number.to_string() == text).then_some(Value::from(number))
}
