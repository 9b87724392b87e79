//! What an output shows of a thing: members by name, by the contract's `property` notes, and
//! nothing else. A value that is not there is left out.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::given::holds_members;
use super::plausible::{default, written};
use crate::contract::{Contract, Kind, Member, Operation, Schema, TimestampFormat, at_path, tags};
use crate::exchange::Timestamp;

/// How deep structures are filled: shapes may be recursive.
pub(super) const DEPTH: usize = 8;

/// No calendar of ours goes further, in seconds since 1970.
const YEAR_10000: f64 = 253_402_300_800.0;

/// Which of a thing's members a structure shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those of the same name, and those that a note names.
    Named,
    /// Only those that a note names.
    Noted,
}

/// A look at a thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'v> {
    pub(super) thing: &'v Value,
}

impl View<'_> {
    /// The output that shows the thing, in its payload where it has one.
    pub(super) fn output(&self, contract: &Contract, operation: &Operation) -> Value {
        let schema = contract.output(operation);
        let mut members = self.shown(schema, Scope::Named, DEPTH);
        if let Some((name, payload)) =
            payload(contract, operation).filter(|(_, payload)| holds_members(*payload))
        {
            members.insert(name.to_owned(), self.structure(payload));
        }
        self.complete(schema, &mut members, DEPTH);
        Value::Object(members)
    }

    /// The value of a structure that shows the thing.
    pub(super) fn structure(&self, schema: Schema<'_>) -> Value {
        let schema = schema.chosen(self.thing);
        let mut members = self.shown(schema, Scope::Named, DEPTH);
        self.complete(schema, &mut members, DEPTH);
        Value::Object(members)
    }

    /// A value with only the members that the schema knows, and with what is known or documented
    /// of those that are absent.
    pub(super) fn fit(&self, schema: Schema<'_>, value: &Value) -> Value {
        let schema = schema.chosen(value);
        match (schema.kind(), value) {
            (Kind::Structure, Value::Object(given)) => {
                let mut members = Map::new();
                for member in schema.members() {
                    let own = given.get(member.name).filter(|value| !value.is_null());
                    let value = own.map(|value| self.fit(member.schema, value));
                    let value =
                        value.or_else(|| self.noted(member.schema)).or_else(|| default(member.schema));
                    members.extend(value.map(|value| (member.name.to_owned(), value)));
                }
                self.complete(schema, &mut members, DEPTH);
                Value::Object(members)
            }
            (Kind::Map, Value::Object(given)) => match schema.values() {
                Some(values) => {
                    let fit = |(key, value): (&String, &Value)| (key.clone(), self.fit(values, value));
                    Value::Object(given.iter().map(fit).collect())
                }
                None => value.clone(),
            },
            (Kind::List, Value::Array(elements)) => match schema.items() {
                Some(items) => {
                    let own = elements.iter().filter(|element| suits(items, element));
                    own.map(|element| self.fit(items, element)).collect()
                }
                None => value.clone(),
            },
            _ => reshaped(schema, value),
        }
    }

    fn shown(&self, schema: Schema<'_>, scope: Scope, depth: usize) -> Map<String, Value> {
        let value = |member: Member<'_>| {
            let value = self.show(member.schema, member.name, scope, depth)?;
            Some((member.name.to_owned(), value))
        };
        schema.members().filter_map(value).collect()
    }

    fn show(&self, schema: Schema<'_>, name: &str, scope: Scope, depth: usize) -> Option<Value> {
        if schema.note("property").is_some() {
            return self.noted(schema);
        }
        let named =
            || self.thing.get(identifier(schema).unwrap_or(name)).filter(|value| suits(schema, value));
        if let Some(value) = named().filter(|_| scope == Scope::Named) {
            return Some(self.fit(schema, value));
        }
        if schema.kind() != Kind::Structure || depth == 0 {
            return None;
        }
        let nested = schema.note("nestedProperties").is_some();
        let inside = if nested { Scope::Named } else { Scope::Noted };
        let mut members = self.shown(schema, inside, depth - 1);
        if members.is_empty() {
            return None;
        }
        self.complete(schema, &mut members, depth - 1);
        Some(Value::Object(members))
    }

    /// The member of the thing that a note names.
    fn noted(&self, schema: Schema<'_>) -> Option<Value> {
        let value = at_path(self.thing, schema.note("property")?.as_str()?)?;
        suits(schema, value).then(|| self.fit(schema, value))
    }
}

