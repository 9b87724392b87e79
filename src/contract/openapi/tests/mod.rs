//! Small documents, each with what it is about.

mod answers;
mod choices;
mod inputs;
mod paging;
mod places;
mod references;
mod schemas;
mod swagger;
mod wire;

use serde_json::{Map, Value, json};

use crate::contract::{Contract, ContractError, Place};

/// The contract of a document.
fn load(document: &Value) -> Contract {
    try_load(document).unwrap()
}

fn try_load(document: &Value) -> Result<Contract, ContractError> {
    Contract::from_text("x", "x.json", &document.to_string())
}

/// A document of these paths and schemas.
fn document(version: &str, paths: Value, schemas: Value) -> Value {
    json!({"openapi": version, "info": {"title": "X", "version": "1"}, "paths": paths,
        "components": {"schemas": schemas}})
}

/// A contract whose one operation, `Call`, takes and answers `Thing`.
fn thing(version: &str, schemas: Value) -> Contract {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
    let call = json!({"operationId": "Call", "requestBody": {"required": true, "content": content},
        "responses": {"200": {"content": content}}});
    load(&document(version, json!({"/things": {"post": call}}), schemas))
}

/// Whether the input of `Call` takes this body.
fn takes(contract: &Contract, body: Value) -> bool {
    let call = contract.operation("Call").unwrap();
    contract.input_violations(call, &json!({ "body": body }), None).is_empty()
}

/// Whether the output of `Call` can be this body.
fn answers(contract: &Contract, body: Value) -> bool {
    contract.violations("CallOutput", &json!({ "body": body })).is_empty()
}

/// The definition of a shape.
fn shape<'c>(contract: &'c Contract, name: &str) -> &'c Value {
    &contract.definitions[name]
}

fn problems(contract: &Contract) -> Vec<(&str, &str)> {
    contract.warnings.iter().map(|it| (it.pointer.as_str(), it.problem.as_str())).collect()
}

/// The members of an operation's input, with their places.
fn members(contract: &Contract, operation: &str) -> Vec<(String, Place)> {
    let operation = contract.operation(operation).unwrap();
    operation.bindings.iter().map(|it| (it.member.clone(), it.place.clone())).collect()
}

fn merged(one: Value, other: Value) -> Value {
    let map = |value: Value| -> Map<String, Value> { serde_json::from_value(value).unwrap() };
    let mut all = map(one);
    all.extend(map(other));
    Value::Object(all)
}

#[test]
fn other_versions_are_refused_with_their_place() {
    let error = |document: Value| try_load(&document).unwrap_err().to_string();
    assert_eq!(
        error(json!({"openapi": "4.0.0", "paths": {"/": {}}})),
        "x.json:1:2: version 4.0.0 is not known (at /openapi); convert the document to OpenAPI 3.1"
    );
    assert!(error(json!({"swaggerVersion": "1.2", "apis": []})).contains("version 1.2 is not known"));
    assert!(error(json!({"swagger": "1.1"})).contains("version 1.1 is not known"));
    assert!(error(json!({"openapi": "3.1.0", "paths": {}})).contains("the document has no paths"));
    assert!(error(json!({"info": {}})).contains("says neither openapi nor swagger"));
    let later = load(&json!({"openapi": "3.2.0", "paths": {"/a": {"get": {"responses": {}}}}}));
    assert_eq!(
        problems(&later),
        [("/openapi", "OpenAPI 3.2.0 is read as 3.1, and what is new in it is not seen")]
    );
}

#[test]
fn a_document_may_be_yaml() {
    let text = "openapi: 3.0.3\ninfo: {title: Things, version: '7'}\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: ok}\n";
    let contract = Contract::from_text("x", "x.yaml", text).unwrap();
    assert_eq!((contract.title.as_str(), contract.version.as_str()), ("Things", "7"));
    assert_eq!(contract.operations[0].name, "GetA");
    assert_eq!(contract.operations[0].answer.status(), 200);
}
