//! `aws.protocols#awsJson1_0` and `aws.protocols#awsJson1_1`: Smithy 2.0, "AWS JSON 1.0 protocol"
//! and "AWS JSON 1.1 protocol". One address, the operation in a header, everything else in the body.

use serde_json::{Map, Value};

use super::bodies;
use super::respond::Refused;
use super::{Decoded, Malformed, Protocol};
use crate::contract::Operation;
use crate::exchange::{Body, Method, Request, Response, Target};

/// The header that names service and operation.
const TARGET: &str = "x-amz-target";

pub(super) fn encode(
    protocol: Protocol,
    service: &str,
    operation: &Operation,
    members: &Map<String, Value>,
) -> Request {
    let mut request = Request::new(Method::Post, Target::new("/"));
    request.headers.push(TARGET, format!("{service}.{}", operation.name));
    request.headers.push("content-type", protocol.media_type());
    request.body = written(members);
    request
}

pub(super) fn decode(operation: &Operation, request: &Request) -> Result<Decoded, Malformed> {
    // Clients send `{}` even where nothing is documented; what stands there is not looked at.
    let input = match operation.has_body() {
        true => bodies::members(&request.content())?,
        false => Map::new(),
    };
    let undeclared = request.target.pairs().collect();
    Ok(Decoded { input: Value::Object(input), undeclared, unreadable: Vec::new(), region: None })
}

pub(super) fn respond(
    protocol: Protocol,
    operation: &Operation,
    has_output: bool,
    members: &Map<String, Value>,
) -> Response {
    let mut response = Response::new(operation.answer.status());
    response.headers.push("content-type", protocol.media_type());
    if has_output {
        response.body = written(members);
    }
    response
}

pub(super) fn refuse(protocol: Protocol, refused: Refused<'_>) -> Response {
    let mut response = Response::new(refused.status);
    response.headers.push("content-type", protocol.media_type());
    let mut members = Map::from_iter([("__type".to_owned(), Value::from(refused.name))]);
    members.extend(refused.members.clone());
    response.body = written(&members);
    response
}

fn written(members: &Map<String, Value>) -> Body {
    let said = members.iter().filter(|(_, value)| !value.is_null());
    let said: Map<String, Value> = said.map(|(name, value)| (name.clone(), value.clone())).collect();
    Body::from(Value::Object(said).to_string())
}
