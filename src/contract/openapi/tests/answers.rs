use serde_json::{Value, json};

use super::{document, load, problems, shape};
use crate::contract::{Contract, ErrorKind, Place, Statuses};

fn json_of(schema: Value) -> Value {
    json!({"content": {"application/json": {"schema": schema}}})
}

fn responses(responses: Value) -> Contract {
    load(&document(
        "3.1.0",
        json!({"/a": {"get": {"operationId": "call", "responses": responses}}}),
        json!({"Error": {"type": "object"}}),
    ))
}

#[test]
fn statuses_and_ranges_are_successes_and_errors() {
    let thing = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let error = json_of(json!({"$ref": "#/components/schemas/Error"}));
    let contract =
        responses(json!({"default": error, "5XX": error, "404": error, "302": {"description": "elsewhere"},
        "202": json_of(json!({"type": "string"})), "200": json_of(thing), "100": {}, "x-more": 1, "9": {}}));
    let call = contract.operation("call").unwrap();
    let answers: Vec<_> = call.answers().map(|it| (it.statuses, it.shape.as_str())).collect();
    assert_eq!(answers, [(Statuses::One(200), "CallOutput"), (Statuses::One(202), "CallOutput202")]);
    let errors: Vec<_> =
        call.errors.iter().map(|it| (it.name.as_str(), it.shape.as_str(), it.kind)).collect();
    assert_eq!(
        errors,
        [
            ("302", "CallError302", ErrorKind::Client),
            ("404", "CallError404", ErrorKind::Client),
            ("5XX", "CallError5XX", ErrorKind::Server),
            ("default", "CallErrorDefault", ErrorKind::Client)
        ]
    );
    assert_eq!(shape(&contract, "CallOutput")["properties"]["body"]["$ref"], "#/$defs/CallOutputBody");
    assert_eq!(shape(&contract, "CallOutput")["required"], json!(["body"]));
    for (status, name) in [(404, "404"), (503, "5XX"), (418, "default")] {
        assert_eq!(call.error_with(status).unwrap().name, name);
    }
    assert_eq!(call.answer_with(202).shape, "CallOutput202");
    assert_eq!(
        problems(&contract),
        [("/paths/~1a/get/responses/9", "there is no status 9, and the answer is left out")]
    );
}

#[test]
fn default_alone_is_the_success() {
    let contract = responses(json!({"default": json_of(json!({"type": "string"}))}));
    let call = contract.operation("call").unwrap();
    assert_eq!((call.answer.statuses, call.errors.len()), (Statuses::Class(2), 0));
    assert_eq!(contract.warnings.len(), 1);
}

#[test]
fn header_fields_are_members() {
    let contract = responses(
        json!({"201": {"headers": {"Location": {"required": true, "schema": {"type": "string"}},
        "X-Count": {"schema": {"type": "integer"}, "x-onrecord-role": "volatile"}, "content-type": {"schema": {}}}}}),
    );
    let call = contract.operation("call").unwrap();
    let bound: Vec<_> =
        call.answer.bindings.iter().map(|it| (it.member.as_str(), it.place.clone())).collect();
    assert_eq!(
        bound,
        [("Location", Place::Header("Location".into())), ("X-Count", Place::Header("X-Count".into()))]
    );
    assert_eq!(shape(&contract, "CallOutput")["required"], json!(["Location"]));
    assert_eq!(
        contract.shape("CallOutput").member("X-Count").unwrap().note("role"),
        Some(&json!("volatile"))
    );
}

#[test]
fn an_error_that_operations_share_has_one_shape() {
    let get = |id: &str| {
        json!({"get": {"operationId": id, "responses": {"200": {},
        "404": {"$ref": "#/components/responses/NotFound"}, "410": {"$ref": "#/components/responses/NotFound"}}}})
    };
    let mut document = document("3.0.0", json!({"/a": get("A"), "/b": get("B")}), json!({}));
    document["components"]["responses"] = json!({"NotFound": json_of(json!({"type": "object", "properties": {"message": {"type": "string"}}}))});
    let contract = load(&document);
    let errors = contract.operations.iter().flat_map(|it| &it.errors);
    let names: Vec<_> = errors.map(|it| (it.name.as_str(), it.shape.as_str())).collect();
    assert_eq!(
        names,
        [
            ("404", "NotFoundError"),
            ("410", "NotFoundError"),
            ("404", "NotFoundError"),
            ("410", "NotFoundError")
        ]
    );
    assert!(contract.shapes().any(|name| name == "NotFoundErrorBody"));
}
