//! A provider whose things travel in payloads, whose lists are counted and whose answers have
//! rules.

use serde_json::{Value, json};

use super::served::Served;
use crate::contract::Contract;

fn member(target: &str, traits: Value) -> Value {
    json!({"target": target, "traits": traits})
}

fn operation(method: &str, uri: &str, input: &str, output: &str, more: Value) -> Value {
    let mut traits = json!({"smithy.api#http": {"method": method, "uri": uri, "code": 200}});
    traits.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"type": "operation", "input": {"target": input}, "output": {"target": output},
           "errors": [{"target": "g#Gone"}, {"target": "g#Wrong"}, {"target": "g#TokenConflict"}], "traits": traits})
}

fn structure(members: Value) -> Value {
    json!({"type": "structure", "members": members})
}

fn error(status: u16) -> Value {
    json!({"type": "structure", "members": {"message": {"target": "smithy.api#String"}},
           "traits": {"smithy.api#error": "client", "smithy.api#httpError": status}})
}

fn text(traits: Value) -> Value {
    member("smithy.api#String", traits)
}

fn label() -> Value {
    text(json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}}))
}

fn query(name: &str, target: &str, more: Value) -> Value {
    let mut traits = json!({"smithy.api#httpQuery": name});
    traits.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    member(target, traits)
}

fn payload(target: &str) -> Value {
    member(target, json!({"smithy.api#httpPayload": {}, "smithy.api#required": {}}))
}

fn required() -> Value {
    json!({"smithy.api#required": {}})
}

fn operations() -> Value {
    json!({
        "g#Garden": {"type": "service", "version": "1", "resources": [{"target": "g#Plant"}],
            "operations": [{"target": "g#GetKinds"}, {"target": "g#Tag"}, {"target": "g#Untag"}, {"target": "g#ListTags"}],
            "traits": {"aws.protocols#restJson1": {}}},
        "g#Plant": {"type": "resource", "identifiers": {"garden": {"target": "smithy.api#String"}, "plantId": {"target": "smithy.api#String"}},
            "create": {"target": "g#Create"}, "read": {"target": "g#Read"}, "update": {"target": "g#Update"},
            "delete": {"target": "g#Delete"}, "list": {"target": "g#List"}, "operations": [{"target": "g#Water"}],
            "traits": {"onrecord#notFound": {"error": "g#Gone"},
                "onrecord#states": {"member": "state", "initial": "SOWN", "settled": ["GROWN"]},
                "aws.api#taggable": {"property": "tags", "apiConfig": {"tagApi": "g#Tag", "untagApi": "g#Untag", "listTagsApi": "g#ListTags"}}}},
        "g#Create": operation("POST", "/{garden}/plants", "g#CreateInput", "g#PlantOutput", json!({})),
        "g#Read": operation("GET", "/{garden}/plants/{plantId}", "g#OneInput", "g#PlantOutput", json!({})),
        "g#Update": operation("PATCH", "/{garden}/plants/{plantId}", "g#UpdateInput", "g#PlantOutput", json!({})),
        "g#Delete": operation("DELETE", "/{garden}/plants/{plantId}", "g#OneInput", "smithy.api#Unit", json!({})),
        "g#Water": operation("POST", "/{garden}/plants/{plantId}/water", "g#OneInput", "g#WaterOutput", json!({})),
        "g#List": operation("GET", "/{garden}/plants", "g#ListInput", "g#ListOutput", json!({
            "onrecord#paginated": {"style": "offset", "inputToken": "offset", "pageSize": "limit", "items": "plants", "total": "total"},
            "onrecord#pageSize": {"default": 3, "maximum": 5}})),
        "g#GetKinds": operation("GET", "/kinds", "g#KindsInput", "g#KindsOutput", json!({})),
        "g#Tag": operation("POST", "/tags/{label}", "g#TagInput", "smithy.api#Unit", json!({})),
        "g#Untag": operation("DELETE", "/tags/{label}", "g#UntagInput", "smithy.api#Unit", json!({})),
        "g#ListTags": operation("GET", "/tags/{label}", "g#TagsInput", "g#TagsOutput", json!({
            "smithy.api#paginated": {"inputToken": "next", "outputToken": "next", "items": "tags", "pageSize": "most"},
            "onrecord#paginated": {"end": ["empty"]}}))
    })
}

