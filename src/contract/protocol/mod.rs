//! How an input becomes a request and a response an outcome.

mod rest_json;

use serde_json::Value;
use thiserror::Error;

use super::{Contract, ErrorShape, Operation};
use crate::exchange::{Request, Response};

/// How operations are put on the wire. The order is that of preference, where a service speaks
/// several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `aws.protocols#restJson1`
    RestJson1,
    /// `aws.protocols#awsJson1_1`
    AwsJson1_1,
    /// `aws.protocols#awsJson1_0`
    AwsJson1_0,
    /// `aws.protocols#restXml`; bodies are not judged.
    RestXml,
    /// `aws.protocols#awsQuery`; bodies are not judged.
    AwsQuery,
    /// `aws.protocols#ec2Query`; bodies are not judged.
    Ec2Query,
    /// `smithy.protocols#rpcv2Cbor`; bodies are not judged.
    RpcV2Cbor,
    /// What an OpenAPI document describes: methods, paths and media types.
    Http,
}

/// The protocols with their traits.
const TRAITS: &[(&str, Protocol)] = &[
    ("aws.protocols#restJson1", Protocol::RestJson1),
    ("aws.protocols#awsJson1_1", Protocol::AwsJson1_1),
    ("aws.protocols#awsJson1_0", Protocol::AwsJson1_0),
    ("aws.protocols#restXml", Protocol::RestXml),
    ("aws.protocols#awsQuery", Protocol::AwsQuery),
    ("aws.protocols#ec2Query", Protocol::Ec2Query),
    ("smithy.protocols#rpcv2Cbor", Protocol::RpcV2Cbor),
];

impl Protocol {
    /// The protocol of a Smithy trait.
    pub(super) fn of_trait(name: &str) -> Option<Self> {
        TRAITS.iter().find(|(id, _)| *id == name).map(|(_, protocol)| *protocol)
    }

    /// As users know it.
    pub fn as_str(self) -> &'static str {
        let name = TRAITS.iter().find(|(_, protocol)| *protocol == self).map(|(name, _)| *name);
        name.and_then(|name| name.split_once('#')).map_or("http", |(_, name)| name)
    }

    /// Whether members travel in all the places of an HTTP message, or in its body only.
    pub fn binds_http(self) -> bool {
        matches!(self, Self::RestJson1 | Self::RestXml | Self::Http)
    }

    /// Whether what stands in bodies can be judged.
    pub fn judges_bodies(self) -> bool {
        matches!(self, Self::RestJson1 | Self::AwsJson1_0 | Self::AwsJson1_1 | Self::Http)
    }

    /// The path of an operation, where the protocol and not the model says it.
    pub(super) fn path(self, service: &str, operation: &str) -> Option<String> {
        match self {
            Self::RestJson1 | Self::RestXml | Self::Http => None,
            Self::AwsJson1_0 | Self::AwsJson1_1 | Self::AwsQuery | Self::Ec2Query => Some("/".to_owned()),
            Self::RpcV2Cbor => Some(format!("/service/{service}/operation/{operation}")),
        }
    }
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request read as the input of its operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The members of the input. A text that is not what its member's type needs stays text.
    pub input: Value,
    /// Query parameters that the operation does not document.
    pub undeclared: Vec<(String, String)>,
    /// The region that the request was signed for, where it says so.
    pub region: Option<String>,
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
        match self.protocol() {
            _ => rest_json::encode(operation, input),
        }
    }

    /// The input that a request carries.
    ///
    /// # Errors
    /// Where the path or the body cannot be read at all.
    pub fn decode(&self, operation: &Operation, request: &Request) -> Result<Decoded, Malformed> {
        match self.protocol() {
            _ => rest_json::decode(self.input(operation), operation, request),
        }
    }

    /// What a response means for an operation.
    pub fn outcome(&self, operation: &Operation, response: &Response) -> Outcome {
        match self.protocol() {
            _ => rest_json::outcome(self.has_output(operation), response),
        }
    }

    /// The response that carries an output.
    pub fn respond(&self, operation: &Operation, output: &Value) -> Response {
        match self.protocol() {
            _ => rest_json::respond(operation, self.has_output(operation).then_some(output)),
        }
    }

    /// The response that carries an error with a message.
    pub fn refuse(&self, error: &ErrorShape, message: &str) -> Response {
        match self.protocol() {
            _ => rest_json::refuse(&error.name, error.effective_status(), message),
        }
    }

    /// The response for a request that no operation answers: a client error that SDKs do not retry.
    pub fn refuse_unknown(&self, name: &str, message: &str) -> Response {
        match self.protocol() {
            _ => rest_json::refuse(name, 400, message),
        }
    }

    /// The content type of bodies.
    pub fn content_type(&self) -> &'static str {
        match self.protocol() {
            _ => rest_json::CONTENT_TYPE,
        }
    }

    /// Whether an operation documents a body for its success.
    pub fn has_output(&self, operation: &Operation) -> bool {
        self.output(operation).members().next().is_some()
    }
}
