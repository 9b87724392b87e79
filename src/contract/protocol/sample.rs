//! The smallest value that a schema describes: what a server puts into an error that it makes up.

use serde_json::{Map, Value, json};

use crate::contract::schema::{Kind, Schema, TimestampFormat};

/// How deep required members are followed.
const DEPTH: usize = 8;

/// Names of members that hold what is to be read by people.
const MESSAGES: &[&str] =
    &["message", "detail", "error_description", "errormessage", "description", "title", "error"];

/// What is known of the case.
pub(super) struct Said<'s> {
    /// Members by their own names, and what happened as `message`.
    pub(super) members: &'s Map<String, Value>,
    pub(super) status: u16,
}

impl Said<'_> {
    fn message(&self) -> &str {
        let text = |name| self.members.get(name).and_then(Value::as_str);
        text("message").or_else(|| text("Message")).unwrap_or("refused")
    }

    /// What a member of that name holds.
    fn of(&self, name: &str, schema: Schema<'_>) -> Option<Value> {
        let lower = name.to_ascii_lowercase();
        match schema.kind() {
            _ if self.members.contains_key(name) => self.members.get(name).cloned(),
            Kind::Text if MESSAGES.contains(&lower.as_str()) && is_free(schema) => {
                Some(self.message().into())
            }
            Kind::Integer | Kind::Number if lower.contains("status") || lower == "code" => {
                Some(self.status.into())
            }
            Kind::Text if lower == "status" && is_free(schema) => Some(self.status.to_string().into()),
            _ => None,
        }
    }
}

fn is_free(schema: Schema<'_>) -> bool {
    ["enum", "const", "pattern", "format"].iter().all(|keyword| schema.keyword(keyword).is_none())
}

/// A value with the members that the schema requires, and those that say what happened.
pub(super) fn sample(schema: Schema<'_>, said: &Said<'_>) -> Value {
    value(schema, said, DEPTH)
}

fn value(schema: Schema<'_>, said: &Said<'_>, left: usize) -> Value {
    let listed = || schema.keyword("enum")?.as_array()?.first().cloned();
    let example = || schema.keyword("examples")?.as_array()?.first().cloned();
    if let Some(value) = schema.keyword("const").cloned().or_else(listed) {
        return value;
    }
    match schema.kind() {
        Kind::Structure | Kind::Map => structure(schema, said, left),
        Kind::Choice => schema.branches().next().map_or(Value::Null, |branch| match left {
            0 => Value::Null,
            left => value(branch, said, left - 1),
        }),
        Kind::List => list(schema, said, left),
        Kind::Text => example().filter(Value::is_string).unwrap_or_else(|| text(schema)),
        Kind::Timestamp(TimestampFormat::EpochSeconds) => json!(0),
        Kind::Timestamp(TimestampFormat::DateTime) => json!("1970-01-01T00:00:00Z"),
        Kind::Timestamp(TimestampFormat::HttpDate) => json!("Thu, 01 Jan 1970 00:00:00 GMT"),
        Kind::Integer | Kind::Number => json!(schema.bound("minimum").unwrap_or(0).max(0)),
        Kind::Boolean => json!(false),
        Kind::Any => json!({ "message": said.message() }),
    }
}

fn structure(schema: Schema<'_>, said: &Said<'_>, left: usize) -> Value {
    let mut members = Map::new();
    for member in schema.members() {
        let given = said.of(member.name, member.schema);
        let needed = || (member.required && left > 0).then(|| value(member.schema, said, left - 1));
        members.extend(given.or_else(needed).map(|value| (member.name.to_owned(), value)));
    }
    Value::Object(members)
}

fn list(schema: Schema<'_>, said: &Said<'_>, left: usize) -> Value {
    let count = schema.bound("minItems").unwrap_or(0).clamp(0, 1) as usize;
    let items = schema.items().filter(|_| left > 0);
    items.into_iter().flat_map(|items| (0..count).map(move |_| value(items, said, left - 1))).collect()
}

fn text(schema: Schema<'_>) -> Value {
    let usual = match schema.keyword("format").and_then(Value::as_str) {
        Some("uuid") => "00000000-0000-0000-0000-000000000000",
        Some("uri" | "url" | "uri-reference") => "about:blank",
        Some("date") => "1970-01-01",
        Some("email") => "nobody@example.com",
        _ => "none",
    };
    let length = schema.bound("minLength").unwrap_or(0).clamp(0, 1024) as usize;
    Value::from(usual.to_owned() + &"x".repeat(length.saturating_sub(usual.len())))
}
