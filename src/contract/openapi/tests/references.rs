use std::cell::RefCell;

use serde_json::json;

use super::{document, load, problems, takes, thing, try_load};
use crate::contract::document::Document;
use crate::contract::{Contract, openapi};

#[test]
fn a_reference_may_lead_anywhere() {
    let inline = json!({"type": "object", "properties": {"a/b": {"type": "object", "properties": {"n": {"type": "integer"}}}}});
    let paths = json!({
        "/x": {"get": {"operationId": "Get", "responses": {"200": {"content": {"application/json": {"schema": inline}}}}}},
        "/y": {"post": {"operationId": "Call", "responses": {},
            "requestBody": {"content": {"application/json": {"schema": {
                "$ref": "#/paths/~1x/get/responses/200/content/application~1json/schema/properties/a~1b"}}}}}},
        "/z": {"$ref": "#/paths/~1x"}});
    let contract = load(&document("3.1.0", paths, json!({})));
    assert!(takes(&contract, json!({"n": 1})) && !takes(&contract, json!({"n": "1"})));
    assert!(contract.operation("Get2").is_some(), "a path may be a reference to another");
}

#[test]
fn anchors_ids_and_own_definitions() {
    let contract = thing(
        "3.1.0",
        json!({
        "Named": {"$id": "https://example.com/named", "$defs": {"Deep": {"$anchor": "deep", "type": "integer"}}, "type": "string"},
        "Thing": {"type": "object", "properties": {
            "id": {"$ref": "https://example.com/named"}, "anchor": {"$ref": "#deep"},
            "inside": {"$ref": "https://example.com/named#/$defs/Deep"},
            "own": {"$ref": "#/components/schemas/Thing/$defs/Own%20one"}},
            "$defs": {"Own one": {"type": "boolean"}}}}),
    );
    assert!(takes(&contract, json!({"id": "a", "anchor": 1, "inside": 2, "own": true})));
    for wrong in [json!({"id": 1}), json!({"anchor": ""}), json!({"inside": ""}), json!({"own": 1})] {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
}

#[test]
fn what_stands_beside_a_reference_counts() {
    let contract = thing(
        "3.1.0",
        json!({
        "Name": {"type": "string", "maxLength": 9},
        "Box": {"type": "object", "properties": {"a": {"type": "string"}}},
        "Thing": {"type": "object", "properties": {
            "short": {"$ref": "#/components/schemas/Name", "maxLength": 3},
            "more": {"$ref": "#/components/schemas/Box", "required": ["b"], "properties": {"b": {"type": "string"}}}}}}),
    );
    assert!(takes(&contract, json!({"short": "abc", "more": {"a": "x", "b": "y"}})));
    for wrong in [json!({"short": "abcd"}), json!({"more": {"a": "x"}}), json!({"more": {"a": 1, "b": "y"}})]
    {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
    assert_eq!(contract.shape("Thing").member("short").unwrap().bound("maxLength"), Some(3));
}

#[test]
fn a_reference_to_nothing_is_an_error() {
    let missing = json!({"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Gone"}}});
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
    let paths = json!({"/x": {"post": {"requestBody": {"content": content}, "responses": {}}}});
    let error = try_load(&document("3.0.0", paths, json!({"Thing": missing}))).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/components/schemas/Thing/properties/a"));
    assert!(error.to_string().contains("#/components/schemas/Gone, which is not there"), "{error}");
}

#[test]
fn what_only_looks_like_a_reference_is_none() {
    let contract = thing(
        "3.1.0",
        json!({"Thing": {"type": "object",
        "example": {"$ref": "#/nowhere"}, "default": {"$ref": "gone.yaml"}, "x-y": {"$ref": "gone.json"},
        "properties": {"$ref": {"type": "string"}, "example": {"type": "integer"}}}}),
    );
    assert!(takes(&contract, json!({"$ref": "a"})) && !takes(&contract, json!({"example": "a"})));
}

#[test]
fn a_web_address_is_not_fetched() {
    let contract = thing(
        "3.0.0",
        json!({"Thing": {"type": "object", "properties": {
        "a": {"$ref": "https://example.com/schemas.json#/A"}}}}),
    );
    assert!(takes(&contract, json!({"a": 1})));
    assert_eq!(
        problems(&contract),
        [(
            "/components/schemas/Thing/properties/a",
            "https://example.com/schemas.json#/A is not fetched, and anything is taken there"
        )]
    );
}

#[test]
fn each_file_is_read_once_however_they_refer_to_each_other() {
    let main = json!({"openapi": "3.0.0", "paths": {"/x": {"$ref": "paths/x.yaml#/item"}}});
    let read = RefCell::new(Vec::new());
    let files = |path: &str| {
        read.borrow_mut().push(path.to_owned());
        let text = match path {
            "paths/x.yaml" => {
                "item: {post: {operationId: Call, parameters: [{$ref: '../common.json#/Limit'}], \
                requestBody: {content: {application/json: {schema: {$ref: ../common.json#/Thing}}}}, responses: {}}}"
            }
            "common.json" => {
                r##"{"Limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                "Thing": {"type": "object", "properties": {"next": {"$ref": "#/Thing"},
                    "other": {"$ref": "paths/y.yml"}}}}"##
            }
            "paths/y.yml" => {
                "type: object\nproperties: {back: {$ref: '../common.json#/Thing'}, top: {$ref: '../x.json#/paths'}}"
            }
            other => return Err(format!("no {other}")),
        };
        Ok(text.as_bytes().to_vec())
    };
    let document = Document::read("x.json", main.to_string().as_bytes()).unwrap();
    let contract: Contract = openapi::draft("x", &document, &files).unwrap().finish();
    assert_eq!(*read.borrow(), ["paths/x.yaml", "common.json", "paths/y.yml"]);
    assert!(takes(&contract, json!({"next": {"other": {"back": {"next": {}}}}})));
    assert!(!takes(&contract, json!({"next": {"other": {"back": {"next": 1}}}})));
    assert!(contract.shapes().any(|name| name == "Y"), "a file's schema has the file's name");
    let gone = json!({"openapi": "3.0.0", "paths": {"/x": {"$ref": "gone.yaml"}}});
    let document = Document::read("x.json", gone.to_string().as_bytes()).unwrap();
    let Err(error) = openapi::draft("x", &document, &files) else { panic!("the file is not there") };
    assert_eq!(error.problem, "it refers to gone.yaml, which cannot be read: no gone.yaml");
}
