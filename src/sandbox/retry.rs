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

/// Whether a request is one that came before.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Recall {
    /// It is not.
    New,
    /// It is, and was answered so.
    Same(Value),
    /// Its token came with another one.
    Other {
        /// The member with the token.
        member: String,
        /// The answer to the other request.
        first: Value,
    },
}

/// An operation's name, and its token.
type Token = (String, String);

impl Answered {
    /// What is known of a request by its token.
    pub(super) fn recall(&self, operation: &Operation, given: &Given<'_>, input: &Value) -> Recall {
        for (member, token) in given.tokens() {
            match self.0.get(&(operation.name.clone(), token.to_owned())) {
                Some((before, first)) if before == input => return Recall::Same(first.clone()),
                Some((_, first)) => return Recall::Other { member: member.to_owned(), first: first.clone() },
                None => {}
            }
        }
        Recall::New
    }

    /// Keeps the answer to a request.
    pub(super) fn keep(&mut self, operation: &Operation, given: &Given<'_>, input: &Value, output: &Value) {
        for (_, token) in given.tokens() {
            self.0.insert((operation.name.clone(), token.to_owned()), (input.clone(), output.clone()));
        }
    }
}

/// Why a token that another request had is refused.
pub(super) fn taken(operation: &Operation, member: String) -> Refusal {
    Refusal::Taken { member, error: conflict(operation) }
}

/// The documented error for a token that is in use.
fn conflict(operation: &Operation) -> Option<String> {
    let named = |name: &str| CONFLICT_NAMES.iter().any(|part| name.contains(part));
    let mut errors = operation.client_errors();
    let conflict = errors.find(|error| named(&error.name) || error.effective_status() == CONFLICT);
    conflict.map(|error| error.name.clone())
}
