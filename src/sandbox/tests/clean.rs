//! The sandbox without faults: what is created lives as documented.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

use super::{Client, MSK, cluster};
use crate::contract::Outcome;
use crate::exchange::{Method, Request, Target};
use crate::generate::{Known, runner, valid};

#[test]
fn a_cluster_is_created_described_listed_and_deleted() {
    let client = Client::new(&[]);
    let created = client.output("CreateCluster", &cluster("orders"));
    assert_eq!(created["state"], "CREATING");
    assert_eq!(created["clusterName"], "orders");
    let arn = created["clusterArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:kafka:us-east-1:111122223333:cluster/orders/"), "{arn}");

    let input = json!({"clusterArn": arn});
    let first = &client.output("DescribeCluster", &input)["clusterInfo"];
    assert_eq!(first["state"], "CREATING");
    let listed = &client.output("ListClusters", &json!({}))["clusterInfoList"][0];
    assert_eq!(listed["state"], "ACTIVE");
    assert_eq!(client.output("DescribeCluster", &input)["clusterInfo"], *listed);
    assert_eq!(listed["currentBrokerSoftwareInfo"], json!({"kafkaVersion": "2.2.1"}));
    for absent in ["zookeeperConnectString", "stateInfo", "loggingInfo", "kafkaVersion"] {
        assert!(listed.get(absent).is_none(), "{absent}");
    }

    let deleted = client.output("DeleteCluster", &input);
    assert_eq!(deleted, json!({"clusterArn": arn, "state": "DELETING"}));
    assert_eq!(client.error("DescribeCluster", &input).0, "NotFoundException");
    assert_eq!(client.error("DeleteCluster", &input).1, 404);
    assert_eq!(client.output("ListClusters", &json!({})), json!({"clusterInfoList": []}));
}

#[test]
fn the_example_of_the_contract_comes_back() {
    let client = Client::new(&[]);
    let example = client.contract.operation("CreateCluster").unwrap().examples[0].clone();
    let created = client.output("CreateCluster", &example);
    let shown = client.output("DescribeCluster", &json!({"clusterArn": created["clusterArn"]}));
    let shown = &shown["clusterInfo"];
    for member in ["brokerNodeGroupInfo", "clusterName", "encryptionInfo", "enhancedMonitoring"] {
        assert_eq!(shown[member], example[member], "{member}");
    }
}

#[test]
fn a_documented_default_is_shown_where_its_structure_is_given() {
    let client = Client::new(&[]);
    let mut input = cluster("a");
    input["encryptionInfo"] = json!({"encryptionInTransit": {"clientBroker": "PLAINTEXT"}});
    let created = client.output("CreateCluster", &input);
    let shown = client.output("DescribeCluster", &json!({"clusterArn": created["clusterArn"]}));
    let transit = &shown["clusterInfo"]["encryptionInfo"]["encryptionInTransit"];
    assert_eq!(*transit, json!({"clientBroker": "PLAINTEXT", "inCluster": true}));
}

#[test]
fn what_the_contract_does_not_know_is_not_kept() {
    let client = Client::new(&[]);
    let mut input = cluster("a");
    input["brokerNodeGroupInfo"]["colour"] = json!("red");
    input["state"] = json!("ACTIVE");
    let created = client.output("CreateCluster", &input);
    assert_eq!(created["state"], "CREATING");
    let shown = client.output("DescribeCluster", &json!({"clusterArn": created["clusterArn"]}));
    assert!(shown["clusterInfo"]["brokerNodeGroupInfo"].get("colour").is_none());
}