fn bodies() -> Value {
    json!({
        "g#CreateInput": structure(json!({"garden": label(), "token": text(json!({"smithy.api#httpHeader": "x-token", "smithy.api#idempotencyToken": {}})),
            "plant": payload("g#Spec")})),
        "g#UpdateInput": structure(json!({"garden": label(), "plantId": label(), "plant": payload("g#Change")})),
        "g#OneInput": structure(json!({"garden": label(), "plantId": label()})),
        "g#PlantOutput": structure(json!({"plant": payload("g#PlantInfo")})),
        "g#WaterOutput": structure(json!({"plantId": text(required()), "drop": member("g#Drop", required())})),
        "g#Drop": structure(json!({"id": text(json!({"smithy.api#required": {}, "onrecord#generated": "d-{letters:0-9:4}"})), "plantId": text(required())})),
        "g#ListInput": structure(json!({"garden": label(),
            "offset": query("offset", "smithy.api#Integer", json!({})), "limit": query("limit", "smithy.api#Integer", json!({})),
            "names": query("name", "g#Names", json!({"onrecord#filter": {"kind": "oneOf", "item": "name"}})),
            "state": query("state", "smithy.api#String", json!({"onrecord#filter": {"kind": "oneOf", "item": "state"}}))})),
        "g#ListOutput": structure(json!({"plants": member("g#Plants", required()), "offset": member("smithy.api#Integer", required()),
            "limit": member("smithy.api#Integer", required()), "total": member("smithy.api#Integer", required())})),
        "g#Plants": {"type": "list", "member": {"target": "g#PlantInfo"}},
        "g#Names": {"type": "list", "member": {"target": "smithy.api#String"}}
    })
}

fn plants() -> Value {
    json!({
        "g#Spec": structure(json!({"name": text(required()), "depth": member("smithy.api#Integer", json!({"onrecord#default": {"value": 2}})),
            "sown": member("smithy.api#Timestamp", json!({"smithy.api#timestampFormat": "date-time"})),
            "soil": member("g#Soil", json!({})), "tags": member("g#TagList", json!({}))})),
        "g#Change": structure(json!({"name": text(json!({})), "soil": member("g#Soil", json!({}))})),
        "g#Soil": structure(json!({"sand": member("smithy.api#Integer", json!({})), "clay": member("smithy.api#Integer", json!({}))})),
        "g#PlantInfo": {"type": "structure", "members": {
            "label": text(json!({"onrecord#generated": "plant:{region}:{plantId}"})),
            "plantId": text(json!({"smithy.api#required": {}, "onrecord#generated": "p-{letters:a-f:8}", "smithy.api#pattern": "^p-[a-f]{8}$"})),
            "name": text(required()), "state": text(required()), "garden": text(json!({})),
            "depth": member("smithy.api#Integer", json!({})), "soil": member("g#Soil", json!({})),
            "sown": member("smithy.api#Timestamp", json!({"smithy.api#timestampFormat": "http-date"})),
            "made": member("smithy.api#Timestamp", json!({"onrecord#generated": "{now}"})),
            "tags": member("g#TagMap", json!({})),
            "bloom": text(json!({"onrecord#generated": "{letters:r:1}ose"})),
            "code": text(json!({"smithy.api#required": {}, "smithy.api#pattern": "^[A-Z]{3}-[0-9]+$"}))},
            "traits": {"onrecord#rules": [{"id": "blooms-when-grown", "when": "/bloom", "level": "MUST",
                "schema": {"properties": {"state": {"const": "GROWN"}}}, "note": "only a grown plant blooms"}]}}
    })
}

