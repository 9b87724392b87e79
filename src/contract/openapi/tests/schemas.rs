use serde_json::json;

use super::{answers, problems, shape, takes, thing};
use crate::contract::{Kind, Role, Side};

#[test]
fn nullable_of_3_0_is_null_in_2020_12() {
    let contract = thing(
        "3.0.3",
        json!({
            "Other": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "Thing": {"type": "object", "properties": {
                "text": {"type": "string", "nullable": true, "minLength": 1},
                "word": {"type": "string", "nullable": true, "enum": ["a"]},
                "other": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Other"}]},
                "plain": {"type": "string"}}},
        }),
    );
    assert_eq!(shape(&contract, "Thing")["properties"]["text"]["type"], json!(["string", "null"]));
    assert!(takes(&contract, json!({"text": null, "word": null, "other": null})));
    assert!(takes(&contract, json!({"text": "a", "word": "a", "other": {"a": 1}})));
    for wrong in
        [json!({"plain": null}), json!({"text": ""}), json!({"word": "b"}), json!({"other": {"a": "1"}})]
    {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
    let other = contract.shape("Thing").member("other").unwrap();
    assert_eq!(
        (other.kind(), other.takes_null(), other.shape_name()),
        (Kind::Structure, true, Some("Other"))
    );
}

#[test]
fn null_of_3_1_in_any_form() {
    let contract = thing(
        "3.1.0",
        json!({
            "Other": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "Thing": {"type": "object", "properties": {
                "text": {"type": ["string", "null"]},
                "any": {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
                "one": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Other"}]},
                "three": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}}},
        }),
    );
    let null = json!({"text": null, "any": null, "one": null, "three": null});
    assert!(takes(&contract, null));
    assert!(!takes(&contract, json!({"any": 1})) && !takes(&contract, json!({"one": {"a": ""}})));
    for name in ["text", "any", "one", "three"] {
        assert!(contract.shape("Thing").member(name).unwrap().takes_null(), "{name}");
    }
    let three = contract.shape("Thing").member("three").unwrap();
    assert_eq!(three.kind(), Kind::Choice);
    assert_eq!(contract.warnings, []);
}

#[test]
fn bounds_of_3_0_may_be_exclusive_by_a_flag() {
    let contract = thing(
        "3.0.0",
        json!({"Thing": {"type": "object", "properties": {
        "n": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false}}}}),
    );
    assert!(takes(&contract, json!({"n": 9})) && takes(&contract, json!({"n": 0.1})));
    assert!(!takes(&contract, json!({"n": 0})) && !takes(&contract, json!({"n": 9.1})));
}

#[test]
fn all_of_becomes_one_structure() {
    let contract = thing(
        "3.0.0",
        json!({
            "Base": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "string", "maxLength": 9}, "kind": {"type": "string"}}, "additionalProperties": false},
            "Thing": {"description": "more", "required": ["name"], "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {"type": "object", "properties": {"id": {"type": "string", "maxLength": 5, "minLength": 2},
                    "name": {"type": "string"}}, "minProperties": 2}]},
        }),
    );
    let thing = contract.shape("Thing");
    assert_eq!(thing.kind(), Kind::Structure);
    let members: Vec<_> = thing.members().map(|it| (it.name, it.required)).collect();
    assert_eq!(members, [("id", true), ("kind", false), ("name", true)]);
    assert_eq!(thing.member("id").unwrap().bound("maxLength"), Some(5));
    assert!(takes(&contract, json!({"id": "ab", "name": "n"})));
    for wrong in [
        json!({"id": "a", "name": "n"}),
        json!({"id": "abcdef", "name": "n"}),
        json!({"name": "n", "kind": "k"}),
    ] {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
}

