//! Models as providers write them, each with what once was misread.

use serde_json::{Value, json};

use crate::contract::{Contract, Level, Place, Violation};
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
fn what_is_wrong_is_told_with_its_place() {
    let error = |text: &str| Contract::from_smithy("x", "x.json", text).unwrap_err().to_string();
    let dangling = r#"{"smithy": "2.0", "shapes": {
        "x#A": {"type": "list", "member": {"target": "x#B"}}}}"#;
    assert_eq!(
        error(dangling),
        "x.json:2:44: the shape x#B is referred to and not there (at /shapes/x#A/member/target); \
         add it, or mend its name"
    );
    let mistyped = "{\"smithy\": \"2.0\", \"shapes\": {\n\"x#A\": {\"type\": 1}}}";
    assert!(error(mistyped).starts_with("x.json:2:1: not a Smithy JSON AST: invalid type"));
    assert!(error("{\"smithy\": \"3\"}").contains("Smithy version 3 is not known (at /smithy)"));
    assert!(error("{}").contains("it has no text at /smithy"));
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

#[test]
fn a_pattern_that_cannot_be_read_is_told_and_takes_nothing_with_it() {
    for pattern in ["[", r"^[a-z&&[^b]]+$", r"^(?<x>a)\k<x>$"] {
        let shapes = json!({"x#Name": {"type": "string",
            "traits": {"smithy.api#pattern": pattern, "smithy.api#length": {"max": 2}}}});
        let contract =
            call(json!({"name": target("Name"), "count": {"target": "smithy.api#Integer"}}), shapes);
        let input = json!({"name": "long", "count": "one"});
        let found = contract.input_violations(&contract.operations[0], &input, None);
        let mut found = rules(&found);
        found.sort_unstable();
        assert_eq!(found, [("/count", "type"), ("/name", "maxLength")], "{pattern}");
        let told: Vec<_> =
            contract.warnings.iter().map(|told| (told.file.as_str(), told.pointer.as_str())).collect();
        assert_eq!(told, [("x.json", "/shapes/x#Name")]);
        assert!(contract.warnings[0].problem.contains(pattern));
    }
}

#[test]
fn a_pattern_is_held_to_and_shown_as_written() {
    let pattern = r"^[\w-\.]\d\/$";
    let entry = json!({"schema": {"pattern": r"^\S+$"}, "level": "SHOULD"});
    let rule = json!({"id": "r", "when": "/name", "note": "as noted", "level": "MUST",
        "schema": {"properties": {"name": {"pattern": r"^[\p{Print}]*$"}}}});
    let shapes = json!({"x#Name": {"type": "string", "traits": {"smithy.api#pattern": pattern}}});
    let member = json!({"target": "x#Name", "traits": {"onrecord#constraints": [entry]}});
    let mut call = operation("POST", "/call");
    call["input"] = target("Input");
    let input =
        json!({"type": "structure", "members": {"name": member}, "traits": {"onrecord#rules": [rule]}});
    let mut all = json!({"x#Call": call, "x#Input": input});
    all.as_object_mut().unwrap().extend(shapes.as_object().unwrap().clone());
    let contract = load(json!({"operations": [target("Call")]}), all);
    assert_eq!(contract.warnings, []);
    let demands = |name: &str| -> Vec<String> {
        let found = contract.input_violations(&contract.operations[0], &json!({"name": name}), None);
        found.into_iter().map(|violation| violation.demands).collect()
    };
    assert_eq!(demands("-1/"), [""; 0]);
    let written = format!("text that matches {pattern}");
    // Arabic-Indic one: a digit in Unicode, none in ECMA 262.
    assert_eq!(demands(".\u{661}/"), [&written, "as noted"]);
    assert_eq!(demands("a b"), [&written, r"text that matches ^\S+$"]);
}

#[test]
fn what_takes_too_long_to_match_is_neither_right_nor_a_breach() {
    let pattern = r"^((?=a)a|a)*$";
    let shapes = json!({"x#Name": {"type": "string", "traits": {"smithy.api#pattern": pattern}}});
    let entry = json!({"schema": {"pattern": pattern}, "level": "MUST"});
    let name = json!({"target": "x#Name", "traits": {"onrecord#constraints": [entry]}});
    let contract = call(json!({"name": name}), shapes);
    let levels = |name: String| -> Vec<Level> {
        let found = contract.input_violations(&contract.operations[0], &json!({"name": name}), None);
        found.into_iter().map(|violation| violation.level).collect()
    };
    assert_eq!(levels("aaa".to_owned()), []);
    assert_eq!(levels("aab".to_owned()), [Level::Must, Level::Must]);
    assert_eq!(levels("a".repeat(50) + "b"), [Level::Advisory, Level::Advisory]);
}