/// A value with only the members that the schema knows; nothing is left of a `null`.
pub(super) fn trim(schema: Schema<'_>, value: &Value) -> Option<Value> {
    let schema = schema.chosen(value);
    match (schema.kind(), value) {
        (_, Value::Null) => None,
        (Kind::Structure, Value::Object(given)) => {
            let own = |member: Member<'_>| {
                Some((member.name.to_owned(), trim(member.schema, given.get(member.name)?)?))
            };
            Some(Value::Object(schema.members().filter_map(own).collect()))
        }
        (Kind::List, Value::Array(elements)) => match schema.items() {
            Some(items) => Some(elements.iter().filter_map(|element| trim(items, element)).collect()),
            None => Some(value.clone()),
        },
        _ => Some(value.clone()),
    }
}

/// Whether a value can be shown where the schema stands.
pub(super) fn suits(schema: Schema<'_>, value: &Value) -> bool {
    if let Some(Value::Array(listed)) = schema.keyword("enum")
        && !listed.contains(value)
    {
        return false;
    }
    match schema.kind() {
        Kind::Structure => value.is_object(),
        Kind::Map | Kind::List => value.is_array() || value.is_object(),
        Kind::Text => value.is_string(),
        Kind::Timestamp(_) => instant(value).is_some(),
        Kind::Integer | Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Choice | Kind::Any => !value.is_null(),
    }
}

/// The member of an output that is its whole body.
pub(super) fn payload<'c>(contract: &'c Contract, operation: &'c Operation) -> Option<(&'c str, Schema<'c>)> {
    let name = operation.answer.payload()?;
    Some((name, contract.output(operation).member(name)?))
}

/// Sets the value at a dotted path, making the objects on the way.
pub(super) fn put(output: &mut Value, dotted: &str, value: Value) {
    let mut place = output;
    for name in dotted.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = value;
}

/// The identifier that a member shows under another name.
fn identifier(schema: Schema<'_>) -> Option<&str> {
    schema.note("resourceIdentifier").and_then(Value::as_str)
}

/// A value in the form that the schema has for it: maps and lists of pairs say the same, and so do
/// the formats of timestamps.
fn reshaped(schema: Schema<'_>, value: &Value) -> Value {
    let other = match (schema.kind(), value) {
        (Kind::List, Value::Object(map)) => schema.items().and_then(|items| tags::to_pairs(items, map)),
        (Kind::Map, Value::Array(_)) => tags::to_map(value).map(Value::Object),
        (Kind::Timestamp(format), _) if !is_written(format, value) => {
            instant(value).map(|at| written(format, at))
        }
        _ => None,
    };
    other.unwrap_or_else(|| value.clone())
}

fn is_written(format: TimestampFormat, value: &Value) -> bool {
    match format {
        TimestampFormat::EpochSeconds => value.is_number(),
        TimestampFormat::DateTime => value.as_str().is_some_and(|text| Timestamp::parse(text).is_some()),
        TimestampFormat::HttpDate => value.as_str().is_some_and(|text| Timestamp::parse_http(text).is_some()),
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => {
            let seconds = seconds.as_f64().filter(|seconds| *seconds < YEAR_10000)?;
            let since = Duration::try_from_secs_f64(seconds).ok()?;
            Some(Timestamp::from(SystemTime::UNIX_EPOCH + since))
        }
        Value::String(text) => Timestamp::parse(text).or_else(|| Timestamp::parse_http(text)),
        _ => None,
    }
}
