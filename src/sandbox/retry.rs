//! Idempotency tokens: a request that comes again is not done again.

use std::collections::HashMap;

use serde_json::Value;

use super::given::Given;
use super::refusal::Refusal;
use crate::contract::Operation;

/// The statuses and names of errors for a token that another request had.
const CONFLICT: u16 = 409;
const CONFLICT_NAMES: &[&str] = &["Conflict", "Idempoten"];

/// The answers to requests that had a token.
#[derive(Debug, Default)]
pub(super) struct Answered(HashMap<Token, (Value, Value)>);

/// An operation's name, and its token.
type Token = (String, String);

impl Answered {
    /// The answer that a request had already; an error if its token belongs to another request.
    pub(super) fn before(
        &self,
        operation: &Operation,
        given: &Given<'_>,
        input: &Value,
    ) -> Result<Option<Value>, Refusal> {
        for (member, token) in given.tokens() {
            match self.0.get(&(operation.name.clone(), token.to_owned())) {
                Some((first, output)) if first == input => return Ok(Some(output.clone())),
                Some(_) => {
                    return Err(Refusal::Taken { member: member.to_owned(), error: conflict(operation) });
                }
                None => {}
            }
        }
        Ok(None)
    }

    /// Keeps the answer to a request.
    pub(super) fn keep(&mut self, operation: &Operation, given: &Given<'_>, input: &Value, output: &Value) {
        for (_, token) in given.tokens() {
            self.0.insert((operation.name.clone(), token.to_owned()), (input.clone(), output.clone()));
        }
    }
}

/// The documented error for a token that is in use.
fn conflict(operation: &Operation) -> Option<String> {
    let named = |name: &str| CONFLICT_NAMES.iter().any(|part| name.contains(part));
    let mut errors = operation.client_errors();
    let conflict = errors.find(|error| named(&error.name) || error.effective_status() == CONFLICT);
    conflict.map(|error| error.name.clone())
}
