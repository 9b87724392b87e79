//! Why a request is refused, and the documented error that says so.

use crate::contract::{Contract, ErrorShape, Operation, Violation};
use crate::exchange::Response;

/// What errors for a request that is wrong in itself are called, the most telling name first.
const BAD_REQUEST_NAMES: &[&str] = &["Validation", "BadRequest", "InvalidParameter", "Malformed", "Invalid"];

/// Why a request is refused: always the client's mistake.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// The body cannot be read.
    Malformed(String),
    /// The input breaks what is documented for it; at least one violation.
    Invalid(Vec<Violation>),
    /// The page token was never handed out for this list.
    Cursor {
        /// The member that carries it.
        member: String,
    },
    /// There is no such thing.
    Missing {
        /// What there is none of.
        resource: String,
        /// The documented error.
        error: Option<String>,
    },
    /// There is one already.
    Taken {
        /// The member that no two share.
        member: String,
        /// The documented error.
        error: Option<String>,
    },
}

impl Refusal {
    /// The answer.
    pub(super) fn response(&self, contract: &Contract, operation: &Operation) -> Response {
        contract.refuse(&self.error(contract, operation), &self.message())
    }

    /// What is wrong, without any value of the request.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Malformed(why) => why.clone(),
            Self::Invalid(violations) => match violations.as_slice() {
                [] => "the input is not valid".to_owned(),
                [only] => sentence(only),
                [first, rest @ ..] => format!("{} (and {} more)", sentence(first), rest.len()),
            },
            Self::Cursor { member } => format!("/{member} is not a token that this list handed out"),
            Self::Missing { resource, .. } => format!("there is no such {resource}"),
            Self::Taken { member, .. } => format!("/{member} is taken"),
        }
    }

    fn error(&self, contract: &Contract, operation: &Operation) -> ErrorShape {
        match self {
            Self::Malformed(_) | Self::Invalid(_) | Self::Cursor { .. } => bad_request(contract, operation),
            Self::Missing { error, .. } | Self::Taken { error, .. } => error
                .as_ref()
                .and_then(|name| named(contract, operation, name))
                .unwrap_or_else(|| bad_request(contract, operation)),
        }
    }
}

/// The error of the operation with that name, or that of any other operation.
fn named(contract: &Contract, operation: &Operation, name: &str) -> Option<ErrorShape> {
    let others = contract.operations.iter().flat_map(|other| &other.errors);
    operation.errors.iter().chain(others).find(|error| error.name == name).cloned()
}

/// The documented error for a request that is wrong in itself: declared with status 400, else
/// common to all operations.
fn bad_request(contract: &Contract, operation: &Operation) -> ErrorShape {
    let declared = operation.client_errors().filter(|error| error.effective_status() == 400).cloned();
    let common = contract.common_errors.iter().filter(|(_, statuses)| statuses.contains(&400));
    let common = common.map(|(name, _)| ErrorShape::of_status(name, 400));
    let rank = |error: &ErrorShape| BAD_REQUEST_NAMES.iter().position(|part| error.name.contains(part));
    let best = |errors: Vec<ErrorShape>| {
        errors.into_iter().min_by_key(|error| rank(error).unwrap_or(BAD_REQUEST_NAMES.len()))
    };
    best(declared.collect())
        .or_else(|| best(common.collect()))
        .unwrap_or_else(|| ErrorShape::of_status("ValidationException", 400))
}

fn sentence(violation: &Violation) -> String {
    format!("{} breaks {}: {}", violation.pointer, violation.rule, violation.demands)
}