#[test]
fn what_all_of_cannot_say_in_one_is_held_to_besides() {
    let contract = thing(
        "3.1.0",
        json!({"Thing": {"allOf": [
        {"type": "string", "pattern": "^a"}, {"pattern": "b$", "enum": ["ab", "acb", "x"]},
        {"enum": ["ab", "x"], "not": {"const": "y"}}]}}),
    );
    assert!(takes(&contract, json!("ab")));
    assert!(!takes(&contract, json!("acb")) && !takes(&contract, json!("x")));
    let two = json!({"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "b$"}]});
    let nested = thing("3.1.0", json!({"Thing": {"allOf": [two, {"maxLength": 3}]}}));
    assert!(takes(&nested, json!("ab")) && !takes(&nested, json!("a")) && !takes(&nested, json!("b")));
}

#[test]
fn a_structure_made_of_itself_comes_to_an_end() {
    let contract = thing(
        "3.0.0",
        json!({
            "Base": {"type": "object", "properties": {"id": {"type": "integer"}}},
            "Thing": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {
                "inner": {"allOf": [{"$ref": "#/components/schemas/Thing"}, {"minProperties": 1}]},
                "list": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}}]},
        }),
    );
    assert!(takes(&contract, json!({"id": 1, "inner": {"id": 2, "inner": {"id": 3}}, "list": [{"id": 4}]})));
    assert!(!takes(&contract, json!({"inner": {"inner": {"inner": {"inner": {"id": ""}}}}})));
    assert!(!takes(&contract, json!({"inner": {"inner": {}}})));
}

#[test]
fn a_schema_that_is_nothing_but_itself_takes_anything() {
    for own in [
        json!({"allOf": [{"$ref": "#/components/schemas/Thing"}]}),
        json!({"$ref": "#/components/schemas/Thing"}),
        json!({"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "string"}]}),
        json!({"not": {"$ref": "#/components/schemas/Thing"}}),
    ] {
        if own.get("$ref").is_some() {
            continue;
        }
        let contract = thing("3.1.0", json!({"Thing": own}));
        assert!(takes(&contract, json!({"any": 1})), "{own}");
        assert_eq!(contract.warnings.len(), 1, "{own}: {:?}", contract.warnings);
    }
}

#[test]
fn each_side_has_its_own_members() {
    let contract = thing(
        "3.0.0",
        json!({
            "Inner": {"type": "object", "required": ["made"], "properties": {
                "made": {"type": "string", "readOnly": true}, "note": {"type": "string"}}},
            "Same": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Thing": {"type": "object", "required": ["id", "key", "inner"], "properties": {
                "id": {"type": "string", "readOnly": true}, "key": {"type": "string", "writeOnly": true},
                "inner": {"$ref": "#/components/schemas/Inner"}, "same": {"$ref": "#/components/schemas/Same"}}},
        }),
    );
    assert!(takes(&contract, json!({"key": "k", "inner": {}})));
    assert!(!takes(&contract, json!({"id": "i", "inner": {}})));
    assert!(answers(&contract, json!({"id": "i", "inner": {"made": "m"}})));
    assert!(!answers(&contract, json!({"id": "i", "inner": {}})));
    let names = |shape| contract.shape(shape).members().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(names("Thing"), ["id", "inner", "same"]);
    assert_eq!(names("ThingInput"), ["key", "inner", "same"]);
    assert!(contract.shapes().all(|name| name != "SameInput"));
    let key = contract.shape("ThingInput").member("key").unwrap();
    assert_eq!(key.role(Side::Request), Role::Secret);
}

