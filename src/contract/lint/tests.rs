use serde_json::{Value, json};

use super::{Grade, locate};
use crate::contract::document::Document;
use crate::contract::draft::Overlay;
use crate::contract::{Contract, smithy};

/// Things that are listed and made.
fn model() -> Value {
    let text = json!({"target": "smithy.api#String"});
    let required = json!({"target": "smithy.api#String", "traits": {"smithy.api#required": {}}});
    let http =
        |method: &str, uri: &str| json!({"smithy.api#http": {"method": method, "uri": uri, "code": 200}});
    json!({"smithy": "2.0", "shapes": {
        "x#Things": {"type": "service", "version": "1", "traits": {"aws.protocols#restJson1": {}},
            "operations": [{"target": "x#MakeThing"}, {"target": "x#ListThings"}, {"target": "x#GetThing"}]},
        "x#MakeThing": {"type": "operation", "input": {"target": "x#Thing"}, "errors": [{"target": "x#Taken"}],
            "traits": http("POST", "/things")},
        "x#ListThings": {"type": "operation", "input": {"target": "x#ListThingsInput"},
            "output": {"target": "x#ListThingsOutput"}, "traits": http("GET", "/things")},
        "x#GetThing": {"type": "operation", "input": {"target": "x#GetThingInput"}, "output": {"target": "x#Thing"},
            "traits": http("GET", "/things/{name}")},
        "x#GetThingInput": {"type": "structure", "members": {"name": {"target": "smithy.api#String",
            "traits": {"smithy.api#required": {}, "smithy.api#httpLabel": {}}}}},
        "x#Thing": {"type": "structure", "members": {"name": required, "colour": text, "state": {"target": "x#State"},
            "size": {"target": "smithy.api#Integer", "traits": {"smithy.api#range": {"min": 1, "max": 9}}}}},
        "x#State": {"type": "enum", "members": {"NEW": {"target": "smithy.api#Unit"}, "OLD": {"target": "smithy.api#Unit"}}},
        "x#ListThingsInput": {"type": "structure", "members": {"next": text, "limit": {"target": "smithy.api#Integer"},
            "prefix": text}},
        "x#ListThingsOutput": {"type": "structure", "members": {"next": text, "things": {"target": "x#ThingList"}}},
        "x#ThingList": {"type": "list", "member": {"target": "x#Thing"}},
        "x#Taken": {"type": "structure", "members": {"message": text},
            "traits": {"smithy.api#error": "client", "smithy.api#httpError": 409}},
    }})
}

fn linted(model: &Value, overlay: &Value) -> Vec<(Grade, String, String)> {
    let document = Document::read("model.json", model.to_string().as_bytes()).unwrap();
    let overlay = Overlay::read("mine.json", overlay.to_string().as_bytes()).unwrap();
    let mut draft = smithy::draft("things", &document, None).unwrap();
    draft.lay(&overlay).unwrap();
    let problems = draft.finish().lint();
    problems.into_iter().map(|it| (it.grade, format!("{}{}", it.file, it.pointer), it.problem)).collect()
}

/// The one problem that an overlay makes.
#[track_caller]
fn only(overlay: Value, grade: Grade, place: &str, problem: &str) {
    let found = linted(&model(), &overlay);
    assert_eq!(found, [(grade, place.to_owned(), problem.to_owned())], "{overlay}");
}

fn thing(notes: Value) -> Value {
    json!({"shapes": {"Thing": {"members": {"colour": notes}}}})
}

fn resource(notes: Value) -> Value {
    let mut all =
        json!({"identifiers": ["name"], "create": "MakeThing", "read": "GetThing", "list": "ListThings"});
    all.as_object_mut().unwrap().extend(notes.as_object().unwrap().clone());
    json!({"resources": {"Thing": all}})
}

#[test]
fn a_sound_contract_has_no_problems() {
    let paginated =
        json!({"inputToken": "next", "outputToken": "next", "items": "things", "pageSize": "limit"});
    let sound = json!({
        "operations": {"ListThings": {"paginated": paginated, "identity": "name", "pageSize": {"default": 2, "maximum": 5}}},
        "resources": {"Thing": {"identifiers": ["name"], "create": "MakeThing", "read": "GetThing", "list": "ListThings",
            "unique": {"member": "name", "error": "Taken"},
            "states": {"member": "state", "initial": "NEW", "settled": ["OLD"], "transitions": {"NEW": ["OLD"]}}}},
        "shapes": {
            "ListThingsInput": {"members": {"prefix": {"filter": {"kind": "prefix", "item": "name"}}}},
            "Thing": {"rules": [{"id": "a", "when": "/colour", "differ": ["/colour", "{region}"]}],
                "members": {"size": {"default": {"value": 3}, "values": [1, 9]},
                    "colour": {"generated": "{region}-{letters:a-f:6}-{name}"}}}},
    });
    assert_eq!(linted(&model(), &sound), []);
}