#[test]
fn a_timestamp_is_written_as_its_place_has_it() {
    let at = |place: &str, name: &str, more: Value| {
        let mut member = json!({"target": "x#When", "traits": {place: name}});
        member["traits"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        member
    };
    let members = json!({
        "query": at("smithy.api#httpQuery", "query", json!({})),
        "seconds": at("smithy.api#httpQuery", "seconds", json!({"smithy.api#timestampFormat": "epoch-seconds"})),
        "header": at("smithy.api#httpHeader", "x-when", json!({})),
        "body": target("When"),
        "text": {"target": "x#When", "traits": {"smithy.api#timestampFormat": "date-time"}},
    });
    let contract = call(members, json!({"x#When": {"type": "timestamp"}}));
    let mut request = Request::new(Method::Post, Target::new("/call?query=2026-11-21T07:32:37Z&seconds=1.5"));
    request.headers.push("x-when", "Sat, 21 Nov 2026 07:32:37 GMT");
    request.body = r#"{"body":1.5,"text":"2026-11-21T07:32:37Z"}"#.to_owned().into();
    let operation = contract.route(&request).unwrap();
    let input = contract.decode(operation, &request).unwrap().input;
    assert_eq!(rules(&contract.input_violations(operation, &input, None)), []);
    let wrong = json!({"query": "yesterday", "seconds": "1", "header": 1, "body": "1", "text": 1});
    assert_eq!(contract.input_violations(operation, &wrong, None).len(), 5);
}

#[test]
fn every_member_of_an_answer_has_its_place() {
    let member = |binding: &str| json!({"target": "smithy.api#String", "traits": {binding: "x", "smithy.api#required": {}}});
    let members = json!({"tag": member("smithy.api#httpHeader"), "code": member("smithy.api#httpResponseCode"),
        "more": member("smithy.api#httpPrefixHeaders"), "data": member("smithy.api#httpPayload"),
        "inside": {"target": "smithy.api#String"}});
    let mut get = operation("GET", "/get");
    get["output"] = target("Got");
    let contract = load(
        json!({"operations": [target("Get")]}),
        json!({"x#Get": get, "x#Got": {"type": "structure", "members": members}}),
    );
    let answer = &contract.operation("Get").unwrap().answer;
    let places: Vec<_> = answer.bindings.iter().map(|it| (it.member.as_str(), &it.place)).collect();
    let expected = [
        ("tag", &Place::Header("x".into())),
        ("code", &Place::Status),
        ("more", &Place::HeaderMap("x".into())),
        ("data", &Place::Payload),
        ("inside", &Place::Body),
    ];
    assert_eq!(places, expected);
    assert_eq!(contract.warnings, []);
}

#[test]
fn a_signed_service_that_states_no_common_errors_has_those_of_aws() {
    let stated = json!({"aws.protocols#restJson1": {}, "aws.auth#sigv4": {"name": "x"},
        "onrecord#commonErrors": [{"code": "Own", "status": [418]}]});
    let unsigned = json!({"aws.protocols#restJson1": {}});
    let raw = load(json!({}), json!({})).common_errors;
    assert!(raw.contains(&("ThrottlingException".to_owned(), vec![400, 429])));
    let own = load(json!({"traits": stated}), json!({})).common_errors;
    assert_eq!(own, [("Own".to_owned(), vec![418])]);
    assert_eq!(load(json!({"traits": unsigned}), json!({})).common_errors, []);
}

#[test]
fn who_may_ask_unsigned_is_what_auth_says() {
    let contract = |service: Value, traits: Value| {
        let mut call = operation("POST", "/call");
        call["traits"].as_object_mut().unwrap().extend(traits.as_object().unwrap().clone());
        let mut all = json!({"aws.protocols#restJson1": {}});
        all.as_object_mut().unwrap().extend(service.as_object().unwrap().clone());
        let shapes = json!({"x#Call": call});
        load(json!({"operations": [target("Call")], "traits": all}), shapes).operations[0].is_signed
    };
    let sigv4 = || json!({"aws.auth#sigv4": {"name": "x"}});
    assert!(contract(sigv4(), json!({})));
    assert!(!contract(json!({}), json!({})), "nothing is said");
    assert!(!contract(sigv4(), json!({"smithy.api#optionalAuth": {}})));
    assert!(!contract(sigv4(), json!({"smithy.api#auth": []})));
    let both = || json!({"aws.auth#sigv4": {"name": "x"}, "smithy.api#httpBearerAuth": {}});
    assert!(!contract(both(), json!({})), "a token does too");
    assert!(contract(both(), json!({"smithy.api#auth": ["aws.auth#sigv4"]})));
    let stated = json!({"aws.auth#sigv4": {"name": "x"}, "smithy.api#auth": []});
    assert!(!contract(stated, json!({})));
}
