//! Requests that break a documented rule, each refused with the documented error.

use proptest::strategy::{Strategy as _, ValueTree as _};
use serde_json::{Value, json};

use super::{Client, MSK, cluster};
use crate::contract::Level;
use crate::exchange::{Body, Method, Request, Target};
use crate::generate::{Known, runner, violations};

fn changed(pointer: &str, value: Value) -> Value {
    let mut input = cluster("a");
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    input.pointer_mut(parent).unwrap()[name] = value;
    input
}

#[test]
fn an_input_that_breaks_a_constraint_is_refused_with_its_place_and_rule() {
    let client = Client::new(&[]);
    let cases = [
        (changed("/clusterName", json!("")), "/clusterName", "minLength"),
        (changed("/clusterName", json!("x".repeat(65))), "/clusterName", "maxLength"),
        (changed("/clusterName", json!(7)), "/clusterName", "type"),
        (changed("/numberOfBrokerNodes", json!("two")), "/numberOfBrokerNodes", "type"),
        (changed("/storageMode", json!("MARS")), "/storageMode", "enum"),
        (
            changed("/configurationInfo", json!({"arn": "a", "revision": 0})),
            "/configurationInfo/revision",
            "minimum",
        ),
        (changed("/configurationInfo", json!({"arn": "a"})), "/configurationInfo/revision", "required"),
        (
            changed("/brokerNodeGroupInfo/clientSubnets", json!(["a"])),
            "/brokerNodeGroupInfo/clientSubnets",
            "minItems",
        ),
        // A SHOULD is refused as well.
        (
            changed("/brokerNodeGroupInfo/clientSubnets", json!(["a", "a"])),
            "/brokerNodeGroupInfo/clientSubnets",
            "uniqueItems",
        ),
    ];
    for (input, pointer, rule) in cases {
        let (name, status, message) = client.error("CreateCluster", &input);
        assert_eq!((name.as_str(), status), ("BadRequestException", 400), "{input}");
        assert!(message.starts_with(&format!("{pointer} breaks {rule}: ")), "{message}");
        assert!(!message.contains("MARS"), "{message}");
    }
    assert_eq!(client.walk(&json!({})).concat(), [""; 0]);
}

#[test]
fn every_documented_constraint_is_enforced_and_advice_is_not() {
    for operation in &MSK.operations {
        for violating in violations(&MSK, operation).reachable {
            let client = Client::new(&[]);
            let label = format!("{}/{}", operation.name, violating.label);
            let inputs = violating.strategy(&MSK, operation, &Known::default());
            let broken = inputs.new_tree(&mut runner(7, &label)).unwrap().current();
            let response = client.send(&operation.name, &broken.input);
            let named = response.headers.get("x-amzn-errortype");
            let refused = named.as_deref() == Some("BadRequestException");
            assert_eq!(refused, violating.level >= Level::Should, "{label}: {}", broken.input);
        }
    }
}

#[test]
fn a_rule_between_members_is_enforced() {
    let client = Client::new(&[]);
    let mut input = cluster("a");
    input["clientAuthentication"] = json!({"tls": {"enabled": true}});
    input["encryptionInfo"] = json!({"encryptionInTransit": {"inCluster": false}});
    let (_, status, message) = client.error("CreateCluster", &input);
    assert_eq!(status, 400);
    assert!(
        message
            .contains("/clientAuthentication/tls/enabled breaks rule:tls-auth-needs-encryption-in-cluster")
    );
}

#[test]
fn advice_is_not_enforced() {
    let client = Client::new(&[]);
    client.output("CreateCluster", &changed("/kafkaVersion", json!("3.9.1")));
}

#[test]
fn page_sizes_outside_their_range_are_refused() {
    let client = Client::new(&[]);
    for (size, rule) in
        [(json!(0), "minimum"), (json!(-1), "minimum"), (json!(101), "maximum"), (json!("x"), "type")]
    {
        let (name, _, message) = client.error("ListClusters", &json!({"maxResults": size}));
        assert_eq!(name, "BadRequestException");
        assert!(message.contains(rule), "{message}");
    }
}

#[test]
fn a_name_is_taken_until_its_cluster_is_gone() {
    let client = Client::new(&[]);
    let arn = client.create("a");
    let error = client.error("CreateCluster", &cluster("a"));
    assert_eq!(
        (error.0.as_str(), error.1, error.2.as_str()),
        ("ConflictException", 409, "/clusterName is taken")
    );
    client.output("DeleteCluster", &json!({"clusterArn": arn}));
    assert_ne!(client.create("a"), arn);
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    let client = Client::new(&[]);
    for body in ["", "{", "[]", "null", "\"a\"", "{\"a\":1}x", &"[".repeat(100_000)] {
        let mut request = Request::new(Method::Post, Target::new("/v1/clusters"));
        request.body = Body::from(body.to_owned());
        let response = client.sandbox.answer(&request);
        assert_eq!(response.status, 400, "{body:.20}");
        assert_eq!(response.headers.get("x-amzn-errortype").as_deref(), Some("BadRequestException"));
    }
}

#[test]
fn a_path_that_no_operation_has_is_refused_as_a_provider_does() {
    let client = Client::new(&[]);
    for (method, path, status) in
        [(Method::Get, "/", 404), (Method::Put, "/v1/clusters", 405), (Method::Get, "/v1/clusters/", 404)]
    {
        let response = client.sandbox.answer(&Request::new(method, Target::new(path)));
        assert_eq!(response.status, status);
        let named = response.headers.get("x-amzn-errortype");
        assert_eq!(named.as_deref(), Some("UnknownOperationException"));
    }
}
