//! Plausible values for what is required and nothing is known of.

use serde_json::{Map, Value, json};

use super::project::{View, suits};
use crate::contract::{Kind, Schema, TimestampFormat};
use crate::exchange::Timestamp;
use crate::generate::matching;

/// How many items or characters a bound can demand of us.
const MOST: i64 = 100;

impl View<'_> {
    /// Adds a value for each required member that nothing is known of.
    pub(super) fn complete(&self, schema: Schema<'_>, members: &mut Map<String, Value>, depth: usize) {
        for member in schema.members().filter(|member| member.required) {
            if !members.contains_key(member.name) {
                let value = self.inherited(member.name, member.schema);
                let value = value.unwrap_or_else(|| self.plausible(member.schema, depth));
                members.insert(member.name.to_owned(), value);
            }
        }
    }

    /// What the thing itself has under that name: a part of it agrees with the whole.
    fn inherited(&self, name: &str, schema: Schema<'_>) -> Option<Value> {
        let own = self.thing.get(name).filter(|value| !value.is_object() && !value.is_array());
        own.filter(|value| suits(schema, value)).map(|value| self.fit(schema, value))
    }

    /// A value of a schema.
    pub(super) fn plausible(&self, schema: Schema<'_>, depth: usize) -> Value {
        if let Some(value) = said(schema) {
            return value;
        }
        if schema.takes_null() {
            return Value::Null;
        }
        match schema.kind() {
            Kind::Structure => {
                let mut members = Map::new();
                if depth > 0 {
                    self.complete(schema, &mut members, depth - 1);
                    members.extend(self.alternative(schema, depth - 1));
                }
                Value::Object(members)
            }
            Kind::Choice => {
                schema.branches().next().map_or(Value::Null, |branch| self.plausible(branch, depth))
            }
            Kind::Map | Kind::Any => json!({}),
            Kind::List => self.list(schema, depth),
            Kind::Text => text(schema).into(),
            Kind::Timestamp(format) => written(format, Timestamp::from(std::time::SystemTime::UNIX_EPOCH)),
            Kind::Integer | Kind::Number => number(schema),
            Kind::Boolean => Value::Bool(false),
        }
    }

    /// The one member of a union.
    fn alternative(&self, schema: Schema<'_>, depth: usize) -> Option<(String, Value)> {
        let member = schema.members().next().filter(|_| schema.bound("maxProperties") == Some(1))?;
        Some((member.name.to_owned(), self.plausible(member.schema, depth)))
    }

    fn list(&self, schema: Schema<'_>, depth: usize) -> Value {
        let least = schema.bound("minItems").unwrap_or_default().clamp(0, MOST);
        match schema.items().filter(|_| depth > 0) {
            Some(items) => (0..least).map(|_| self.plausible(items, depth - 1)).collect(),
            None => json!([]),
        }
    }
}

/// The documented value of an absent member.
pub(super) fn default(schema: Schema<'_>) -> Option<Value> {
    schema.note("default")?.get("value").cloned()
}

/// An instant as its schema writes it, in whole seconds.
pub(super) fn written(format: TimestampFormat, at: Timestamp) -> Value {
    match format {
        TimestampFormat::EpochSeconds => Value::from(at.epoch_seconds().trunc()),
        TimestampFormat::HttpDate => Value::from(at.http()),
        TimestampFormat::DateTime => {
            let text = at.to_string();
            let seconds = text.split_once('.').map_or(text.as_str(), |(seconds, _)| seconds);
            Value::from(format!("{seconds}Z"))
        }
    }
}

/// The first value that the contract itself names.
fn said(schema: Schema<'_>) -> Option<Value> {
    let listed = [schema.note("values"), schema.keyword("enum"), schema.keyword("examples")];
    let first = listed.into_iter().flatten().find_map(|values| values.as_array()?.first().cloned());
    default(schema)
        .or_else(|| schema.keyword("const").cloned())
        .or(first)
        .or_else(|| schema.keyword("example").cloned())
}

fn text(schema: Schema<'_>) -> String {
    if schema.keyword("contentEncoding").is_some() {
        return String::new();
    }
    let least = schema.bound("minLength").unwrap_or(1).clamp(1, MOST) as usize;
    let most = schema.bound("maxLength").and_then(|most| usize::try_from(most).ok());
    let pattern = schema.keyword("pattern").and_then(Value::as_str);
    pattern
        .and_then(|pattern| matching(pattern, least..=most.unwrap_or(usize::MAX), pattern))
        .unwrap_or_else(|| "-".repeat(least))
}

fn number(schema: Schema<'_>) -> Value {
    let bound = |keyword: &str| schema.keyword(keyword).filter(|bound| bound.is_number());
    let is_below_zero = |bound: &&Value| bound.as_f64().is_some_and(|bound| bound < 0.0);
    bound("minimum").or_else(|| bound("maximum").filter(is_below_zero)).cloned().unwrap_or_else(|| json!(0))
}
