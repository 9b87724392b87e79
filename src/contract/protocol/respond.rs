//! The responses that a provider answers with.

use serde_json::{Map, Value};

use super::{Protocol, UNIT, aws_json, http, rest_json};
use crate::contract::{Contract, ErrorShape, Operation};
use crate::exchange::Response;

/// An error as a server puts it: its name, its status and what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused<'a> {
    pub(super) name: &'a str,
    pub(super) status: u16,
    pub(super) shape: &'a ErrorShape,
    pub(super) members: &'a Map<String, Value>,
}

impl Contract {
    /// The response that carries an output.
    pub fn respond(&self, operation: &Operation, output: &Value) -> Response {
        let nothing = Map::new();
        let members = output.as_object().unwrap_or(&nothing);
        match self.protocol() {
            Protocol::Http => http::respond(self, operation, members),
            protocol @ (Protocol::AwsJson1_0 | Protocol::AwsJson1_1) => {
                aws_json::respond(protocol, operation, operation.answer.shape != UNIT, members)
            }
            _ => rest_json::respond(
                self.output(operation),
                &operation.answer,
                operation.answer.shape != UNIT,
                members,
            ),
        }
    }

    /// The response that carries an error with a message.
    pub fn refuse(&self, error: &ErrorShape, message: &str) -> Response {
        let name = self.message_member(error);
        let members = Map::from_iter([(name.to_owned(), Value::from(message))]);
        self.refuse_with(error, &members)
    }

    /// The response that carries an error with these members.
    pub fn refuse_with(&self, error: &ErrorShape, members: &Map<String, Value>) -> Response {
        self.refused(Refused { name: &error.name, status: error.effective_status(), shape: error, members })
    }

    fn refused(&self, refused: Refused<'_>) -> Response {
        match self.protocol() {
            Protocol::Http => http::refuse(self, refused),
            protocol @ (Protocol::AwsJson1_0 | Protocol::AwsJson1_1) => aws_json::refuse(protocol, refused),
            _ => rest_json::refuse(self.shape(&refused.shape.shape), refused),
        }
    }

    /// The name that an error's message goes by.
    pub fn message_member(&self, error: &ErrorShape) -> &'static str {
        let schema = self.shape(&error.shape);
        match schema.member("Message").is_some() && schema.member("message").is_none() {
            true => "Message",
            false => "message",
        }
    }
}
