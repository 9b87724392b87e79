use serde_json::{Value, json};

use super::{shape, takes, thing};
use crate::contract::Kind;

fn pet(name: &str) -> Value {
    json!({"type": "object", "required": ["petType"], "properties": {
        "petType": {"type": "string"}, name: {"type": "integer"}}})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[test]
fn a_mapping_narrows_each_branch() {
    let contract = thing(
        "3.0.0",
        json!({"Cat": pet("lives"), "Dog": pet("years"), "Thing": {
        "oneOf": [reference("Cat"), reference("Dog")],
        "discriminator": {"propertyName": "petType", "mapping": {
            "cat": "#/components/schemas/Cat", "dog": "Dog", "wolf": "Dog"}}}}),
    );
    assert_eq!(contract.warnings, []);
    assert!(takes(&contract, json!({"petType": "cat", "lives": 7})));
    assert!(takes(&contract, json!({"petType": "wolf", "years": 7})));
    for wrong in [json!({"petType": "cat", "lives": "many"}), json!({"petType": "fish"}), json!({"lives": 7})]
    {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
    let thing = contract.shape("Thing");
    assert_eq!(thing.kind(), Kind::Choice);
    assert_eq!(
        thing.chosen(&json!({"petType": "cat"})).member("lives").map(|it| it.kind()),
        Some(Kind::Integer)
    );
    let names: Vec<_> = thing.branches().filter_map(|branch| branch.shape_name()).collect();
    assert_eq!(names, ["Cat", "Dog"]);
}

#[test]
fn without_a_mapping_the_names_of_the_schemas_decide() {
    let contract = thing(
        "3.1.0",
        json!({"Cat": pet("lives"), "Dog": pet("years"), "Thing": {
        "anyOf": [reference("Cat"), reference("Dog")], "discriminator": {"propertyName": "petType"}}}),
    );
    assert!(takes(&contract, json!({"petType": "Dog", "years": 1, "lives": "many"})));
    assert!(!takes(&contract, json!({"petType": "dog", "years": 1})));
}

/// As Astronomer has it: each branch lists all values, and each fits all bodies.
fn provider(with_mapping: bool) -> Value {
    let request = |own: &str| {
        json!({"type": "object", "required": ["cloudProvider", own], "properties": {
        "cloudProvider": {"type": "string", "enum": ["AWS", "AZURE", "GCP"]}, own: {"type": "string"}}})
    };
    let mut thing = json!({"oneOf": [reference("CreateAwsClusterRequest"), reference("CreateAzureClusterRequest"),
        reference("CreateGcpClusterRequest")]});
    if with_mapping {
        thing["discriminator"] = json!({"propertyName": "cloudProvider", "mapping": {
            "AWS": "CreateAwsClusterRequest", "AZURE": "CreateAzureClusterRequest", "GCP": "CreateGcpClusterRequest"}});
    }
    json!({"CreateAwsClusterRequest": request("name"), "CreateAzureClusterRequest": request("name"),
        "CreateGcpClusterRequest": request("range"), "Thing": thing})
}

#[test]
fn values_in_the_names_of_branches_decide_where_they_overlap() {
    for (with_mapping, warnings) in [(false, 1), (true, 0)] {
        let contract = thing("3.0.3", provider(with_mapping));
        assert_eq!(contract.warnings.len(), warnings, "{:?}", contract.warnings);
        assert!(takes(&contract, json!({"cloudProvider": "AWS", "name": "n"})));
        assert!(!takes(&contract, json!({"cloudProvider": "GCP", "name": "n"})), "this one needs a range");
        assert!(takes(&contract, json!({"cloudProvider": "GCP", "range": "r"})));
        assert!(shape(&contract, "Thing").get("oneOf").is_some());
        let chosen = contract.shape("Thing").chosen(&json!({"cloudProvider": "GCP"}));
        assert_eq!(chosen.shape_name(), Some("CreateGcpClusterRequest"));
        if warnings == 1 {
            assert_eq!(contract.warnings[0].pointer, "/components/schemas/Thing");
            assert!(contract.warnings[0].problem.contains("cloudProvider decides"));
        }
    }
}

#[test]
fn branches_that_overlap_undecided_are_any_of() {
    let some = |own: &str| json!({"type": "object", "properties": {own: {"type": "string"}}});
    let contract = thing(
        "3.0.0",
        json!({"A": some("a"), "B": some("b"), "Thing": {"oneOf": [reference("A"), reference("B")]}}),
    );
    assert!(takes(&contract, json!({"a": "x", "b": "y"})));
    assert!(!takes(&contract, json!({"a": 1, "b": 2})));
    assert_eq!(contract.warnings.len(), 1);
    assert_eq!(contract.warnings[0].problem, "the branches of this oneOf overlap, and it is read as anyOf");
}

#[test]
fn branches_that_cannot_meet_stay_one_of_in_silence() {
    let closed = |own: &str| json!({"type": "object", "required": [own], "additionalProperties": false, "properties": {own: {"type": "string"}}});
    let fixed =
        |kind: &str| json!({"type": "object", "required": ["k"], "properties": {"k": {"enum": [kind]}}});
    for branches in [
        json!([{"type": "string"}, {"type": "integer"}]),
        json!([closed("a"), closed("b")]),
        json!([fixed("a"), fixed("b")]),
        json!([{"enum": ["a"]}, {"enum": ["b"]}]),
    ] {
        let contract = thing("3.1.0", json!({"Thing": {"oneOf": branches}}));
        assert_eq!(contract.warnings, [], "{branches}");
        assert!(shape(&contract, "Thing").get("oneOf").is_some(), "{branches}");
    }
}

#[test]
fn what_stands_beside_a_choice_is_in_every_branch() {
    let contract = thing(
        "3.0.0",
        json!({
        "A": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        "Thing": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}},
            "anyOf": [reference("A"), {"required": ["b"], "properties": {"b": {"type": "integer"}}}]}}),
    );
    assert!(takes(&contract, json!({"id": "i", "a": "x"})) && takes(&contract, json!({"id": "i", "b": 1})));
    for wrong in
        [json!({"id": "i"}), json!({"a": "x"}), json!({"id": 1, "b": 1}), json!({"id": "i", "b": "x"})]
    {
        assert!(!takes(&contract, wrong.clone()), "{wrong}");
    }
    let thing = contract.shape("Thing");
    assert_eq!(thing.kind(), Kind::Choice);
    let members: Vec<Vec<_>> = thing.branches().map(|it| it.members().map(|it| it.name).collect()).collect();
    assert_eq!(members, [vec!["id", "a"], vec!["id", "b"]]);
}

