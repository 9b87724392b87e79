//! To stub mappings of WireMock, <https://wiremock.org/docs/stubbing/>.

mod pattern;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use self::pattern::Patterns;
use super::{odd_values, written};
use crate::cassette::Cassette;
use crate::exchange::{Ending, Exchange, Headers, Response, Version};
use crate::interchange::Left;

/// A cassette as stub mappings of WireMock 3, and what they cannot carry. Of equal requests the
/// first gets the first answer, and so on; the last answer stays.
pub fn wiremock(cassette: &Cassette) -> (Value, Left) {
    let mut left = Left::default();
    let patterns = Patterns::of(cassette.exchanges.iter().map(|exchange| &exchange.request));
    let requests: Vec<_> =
        cassette.exchanges.iter().map(|exchange| patterns.pattern(&exchange.request, &mut left)).collect();
    let mut equal: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        equal.entry(request.to_string()).or_default().push(index);
    }
    let mut mappings = Vec::new();
    for (index, (exchange, request)) in cassette.exchanges.iter().zip(requests).enumerate() {
        let mut mapping = named(exchange);
        mapping.extend(turn(index, &equal[&request.to_string()], exchange));
        mapping.insert("request".to_owned(), request);
        mapping.insert("response".to_owned(), response(exchange, &mut left));
        mappings.push(mapping);
    }
    let hosts = cassette.exchanges.iter().filter_map(|exchange| exchange.request.headers.get("host"));
    let hosts: BTreeSet<_> = hosts.collect();
    left.details("hosts; one server answers for all of them", hosts.len().saturating_sub(1));
    (json!({"mappings": mappings}), left)
}

fn named(exchange: &Exchange) -> Map<String, Value> {
    exchange.operation.iter().map(|operation| ("name".to_owned(), json!(operation))).collect()
}

/// When it is this exchange's turn, of several with equal requests.
fn turn(index: usize, equal: &[usize], exchange: &Exchange) -> Map<String, Value> {
    let mut members = Map::new();
    let [first, _, ..] = equal else { return members };
    let state =
        |turn: usize| json!(if turn == 0 { "Started".to_owned() } else { format!("{turn} answered") });
    let turn = equal.partition_point(|other| *other < index);
    let request = &exchange.request;
    let name = format!("exchange {first}: {} {}", request.method, request.target.path());
    members.insert("scenarioName".to_owned(), json!(name));
    members.insert("requiredScenarioState".to_owned(), state(turn));
    if turn + 1 < equal.len() {
        members.insert("newScenarioState".to_owned(), state(turn + 1));
    }
    members
}

fn response(exchange: &Exchange, left: &mut Left) -> Value {
    let Exchange { request, response, timing, ending, .. } = exchange;
    left.details("trailers", request.trailers.len() + response.trailers.len());
    left.details("pieces of event streams, with their times", response.pieces.len());
    left.details("HTTP versions", usize::from(response.version != Version::Http11));
    let mut members = Map::from_iter([("status".to_owned(), json!(response.status))]);
    if !timing.first_byte.is_zero() {
        members.insert("fixedDelayMilliseconds".to_owned(), json!(timing.first_byte.as_millis()));
    }
    // One that is shorter than it says breaks off by itself.
    if *ending == Ending::Aborted && !response.headers.contains("content-length") {
        left.detail("what arrived of an answer before it was cut short; it becomes a fault");
        members.insert("fault".to_owned(), json!("MALFORMED_RESPONSE_CHUNK"));
    } else {
        carried(response, &mut members, left);
    }
    Value::Object(members)
}

/// What is sent: the bytes as they were on the wire.
fn carried(response: &Response, members: &mut Map<String, Value>, left: &mut Left) {
    if !response.headers.is_empty() {
        members.insert("headers".to_owned(), headers(&response.headers, left));
    }
    if !response.body.is_empty() {
        let (text, encoding) = written(&response.body);
        let member = if encoding.is_some() { "base64Body" } else { "body" };
        members.insert(member.to_owned(), json!(text));
    }
}

fn headers(headers: &Headers, left: &mut Left) -> Value {
    odd_values(headers, left);
    let mut members = Map::new();
    for (name, _) in headers.iter() {
        let values: Vec<_> = headers.all(name).collect();
        members
            .insert(name.to_owned(), if let [one] = values.as_slice() { json!(one) } else { json!(values) });
    }
    Value::Object(members)
}
