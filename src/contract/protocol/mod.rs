//! How an input becomes a request and a response an outcome.

mod aws_json;
mod bodies;
mod http;
mod lists;
mod media;
mod outcome;
mod places;
mod respond;
mod rest_json;
mod sample;
mod strict;
mod styles;
#[cfg(test)]
mod tests;
mod texts;
mod undocumented;

pub use media::is_in;
pub use outcome::{ErrorIdentity, Outcome};
pub use strict::Malformed;
pub use undocumented::{Dialect, Refusal};

use serde_json::Value;
use thiserror::Error;

use super::smithy::UNIT;
use super::{Answer, Contract, Operation};
use crate::exchange::Request;

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

    /// The media type of bodies.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::RestJson1 | Self::Http => bodies::JSON,
            Self::AwsJson1_0 => "application/x-amz-json-1.0",
            Self::AwsJson1_1 => "application/x-amz-json-1.1",
            Self::RestXml => "application/xml",
            Self::AwsQuery | Self::Ec2Query => "text/xml",
            Self::RpcV2Cbor => "application/cbor",
        }
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
    /// Members whose text is not encoded as its place demands.
    pub unreadable: Vec<String>,
    /// The region that the request was signed for, where it says so.
    pub region: Option<String>,
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
    /// We do not speak the protocol.
    #[error("requests in {0} are not written, only recognised")]
    Protocol(Protocol),
}

/// "Operation error serialization": the header that names the error.
const ERROR_HEADER: &str = "x-amzn-errortype";

impl Contract {
    /// The request for an input. Members that the input lacks are left out.
    ///
    /// # Errors
    /// Only a label without a value keeps an input from being put on the wire, and a protocol that
    /// we do not speak.
    pub fn encode(&self, operation: &Operation, input: &Value) -> Result<Request, Unencodable> {
        let members = input.as_object().ok_or(Unencodable::NotAnObject)?;
        match self.protocol() {
            Protocol::RestJson1 => rest_json::encode(self.input(operation), operation, members),
            Protocol::Http => http::encode(self.input(operation), operation, members),
            protocol @ (Protocol::AwsJson1_0 | Protocol::AwsJson1_1) => {
                Ok(aws_json::encode(protocol, &self.service, operation, members))
            }
            other => Err(Unencodable::Protocol(other)),
        }
    }

    /// The input that a request carries.
    ///
    /// # Errors
    /// Where the path or the body cannot be read at all.
    pub fn decode(&self, operation: &Operation, request: &Request) -> Result<Decoded, Malformed> {
        let schema = self.input(operation);
        let decoded = match self.protocol_of(request) {
            Protocol::Http => http::decode(self, operation, request)?,
            Protocol::RestJson1 => rest_json::decode(schema, operation, request)?,
            // Without a body, there is nothing in it that we cannot read.
            Protocol::RestXml if request.body.is_empty() => rest_json::decode(schema, operation, request)?,
            Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => aws_json::decode(operation, request)?,
            other => return Err(Malformed::Unjudged(other)),
        };
        Ok(Decoded { region: super::region(request), ..decoded })
    }

    /// The documented protocol that a request is in.
    pub fn protocol_of(&self, request: &Request) -> Protocol {
        self.called(request).map_or_else(|| self.protocol(), |(_, protocol)| protocol)
    }

    /// The media type of bodies in the protocol that we speak.
    pub fn content_type(&self) -> &'static str {
        self.protocol().media_type()
    }

    /// The documented media type of an answer; `None` where any will do.
    pub fn answered_media_type(&self, answer: &Answer) -> Option<&str> {
        match answer.payload().and_then(|name| self.shape(&answer.shape).member(name)) {
            Some(payload) if self.protocol().binds_http() => bodies::Payload::of(payload).media_type(payload),
            _ => Some(self.content_type()),
        }
    }

    /// The documented media types of a body that comes with a status; none where any will do.
    pub fn media_types(&self, operation: &Operation, status: u16) -> Vec<&str> {
        let is_success = (200..300).contains(&status);
        if self.protocol() != Protocol::Http {
            let stated = is_success.then(|| self.answered_media_type(operation.answer_with(status)));
            return stated.unwrap_or(Some(self.content_type())).into_iter().collect();
        }
        let (shape, payload) = match operation.error_with(status) {
            Some(error) if !is_success => (&error.shape, error.payload()),
            _ if is_success => {
                let answer = operation.answer_with(status);
                (&answer.shape, answer.payload())
            }
            _ => return Vec::new(),
        };
        let payload = payload.and_then(|name| self.shape(shape).member(name));
        payload.map(media::documented).unwrap_or_default()
    }

    /// Whether an operation documents an output.
    pub fn has_output(&self, operation: &Operation) -> bool {
        self.output(operation).members().next().is_some()
    }

    /// The host that an input goes to, with the provider's own name given (Smithy `@endpoint`).
    pub fn host(&self, operation: &Operation, input: &Value, host: &str) -> String {
        let Some(prefix) = &operation.host_prefix else { return host.to_owned() };
        let mut filled = String::new();
        let mut rest = prefix.as_str();
        while let Some((before, (label, after))) =
            rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            filled.push_str(before);
            filled.push_str(&input.get(label).map(texts::plain).unwrap_or_default());
            rest = after;
        }
        format!("{filled}{rest}{host}")
    }

    /// Puts this text into the place of every idempotency token of an input.
    pub fn renew_tokens(&self, operation: &Operation, input: &mut Value, token: &str) {
        for member in self.input(operation).members() {
            if member.schema.note("idempotencyToken").is_some()
                && let Some(old) = input.get_mut(member.name)
            {
                *old = Value::from(token);
            }
        }
    }

    /// The input with this text for every idempotency token that it lacks.
    pub fn with_tokens(&self, operation: &Operation, input: &Value, token: &str) -> Value {
        let mut filled = input.clone();
        for member in self.input(operation).members() {
            if member.schema.note("idempotencyToken").is_some()
                && let Value::Object(members) = &mut filled
            {
                members.entry(member.name).or_insert_with(|| Value::from(token));
            }
        }
        filled
    }
}
