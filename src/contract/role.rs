//! Roles: what a place in an exchange is for, derived from the contract.
//!
//! A *secret* is never stored, a *cursor* is a page token, a *volatile* value differs from run to
//! run and is never compared, and everything else in an input is a *key*.

use serde_json::Value;

use super::schema::Schema;
use super::{Contract, Decoded, Operation, Outcome, Place};
use crate::exchange::{Exchange, Request};

/// The values of one exchange that the contract gives a role other than key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Values of members that the contract marks sensitive.
    pub secrets: Vec<String>,
    /// Page tokens, as they are handed out. One that a client sends was, or is of its own making.
    pub cursors: Vec<String>,
}

impl Contract {
    /// The secrets and cursors of one exchange; nothing for an exchange of no known operation.
    pub fn declared(&self, exchange: &Exchange) -> Declared {
        let mut declared = Declared::default();
        let Some(operation) = self.route(&exchange.request) else { return declared };
        if let Ok(Decoded { input, .. }) = self.decode(operation, &exchange.request) {
            declared.collect(self.input(operation), &input, None);
        }
        if let Outcome::Output(output) = self.outcome(operation, &exchange.response) {
            let token = operation.pagination.as_ref().map(|pagination| pagination.output_token.as_str());
            declared.collect(self.output(operation), &output, token);
        }
        declared
    }

    /// What of a request must be equal for two requests to be the same: its input without the
    /// volatile members. A label stays whatever it is: it names the thing that is asked about.
    /// `None` if the request cannot be read as the operation's input.
    pub fn key(&self, operation: &Operation, request: &Request) -> Option<Decoded> {
        let mut decoded = self.decode(operation, request).ok()?;
        let labels = labels(operation, &decoded.input);
        drop_volatile(self.input(operation), &mut decoded.input);
        if let Value::Object(members) = &mut decoded.input {
            members.extend(labels);
        }
        Some(decoded)
    }

    /// The idempotency tokens of a request, by member; Smithy has them at the top of an input only.
    /// A replayed answer repeats the live ones where the recorded ones stood.
    pub fn idempotency_tokens(&self, operation: &Operation, request: &Request) -> Vec<(String, String)> {
        let members = self.input(operation).members();
        let names: Vec<_> =
            members.filter(|m| m.schema.note("idempotencyToken").is_some()).map(|m| m.name).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let Ok(Decoded { input, .. }) = self.decode(operation, request) else { return Vec::new() };
        let token = |name: &str| Some((name.to_owned(), input.get(name)?.as_str()?.to_owned()));
        names.into_iter().filter_map(token).collect()
    }
}

impl Declared {
    fn collect(&mut self, schema: Schema<'_>, value: &Value, token: Option<&str>) {
        schema.walk(value, &mut |schema, value| {
            if schema.note("sensitive").is_some() {
                self.secrets.extend(leaves(value));
            }
        });
        let cursor = token.and_then(|path| at_path(value, path)).and_then(Value::as_str);
        self.cursors.extend(cursor.filter(|text| !text.is_empty()).map(str::to_owned));
    }
}

/// Follows a dotted path of member names in a value.
pub fn at_path<'v>(value: &'v Value, dotted: &str) -> Option<&'v Value> {
    dotted.split('.').try_fold(value, |value, name| value.get(name))
}

/// The input members that stand in the path, with their values.
fn labels(operation: &Operation, input: &Value) -> Vec<(String, Value)> {
    let bindings = operation.bindings.iter().filter(|binding| binding.place == Place::Label);
    bindings
        .filter_map(|binding| Some((binding.member.clone(), input.get(&binding.member)?.clone())))
        .collect()
}

fn drop_volatile(schema: Schema<'_>, value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| schema.member(name).is_none_or(|member| !is_volatile(member)));
            for (name, value) in members {
                if let Some(schema) = schema.member(name).or_else(|| schema.values()) {
                    drop_volatile(schema, value);
                }
            }
        }
        Value::Array(elements) => {
            if let Some(schema) = schema.items() {
                elements.iter_mut().for_each(|element| drop_volatile(schema, element));
            }
        }
        _ => {}
    }
}

fn is_volatile(schema: Schema<'_>) -> bool {
    schema.note("idempotencyToken").is_some() || schema.note("sensitive").is_some()
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(leaves).collect(),
        Value::Object(members) => members.values().flat_map(leaves).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}
