//! A contract with what the built-in ones lack: recursion, unions, patterns, headers, tokens.

use serde_json::{Value, json};

use crate::contract::Contract;

pub(super) fn contract() -> Contract {
    Contract::from_smithy("fixture", "fixture.json", &model().to_string()).unwrap()
}

/// What nobody can meet: endless types, huge and contradictory bounds, patterns beyond us.
pub(super) fn hostile() -> Contract {
    let required = |more: Value| {
        let mut traits = json!({"smithy.api#required": {}});
        traits.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        traits
    };
    let string = |traits: Value| member("smithy.api#String", required(traits));
    let huge = 4_000_000_000_u64;
    let shapes = json!({
        "t#CreateThingRequest": {"type": "structure", "members": {
            "endless": member("t#Endless", required(json!({}))),
            "huge": string(json!({"smithy.api#length": {"min": huge}})),
            "repeated": string(json!({"smithy.api#pattern": "^((a{1000}){1000}){1000}$"})),
            "empty": string(json!({"smithy.api#pattern": "^(()*|(a*)*)*$", "smithy.api#length": {"min": 3}})),
            "ahead": string(json!({"smithy.api#pattern": "^(?!aws).*$"})),
            "nothing": string(json!({"smithy.api#length": {"min": 5, "max": 2}})),
            "low": member("smithy.api#Long", json!({"smithy.api#range": {"min": i64::MIN, "max": i64::MAX}})),
            "crossed": member("smithy.api#Long", json!({"smithy.api#range": {"min": 9, "max": -9}})),
            "many": member("t#Many", json!({})),
            "bits": member("t#Bits", json!({}))
        }},
        "t#Endless": {"type": "structure", "members": {"again": member("t#Endless", required(json!({})))}},
        "t#Many": {"type": "list", "member": {"target": "smithy.api#String"}, "traits": {"smithy.api#length": {"min": huge}}},
        "t#Bits": {"type": "list", "member": {"target": "smithy.api#Boolean"}, "traits": {"smithy.api#length": {"min": 3}, "smithy.api#uniqueItems": {}}}
    });
    let model = with_operations(shapes, &["CreateThing"]);
    Contract::from_smithy("hostile", "hostile.json", &model.to_string()).unwrap()
}

fn model() -> Value {
    with_operations(shapes(), &["CreateThing", "FindThings"])
}

fn with_operations(mut shapes: Value, names: &[&str]) -> Value {
    let operations = [
        ("CreateThing", json!({"method": "POST", "uri": "/things/{group}", "code": 200})),
        ("FindThings", json!({"method": "GET", "uri": "/things/{group}/{path+}", "code": 200})),
    ];
    for (name, http) in operations.into_iter().filter(|(name, _)| names.contains(name)) {
        shapes[format!("t#{name}")] = json!({
            "type": "operation",
            "input": {"target": format!("t#{name}Request")},
            "output": {"target": "smithy.api#Unit"},
            "traits": {"smithy.api#http": http}
        });
    }
    shapes["t#Things"] = json!({
        "type": "service", "version": "1",
        "operations": names.iter().map(|name| json!({"target": format!("t#{name}")})).collect::<Vec<_>>(),
        "traits": {"aws.protocols#restJson1": {}}
    });
    json!({"smithy": "2.0", "shapes": shapes})
}

fn member(target: &str, traits: Value) -> Value {
    json!({"target": target, "traits": traits})
}

