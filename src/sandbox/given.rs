//! What an input says, whether its members travel beside each other or in a payload.

use serde_json::{Map, Value};

use super::project::trim;
use crate::contract::{Contract, Kind, Operation, Schema};

/// The input of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    schema: Schema<'a>,
    /// The member that is the whole body, where it has members itself.
    payload: Option<&'a str>,
    input: &'a Value,
}

/// A member of an input, with its value if it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) schema: Schema<'a>,
    pub(super) value: Option<&'a Value>,
}

impl<'a> Given<'a> {
    pub(super) fn new(contract: &'a Contract, operation: &'a Operation, input: &'a Value) -> Self {
        let schema = contract.input(operation);
        let has_members = |name: &&str| schema.member(name).is_some_and(holds_members);
        Self { schema, payload: operation.payload().filter(has_members), input }
    }

    /// All members that the input may have, those of the payload last.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let Self { schema, payload, input } = *self;
        let beside = members(schema, Some(input)).filter(move |part| Some(part.name) != payload);
        let body = payload.and_then(|name| Some((schema.member(name)?, input.get(name))));
        beside.chain(body.into_iter().flat_map(|(schema, value)| members(schema, value)))
    }

    /// The member that carries an identifier: by its name, or as `@resourceIdentifier` says.
    pub(super) fn identifier(&self, name: &str) -> Option<Part<'a>> {
        let carries = |part: &Part<'_>| {
            let noted = part.schema.note("resourceIdentifier").and_then(Value::as_str);
            noted.unwrap_or(part.name) == name
        };
        self.parts().find(carries)
    }

    /// The documented members that were given, but for tokens that only make a retry safe.
    pub(super) fn members(&self) -> Map<String, Value> {
        let given = self.parts().filter(|part| !is_token(part));
        let value = |part: Part<'_>| Some((part.name.to_owned(), trim(part.schema, part.value?)?));
        given.filter_map(value).collect()
    }

    /// The tokens that make a retry safe.
    pub(super) fn tokens(&self) -> Vec<(&'a str, &'a str)> {
        let token = |part: Part<'a>| Some((part.name, part.value?.as_str()?));
        self.parts().filter(is_token).filter_map(token).collect()
    }
}

/// Whether a value of this schema has members to look into.
pub(super) fn holds_members(schema: Schema<'_>) -> bool {
    matches!(schema.kind(), Kind::Structure | Kind::Choice)
}

fn is_token(part: &Part<'_>) -> bool {
    part.schema.note("idempotencyToken").is_some()
}

fn members<'a>(schema: Schema<'a>, value: Option<&'a Value>) -> impl Iterator<Item = Part<'a>> + use<'a> {
    let schema = schema.chosen(value.unwrap_or(&Value::Null));
    schema.members().map(move |member| Part {
        name: member.name,
        schema: member.schema,
        value: value.and_then(|value| value.get(member.name)),
    })
}
