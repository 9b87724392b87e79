//! The laws of errors: one can be read, named, looked up in the contract, and acted on.

mod body;
mod echo;
mod headers;
mod message;
mod missing;
mod naming;
#[cfg(test)]
mod tests;

pub(super) use body::{BODY, MEMBERS};
pub(super) use echo::ECHO;
pub(super) use headers::{CHALLENGE, REQUEST_ID, RETRY_AFTER};
pub(super) use message::{MESSAGE, NAMES_MEMBER};
pub(super) use missing::{MISSING, not_found};
pub(super) use naming::{AGREEMENT, DECLARED, DEFAULT_STATUS, IDENTITY, STATUS};

use serde_json::Value;

use super::{Check, Ruling, Seen, Session, Verdict};
use crate::contract::{Contract, ErrorIdentity, ErrorShape, Operation, Outcome, Protocol};

const IDENTITY_CLAUSE: &str = "Smithy 2.0, AWS restJson1, operation error serialization <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>; AWS JSON 1.1 <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>";
const ERROR_CLAUSE: &str =
    "Smithy 2.0, @httpError <https://smithy.io/2.0/spec/http-bindings.html#httperror-trait>";

/// An error that was answered.
struct Refusal<'s> {
    status: u16,
    identity: &'s ErrorIdentity,
    body: Option<&'s Value>,
}

fn errors(
    check: &Check,
    session: &Session<'_>,
    rule: impl Fn(&Check, &Seen<'_, '_>, &Refusal<'_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    check.each(session, |seen| match &seen.observation.outcome {
        Some(Outcome::Error { .. }) if !(check.applies)(seen.contract, seen.operation) => Vec::new(),
        Some(Outcome::Error { identity, body }) => {
            let status = seen.observation.exchange.response.status;
            rule(check, seen, &Refusal { status, identity, body: body.as_ref() }).into_iter().collect()
        }
        _ => Vec::new(),
    })
}

fn has_errors(_: &Contract, operation: &Operation) -> bool {
    !operation.errors.is_empty()
}

/// Errors have names in Smithy; in OpenAPI, they are told apart by their statuses.
fn names_errors(contract: &Contract, _: &Operation) -> bool {
    contract.protocol() != Protocol::Http
}

fn has_named_errors(contract: &Contract, operation: &Operation) -> bool {
    names_errors(contract, operation) && has_errors(contract, operation)
}

/// The declared error that an answer is.
fn resolved<'c>(seen: &Seen<'_, 'c>, refusal: &Refusal<'_>) -> Option<&'c ErrorShape> {
    let name = refusal.identity.name()?;
    seen.operation.errors.iter().find(|error| error.name == name)
}

/// The statuses of the common error that an answer names.
fn common<'c>(seen: &Seen<'_, 'c>, refusal: &Refusal<'_>) -> Option<&'c [u16]> {
    let name = refusal.identity.name()?;
    let (_, statuses) = seen.contract.common_errors.iter().find(|(code, _)| code == name)?;
    Some(statuses)
}
