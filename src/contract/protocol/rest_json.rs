//! `aws.protocols#restJson1`: Smithy 2.0, "AWS restJson1 protocol" and "HTTP binding traits".

use serde_json::{Map, Value};

use super::bodies::{self, JSON, Payload};
use super::places::{self, Outside, Parts};
use super::respond::Refused;
use super::{Decoded, ERROR_HEADER, Malformed, Unencodable};
use crate::contract::schema::{Kind, Schema};
use crate::contract::{Answer, Binding, Operation, Place};
use crate::exchange::{Body, Headers, Request, Response};

pub(super) fn encode(
    schema: Schema<'_>,
    operation: &Operation,
    members: &Map<String, Value>,
) -> Result<Request, Unencodable> {
    let mut parts = places::take_apart(schema, &operation.bindings, members);
    parts.query.retain(|(name, _)| !operation.uri.fixes(name));
    let target = places::target(operation, members, &parts.query)?;
    let mut request = Request::new(operation.method.clone(), target);
    let wants_members = operation.bindings.iter().any(|binding| binding.place == Place::Body);
    let body = body(schema, operation.payload(), wants_members, &parts);
    let body = body.or_else(|| empty_structure(schema, operation.payload()));
    put(parts, body, &mut request.headers, &mut request.body);
    Ok(request)
}

pub(super) fn decode(
    schema: Schema<'_>,
    operation: &Operation,
    request: &Request,
) -> Result<Decoded, Malformed> {
    let labels = operation.uri.raw_labels(&request.target);
    let labels = labels.ok_or_else(|| Malformed::Path(operation.name.clone()))?;
    let outside = Outside {
        labels: &labels,
        target: Some(&request.target),
        headers: Some(&request.headers),
        status: None,
    };
    let found = places::gather(schema, &operation.bindings, outside);
    let mut input = inside(schema, &operation.bindings, &request.content())?;
    input.extend(found.members);
    let undeclared = found.undeclared.into_iter().filter(|(name, _)| !operation.uri.fixes(name)).collect();
    Ok(Decoded { input: Value::Object(input), undeclared, unreadable: found.unreadable, region: None })
}

/// The members of an answer.
pub(super) fn members(
    schema: Schema<'_>,
    bindings: &[Binding],
    response: &Response,
) -> Result<Map<String, Value>, Malformed> {
    let mut members = inside(schema, bindings, &response.content())?;
    members.extend(outside(schema, bindings, response));
    Ok(members)
}

/// The members that an answer has outside of its body.
pub(super) fn outside(schema: Schema<'_>, bindings: &[Binding], response: &Response) -> Map<String, Value> {
    let outside =
        Outside { headers: Some(&response.headers), status: Some(response.status), ..Outside::default() };
    places::gather(schema, bindings, outside).members
}

/// The members that a body has. A body that nothing is documented for is not looked at.
fn inside(schema: Schema<'_>, bindings: &[Binding], body: &Body) -> Result<Map<String, Value>, Malformed> {
    let payload = bindings.iter().find(|binding| binding.place == Place::Payload);
    if let Some((binding, schema)) = payload.and_then(|it| Some((it, schema.member(&it.member)?))) {
        let value = Payload::of(schema).read(body)?;
        return Ok(value.map(|value| (binding.member.clone(), value)).into_iter().collect());
    }
    match bindings.iter().any(|binding| binding.place == Place::Body) {
        true => bodies::members(body),
        false => Ok(Map::new()),
    }
}

pub(super) fn respond(
    schema: Schema<'_>,
    answer: &Answer,
    has_output: bool,
    members: &Map<String, Value>,
) -> Response {
    let parts = places::take_apart(schema, &answer.bindings, members);
    let status = parts.status.unwrap_or(answer.status());
    let mut response = Response::new(status);
    let wants_members = has_output && !matches!(status, 204 | 205 | 304);
    let body = body(schema, answer.payload(), wants_members, &parts);
    put(parts, body, &mut response.headers, &mut response.body);
    response
}

pub(super) fn refuse(schema: Schema<'_>, refused: Refused<'_>) -> Response {
    let bindings = refused.shape.bindings.as_slice();
    let parts = places::take_apart(schema, bindings, refused.members);
    let mut response = Response::new(refused.status);
    response.headers.push(ERROR_HEADER, refused.name);
    let body = body(schema, None, true, &parts);
    put(parts, body, &mut response.headers, &mut response.body);
    response
}

/// A body and its media type; `None` where there is none.
fn body(
    schema: Schema<'_>,
    payload: Option<&str>,
    wants_members: bool,
    parts: &Parts,
) -> Option<(String, Body)> {
    let payload = payload.and_then(|name| schema.member(name));
    match (payload, &parts.payload) {
        (Some(schema), Some(value)) => {
            let payload = Payload::of(schema);
            let media_type = payload.media_type(schema).unwrap_or("application/octet-stream");
            Some((media_type.to_owned(), payload.write(value)))
        }
        (Some(_), None) if parts.body.is_empty() => None,
        _ if wants_members || !parts.body.is_empty() => {
            Some((JSON.to_owned(), Body::from(Value::from(parts.body.clone()).to_string())))
        }
        _ => None,
    }
}

/// What a client sends for a structure that is the whole body and has not been given.
fn empty_structure(schema: Schema<'_>, payload: Option<&str>) -> Option<(String, Body)> {
    let schema = schema.member(payload?)?;
    let is_structure = schema.kind() == Kind::Structure && schema.note("union").is_none();
    is_structure.then(|| (JSON.to_owned(), Body::from("{}")))
}

fn put(parts: Parts, body: Option<(String, Body)>, headers: &mut Headers, into: &mut Body) {
    if let Some((media_type, body)) = body {
        let is_stated = parts.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !is_stated {
            headers.push("content-type", media_type);
        }
        *into = body;
    }
    for (name, value) in parts.headers {
        headers.push(name, value);
    }
    if !parts.cookies.is_empty() {
        let crumbs = parts.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        headers.push("cookie", crumbs.collect::<Vec<_>>().join("; "));
    }
}