#[test]
fn formats_say_what_a_text_is() {
    let text = |format: &str| json!({"type": "string", "format": format});
    let contract = thing(
        "3.0.0",
        json!({"Thing": {"type": "object", "properties": {
        "time": text("date-time"), "day": text("date"), "id": text("uuid"), "mail": text("email"),
        "uri": text("uri"), "bytes": text("byte"), "secret": text("password"),
        "odd": text("made-up"), "count": {"type": "integer", "format": "int32"},
        "big": {"type": "integer", "format": "int64", "minimum": 1}}}}),
    );
    assert!(takes(
        &contract,
        json!({
        "time": "2026-01-02T03:04:05Z", "day": "2026-01-02", "id": "8a0b1c2d-0000-4000-8000-000000000000",
        "mail": "a@example.com", "uri": "https://example.com/a", "bytes": "YWI=", "secret": "s", "odd": "?",
        "count": 2147483647, "big": 9007199254740993_i64})
    ));
    for wrong in [
        json!({"time": "2026-01-02"}),
        json!({"day": "01/02/2026"}),
        json!({"id": "x"}),
        json!({"mail": "a"}),
        json!({"uri": "no uri"}),
        json!({"count": 2147483648_i64}),
        json!({"big": 0}),
    ] {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
    let member = |name| contract.shape("Thing").member(name).unwrap();
    assert_eq!(member("secret").role(Side::Request), Role::Secret);
    assert_eq!(member("bytes").keyword("contentEncoding"), Some(&json!("base64")));
}

#[test]
fn what_json_schema_cannot_read_is_told_and_left_out() {
    let contract = thing(
        "3.1.0",
        json!({"Thing": {"type": "object", "required": true, "properties": {
        "a": {"type": "string", "minLength": "3", "maxLength": 5.0, "pattern": "(?<n>a)\\k<n>("},
        "b": {"type": "strnig"}, "c": {"type": "array", "items": true, "minItems": -1},
        "d": {"type": "string", "enum": "x"}}}}),
    );
    assert!(takes(&contract, json!({"a": "a", "b": 1, "c": [], "d": "y"})));
    assert!(!takes(&contract, json!({"a": "abcdef"})), "the others are still held to");
    let at: Vec<_> = contract.warnings.iter().map(|it| it.pointer.rsplit("/Thing").next().unwrap()).collect();
    for wanted in [
        "/required",
        "/properties/a/minLength",
        "",
        "/properties/b/type",
        "/properties/c/minItems",
        "/properties/d/enum",
    ] {
        assert!(at.contains(&wanted), "{wanted} not in {at:?}");
    }
}

#[test]
fn notes_stand_where_the_document_has_them() {
    let contract = thing(
        "3.1.0",
        json!({"Thing": {"type": "object", "x-internal": 1,
        "x-onrecord-rules": [{"id": "r", "when": "/a", "note": "n", "schema": {"required": ["b"]}}],
        "properties": {"a": {"type": "string", "x-onrecord-values": ["v"], "x-onrecord-vlaues": []},
            "b": {"type": "string", "default": "d", "x-onrecord-sensitive": true},
            "c": {"type": "string", "x-onrecord-sensitive": false}}}}),
    );
    let thing = contract.shape("Thing");
    assert_eq!(contract.rules_of("Thing").len(), 1);
    assert_eq!(thing.member("a").unwrap().note("values"), Some(&json!(["v"])));
    assert_eq!(thing.member("b").unwrap().note("default"), Some(&json!({"value": "d"})));
    assert_eq!(thing.member("b").unwrap().role(Side::Request), Role::Secret);
    assert_eq!(thing.member("c").unwrap().role(Side::Request), Role::Key);
    assert!(!takes(&contract, json!({"a": "v"})) && takes(&contract, json!({"a": "v", "b": "x"})));
    assert_eq!(
        problems(&contract),
        [(
            "/components/schemas/Thing/properties/a/x-onrecord-vlaues",
            "the word vlaues is not in the vocabulary"
        )]
    );
}

#[test]
fn keywords_of_2020_12_are_held_to() {
    let schemas = json!({"Thing": {"type": "object",
        "properties": {"kind": {"const": "k"}, "pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}},
        "patternProperties": {"^x-": {"type": "string"}}, "propertyNames": {"maxLength": 6},
        "if": {"required": ["a"]}, "then": {"required": ["b"]}, "dependentRequired": {"c": ["d"]},
        "not": {"required": ["never"]}, "additionalProperties": {"type": ["integer", "string"]}}});
    let contract = thing("3.1.0", schemas);
    assert!(takes(
        &contract,
        json!({"kind": "k", "pair": ["a", 1], "x-a": "b", "a": 1, "b": 1, "c": 1, "d": 1})
    ));
    for wrong in [
        json!({"kind": "x"}),
        json!({"pair": [1]}),
        json!({"pair": ["a", 1, 2]}),
        json!({"x-a": 1}),
        json!({"longname": 1}),
        json!({"a": 1}),
        json!({"c": 1}),
        json!({"never": 1}),
        json!({"z": true}),
    ] {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
}
