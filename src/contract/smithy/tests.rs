//! Models as providers write them, each with what once was misread.

use serde_json::{Value, json};

use crate::contract::{Contract, Violation};
use crate::exchange::{Method, Request, Target};

/// A service with these members and shapes, all in the namespace `x`.
fn load(service: Value, shapes: Value) -> Contract {
    let mut all = json!({"x#Service": {"type": "service", "version": "1",
        "traits": {"aws.protocols#restJson1": {}, "aws.auth#sigv4": {"name": "x"}}}});
    for (into, from) in [("/x#Service", &service), ("", &shapes)] {
        let into = all.pointer_mut(into).and_then(Value::as_object_mut).unwrap();
        into.extend(from.as_object().unwrap().clone());
    }
    Contract::from_smithy("x", "x.json", &json!({"smithy": "2.0", "shapes": all}).to_string()).unwrap()
}

fn target(name: &str) -> Value {
    json!({"target": format!("x#{name}")})
}

fn operation(method: &str, uri: &str) -> Value {
    json!({"type": "operation", "traits": {"smithy.api#http": {"method": method, "uri": uri, "code": 200}}})
}

/// A contract of one operation, `Call`, with this input and these shapes.
fn call(input: Value, shapes: Value) -> Contract {
    let mut call = operation("POST", "/call");
    call["input"] = target("Input");
    let mut all = json!({"x#Call": call, "x#Input": {"type": "structure", "members": input}});
    all.as_object_mut().unwrap().extend(shapes.as_object().unwrap().clone());
    load(json!({"operations": [target("Call")]}), all)
}

fn rules(found: &[Violation]) -> Vec<(&str, &str)> {
    found.iter().map(|violation| (violation.pointer.as_str(), violation.rule.as_str())).collect()
}

#[test]
fn a_resource_that_lists_itself_is_read_once() {
    let resource = json!({"type": "resource", "read": target("Get"), "resources": [target("Thing")]});
    let contract = load(
        json!({"resources": [target("Thing")]}),
        json!({"x#Thing": resource, "x#Get": operation("GET", "/thing")}),
    );
    assert_eq!(contract.operations.len(), 1);
}

#[test]
fn a_structure_that_holds_itself_is_looked_into_once() {
    let shapes = json!({"x#Node": {"type": "structure", "members": {
        "a": target("Node"), "b": target("Node"), "c": target("Node"), "d": target("Node"),
        "text": {"target": "smithy.api#String",
            "traits": {"onrecord#constraints": [{"schema": {"maxLength": 1}}]}}}}});
    let contract = call(json!({"node": target("Node")}), shapes);
    let pointers: Vec<_> =
        contract.operations[0].constraints.iter().map(|constraint| constraint.pointer.as_str()).collect();
    assert_eq!(pointers, ["/node/text"]);
}

#[test]
fn every_operation_of_a_resource_is_read() {
    let thing = json!({"type": "resource", "put": target("Put"), "operations": [target("Act")],
        "collectionOperations": [target("Search")]});
    let contract = load(
        json!({"resources": [target("Thing")]}),
        json!({"x#Thing": thing, "x#Put": operation("PUT", "/thing"), "x#Act": operation("POST", "/thing"),
            "x#Search": operation("GET", "/thing")}),
    );
    for (method, name) in [(Method::Put, "Put"), (Method::Post, "Act"), (Method::Get, "Search")] {
        let request = Request::new(method, Target::new("/thing"));
        assert_eq!(contract.route(&request).map(|operation| operation.name.as_str()), Some(name));
    }
}
