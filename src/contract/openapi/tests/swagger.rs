use serde_json::{Value, json};

use super::{answers, load, members, shape};
use crate::contract::{ParameterStyle, Place};

fn swagger() -> Value {
    json!({"swagger": "2.0", "info": {"title": "X", "version": "1"}, "host": "api.example.com", "basePath": "/v1/",
        "schemes": ["https", "http"], "consumes": ["application/json"], "produces": ["application/json"],
        "securityDefinitions": {"basic": {"type": "basic"}, "key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "parameters": {"Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 9, "x-onrecord-values": [3]}},
        "responses": {"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/Error"}}},
        "definitions": {"Error": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}},
            "Thing": {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string", "x-nullable": true}}}},
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}],
                "post": {"operationId": "Call", "parameters": [
                    {"$ref": "#/parameters/Limit"},
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"},
                    {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}},
                    {"name": "many", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
                    {"name": "thing", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Thing"}}],
                    "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Thing"},
                        "headers": {"X-Left": {"type": "integer"}}}, "410": {"$ref": "#/responses/Gone"}}}},
            "/form": {"put": {"operationId": "Form", "consumes": ["application/x-www-form-urlencoded"], "parameters": [
                {"name": "a", "in": "formData", "type": "integer", "required": true}, {"name": "b", "in": "formData", "type": "string"}],
                "responses": {"default": {"description": "all"}}}},
            "/file": {"get": {"operationId": "File", "produces": ["application/pdf"], "responses": {"200": {"description": "f", "schema": {"type": "file"}}}}}}})
}

#[test]
fn swagger_is_read_as_openapi() {
    let contract = load(&swagger());
    assert_eq!(contract.servers, ["https://api.example.com/v1", "http://api.example.com/v1"]);
    assert_eq!(contract.credentials, [Place::Header("Authorization".into()), Place::Header("X-Key".into())]);
    let call = contract.operation("Call").unwrap();
    assert_eq!(call.uri.to_string(), "/v1/things/{id}");
    let names: Vec<_> = members(&contract, "Call").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "limit", "tags", "ids", "many", "body"]);
    let style = |name: &str| call.bindings.iter().find(|it| it.member == name).unwrap().style;
    assert_eq!(
        [style("tags"), style("ids"), style("many")],
        [ParameterStyle::Joined('|'), ParameterStyle::Joined(','), ParameterStyle::Plain]
    );
    let limit = contract.input(call).member("limit").unwrap();
    assert_eq!((limit.bound("maximum"), limit.note("values")), (Some(9), Some(&json!([3]))));
    assert!(contract.input_violations(call, &json!({"id": "1", "body": {"kind": null}}), None).is_empty());
    assert!(answers(&contract, json!({"kind": "k"})) && !answers(&contract, json!({"kind": 1})));
    assert_eq!(call.errors[0].shape, "GoneError");
    assert_eq!(shape(&contract, "GoneError")["properties"]["body"]["$ref"], "#/$defs/Error");
    assert_eq!(
        contract.shape("CallOutput").member("X-Left").map(|it| it.kind()),
        Some(crate::contract::Kind::Integer)
    );
}

#[test]
fn form_fields_are_one_body() {
    let contract = load(&swagger());
    let form = contract.operation("Form").unwrap();
    let input = json!({"body": {"a": 1, "b": "x y&z"}});
    let request = contract.encode(form, &input).unwrap();
    assert_eq!(request.headers.get("content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.body.text(), Some("a=1&b=x%20y%26z"));
    assert_eq!(contract.decode(form, &request).unwrap().input, input);
    assert_eq!(contract.input_violations(form, &json!({"body": {"b": "x"}}), None).len(), 1);
}

#[test]
fn a_document_without_a_host_has_a_base_path_only() {
    let mut document = swagger();
    document.as_object_mut().unwrap().remove("host");
    assert_eq!(load(&document).servers, ["/v1"]);
}
