//! How an input becomes a request and a response an outcome.

mod aws_json;
mod bodies;
mod http;
mod lists;
mod media;
mod places;
mod rest_json;
mod sample;
mod strict;
mod styles;
mod texts;

pub use strict::Malformed;

use serde_json::{Map, Value};
use thiserror::Error;

use super::smithy::UNIT;
use super::{Answer, Contract, ErrorShape, Operation};
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

/// What a response means.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A success, with the output, from wherever its members travel; `null` where the operation
    /// documents no output.
    Output(Value),
    /// An error.
    Error {
        /// What identifies it.
        identity: ErrorIdentity,
        /// Its members, if the body is JSON or may be absent.
        body: Option<Value>,
    },
    /// A success whose body cannot be read.
    Unreadable,
    /// An answer in a protocol whose bodies are not judged: only its status says something.
    Unjudged(Protocol),
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

impl ErrorIdentity {
    /// `aws.protocoltests#FooError:http://…` is `FooError`.
    fn bare(text: &str) -> String {
        let text = text.split(':').next().unwrap_or_default();
        text.rsplit('#').next().unwrap_or_default().to_owned()
    }

    /// The name in the header that the AWS protocols share, and those in the body.
    fn of(response: &Response, body: Option<&Value>) -> Self {
        let of_body = |name: &str| body?.get(name)?.as_str().map(Self::bare);
        Self {
            header: response.headers.get(ERROR_HEADER).map(|text| Self::bare(&text)),
            body_type: of_body("__type"),
            body_code: of_body("code"),
        }
    }
}

/// "Operation error serialization": the header that names the error.
const ERROR_HEADER: &str = "x-amzn-errortype";

/// An error as a server puts it: its name, its status and what it says.
#[derive(Debug, Clone, Copy)]
struct Refused<'a> {
    name: &'a str,
    status: u16,
    /// What is documented of it, if anything is.
    shape: Option<&'a ErrorShape>,
    members: &'a Map<String, Value>,
}

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
        let mut decoded = match self.protocol_of(request) {
            // Null means what the document says, and unions are Smithy's.
            Protocol::Http => return http::decode(self, operation, request),
            Protocol::RestJson1 => rest_json::decode(schema, operation, request)?,
            // Without a body, there is nothing in it that we cannot read.
            Protocol::RestXml if request.body.is_empty() => rest_json::decode(schema, operation, request)?,
            Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => aws_json::decode(operation, request)?,
            other => return Err(Malformed::Unjudged(other)),
        };
        decoded.input = bodies::without_nulls(schema, bodies::without_types(schema, decoded.input));
        decoded.region = super::region(request);
        Ok(decoded)
    }

    /// The documented protocol that a request is in.
    pub fn protocol_of(&self, request: &Request) -> Protocol {
        self.called(request).map_or_else(|| self.protocol(), |(_, protocol)| protocol)
    }

    /// What a response means for an operation.
    pub fn outcome(&self, operation: &Operation, response: &Response) -> Outcome {
        let protocol = self.protocol_of_answer(response);
        if protocol == Protocol::Http {
            return http::outcome(self, operation, response);
        }
        if !protocol.judges_bodies() {
            return Outcome::Unjudged(protocol);
        }
        match response.is_success() {
            true => self.output_of(protocol, operation, response),
            false => self.error_of(protocol, operation, response),
        }
    }

    fn output_of(&self, protocol: Protocol, operation: &Operation, response: &Response) -> Outcome {
        if !self.has_output(operation) {
            return Outcome::Output(Value::Null);
        }
        let schema = self.output(operation);
        let read = match protocol.binds_http() {
            true => rest_json::members(schema, &operation.answer.bindings, response),
            false => bodies::members(&response.body),
        };
        match read {
            Ok(members) => Outcome::Output(bodies::without_types(schema, Value::Object(members))),
            Err(_) => Outcome::Unreadable,
        }
    }

    fn error_of(&self, protocol: Protocol, operation: &Operation, response: &Response) -> Outcome {
        let json = response.body.json();
        let identity = ErrorIdentity::of(response, json.as_ref());
        let named = identity.name().and_then(|name| operation.errors.iter().find(|error| error.name == name));
        let body = match (json, named) {
            // One that documents nothing for its body may be without.
            (None, Some(error)) if response.body.is_empty() && !self.has_error_body(error) => {
                Some(Value::Object(Map::new()))
            }
            (json, _) => json,
        };
        let body = match (body, named) {
            (Some(Value::Object(mut members)), Some(error)) if protocol.binds_http() => {
                members.extend(rest_json::outside(self.shape(&error.shape), &error.bindings, response));
                Some(Value::Object(members))
            }
            (body, _) => body,
        };
        Outcome::Error { identity, body }
    }

    /// A value as a client sees it: without members that are not documented, and without `null`
    /// for members of structures.
    pub fn as_read(&self, shape: &str, value: &Value) -> Value {
        bodies::as_read(self.shape(shape), value.clone())
    }

    fn protocol_of_answer(&self, response: &Response) -> Protocol {
        let named = response.headers.get("content-type").unwrap_or_default();
        let other = match named.split(';').next().unwrap_or_default().trim() {
            "application/cbor" => Protocol::RpcV2Cbor,
            _ => return self.protocol(),
        };
        if self.protocols.contains(&other) { other } else { self.protocol() }
    }

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
        self.refused(Refused {
            name: &error.name,
            status: error.effective_status(),
            shape: Some(error),
            members,
        })
    }

    /// The response for a request that no operation answers: a client error that SDKs do not retry.
    pub fn refuse_unknown(&self, name: &str, message: &str) -> Response {
        self.refuse_undocumented(name, 400, message)
    }

    /// The response that carries an error which the contract does not document.
    pub fn refuse_undocumented(&self, name: &str, status: u16, message: &str) -> Response {
        let members = Map::from_iter([("message".to_owned(), Value::from(message))]);
        self.refused(Refused { name, status, shape: None, members: &members })
    }

    fn refused(&self, refused: Refused<'_>) -> Response {
        match self.protocol() {
            Protocol::Http => http::refuse(self, refused),
            protocol @ (Protocol::AwsJson1_0 | Protocol::AwsJson1_1) => aws_json::refuse(protocol, refused),
            _ => {
                let schema = self.shape(refused.shape.map_or(refused.name, |error| error.shape.as_str()));
                rest_json::refuse(schema, refused)
            }
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

    /// Whether an operation documents an output.
    pub fn has_output(&self, operation: &Operation) -> bool {
        self.output(operation).members().next().is_some()
    }

    fn has_error_body(&self, error: &ErrorShape) -> bool {
        use super::Place;
        error.bindings.iter().any(|binding| matches!(binding.place, Place::Body | Place::Payload))
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
