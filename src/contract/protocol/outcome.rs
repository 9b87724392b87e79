//! What a response means.

use serde_json::{Map, Value};

use super::{ERROR_HEADER, Protocol, bodies, http, rest_json};
use crate::contract::{Contract, ErrorShape, Operation, Place};
use crate::exchange::Response;

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

impl Contract {
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
        let answer = operation.answer_with(response.status);
        let schema = self.shape(&answer.shape);
        if schema.members().next().is_none() {
            return Outcome::Output(Value::Null);
        }
        let read = match protocol.binds_http() {
            true => rest_json::members(schema, &answer.bindings, response),
            false => bodies::members(&response.content()),
        };
        match read {
            Ok(members) => Outcome::Output(bodies::without_types(schema, Value::Object(members))),
            Err(_) => Outcome::Unreadable,
        }
    }

    fn error_of(&self, protocol: Protocol, operation: &Operation, response: &Response) -> Outcome {
        let json = response.content().json();
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
        let spoken: &[Protocol] = match named.split(';').next().unwrap_or_default().trim() {
            "application/cbor" => &[Protocol::RpcV2Cbor],
            "application/xml" | "text/xml" => &[Protocol::RestXml, Protocol::AwsQuery, Protocol::Ec2Query],
            _ => &[],
        };
        let documented = spoken.iter().find(|protocol| self.protocols.contains(protocol));
        documented.copied().unwrap_or_else(|| self.protocol())
    }

    fn has_error_body(&self, error: &ErrorShape) -> bool {
        error.bindings.iter().any(|binding| matches!(binding.place, Place::Body | Place::Payload))
    }
}
