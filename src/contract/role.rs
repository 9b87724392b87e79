//! Roles: what a place in an exchange is for, derived from the contract.
//!
//! A *secret* is never stored, a *cursor* is a page token, a *volatile* value differs from run to
//! run and is never compared, and everything else in an input is a *key*.

mod declared;
mod expiry;
mod loose;
mod text;

pub use declared::Declared;

use serde_json::Value;

use super::schema::{Kind, Schema, escaped};
use super::{Contract, Decoded, Operation, Place};
use crate::exchange::Request;

/// What a place in an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Says what is asked for: compared when a request is matched.
    Key,
    /// Differs from run to run: never compared.
    Volatile,
    /// Never stored.
    Secret,
    /// A page token: leads from one exchange to the next.
    Cursor,
}

impl Role {
    /// As written in contracts and listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Volatile => "volatile",
            Self::Secret => "secret",
            Self::Cursor => "cursor",
        }
    }

    /// Reads what [`Role::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Key, Self::Volatile, Self::Secret, Self::Cursor].into_iter().find(|role| role.as_str() == text)
    }
}

/// Which message a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Side {
    Request,
    Response,
}

/// One line of the role table of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Which message it is in.
    pub side: Side,
    /// The place as a JSON pointer into the input or output, with `*` for elements and map values.
    pub pointer: String,
    /// What it is for.
    pub role: Role,
}

impl Schema<'_> {
    /// What a place with this schema is for.
    pub fn role(&self, side: Side) -> Role {
        if let Some(role) = self.note("role").and_then(Value::as_str).and_then(Role::parse) {
            return role;
        }
        if self.note("sensitive").is_some() {
            return Role::Secret;
        }
        let made = || self.note("generated").is_some() || matches!(self.kind(), Kind::Timestamp(_));
        match side {
            _ if self.note("idempotencyToken").is_some() => Role::Volatile,
            Side::Response if made() => Role::Volatile,
            _ => Role::Key,
        }
    }
}

impl Contract {
    /// The role of every place of an operation that holds no further places, in order. A shape that
    /// holds itself is looked into once.
    pub fn roles(&self, operation: &Operation) -> Vec<RoleRow> {
        let mut rows = Vec::new();
        for (side, schema, name) in [
            (Side::Request, self.input(operation), &operation.input),
            (Side::Response, self.output(operation), &operation.answer.shape),
        ] {
            add_rows(schema, side, String::new(), &[name], &mut rows);
        }
        rows
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
            members.filter(|m| m.schema.role(Side::Request) == Role::Volatile).map(|m| m.name).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let Ok(Decoded { input, .. }) = self.decode(operation, request) else { return Vec::new() };
        let token = |name: &str| Some((name.to_owned(), input.get(name)?.as_str()?.to_owned()));
        names.into_iter().filter_map(token).collect()
    }
}

/// Follows a dotted path of member names in a value; the empty path leads to the value itself.
pub fn at_path<'v>(value: &'v Value, dotted: &str) -> Option<&'v Value> {
    if dotted.is_empty() {
        return Some(value);
    }
    dotted.split('.').try_fold(value, |value, name| value.get(name))
}

/// The input members that stand in the path, with their values.
fn labels(operation: &Operation, input: &Value) -> Vec<(String, Value)> {
    let bindings = operation.bindings.iter().filter(|binding| binding.place == Place::Label);
    bindings
        .filter_map(|binding| Some((binding.member.clone(), input.get(&binding.member)?.clone())))
        .collect()
}

/// How many rows one operation's table has at most.
const ROWS: usize = 20_000;

fn add_rows(schema: Schema<'_>, side: Side, pointer: String, above: &[&str], rows: &mut Vec<RoleRow>) {
    let role = schema.role(side);
    let members = schema.members().map(|member| (member.name, member.schema));
    let elements = schema.items().into_iter().chain(schema.values()).map(|element| ("*", element));
    let parts: Vec<_> = members.chain(elements).collect();
    if rows.len() >= ROWS {
        return;
    }
    if parts.is_empty() || role != Role::Key {
        rows.push(RoleRow { side, pointer, role });
        return;
    }
    for (step, part) in parts {
        let name = part.shape_name();
        if name.is_none_or(|name| !above.contains(&name)) {
            let above = [above, &[name.unwrap_or_default()]].concat();
            add_rows(part, side, format!("{pointer}/{}", escaped(step)), &above, rows);
        }
    }
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
    matches!(schema.role(Side::Request), Role::Volatile | Role::Secret)
}
