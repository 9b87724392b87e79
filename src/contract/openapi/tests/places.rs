//! Whatever stands in a parameter comes back from the wire as it was, in every style.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{document, load};
use crate::contract::Contract;

/// A way to write a parameter: where it stands, its style, and whether its parts stand apart.
type Way = (&'static str, &'static str, bool);

const LISTS: &[Way] = &[
    ("path", "simple", false),
    ("path", "simple", true),
    ("path", "label", false),
    ("path", "label", true),
    ("path", "matrix", false),
    ("path", "matrix", true),
    ("query", "form", false),
    ("query", "form", true),
    ("query", "spaceDelimited", false),
    ("query", "pipeDelimited", false),
    ("header", "simple", false),
    ("cookie", "form", false),
];

const OBJECTS: &[Way] = &[
    ("path", "simple", false),
    ("path", "simple", true),
    ("path", "label", false),
    ("path", "label", true),
    ("path", "matrix", false),
    ("path", "matrix", true),
    ("query", "form", false),
    ("query", "form", true),
    ("query", "deepObject", true),
    ("header", "simple", false),
    ("header", "simple", true),
    ("cookie", "form", false),
];

const SINGLES: &[Way] = &[
    ("path", "simple", false),
    ("path", "label", true),
    ("path", "matrix", false),
    ("query", "form", true),
    ("header", "simple", false),
    ("cookie", "form", true),
];

fn contract((place, style, explode): Way, schema: Value, as_json: bool) -> Contract {
    let mut parameter = json!({"name": "p", "in": place, "required": true});
    if as_json {
        parameter["content"] = json!({"application/json": {"schema": schema}});
    } else {
        parameter["schema"] = schema;
        parameter["style"] = style.into();
        parameter["explode"] = explode.into();
    }
    let path = if place == "path" { "/a/{p}/b" } else { "/a" };
    load(&document(
        "3.1.0",
        json!({path: {"get": {"operationId": "Call", "parameters": [parameter], "responses": {}}}}),
        json!({}),
    ))
}

fn comes_back(contract: &Contract, value: &Value) -> Result<(), TestCaseError> {
    let call = contract.operation("Call").unwrap();
    let input = json!({ "p": value });
    let request = contract.encode(call, &input).unwrap();
    prop_assert_eq!(contract.route(&request).map(|it| it.name.as_str()), Some("Call"), "{}", request.target);
    let decoded = contract.decode(call, &request).unwrap();
    prop_assert_eq!(&decoded.input, &input, "{} {:?}", request.target, request.headers.get("cookie"));
    prop_assert_eq!(decoded.undeclared, vec![]);
    Ok(())
}

/// A text that no style takes apart: separators inside of values are lost by design (OpenAPI 3.1,
/// "Style Values"), where the place does not escape them.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äß_-]{1,6}"
}

/// A text with anything that a path or a query has to escape.
fn wild() -> impl Strategy<Value = String> {
    "[ -~äß€]{1,8}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn lists_of_texts(elements in prop::collection::vec(text(), 1..4)) {
        for way in LISTS {
            comes_back(&contract(*way, json!({"type": "array", "items": {"type": "string"}}), false), &json!(elements))?;
        }
    }

    #[test]
    fn lists_of_numbers(elements in prop::collection::vec(any::<i32>(), 1..4)) {
        for way in LISTS {
            comes_back(&contract(*way, json!({"type": "array", "items": {"type": "integer"}}), false), &json!(elements))?;
        }
    }

    #[test]
    fn objects(a in text(), n in any::<i32>(), flag in prop::option::of(any::<bool>())) {
        let mut value = Map::from_iter([("a".to_owned(), json!(a)), ("n".to_owned(), json!(n))]);
        value.extend(flag.map(|flag| ("flag".to_owned(), json!(flag))));
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "integer"}, "flag": {"type": "boolean"}}});
        for way in OBJECTS {
            comes_back(&contract(*way, schema.clone(), false), &Value::Object(value.clone()))?;
        }
    }

    #[test]
    fn maps(entries in prop::collection::btree_map("[a-z]{1,3}", text(), 1..4)) {
        let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
        for way in OBJECTS {
            comes_back(&contract(*way, schema.clone(), false), &json!(entries))?;
        }
    }

    #[test]
    fn single_values(word in text(), number in any::<i64>(), flag in any::<bool>()) {
        for way in SINGLES {
            for (kind, value) in [("string", json!(word)), ("integer", json!(number)), ("boolean", json!(flag))] {
                comes_back(&contract(*way, json!({ "type": kind }), false), &value)?;
            }
        }
    }

    #[test]
    fn any_text_in_path_and_query(word in wild(), words in prop::collection::vec(wild(), 1..4)) {
        for way in [("path", "simple", false), ("query", "form", true)] {
            comes_back(&contract(way, json!({"type": "string"}), false), &json!(word))?;
            comes_back(&contract(way, json!({"type": "array", "items": {"type": "string"}}), false), &json!(words))?;
        }
    }

    #[test]
    fn json_in_a_parameter(word in wild(), numbers in prop::collection::vec(any::<i32>(), 0..3)) {
        for place in ["path", "query"] {
            comes_back(&contract((place, "", false), json!({"type": "object"}), true), &json!({"w": word, "n": numbers}))?;
        }
    }
}