#[test]
fn tags_are_put_on_taken_off_and_listed() {
    let client = Client::new(&[]);
    let mut input = cluster("a");
    input["tags"] = json!({"Owner": "sales", "Project": "x"});
    let arn = client.output("CreateCluster", &input)["clusterArn"].clone();
    let of = json!({"resourceArn": arn});
    assert_eq!(client.output("ListTagsForResource", &of)["tags"], input["tags"]);
    client.output("TagResource", &json!({"resourceArn": arn, "tags": {"Owner": "ops", "new": ""}}));
    client.output("UntagResource", &json!({"resourceArn": arn, "tagKeys": ["Project", "absent"]}));
    let tags = json!({"Owner": "ops", "new": ""});
    assert_eq!(client.output("ListTagsForResource", &of), json!({"tags": tags}));
    let described = client.output("DescribeCluster", &json!({"clusterArn": arn}));
    assert_eq!(described["clusterInfo"]["tags"], tags);
    for (operation, mut input) in [
        ("TagResource", json!({"tags": {}})),
        ("UntagResource", json!({"tagKeys": ["a"]})),
        ("ListTagsForResource", json!({})),
    ] {
        input["resourceArn"] = "arn:aws:kafka:none".into();
        assert_eq!(client.error(operation, &input).0, "NotFoundException", "{operation}");
    }
}

#[test]
fn an_operation_without_output_answers_its_status_and_no_body() {
    let client = Client::new(&[]);
    let response = client.send("OptionsClusters", &json!({}));
    assert_eq!((response.status, response.body.is_empty()), (200, true));
    let arn = client.create("a");
    let response = client.send("TagResource", &json!({"resourceArn": arn, "tags": {}}));
    assert_eq!((response.status, response.body.is_empty()), (204, true));
}

#[test]
fn every_answer_has_an_id_of_its_own_and_a_date() {
    let client = Client::new(&[]);
    let unknown = client.sandbox.answer(&Request::new(Method::Put, Target::new("/nowhere")));
    let known = client.send("ListClusters", &json!({}));
    let id =
        |response: &crate::exchange::Response| response.headers.get("x-amzn-requestid").unwrap().into_owned();
    assert_ne!(id(&unknown), id(&known));
    let date = known.headers.get("date").unwrap();
    assert!(crate::exchange::Timestamp::parse_http(&date).is_some(), "{date}");
}

#[test]
fn the_same_requests_get_the_same_answers() {
    let (one, other) = (Client::new(&[]), Client::new(&[]));
    assert_eq!(one.create("a"), other.create("a"));
    assert_ne!(one.create("b"), other.create("c"));
}

/// Whether everything that is in `part` is in `whole`.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|other| is_part(value, other)))
        }
        _ => part == whole,
    }
}

#[test]
fn whatever_is_created_is_shown_again_as_documented() {
    let create = MSK.operation("CreateCluster").unwrap();
    let inputs = valid(&MSK, create, &Known::default());
    let mut runner = runner(7, "created and shown");
    for _ in 0..200 {
        let input = inputs.new_tree(&mut runner).unwrap().current();
        let client = Client::new(&[]);
        let created = client.output("CreateCluster", &input);
        let shown = client.output("DescribeCluster", &json!({"clusterArn": created["clusterArn"]}));
        let shown = &shown["clusterInfo"];
        for (name, value) in input.as_object().unwrap() {
            if let Some(echo) = shown.get(name) {
                assert!(is_part(value, echo), "{name}: {value} became {echo}");
            }
        }
        client.output("ListClusters", &json!({}));
        client.output("DeleteCluster", &json!({"clusterArn": created["clusterArn"]}));
    }
}

proptest! {
    #[test]
    fn no_request_is_answered_with_a_server_error(
        method in "GET|POST|DELETE|OPTIONS|PUT|HEAD",
        path in "(/v1/(clusters|tags)(/[ -~]{0,20})?|/[ -~]{0,12})",
        query in "([a-zA-Z%=&+0-9]{0,20}|maxResults=[0-9-]{0,20}|nextToken=.{0,40}|tagKeys=&tagKeys=a)",
        body in "(.{0,30}|\\{\"(tags|clusterName)\":.{0,20}\\})",
    ) {
        let client = Client::new(&[]);
        let mut request = Request::new(method.as_str().into(), Target::new(format!("{path}?{query}")));
        request.body = body.into_bytes().into();
        let response = client.sandbox.answer(&request);
        prop_assert!(response.status < 500, "{request:?}");
        if let Some(operation) = client.contract.route(&request)
            && let Outcome::Error { identity, .. } = client.contract.outcome(operation, &response)
        {
            prop_assert!(operation.client_errors().any(|error| Some(error.name.as_str()) == identity.name()));
        }
    }
}
