//! What an output shows of a thing: members by name, by the contract's `property` notes, and
//! nothing else. A value that is not there is left out.

use serde_json::{Map, Value, json};

use crate::contract::{Kind, Schema, TimestampFormat, at_path};

/// How deep structures are filled: shapes may be recursive.
const DEPTH: usize = 8;

/// Which of a thing's members a structure shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those of the same name, and those that a note names.
    Named,
    /// Only those that a note names.
    Noted,
}

/// The value of a structure that shows a thing.
pub(super) fn project(schema: Schema<'_>, thing: &Value) -> Value {
    let mut members = shown(schema, thing, Scope::Named, DEPTH);
    complete(schema, &mut members, DEPTH);
    Value::Object(members)
}

/// A value with only the members that the schema knows, and with the documented defaults of
/// those that are absent.
pub(super) fn fit(schema: Schema<'_>, value: &Value) -> Value {
    match (schema.kind(), value) {
        (Kind::Structure, Value::Object(given)) => {
            let mut members = Map::new();
            for member in schema.members() {
                let own = given.get(member.name).filter(|value| !value.is_null());
                let value = own.map(|value| fit(member.schema, value));
                if let Some(value) = value.or_else(|| default(member.schema)) {
                    members.insert(member.name.to_owned(), value);
                }
            }
            complete(schema, &mut members, DEPTH);
            Value::Object(members)
        }
        (Kind::List, Value::Array(elements)) => match schema.items() {
            Some(items) => elements.iter().map(|element| fit(items, element)).collect(),
            None => value.clone(),
        },
        _ => value.clone(),
    }
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

fn shown(schema: Schema<'_>, thing: &Value, scope: Scope, depth: usize) -> Map<String, Value> {
    let value = |member: crate::contract::Member<'_>| {
        let value = show(member.schema, member.name, thing, scope, depth)?;
        Some((member.name.to_owned(), value))
    };
    schema.members().filter_map(value).collect()
}

fn show(schema: Schema<'_>, name: &str, thing: &Value, scope: Scope, depth: usize) -> Option<Value> {
    if let Some(path) = schema.note("property").and_then(Value::as_str) {
        return at_path(thing, path).map(|value| fit(schema, value));
    }
    if let Some(value) = thing.get(name).filter(|value| scope == Scope::Named && !value.is_null()) {
        return Some(fit(schema, value));
    }
    if schema.kind() != Kind::Structure || depth == 0 {
        return None;
    }
    let nested = schema.note("nestedProperties").is_some();
    let inside = if nested { Scope::Named } else { Scope::Noted };
    let mut members = shown(schema, thing, inside, depth - 1);
    if members.is_empty() {
        return None;
    }
    complete(schema, &mut members, depth - 1);
    Some(Value::Object(members))
}

/// Adds a plausible value for each required member that nothing is known of.
fn complete(schema: Schema<'_>, members: &mut Map<String, Value>, depth: usize) {
    for member in schema.members().filter(|member| member.required) {
        if !members.contains_key(member.name) {
            members.insert(member.name.to_owned(), plausible(member.schema, depth));
        }
    }
}

fn plausible(schema: Schema<'_>, depth: usize) -> Value {
    let first = |value: &Value| value.as_array().and_then(|values| values.first().cloned());
    let listed = [schema.note("values"), schema.keyword("enum")].into_iter().flatten().find_map(first);
    if let Some(value) = default(schema).or(listed) {
        return value;
    }
    match schema.kind() {
        Kind::Structure => {
            let mut members = Map::new();
            if depth > 0 {
                complete(schema, &mut members, depth - 1);
            }
            Value::Object(members)
        }
        Kind::Map | Kind::Any => json!({}),
        Kind::List => json!([]),
        Kind::Text => "-".repeat(schema.bound("minLength").unwrap_or(1).clamp(1, 100) as usize).into(),
        Kind::Timestamp(TimestampFormat::HttpDate) => json!("Thu, 01 Jan 1970 00:00:00 GMT"),
        Kind::Choice => schema.branches().next().map_or(Value::Null, |branch| plausible(branch, depth)),
        Kind::Timestamp(TimestampFormat::DateTime) => json!("1970-01-01T00:00:00.000Z"),
        Kind::Timestamp(TimestampFormat::EpochSeconds) => json!(0),
        Kind::Integer | Kind::Number => schema.bound("minimum").unwrap_or_default().into(),
        Kind::Boolean => Value::Bool(false),
    }
}

fn default(schema: Schema<'_>) -> Option<Value> {
    schema.note("default")?.get("value").cloned()
}
