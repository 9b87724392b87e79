//! A small contract, and cassettes made of exchanges for it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Library, Replayer};
use crate::cassette::{Cassette, Header, Origin};
use crate::contract::Contract;
use crate::exchange::{Body, Ending, Exchange, Method, Request, Response, Target, Timestamp, Timing};
use crate::redact::Redacted;

/// Notes in boxes: one operation that pages, one with an idempotency token and a secret.
pub(super) fn notes() -> Arc<Contract> {
    contract("notes", "notes")
}

/// The same operations under another name.
pub(super) fn contract(id: &str, signing_name: &str) -> Arc<Contract> {
    Arc::new(Contract::from_smithy(id, "notes.json", &model(signing_name).to_string()).unwrap())
}

/// The model of the notes.
pub(super) fn model(signing_name: &str) -> serde_json::Value {
    let text = |traits: serde_json::Value| json!({"target": "smithy.api#String", "traits": traits});
    let http =
        |method: &str, uri: &str| json!({"smithy.api#http": {"method": method, "uri": uri, "code": 200}});
    let operations = ["List", "Create", "Delete", "Copy", "Secret", "Token"]
        .map(|name| json!({"target": format!("x#{name}")}));
    json!({"smithy": "2.0", "shapes": {
        "x#Notes": {"type": "service", "version": "1", "operations":
            operations,
            "traits": {"aws.protocols#restJson1": {}, "aws.auth#sigv4": {"name": signing_name}}},
        "x#List": {"type": "operation", "input": {"target": "x#ListInput"}, "output": {"target": "x#ListOutput"},
            "traits": {"smithy.api#readonly": {},
                "smithy.api#http": {"method": "GET", "uri": "/notes", "code": 200},
                "smithy.api#paginated": {"inputToken": "token", "outputToken": "token", "items": "notes"}}},
        "x#Create": {"type": "operation", "input": {"target": "x#CreateInput"}, "traits": http("POST", "/notes")},
        "x#Delete": {"type": "operation", "input": {"target": "x#DeleteInput"}, "traits": http("DELETE", "/notes/{id}")},
        "x#Copy": {"type": "operation", "input": {"target": "x#CopyInput"}, "traits": http("POST", "/notes/{id}/copy")},
        "x#Secret": {"type": "operation", "input": {"target": "x#SecretInput"}, "traits": http("GET", "/secrets/{id}")},
        "x#Token": {"type": "operation", "input": {"target": "x#TokenInput"}, "traits": http("GET", "/tokens/{id}")},
        "x#SecretInput": {"type": "structure", "members": {
            "id": text(json!({"smithy.api#httpLabel": {}, "smithy.api#required": {}, "smithy.api#sensitive": {}}))}},
        "x#TokenInput": {"type": "structure", "members": {
            "id": text(json!({"smithy.api#httpLabel": {}, "smithy.api#required": {}, "smithy.api#idempotencyToken": {}}))}},
        "x#ListInput": {"type": "structure", "members": {
            "token": text(json!({"smithy.api#httpQuery": "token"})),
            "tags": {"target": "x#Tags", "traits": {"smithy.api#httpQuery": "tag"}},
            "ratio": {"target": "smithy.api#Double", "traits": {"smithy.api#httpQuery": "ratio"}},
            "limit": {"target": "smithy.api#Integer", "traits": {"smithy.api#httpQuery": "limit"}}}},
        "x#ListOutput": {"type": "structure", "members":
            {"token": text(json!({})), "notes": {"target": "x#Tags"}}},
        "x#CreateInput": {"type": "structure", "members": {
            "name": text(json!({})),
            "labels": {"target": "x#Labels"},
            "weight": {"target": "smithy.api#Double"},
            "password": text(json!({"smithy.api#sensitive": {}})),
            "clientToken": text(json!({"smithy.api#idempotencyToken": {}}))}},
        "x#DeleteInput": {"type": "structure", "members": {
            "id": text(json!({"smithy.api#httpLabel": {}, "smithy.api#required": {}})),
            "clientToken": text(json!({"smithy.api#httpQuery": "client-token", "smithy.api#idempotencyToken": {}}))}},
        "x#CopyInput": {"type": "structure", "members": {
            "id": text(json!({"smithy.api#httpLabel": {}, "smithy.api#required": {}})),
            "kind": text(json!({"smithy.api#httpHeader": "x-kind"})),
            "to": text(json!({}))}},
        "x#Tags": {"type": "list", "member": {"target": "smithy.api#String"}},
        "x#Labels": {"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "smithy.api#String"}},
    }})
}

/// `GET /notes?limit=2`, with a body or none.
pub(super) fn request(line: &str, body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::new(Method::from(method), Target::new(target));
    request.headers.push("host", "provider.example");
    request.body = Body::from(body.to_owned());
    request
}

/// As an SDK sends it to a replay: signed, for another host, at another time.
pub(super) fn signed(mut request: Request, region: &str, service: &str) -> Request {
    request.headers.set("host", "127.0.0.1:8080");
    request.headers.push("x-amz-date", "20261121T073237Z");
    request.headers.push("amz-sdk-invocation-id", "5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11");
    let credential = format!("AKIAIOSFODNN7EXAMPLE/20261121/{region}/{service}/aws4_request");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=5ec7e7");
    request.headers.push("authorization", authorization);
    request
}

/// An answer that shows by its body which one it is.
pub(super) fn response(body: &str) -> Response {
    let mut response = Response::new(200);
    response.headers.push("Date", "Sat, 21 Nov 2020 07:32:37 GMT");
    response.headers.push("x-trace", "a");
    response.headers.push("content-length", body.len().to_string());
    response.headers.push("x-trace", "b");
    response.body = Body::from(body.to_owned());
    response
}

pub(super) fn exchange(request: Request, response: Response) -> Exchange {
    let started = Timestamp::parse("2026-11-21T07:32:37Z").unwrap();
    let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
    Exchange { operation: None, request, response, ending: Ending::Complete, timing }
}

/// A cassette of exchanges.
pub(super) fn cassette(exchanges: impl IntoIterator<Item = Exchange>) -> Cassette {
    let exchanges = exchanges.into_iter().map(Redacted::read_back).collect();
    Cassette { header: Header::new(None, Origin::Sandbox), exchanges }
}

/// Request line, request body and response body of each exchange.
pub(super) fn recorded(exchanges: &[(&str, &str, &str)]) -> Cassette {
    cassette(exchanges.iter().map(|(line, body, answer)| exchange(request(line, body), response(answer))))
}

/// A replay of one cassette under [`notes`].
pub(super) fn replay(exchanges: &[(&str, &str, &str)]) -> Replayer {
    Replayer::over(Arc::new(Library::new(vec![notes()], vec![recorded(exchanges)]).named(["notes.json"])))
}

/// The body of an answer, or the reason of a miss.
pub(super) fn answer(replayer: &Replayer, request: &Request) -> String {
    let answer = replayer.answer(request);
    match answer.headers.get("x-onrecord-miss") {
        Some(reason) => format!("miss: {reason}"),
        None => answer.body.text().unwrap().to_owned(),
    }
}
