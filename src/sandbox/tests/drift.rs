//! Two recordings of one story: without a fault there is no drift, with one there is.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Client, MSK, cluster};
use crate::cassette::{Cassette, Header, Origin};
use crate::exchange::{Ending, Exchange, Timestamp, Timing};
use crate::redact::Redacted;
use crate::report::drift::{self, Drift};
use crate::sandbox::Fault;

/// The life of a cluster, and what is seen of it beside `others`.
fn life(fault: Option<&str>, name: &str, tags: &[String], others: usize) -> Cassette {
    let faults: Vec<_> = fault.into_iter().map(|name| *Fault::named(name).unwrap()).collect();
    let client = Client::new(&faults);
    let mut exchanges = Vec::new();
    let mut send = |operation: &str, input: Value| {
        let request = MSK.encode(MSK.operation(operation).unwrap(), &input).unwrap();
        let response = client.sandbox.answer(&request);
        let body = response.body.json().unwrap_or_default();
        let timing =
            Timing { started: Timestamp::now(), first_byte: Duration::ZERO, duration: Duration::ZERO };
        let exchange = Exchange { operation: None, request, response, ending: Ending::Complete, timing };
        exchanges.push(Redacted::read_back(exchange));
        body
    };
    let mut input = cluster(name);
    input["tags"] = tags.iter().map(|tag| (tag.clone(), json!(name))).collect::<Map<_, _>>().into();
    let arn = send("CreateCluster", input)["clusterArn"].clone();
    for number in 0..others {
        send("CreateCluster", cluster(&format!("{name}-{number}")));
    }
    send("ListClusters", json!({}));
    send("DescribeCluster", json!({"clusterArn": arn}));
    send("ListTagsForResource", json!({"resourceArn": arn}));
    send("DeleteCluster", json!({"clusterArn": arn}));
    send("DescribeCluster", json!({"clusterArn": "arn:aws:kafka:us-east-1:111122223333:cluster/gone/1"}));
    Cassette { header: Header::new(None, Origin::Sandbox), exchanges }
}

fn between(old: &Cassette, new: &Cassette) -> Vec<Drift> {
    drift::between(std::slice::from_ref(&MSK), old, new)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_story_told_twice_does_not_drift(
        names in ["[a-z]{1,12}", "[a-z]{1,12}"],
        tags in prop::collection::vec(prop::collection::hash_set("[a-zA-Z.]{1,9}", 1..4), 2),
        others in [0_usize..4, 0..4],
    ) {
        let told = |at: usize| {
            let tags: Vec<_> = tags[at].iter().cloned().collect();
            life(None, &names[at], &tags, others[at])
        };
        prop_assert_eq!(between(&told(0), &told(1)), []);
    }
}

#[test]
fn a_provider_that_answers_otherwise_drifts() {
    let tags = ["Owner".to_owned()];
    let before = life(None, "orders", &tags, 1);
    for (fault, told) in [
        ("response.other-type", "breaking  DescribeCluster: 200: clusterInfo."),
        ("response.other-status", "notable   CreateCluster: no answer with 200 any more, now 202"),
        (
            "response.plain-text",
            "breaking  CreateCluster: 200: the content type was application/json and is text/plain",
        ),
        ("error.not-json", "breaking  DescribeCluster: 404: the body was an object and is no JSON"),
    ] {
        let found = between(&before, &life(Some(fault), "orders", &tags, 1));
        let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.starts_with(told)), "{fault}: {lines:#?}");
    }
}
