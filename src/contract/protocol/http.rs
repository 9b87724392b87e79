//! What an OpenAPI document describes: members at their places, and one body in a media type.

use serde_json::{Map, Value};

use super::bodies::JSON;
use super::media::{Form, Unread, form_of};
use super::places::{self, Outside, Parts};
use super::respond::Refused;
use super::{Decoded, ErrorIdentity, Malformed, Outcome, Protocol, Unencodable, sample};
use crate::contract::schema::Schema;
use crate::contract::{Binding, Contract, Operation, Place};
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
    put(schema, &operation.bindings, parts, &mut request.headers, &mut request.body);
    Ok(request)
}

pub(super) fn decode(
    contract: &Contract,
    operation: &Operation,
    request: &Request,
) -> Result<Decoded, Malformed> {
    let schema = contract.input(operation);
    let labels = operation.uri.raw_labels(&request.target);
    let labels = labels.ok_or_else(|| Malformed::Path(operation.name.clone()))?;
    let outside = Outside {
        labels: &labels,
        target: Some(&request.target),
        headers: Some(&request.headers),
        status: None,
    };
    let found = places::gather(schema, &operation.bindings, outside);
    let mut input = found.members;
    match body(schema, &operation.bindings, &request.headers, &request.content()) {
        Ok(body) => input.extend(body),
        Err(Unread::Broken) => return Err(Malformed::Body),
        Err(Unread::Unjudged) => return Err(Malformed::Unjudged(Protocol::Http)),
    }
    let is_credential = |name: &str| {
        contract.credentials.iter().any(|place| matches!(place, Place::Query(own) if own == name))
    };
    let mut undeclared = found.undeclared;
    undeclared.retain(|(name, _)| !operation.uri.fixes(name) && !is_credential(name));
    Ok(Decoded { input: Value::Object(input), undeclared, unreadable: found.unreadable, region: None })
}

/// What an answer means: which of the documented ones it is follows from its status.
pub(super) fn outcome(contract: &Contract, operation: &Operation, response: &Response) -> Outcome {
    if !response.is_success() {
        return error(contract, operation, response);
    }
    let answer = operation.answer_with(response.status);
    let schema = contract.shape(&answer.shape);
    if answer.bindings.is_empty() {
        return Outcome::Output(Value::Null);
    }
    match members(schema, &answer.bindings, response) {
        Ok(members) => Outcome::Output(Value::Object(members)),
        Err(Unread::Broken) => Outcome::Unreadable,
        Err(Unread::Unjudged) => Outcome::Unjudged(Protocol::Http),
    }
}

/// An error's name is what the document calls it by: its status, a range, or `default`.
fn error(contract: &Contract, operation: &Operation, response: &Response) -> Outcome {
    let documented = operation.error_with(response.status);
    let header = documented.map(|error| error.name.clone());
    let identity = ErrorIdentity { header, ..ErrorIdentity::default() };
    let body = match documented {
        Some(error) => {
            members(contract.shape(&error.shape), &error.bindings, response).ok().map(Value::Object)
        }
        None => response.content().json(),
    };
    Outcome::Error { identity, body }
}

pub(super) fn respond(contract: &Contract, operation: &Operation, members: &Map<String, Value>) -> Response {
    let answer = &operation.answer;
    let schema = contract.shape(&answer.shape);
    let parts = places::take_apart(schema, &answer.bindings, members);
    let mut response = Response::new(parts.status.unwrap_or(answer.status()));
    put(schema, &answer.bindings, parts, &mut response.headers, &mut response.body);
    response
}

/// An error as it is documented: the members that it must have get values, and what is known of
/// the case stands in those of its name.
pub(super) fn refuse(contract: &Contract, refused: Refused<'_>) -> Response {
    let mut response = Response::new(refused.status);
    let error = refused.shape;
    let schema = contract.shape(&error.shape);
    let said = sample::Said { members: refused.members, status: refused.status };
    let mut members = Map::new();
    for binding in &error.bindings {
        let Some(schema) = schema.member(&binding.member) else { continue };
        let given = refused.members.get(&binding.member);
        let is_needed = binding.place == Place::Payload;
        let value = given.cloned().or_else(|| is_needed.then(|| sample::sample(schema, &said)));
        members.extend(value.map(|value| (binding.member.clone(), value)));
    }
    let parts = places::take_apart(schema, &error.bindings, &members);
    put(schema, &error.bindings, parts, &mut response.headers, &mut response.body);
    response
}

fn members(
    schema: Schema<'_>,
    bindings: &[Binding],
    response: &Response,
) -> Result<Map<String, Value>, Unread> {
    let outside =
        Outside { headers: Some(&response.headers), status: Some(response.status), ..Outside::default() };
    let mut members = places::gather(schema, bindings, outside).members;
    members.extend(body(schema, bindings, &response.headers, &response.content())?);
    Ok(members)
}

/// The member that is the body, if there is one.
fn body(
    schema: Schema<'_>,
    bindings: &[Binding],
    headers: &Headers,
    body: &Body,
) -> Result<Option<(String, Value)>, Unread> {
    let payload = bindings.iter().find(|binding| binding.place == Place::Payload);
    let Some((name, schema)) = payload.and_then(|it| Some((&it.member, schema.member(&it.member)?))) else {
        return Ok(None);
    };
    if body.is_empty() {
        return Ok(None);
    }
    let given = headers.get("content-type");
    let value = form_of(schema, given.as_deref())?.read(schema, body).ok_or(Unread::Broken)?;
    Ok(Some((name.clone(), value)))
}

fn put(schema: Schema<'_>, bindings: &[Binding], parts: Parts, headers: &mut Headers, into: &mut Body) {
    let payload = bindings.iter().find(|binding| binding.place == Place::Payload);
    let payload = payload.and_then(|binding| schema.member(&binding.member));
    if let (Some(schema), Some(value)) = (payload, &parts.payload) {
        let media_type = schema.keyword("contentMediaType").and_then(Value::as_str).unwrap_or(JSON);
        headers.push("content-type", media_type);
        *into = Form::documented(schema).write(value);
    } else if !parts.body.is_empty() {
        // A member that is not documented can only travel in a body.
        headers.push("content-type", JSON);
        *into = Body::from(Value::from(parts.body).to_string());
    }
    for (name, value) in parts.headers {
        headers.push(name, value);
    }
    if !parts.cookies.is_empty() {
        let crumbs = parts.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        headers.push("cookie", crumbs.collect::<Vec<_>>().join("; "));
    }
}