#[test]
fn a_choice_of_one_is_none() {
    let contract = thing(
        "3.1.0",
        json!({"Thing": {"oneOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]}}),
    );
    assert_eq!(contract.shape("Thing").kind(), Kind::Structure);
    assert!(!takes(&contract, json!({"a": 1})));
}

#[test]
fn a_choice_may_be_null_as_well() {
    let contract = thing(
        "3.0.0",
        json!({"Thing": {"nullable": true, "oneOf": [{"type": "string"}, {"type": "integer"}]}}),
    );
    assert!(takes(&contract, json!(null)) && takes(&contract, json!("a")) && !takes(&contract, json!(true)));
    assert!(contract.shape("Thing").takes_null());
}

#[test]
fn the_longest_value_in_a_name_is_meant() {
    let source = |own: &str| {
        json!({"type": "object", "required": ["kind", own], "properties": {
            "kind": {"type": "string", "enum": ["S3", "S3_COMPAT"]}, own: {"type": "string"}}})
    };
    let contract = thing(
        "3.0.0",
        json!({"S3Source": source("a"), "S3CompatSource": source("b"),
            "Thing": {"oneOf": [reference("S3Source"), reference("S3CompatSource")]}}),
    );
    assert!(takes(&contract, json!({"kind": "S3_COMPAT", "b": "x"})));
    assert!(!takes(&contract, json!({"kind": "S3", "b": "x"})));
}
