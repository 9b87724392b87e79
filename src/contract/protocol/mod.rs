//! How an input becomes a request and a response an outcome.

mod rest_json;

use serde_json::Value;
use thiserror::Error;

use super::{Contract, ErrorShape, Operation, Protocol};
use crate::exchange::{Request, Response};

/// A request read as the input of its operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The members of the input. A text that is not what its member's type needs stays text.
    pub input: Value,
    /// Query parameters that the operation does not document.
    pub undeclared: Vec<(String, String)>,
}

/// Why a request cannot be read as an input.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The path is not that of the operation.
    #[error("the path does not fit {0}")]
    Path(String),
    /// The body is not a JSON object.
    #[error("the body is not a JSON object")]
    Body,
}

/// Why an input cannot be put on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unencodable {
    /// A label has no value, or an empty one.
    #[error("the path needs a value for {0}")]
    Label(String),
    /// The input is not a structure.
    #[error("the input is not an object")]
    NotAnObject,
}

/// What a response means.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A success, with the output; `null` where the operation documents no output.
    Output(Value),
    /// An error.
    Error {
        /// What identifies it.
        identity: ErrorIdentity,
        /// The body, if it is JSON.
        body: Option<Value>,
    },
    /// A success whose body cannot be read.
    Unreadable,
}

/// What names an error on the wire, each already without prefix and suffix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorIdentity {
    /// From the header.
    pub header: Option<String>,
    /// From the body's `__type`.
    pub body_type: Option<String>,
    /// From the body's `code`.
    pub body_code: Option<String>,
}

impl ErrorIdentity {
    /// The name, from the most binding place that has one.
    pub fn name(&self) -> Option<&str> {
        self.all().next()
    }

    /// Every name given, most binding first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.header, &self.body_type, &self.body_code].into_iter().flatten().map(String::as_str)
    }
}

impl Contract {
    /// The request for an input. Members that the input lacks are left out.
    ///
    /// # Errors
    /// Only a label without a value keeps an input from being put on the wire.
    pub fn encode(&self, operation: &Operation, input: &Value) -> Result<Request, Unencodable> {
        match self.protocol {
            Protocol::RestJson1 => rest_json::encode(operation, input),
        }
    }

    /// The input that a request carries.
    ///
    /// # Errors
    /// Where the path or the body cannot be read at all.
    pub fn decode(&self, operation: &Operation, request: &Request) -> Result<Decoded, Malformed> {
        match self.protocol {
            Protocol::RestJson1 => rest_json::decode(self.input(operation), operation, request),
        }
    }

    /// What a response means for an operation.
    pub fn outcome(&self, operation: &Operation, response: &Response) -> Outcome {
        match self.protocol {
            Protocol::RestJson1 => rest_json::outcome(self.has_output(operation), response),
        }
    }

    /// The response that carries an output.
    pub fn respond(&self, operation: &Operation, output: &Value) -> Response {
        match self.protocol {
            Protocol::RestJson1 => {
                rest_json::respond(operation, self.has_output(operation).then_some(output))
            }
        }
    }

    /// The response that carries an error with a message.
    pub fn refuse(&self, error: &ErrorShape, message: &str) -> Response {
        match self.protocol {
            Protocol::RestJson1 => rest_json::refuse(&error.name, error.effective_status(), message),
        }
    }

    /// The response for a request that no operation answers: a client error that SDKs do not retry.
    pub fn refuse_unknown(&self, name: &str, message: &str) -> Response {
        match self.protocol {
            Protocol::RestJson1 => rest_json::refuse(name, 400, message),
        }
    }

    /// The content type of bodies.
    pub fn content_type(&self) -> &'static str {
        match self.protocol {
            Protocol::RestJson1 => rest_json::CONTENT_TYPE,
        }
    }

    /// Whether an operation documents a body for its success.
    pub fn has_output(&self, operation: &Operation) -> bool {
        self.output(operation).members().next().is_some()
    }
}
