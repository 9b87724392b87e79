use serde_json::{Value, json};

use super::{document, load};
use crate::contract::{Contract, Outcome};
use crate::exchange::{Body, Response};

fn contract() -> Contract {
    let error = json!({"type": "object", "required": ["message", "requestId", "statusCode", "at"], "properties": {
        "message": {"type": "string"}, "requestId": {"type": "string", "minLength": 8},
        "statusCode": {"type": "integer", "minimum": 400, "maximum": 600}, "at": {"type": "string", "format": "date-time"}}});
    let json_of =
        |schema: Value| json!({"content": {"application/json": {"schema": schema}, "application/xml": {}}});
    load(&document(
        "3.1.0",
        json!({
            "/json": {"post": {"operationId": "Json", "requestBody": json_of(json!({"type": "object", "properties": {"a": {"type": ["integer", "null"]}}})),
                "responses": {"200": json_of(json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})),
                    "202": {"headers": {"X-Job": {"schema": {"type": "integer"}}}},
                    "404": {"headers": {"Retry-After": {"schema": {"type": "integer"}}}, "content": {"application/problem+json": {"schema": error}}},
                    "5XX": json_of(error)}}},
            "/text": {"put": {"operationId": "Text", "requestBody": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                "responses": {"200": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}}}
        }),
        json!({}),
    ))
}

fn answer(status: u16, media_type: &str, body: &[u8]) -> Response {
    let mut response = Response::new(status);
    response.headers.push("content-type", media_type);
    response.body = Body::from(body.to_vec());
    response
}

#[test]
fn a_body_is_what_its_media_type_says() {
    let contract = contract();
    let json = contract.operation("Json").unwrap();
    let request = contract.encode(json, &json!({"body": {"a": null}})).unwrap();
    assert_eq!(
        (request.body.text(), request.headers.get("content-type").as_deref()),
        (Some(r#"{"a":null}"#), Some("application/json"))
    );
    assert_eq!(
        contract.decode(json, &request).unwrap().input,
        json!({"body": {"a": null}}),
        "null is documented"
    );
    let outcome = |media_type, body: &[u8]| contract.outcome(json, &answer(200, media_type, body));
    assert_eq!(
        outcome("application/json; charset=utf-8", br#"{"id":"i"}"#),
        Outcome::Output(json!({"body": {"id": "i"}}))
    );
    assert_eq!(
        outcome("application/hal+json", br#"{"id":"i"}"#),
        Outcome::Output(json!({"body": {"id": "i"}}))
    );
    assert_eq!(outcome("application/json", b"{"), Outcome::Unreadable);
    assert_eq!(outcome("text/html", b"<html>"), Outcome::Unreadable);
    assert!(matches!(outcome("application/xml", b"<id/>"), Outcome::Unjudged(_)), "this one is documented");
    let text = contract.operation("Text").unwrap();
    let request = contract.encode(text, &json!({"body": "a \"b\""})).unwrap();
    assert_eq!(
        (request.body.text(), request.headers.get("content-type").as_deref()),
        (Some("a \"b\""), Some("text/plain"))
    );
    assert_eq!(
        contract.outcome(text, &answer(200, "application/octet-stream", &[0, 255])),
        Outcome::Output(json!({"body": "AP8="}))
    );
    assert_eq!(
        contract.respond(text, &json!({"body": "AP8="})),
        answer(200, "application/octet-stream", &[0, 255])
    );
}

#[test]
fn a_success_with_another_status_has_its_own_shape() {
    let contract = contract();
    let json = contract.operation("Json").unwrap();
    let mut response = Response::new(202);
    response.headers.push("X-Job", "7");
    assert_eq!(contract.outcome(json, &response), Outcome::Output(json!({"X-Job": 7})));
}

#[test]
fn errors_are_told_by_status() {
    let contract = contract();
    let json = contract.operation("Json").unwrap();
    let name =
        |status| match contract.outcome(json, &answer(status, "application/json", br#"{"message":"m"}"#)) {
            Outcome::Error { identity, body } => (identity.name().map(str::to_owned), body),
            other => panic!("{other:?}"),
        };
    assert_eq!(name(404), (Some("404".into()), Some(json!({"body": {"message": "m"}}))));
    assert_eq!(name(503).0, Some("5XX".into()));
    assert_eq!(name(418), (None, Some(json!({"message": "m"}))));
}

#[test]
fn a_refusal_is_what_the_document_says_of_the_error() {
    let contract = contract();
    let json = contract.operation("Json").unwrap();
    for error in &json.errors {
        let refused = contract.refuse(error, "there is no such thing");
        assert_eq!(refused.status, error.effective_status());
        let Outcome::Error { identity, body: Some(body) } = contract.outcome(json, &refused) else {
            panic!()
        };
        assert_eq!(identity.name(), Some(error.name.as_str()));
        assert_eq!(contract.violations(&error.shape, &body), []);
        assert_eq!(body["body"]["message"], "there is no such thing");
        assert_eq!(body["body"]["statusCode"], error.effective_status());
    }
    let media_type =
        contract.refuse(&json.errors[0], "no").headers.get("content-type").map(|it| it.into_owned());
    assert_eq!(media_type.as_deref(), Some("application/problem+json"));
}
