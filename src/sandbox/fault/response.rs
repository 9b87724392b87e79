//! Answers of success that are not what is documented.

use serde_json::{Value, json};

use super::Scene;
use crate::contract::{Kind, Schema, TimestampFormat};
use crate::exchange::{Response, Timestamp};

pub(super) fn other_status(scene: &Scene<'_>, response: &mut Response) {
    if scene.refusal.is_none() {
        response.status = if response.status == 202 { 203 } else { 202 };
    }
}

pub(super) fn plain_text(scene: &Scene<'_>, response: &mut Response) {
    if scene.refusal.is_none() && !response.body.is_empty() {
        response.headers.set("content-type", "text/plain");
    }
}

/// The first number becomes a text; where there is none, the first yes or no.
pub(super) fn other_type(scene: &Scene<'_>, output: &mut Value) {
    let schema = scene.contract.output(scene.operation);
    let number = |schema: Schema<'_>, value: &Value| {
        let is_number = matches!(schema.kind(), Kind::Integer | Kind::Number) && value.is_number();
        is_number.then(|| Value::from(value.to_string()))
    };
    let boolean = |_: Schema<'_>, value: &Value| Some(Value::from(value.as_bool()?.to_string()));
    if !change_first(schema, output, &mut { number }) {
        change_first(schema, output, &mut { boolean });
    }
}

/// The first timestamp is written in the other format.
pub(super) fn other_timestamp(scene: &Scene<'_>, output: &mut Value) {
    change_first(scene.contract.output(scene.operation), output, &mut |schema, value| match schema.kind() {
        Kind::Timestamp(TimestampFormat::DateTime) => {
            Some(json!(Timestamp::parse(value.as_str()?)?.epoch_seconds()))
        }
        Kind::Timestamp(TimestampFormat::EpochSeconds) => Some(json!("1970-01-01T00:00:00.000Z")),
        _ => None,
    });
}

/// The first structure that has required members loses the last of them.
pub(super) fn missing_member(scene: &Scene<'_>, output: &mut Value) {
    change_first(scene.contract.output(scene.operation), output, &mut |schema, value| {
        let required = schema.members().filter(|member| member.required).last()?;
        let mut members = value.as_object()?.clone();
        members.shift_remove(required.name)?;
        Some(Value::Object(members))
    });
}

/// The first structure that has required members writes the last of them in capitals. Lists are left
/// alone: they are found by the names of their members.
pub(super) fn other_case(scene: &Scene<'_>, output: &mut Value) {
    if scene.operation.pagination.is_some() {
        return;
    }
    change_first(scene.contract.output(scene.operation), output, &mut |schema, value| {
        let required = schema.members().filter(|member| member.required).last()?;
        let mut members = value.as_object()?.clone();
        let held = members.shift_remove(required.name)?;
        members.insert(required.name.to_ascii_uppercase(), held);
        Some(Value::Object(members))
    });
}

/// What a value becomes, if this is one to change.
type Change<'f> = dyn FnMut(Schema<'_>, &Value) -> Option<Value> + 'f;

/// Changes the first part of a value, innermost first, that `change` gives something for; says
/// whether there was one. What is inside goes first, so that items and their identifiers stay.
fn change_first(schema: Schema<'_>, value: &mut Value, change: &mut Change<'_>) -> bool {
    let inside = match value {
        Value::Object(members) => members.iter_mut().any(|(name, value)| {
            let schema = schema.member(name).or_else(|| schema.values());
            schema.is_some_and(|schema| change_first(schema, value, change))
        }),
        Value::Array(elements) => schema
            .items()
            .is_some_and(|items| elements.iter_mut().any(|element| change_first(items, element, change))),
        _ => false,
    };
    let changed = if inside { None } else { change(schema, value) };
    let here = changed.is_some();
    changed.into_iter().for_each(|changed| *value = changed);
    inside || here
}