#[test]
fn pagination_names_what_is_there() {
    let paginated = |changed: &str, to: &str| {
        let mut it =
            json!({"inputToken": "next", "outputToken": "next", "items": "things", "pageSize": "limit"});
        it[changed] = to.into();
        json!({"operations": {"ListThings": {"paginated": it}}})
    };
    let at = "mine.json/operations/ListThings/paginated";
    let gone = "paginated names gone as items, and ListThings has no such member";
    only(paginated("items", "gone"), Grade::Error, at, gone);
    only(
        paginated("items", "next"),
        Grade::Warning,
        at,
        "paginated names next as items, and that is not a list",
    );
    only(
        paginated("pageSize", "prefix"),
        Grade::Warning,
        at,
        "paginated names prefix as pageSize, and that is not a number",
    );
    let mut identity = paginated("items", "things");
    identity["operations"]["ListThings"]["identity"] = "id".into();
    let problem = "identity names id, and the items of the list have no such member";
    only(identity, Grade::Error, "mine.json/operations/ListThings/identity", problem);
}

#[test]
fn a_filter_looks_at_members_of_items() {
    let filter = json!({"kind": "prefix", "item": "title"});
    let overlay = json!({"shapes": {"ListThingsInput": {"members": {"prefix": {"filter": filter}}}}});
    let problem = "the filter looks at title, and the items of the list have no such member";
    only(overlay, Grade::Error, "mine.json/shapes/ListThingsInput/members/prefix/filter", problem);
}

#[test]
fn stated_values_keep_to_their_shape() {
    let size = |notes: Value| json!({"shapes": {"Thing": {"members": {"size": notes}}}});
    let at = "mine.json/shapes/Thing/members/size";
    let problem = |word: &str| format!("{word}: 10 is not what the contract demands: it must be at most 9");
    only(size(json!({"values": [1, 10]})), Grade::Warning, &format!("{at}/values"), &problem("values"));
    only(
        size(json!({"default": {"value": 10}})),
        Grade::Warning,
        &format!("{at}/default"),
        &problem("default"),
    );
    let prose = json!({"values": [8], "constraints": [{"schema": {"maximum": 7}}]});
    let at_most = "values: 8 is not what the contract demands: it must be at most 7";
    only(size(prose), Grade::Warning, &format!("{at}/values"), at_most);
}

#[test]
fn templates_are_filled_on_trial() {
    let at = "mine.json/shapes/Thing/members/colour/generated";
    only(thing(json!({"generated": "{hue}"})), Grade::Error, at, "generated: nothing is known as {hue}");
    only(
        thing(json!({"generated": "{id"})),
        Grade::Warning,
        at,
        "generated: {id has a brace that is not closed",
    );
    let pattern = json!({"generated": "{account}", "constraints": [{"schema": {"pattern": "^[a-z]+$"}}]});
    let problem = "generated: 111122223333, made from {account}, must be text that matches ^[a-z]+$";
    only(thing(pattern), Grade::Warning, at, problem);
}

#[test]
fn resources_name_what_is_there() {
    let at = |word: &str| format!("mine.json/resources/Thing/{word}");
    let gone = "Thing names DropThing as delete, and there is no such operation";
    only(resource(json!({"delete": "DropThing"})), Grade::Error, &at("delete"), gone);
    let identified = "Thing is identified by id, which GetThing does not take";
    only(resource(json!({"identifiers": ["id"]})), Grade::Warning, &at("identifiers"), identified);
    let unique = resource(json!({"unique": {"member": "name", "error": "Conflict"}}));
    only(unique, Grade::Error, &at("unique"), "unique names Conflict, and MakeThing does not document it");
    let not_found = resource(json!({"notFound": {"error": "Taken"}}));
    only(not_found, Grade::Error, &at("notFound"), "notFound names Taken, and GetThing does not document it");
    let states = |member: &str, settled: &str| {
        resource(json!({"states": {"member": member, "initial": "NEW", "settled": [settled]}}))
    };
    let no_member = "Thing shows its state as status, and no answer has that";
    only(states("status", "OLD"), Grade::Error, &at("states"), no_member);
    let no_value = "DONE is said to be a state of Thing, and not a value of state";
    only(states("state", "DONE"), Grade::Warning, &at("states"), no_value);
}

