//! Another provider, of which nothing is like MSK: names that clients choose, pages of plain texts
//! in a structure, times in seconds, required members in outputs, sizes that are not documented.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::contract::{Contract, Outcome};
use crate::sandbox::Sandbox;

fn shelves() -> Contract {
    let member = |target: &str, traits: Value| json!({"target": target, "traits": traits});
    let text = |traits: Value| member("smithy.api#String", traits);
    let operation = |method: &str, uri: &str, input: &str, output: &str, errors: Value, traits: Value| {
        let mut all = json!({"smithy.api#http": {"method": method, "uri": uri, "code": 201}});
        all.as_object_mut().unwrap().extend(traits.as_object().unwrap().clone());
        json!({"type": "operation", "input": {"target": input}, "output": {"target": output},
               "errors": errors, "traits": all})
    };
    let structure = |members: Value| json!({"type": "structure", "members": members});
    let errors =
        json!([{"target": "s#Gone"}, {"target": "s#LimitExceeded"}, {"target": "s#ValidationError"}]);
    let required = json!({"smithy.api#required": {}});
    let label = json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}});
    let error = |status: u16| {
        json!({"type": "structure", "members": {"message": {"target": "smithy.api#String"}},
               "traits": {"smithy.api#error": "client", "smithy.api#httpError": status}})
    };
    let model = json!({"smithy": "2.0", "shapes": {
        "s#Shelves": {"type": "service", "version": "1", "resources": [{"target": "s#Shelf"}],
            "traits": {"aws.protocols#restJson1": {}}},
        "s#Shelf": {"type": "resource", "identifiers": {"hall": {"target": "smithy.api#String"}, "name": {"target": "smithy.api#String"}},
            "create": {"target": "s#MakeShelf"}, "read": {"target": "s#GetShelf"}, "list": {"target": "s#ListShelves"},
            "traits": {"onrecord#notFound": {"error": "s#Gone"}}},
        "s#MakeShelf": operation("POST", "/halls/{hall}/shelves", "s#MakeInput", "s#GetOutput", errors.clone(), json!({})),
        "s#GetShelf": operation("GET", "/halls/{hall}/shelves/{name}", "s#GetInput", "s#GetOutput", errors.clone(), json!({})),
        "s#ListShelves": operation("GET", "/halls/{hall}/shelves", "s#ListInput", "s#ListOutput", errors,
            json!({"smithy.api#paginated": {"inputToken": "from", "outputToken": "result.more", "items": "result.names", "pageSize": "most"}})),
        "s#MakeInput": structure(json!({"hall": text(label.clone()), "name": text(required.clone()),
            "retry": text(json!({"smithy.api#idempotencyToken": {}})), "boards": member("smithy.api#Integer", json!({}))})),
        "s#GetInput": structure(json!({"hall": text(label.clone()), "name": text(label.clone())})),
        "s#GetOutput": structure(json!({"shelf": member("s#ShelfInfo", json!({"smithy.api#nestedProperties": {}, "smithy.api#required": {}}))})),
        "s#ShelfInfo": structure(json!({"hall": text(json!({})), "name": text(required.clone()), "retry": text(json!({})),
            "made": member("smithy.api#Timestamp", json!({"onrecord#generated": "{now}"})),
            "door": member("s#Door", json!({})), "boards": member("smithy.api#Integer", required.clone()),
            "owner": member("s#Owner", required.clone())})),
        "s#Door": structure(json!({"code": text(json!({"onrecord#generated": "D{id}"})), "colour": text(required.clone())})),
        "s#Owner": structure(json!({"kind": member("s#OwnerKind", required.clone()), "since": member("smithy.api#Timestamp", required)})),
        "s#OwnerKind": {"type": "enum", "members": {"STATE": {"target": "smithy.api#Unit"}, "CHURCH": {"target": "smithy.api#Unit"}}},
        "s#ListInput": structure(json!({"hall": text(label), "from": text(json!({"smithy.api#httpQuery": "from"})),
            "most": member("smithy.api#Integer", json!({"smithy.api#httpQuery": "most"}))})),
        "s#ListOutput": structure(json!({"result": member("s#Result", json!({}))})),
        "s#Result": structure(json!({"names": member("s#Names", json!({})), "more": text(json!({}))})),
        "s#Names": {"type": "list", "member": {"target": "smithy.api#String"}},
        "s#Gone": error(410), "s#LimitExceeded": error(400), "s#ValidationError": error(400)
    }});
    Contract::from_smithy("shelves", "shelves.json", &model.to_string()).unwrap()
}

