//! `aws.protocols#restJson1`: Smithy 2.0, "AWS restJson1 protocol" and "HTTP binding traits".

use serde_json::{Map, Number, Value, json};

use super::{Decoded, ErrorIdentity, Malformed, Outcome, Unencodable};
use crate::contract::schema::{Kind, Schema, TimestampFormat};
use crate::contract::{Operation, Place, region};
use crate::exchange::{Body, Request, Response};

pub(super) const CONTENT_TYPE: &str = "application/json";

/// "Operation error serialization": the header that names the error.
const ERROR_HEADER: &str = "x-amzn-errortype";

/// So many digits come back from any double.
const DIGITS: usize = 15;

pub(super) fn encode(operation: &Operation, input: &Value) -> Result<Request, Unencodable> {
    let members = input.as_object().ok_or(Unencodable::NotAnObject)?;
    let target = operation.uri.fill(|label| members.get(label).map(plain)).map_err(Unencodable::Label)?;
    let mut request = Request::new(operation.method.clone(), target);
    let mut body = Map::new();
    for (name, value) in members {
        match operation.bindings.iter().find(|binding| binding.member == *name).map(|binding| &binding.place)
        {
            Some(Place::Label) => {}
            Some(Place::Query(name)) => {
                for value in elements(value) {
                    request.target = request.target.with_pair(name, &plain(value));
                }
            }
            Some(Place::Header(name)) => request.headers.push(name, plain(value)),
            // An unknown member can only travel in the body.
            _ => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
    if operation.has_body() || !body.is_empty() {
        request.headers.push("content-type", CONTENT_TYPE);
        request.body = Body::from(Value::Object(body).to_string());
    }
    Ok(request)
}

pub(super) fn decode(
    schema: Schema<'_>,
    operation: &Operation,
    request: &Request,
) -> Result<Decoded, Malformed> {
    let mut input = body_members(operation, &request.body)?;
    let labels = operation.uri.labels(&request.target);
    let labels = labels.ok_or_else(|| Malformed::Path(operation.name.clone()))?;
    input.extend(labels.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
    let mut undeclared = Vec::new();
    for (name, text) in request.target.pairs() {
        let bound = |place: &Place| matches!(place, Place::Query(query) if *query == name);
        match operation.bindings.iter().find(|binding| bound(&binding.place)) {
            Some(binding) => add(&mut input, schema, &binding.member, &text),
            None => undeclared.push((name, text)),
        }
    }
    for binding in &operation.bindings {
        if let Place::Header(name) = &binding.place
            && let Some(text) = request.headers.get(name)
        {
            add(&mut input, schema, &binding.member, &text);
        }
    }
    Ok(Decoded { input: Value::Object(input), undeclared, region: region(request) })
}

pub(super) fn outcome(has_output: bool, response: &Response) -> Outcome {
    let body = response.body.json();
    if !response.is_success() {
        return Outcome::Error { identity: identity(response, body.as_ref()), body };
    }
    match body {
        _ if !has_output => Outcome::Output(Value::Null),
        Some(body @ Value::Object(_)) => Outcome::Output(body),
        _ if response.body.is_empty() => Outcome::Output(json!({})),
        _ => Outcome::Unreadable,
    }
}

pub(super) fn respond(operation: &Operation, output: Option<&Value>) -> Response {
    let mut response = Response::new(operation.answer.status());
    if let Some(output) = output {
        response.headers.push("content-type", CONTENT_TYPE);
        response.body = Body::from(output.to_string());
    }
    response
}

pub(super) fn refuse(name: &str, status: u16, message: &str) -> Response {
    let mut response = Response::new(status);
    response.headers.push("content-type", CONTENT_TYPE);
    response.headers.push(ERROR_HEADER, name);
    response.body = Body::from(json!({ "message": message }).to_string());
    response
}

fn identity(response: &Response, body: Option<&Value>) -> ErrorIdentity {
    let of_body = |name: &str| body?.get(name)?.as_str().map(bare);
    ErrorIdentity {
        header: response.headers.get(ERROR_HEADER).map(|text| bare(&text)),
        body_type: of_body("__type"),
        body_code: of_body("code"),
    }
}

/// `aws.protocoltests#FooError:http://…` is `FooError`.
fn bare(text: &str) -> String {
    let text = text.split(':').next().unwrap_or_default();
    text.rsplit('#').next().unwrap_or_default().to_owned()
}

fn body_members(operation: &Operation, body: &Body) -> Result<Map<String, Value>, Malformed> {
    if body.is_empty() || !operation.has_body() {
        return Ok(Map::new());
    }
    match body.json() {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(Malformed::Body),
    }
}

/// Adds a text from query or header as what its member's type makes of it. A name that occurs
/// twice makes a list where the member is one, and else overwrites.
fn add(input: &mut Map<String, Value>, schema: Schema<'_>, member: &str, text: &str) {
    let schema = schema.member(member);
    match schema.and_then(|schema| schema.items()) {
        Some(items) => {
            let list = input.entry(member).or_insert_with(|| json!([]));
            if let Value::Array(elements) = list {
                elements.push(typed(Some(items), text));
            }
        }
        None => {
            input.insert(member.to_owned(), typed(schema, text));
        }
    }
}

fn typed(schema: Option<Schema<'_>>, text: &str) -> Value {
    let parsed = match schema.map(|schema| schema.kind()) {
        Some(Kind::Integer) => integer(text),
        Some(Kind::Number | Kind::Timestamp(TimestampFormat::EpochSeconds)) => {
            integer(text).or_else(|| number(text))
        }
        Some(Kind::Boolean) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// An integer in its one form: `+5` and `05` stay text, for a provider may not take them for `5`.
fn integer(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().filter(|integer| integer.to_string() == text).map(Value::from)
}

/// A number that a double keeps whole: with fifteen digits it does, with more it may.
fn number(text: &str) -> Option<Value> {
    let number = text.parse().ok().and_then(Number::from_f64)?;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits <= DIGITS || number.to_string() == text).then_some(Value::from(number))
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

/// A value as it stands in a path, query or header.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