#[test]
fn rules_can_be_judged_and_mended() {
    let rules = |rules: Value| json!({"shapes": {"Thing": {"rules": rules}}});
    let at = "mine.json/shapes/Thing/rules";
    let whenless = "rule a does not say when it applies";
    only(rules(json!([{"id": "a", "schema": {}}])), Grade::Warning, at, whenless);
    let nowhere = "rule a applies when /hue is there, and there is no such place";
    only(rules(json!([{"id": "a", "when": "/hue", "schema": {}}])), Grade::Error, at, nowhere);
    let place = "rule a looks at /hue, and there is no such place";
    only(
        rules(json!([{"id": "a", "when": "/colour", "equal": ["/colour", "/hue"]}])),
        Grade::Error,
        at,
        place,
    );
    let schema = json!([{"id": "a", "when": "/colour", "schema": {"type": "colour"}}]);
    only(rules(schema), Grade::Error, at, "the schema of rule a is no JSON Schema");
    let twice =
        json!([{"id": "a", "when": "/colour", "schema": {}}, {"id": "a", "when": "/size", "schema": {}}]);
    only(rules(twice), Grade::Warning, at, "Thing has two rules a");
}

#[test]
fn sources_name_pages() {
    let problem = "source: the source names the page gone, which is not among pages";
    only(
        thing(json!({"source": {"page": "gone"}})),
        Grade::Warning,
        "mine.json/shapes/Thing/members/colour/source",
        problem,
    );
}

#[test]
fn what_the_model_says_is_examined_too() {
    let mut model = model();
    model["shapes"]["x#Thing"]["members"]["password"] = json!({"target": "smithy.api#String"});
    model["shapes"]["x#Thing"]["members"]["size"]["traits"]["smithy.api#range"]["min"] = 10.into();
    model["shapes"]["x#GetThing"]["traits"]["smithy.api#http"]["uri"] = "/things".into();
    model["shapes"]["x#GetThing"]["traits"]["onrecord#safety"] = "harmless".into();
    model["shapes"]["x#MakeThing"]["traits"]["smithy.api#examples"] = json!([{"input": {"colour": "red"}}]);
    let mut found = linted(&model, &json!({}));
    found.sort();
    let place = |at: &str| format!("model.json/shapes/{at}");
    let note = "Thing.password sounds like a secret, and is not marked as one: it would be recorded";
    assert_eq!(
        found,
        [
            (Grade::Note, place("x#Thing/members/password/traits/onrecord#sensitive"), note.to_owned()),
            (
                Grade::Warning,
                place("x#GetThing"),
                "GetThing and ListThings have the same method and path".to_owned()
            ),
            (
                Grade::Warning,
                place("x#GetThing/traits/onrecord#safety"),
                r#"safety: the value must be one of "read", "create", "change", "destroy""#.to_owned()
            ),
            (
                Grade::Warning,
                place("x#MakeThing"),
                "example 1 of MakeThing breaks required at /name: it must be the member, which is required"
                    .to_owned()
            ),
            (
                Grade::Warning,
                place("x#Thing/members/size"),
                "no value satisfies minimum 10 and maximum 9".to_owned()
            ),
        ]
    );
}

#[test]
fn places_get_lines() {
    let model = serde_json::to_string_pretty(&model()).unwrap();
    let contract =
        Contract::from_smithy("things", "model.json", &model.replace("\"limit\"", "\"apiKey\"")).unwrap();
    let mut problems = contract.lint();
    assert_eq!(problems.len(), 0, "a number is no secret");
    let model = model.replace("\"prefix\"", "\"apiKey\"");
    problems = Contract::from_smithy("things", "model.json", &model).unwrap().lint();
    locate(&mut problems, "model.json", model.as_bytes()).unwrap();
    let line = model.lines().position(|line| line.contains("\"apiKey\"")).unwrap() + 1;
    assert_eq!(problems[0].line, Some(line));
    assert_eq!(problems[0].column, Some(model.lines().nth(line - 1).unwrap().find('"').unwrap() + 1));
}