struct Shelves(Arc<Contract>, Sandbox);

impl Shelves {
    fn new() -> Self {
        let contract = Arc::new(shelves());
        Self(Arc::clone(&contract), Sandbox::new(contract, &[]))
    }

    fn call(&self, operation: &str, input: Value) -> Result<Value, (String, u16)> {
        let operation = self.0.operation(operation).unwrap();
        let response = self.1.answer(&self.0.encode(operation, &input).unwrap());
        match self.0.outcome(operation, &response) {
            Outcome::Output(output) => {
                assert_eq!(response.status, 201);
                assert_eq!(self.0.violations(&operation.answer.shape, &output), []);
                Ok(output)
            }
            Outcome::Error { identity, .. } => Err((identity.name().unwrap().to_owned(), response.status)),
            other @ (Outcome::Unreadable | Outcome::Unjudged(_)) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_thing_is_known_by_the_names_that_its_client_chose() {
    let shelves = Shelves::new();
    let made =
        shelves.call("MakeShelf", json!({"hall": "a", "name": "x", "retry": "t", "boards": 3})).unwrap();
    let shelf = &made["shelf"];
    assert_eq!((&shelf["name"], &shelf["boards"], shelf.get("retry")), (&json!("x"), &json!(3), None));
    assert!(shelf["made"].as_f64().unwrap() > 1.7e9);
    assert_eq!(shelves.call("GetShelf", json!({"hall": "a", "name": "x"})).unwrap(), made);
    let again = shelves.call("MakeShelf", json!({"hall": "a", "name": "x"}));
    assert_eq!(again, Err(("ValidationError".to_owned(), 400)));
    let elsewhere = shelves.call("GetShelf", json!({"hall": "b", "name": "x"}));
    assert_eq!(elsewhere, Err(("Gone".to_owned(), 410)));
}

#[test]
fn required_members_that_nothing_is_known_of_get_a_plausible_value() {
    let shelves = Shelves::new();
    let shelf = shelves.call("MakeShelf", json!({"hall": "a", "name": "x"})).unwrap()["shelf"].clone();
    assert_eq!(shelf["owner"]["kind"], "STATE");
    assert_eq!(shelf["boards"], 0);
    assert!(shelf["door"]["code"].as_str().unwrap().starts_with('D'));
    assert_eq!(shelf["door"]["colour"], "-");
}

#[test]
fn a_list_under_a_parent_holds_the_names_of_its_own() {
    let shelves = Shelves::new();
    for (hall, name) in [("a", "1"), ("b", "2"), ("a", "3")] {
        shelves.call("MakeShelf", json!({"hall": hall, "name": name})).unwrap();
    }
    let whole = shelves.call("ListShelves", json!({"hall": "a"})).unwrap();
    assert_eq!(whole, json!({"result": {"names": ["1", "3"]}}));
    let first = shelves.call("ListShelves", json!({"hall": "a", "most": 1})).unwrap();
    assert_eq!(first["result"]["names"], json!(["1"]));
    let token = &first["result"]["more"];
    let second = shelves.call("ListShelves", json!({"hall": "a", "most": 1, "from": token})).unwrap();
    assert_eq!(second, json!({"result": {"names": ["3"]}}));
    let other_hall = shelves.call("ListShelves", json!({"hall": "b", "from": token}));
    assert_eq!(other_hall, Err(("ValidationError".to_owned(), 400)));
    for most in [0, -1] {
        let page = shelves.call("ListShelves", json!({"hall": "a", "most": most})).unwrap();
        assert_eq!(page, whole, "an undocumented size of {most} asks for the default");
    }
}