fn others() -> Value {
    json!({
        "g#TagMap": {"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "smithy.api#String"}},
        "g#TagList": {"type": "list", "member": {"target": "g#Pair"}},
        "g#Pair": structure(json!({"Key": text(required()), "Value": text(required())})),
        "g#TagInput": structure(json!({"label": label(), "tags": member("g#TagList", required())})),
        "g#UntagInput": structure(json!({"label": label(), "keys": query("key", "g#Names", required())})),
        "g#TagsInput": structure(json!({"label": label(), "next": query("next", "smithy.api#String", json!({})),
            "most": query("most", "smithy.api#Integer", json!({}))})),
        "g#TagsOutput": structure(json!({"tags": member("g#TagList", required()), "next": text(required())})),
        "g#KindsInput": structure(json!({"sort": query("sort", "smithy.api#String", json!({}))})),
        "g#KindsOutput": structure(json!({"kinds": payload("g#Kinds")})),
        "g#Kinds": {"type": "list", "member": {"target": "g#KindInfo"}},
        "g#KindInfo": structure(json!({"sort": text(required()), "height": member("smithy.api#Double", json!({"smithy.api#required": {}, "smithy.api#range": {"min": 0.5}})),
            "light": member("g#Light", required()), "rows": member("g#Rows", required())})),
        "g#Rows": {"type": "list", "member": {"target": "smithy.api#String"}, "traits": {"smithy.api#length": {"min": 2}}},
        "g#Light": {"type": "union", "members": {"sun": {"target": "smithy.api#Boolean"}, "shade": {"target": "smithy.api#Boolean"}}},
        "g#Gone": error(404), "g#Wrong": error(400), "g#TokenConflict": error(409)
    })
}

fn garden() -> Served {
    let mut shapes = operations();
    for more in [bodies(), plants(), others()] {
        shapes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    let model = json!({"smithy": "2.0", "shapes": shapes});
    let contract = Contract::from_smithy("garden", "garden.json", &model.to_string()).unwrap();
    assert_eq!(contract.warnings, []);
    Served::new(contract, "eu-west-1")
}

fn plant(garden: &Served, name: &str) -> Value {
    let spec = json!({"name": name, "soil": {"sand": 1, "clay": 2}});
    garden.output("Create", &json!({"garden": "g", "plant": spec}))["plant"].clone()
}

#[test]
fn what_comes_in_a_payload_is_shown_in_a_payload() {
    let garden = garden();
    let spec = json!({"name": "rose", "sown": "2026-03-01T06:00:00Z", "tags": [{"Key": "a", "Value": "b"}], "odd": 1});
    let made = garden.output("Create", &json!({"garden": "g", "plant": spec}))["plant"].clone();
    let id = made["plantId"].as_str().unwrap();
    assert_eq!(made["label"], json!(format!("plant:eu-west-1:{id}")));
    assert_eq!(
        (&made["name"], &made["state"], &made["garden"]),
        (&json!("rose"), &json!("SOWN"), &json!("g"))
    );
    assert_eq!((&made["depth"], &made["sown"]), (&json!(2), &json!("Sun, 01 Mar 2026 06:00:00 GMT")));
    assert_eq!((&made["tags"], made.get("odd")), (&json!({"a": "b"}), None));
    let shown = garden.output("Read", &json!({"garden": "g", "plantId": id}));
    assert_eq!(shown["plant"], made);
    assert_eq!(
        garden.call("Read", &json!({"garden": "h", "plantId": id})).unwrap_err(),
        ("Gone".to_owned(), 404)
    );
}

#[test]
fn a_member_that_a_rule_forbids_is_shown_once_it_is_allowed() {
    let garden = garden();
    let made = plant(&garden, "rose");
    let one = json!({"garden": "g", "plantId": made["plantId"]});
    assert_eq!((&made["state"], made.get("bloom")), (&json!("SOWN"), None));
    garden.output("Read", &one);
    let grown = garden.output("Read", &one);
    assert_eq!((&grown["plant"]["state"], &grown["plant"]["bloom"]), (&json!("GROWN"), &json!("rose")));
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let garden = garden();
    let made = plant(&garden, "rose");
    let id = &made["plantId"];
    let change = json!({"garden": "g", "plantId": id, "plant": {"name": "lily", "soil": {"clay": 9}}});
    let changed = garden.output("Update", &change)["plant"].clone();
    assert_eq!((&changed["name"], &changed["soil"]), (&json!("lily"), &json!({"sand": 1, "clay": 9})));
    assert_eq!((&changed["plantId"], &changed["made"]), (id, &made["made"]));
    let one = json!({"garden": "g", "plantId": id});
    assert_eq!(garden.output("Read", &one)["plant"]["name"], "lily");
    garden.output("Delete", &one);
    assert_eq!(garden.call("Update", &change).unwrap_err().1, 404);
}

#[test]
fn a_counted_list_says_where_it_is_and_how_much_there_is() {
    let garden = garden();
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        plant(&garden, name);
    }
    let list = |more: Value| {
        let mut input = json!({"garden": "g"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let output = garden.output("List", &input);
        let names: Vec<_> = output["plants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (names.concat(), output["offset"].clone(), output["limit"].clone(), output["total"].clone())
    };
    let expected = |names: &str, offset: u64, limit: u64, total: u64| {
        (names.to_owned(), json!(offset), json!(limit), json!(total))
    };
    assert_eq!(list(json!({})), expected("abc", 0, 3, 7));
    assert_eq!(list(json!({"offset": 5})), expected("fg", 5, 3, 7));
    assert_eq!(list(json!({"offset": 2, "limit": 2})), expected("cd", 2, 2, 7));
    assert_eq!(list(json!({"offset": 9, "limit": 50})), expected("", 9, 5, 7));
    assert_eq!(list(json!({"limit": 0})), expected("", 0, 0, 7));
    assert_eq!(list(json!({"names": ["b", "g", "x"], "limit": 1, "offset": 1})), expected("g", 1, 1, 2));
    assert_eq!(list(json!({"state": "GROWN"})), expected("abc", 0, 3, 7));
    assert_eq!(list(json!({"state": "SOWN"})), expected("", 0, 3, 0));
}

#[test]
fn tags_are_pairs_or_a_map_and_are_listed_in_pages() {
    let garden = garden();
    let label = plant(&garden, "rose")["label"].clone();
    let pairs = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]);
    garden.output("Tag", &json!({"label": label, "tags": pairs}));
    garden.output("Untag", &json!({"label": label, "keys": ["b"]}));
    let first = garden.output("ListTags", &json!({"label": label, "most": 1}));
    assert_eq!(first["tags"], json!([{"Key": "a", "Value": "1"}]));
    let second = garden.output("ListTags", &json!({"label": label, "most": 1, "next": first["next"]}));
    assert_eq!(second, json!({"tags": [{"Key": "c", "Value": "3"}], "next": ""}));
    assert_eq!(garden.call("Tag", &json!({"label": "none", "tags": []})).unwrap_err().0, "Gone");
}

#[test]
fn a_request_that_comes_again_is_not_done_again() {
    let garden = garden();
    let input = json!({"garden": "g", "token": "t", "plant": {"name": "rose"}});
    let first = garden.output("Create", &input);
    assert_eq!(garden.output("Create", &input), first);
    assert_eq!(garden.output("List", &json!({"garden": "g"}))["total"], 1);
    let other = json!({"garden": "g", "token": "t", "plant": {"name": "lily"}});
    assert_eq!(garden.call("Create", &other).unwrap_err(), ("TokenConflict".to_owned(), 409));
    let fresh = json!({"garden": "g", "token": "u", "plant": {"name": "rose"}});
    assert_ne!(garden.output("Create", &fresh), first);
}

#[test]
fn what_is_only_used_is_looked_up_and_the_answer_is_made_up() {
    let garden = garden();
    let id = plant(&garden, "rose")["plantId"].clone();
    let one = json!({"garden": "g", "plantId": id});
    let watered = garden.output("Water", &one);
    assert_eq!((&watered["plantId"], &watered["drop"]["plantId"]), (&id, &id));
    assert!(watered["drop"]["id"].as_str().unwrap().starts_with("d-"));
    assert_eq!(garden.output("Water", &one), watered);
    let gone = json!({"garden": "g", "plantId": "p-none"});
    assert_eq!(garden.call("Water", &gone).unwrap_err().0, "Gone");
}

#[test]
fn an_operation_of_no_resource_has_a_plausible_answer() {
    let kinds = garden().output("GetKinds", &json!({"sort": "tree"}));
    assert_eq!(
        kinds,
        json!({"kinds": [{"sort": "tree", "height": 0.5, "light": {"sun": false}, "rows": ["-", "-"]}]})
    );
}