fn shapes() -> Value {
    let required = || json!({"smithy.api#required": {}});
    let label = |pattern: &str| {
        json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}, "smithy.api#pattern": pattern,
               "smithy.api#length": {"min": 3, "max": 12}})
    };
    json!({
        "t#CreateThingRequest": {"type": "structure", "members": {
            "group": member("smithy.api#String", label("^[a-z][a-z0-9-]*$")),
            "token": member("smithy.api#String", json!({"smithy.api#idempotencyToken": {}, "smithy.api#required": {}})),
            "caller": member("smithy.api#String", json!({"smithy.api#httpHeader": "x-caller", "smithy.api#length": {"min": 1, "max": 20}})),
            "priority": member("smithy.api#Integer", json!({"smithy.api#httpHeader": "x-priority", "smithy.api#range": {"min": -5, "max": 5}})),
            "tree": member("t#Tree", required()),
            "choice": member("t#Choice", json!({})),
            "emails": member("t#Emails", json!({})),
            "labels": member("t#Labels", required()),
            "weight": member("smithy.api#Double", json!({"smithy.api#range": {"min": 0.5, "max": 2}})),
            "level": member("t#Level", json!({})),
            "at": member("smithy.api#Timestamp", json!({})),
            "until": member("smithy.api#Timestamp", json!({"smithy.api#timestampFormat": "date-time"})),
            "data": member("smithy.api#Blob", json!({"smithy.api#length": {"min": 5, "max": 40}})),
            "host": member("smithy.api#String", json!({"smithy.api#pattern": r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,6}$", "smithy.api#length": {"max": 30}})),
            "free": member("smithy.api#Document", json!({}))
        }},
        "t#FindThingsRequest": {"type": "structure", "members": {
            "group": member("smithy.api#String", label(r"^\w+$")),
            "path": member("smithy.api#String", json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}})),
            "deep": member("smithy.api#Boolean", json!({"smithy.api#httpQuery": "deep"})),
            "names": member("t#Names", json!({"smithy.api#httpQuery": "name", "smithy.api#required": {}})),
            "ratio": member("smithy.api#Float", json!({"smithy.api#httpQuery": "ratio"})),
            "order": member("t#Order", json!({"smithy.api#httpQuery": "order"})),
            "prose": member("smithy.api#String", json!({"smithy.api#httpQuery": "prose", "smithy.api#length": {"max": 20}, "onrecord#constraints": [
                {"schema": {"maxLength": 10}, "level": "SHOULD"}, {"schema": {"anyOf": [{"minLength": 1}]}, "level": "ADV"}]}))
        }},
        "t#Tree": {"type": "structure", "members": {
            "name": member("smithy.api#String", json!({"smithy.api#required": {}, "smithy.api#length": {"min": 2}})),
            "left": member("t#Tree", json!({})),
            "more": member("t#Trees", json!({})),
            "other": member("t#Bush", json!({}))
        }},
        "t#Bush": {"type": "structure", "members": {"tree": member("t#Tree", json!({})), "trees": member("t#Trees", json!({}))}},
        "t#Trees": {"type": "list", "member": {"target": "t#Tree"}},
        "t#Choice": {"type": "union", "members": {
            "text": member("smithy.api#String", json!({})), "tree": member("t#Tree", json!({})),
            "number": member("smithy.api#Integer", json!({}))
        }},
        "t#Emails": {"type": "list", "member": {"target": "t#Email"}, "traits": {"smithy.api#uniqueItems": {}, "smithy.api#length": {"min": 1, "max": 4}}},
        "t#Email": {"type": "string", "traits": {"smithy.api#pattern": r"^[^@\s]{1,8}@[\w.]+\.(com|org)$"}},
        "t#Labels": {"type": "map", "key": {"target": "t#Key"}, "value": {"target": "t#Names"}, "traits": {"smithy.api#length": {"min": 1, "max": 3}}},
        "t#Key": {"type": "string", "traits": {"smithy.api#pattern": "^[A-Z]{2}$"}},
        "t#Names": {"type": "list", "member": {"target": "t#Name"}, "traits": {"smithy.api#length": {"min": 1, "max": 3}}},
        "t#Name": {"type": "string", "traits": {"smithy.api#length": {"min": 1, "max": 9}}},
        "t#Level": {"type": "intEnum", "members": {
            "LOW": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": 1}},
            "HIGH": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": 10}}
        }},
        "t#Order": {"type": "enum", "members": {
            "UP": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "up"}},
            "DOWN": {"target": "smithy.api#Unit", "traits": {"smithy.api#enumValue": "down"}}
        }}
    })
}
