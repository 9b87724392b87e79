//! The sandbox with a fault: the laws that the fault names are broken, and no others.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, MSK, cluster};
use crate::check::{CHECKS, Coverage, OF_CLIENTS, Ruling, Session};
use crate::contract::{Declared, at_path};
use crate::exchange::{Body, Ending, Exchange, Request, Timestamp, Timing};
use crate::redact::Redactor;
use crate::sandbox::{FAULTS, Fault};

/// How many pages a client follows before it gives up.
const PATIENCE: usize = 20;

/// A signature that nobody verifies.
const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/kafka/aws4_request, SignedHeaders=host, Signature=0";

/// What makes no difference in MSK, whose ARNs are any text: none is malformed.
const IDLE: [&str; 1] = ["validation.name-is-missing"];

/// A client that writes down what it sees.
struct Script {
    client: Client,
    seen: Vec<Exchange>,
}

impl Script {
    fn new(faults: &[Fault]) -> Self {
        Self { client: Client::new(faults), seen: Vec::new() }
    }

    fn send(&mut self, operation: &str, input: &Value) -> Value {
        let request = MSK.encode(MSK.operation(operation).unwrap(), input).unwrap();
        self.raw(request)
    }

    /// The request says where it is sent, as signed ones do.
    fn raw(&mut self, mut request: Request) -> Value {
        request.headers.set("authorization", SIGNATURE);
        let response = self.client.sandbox.answer(&request);
        let body = response.body.json().unwrap_or_default();
        let started = Timestamp::now();
        let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
        self.seen.push(Exchange { operation: None, request, response, ending: Ending::Complete, timing });
        body
    }

    fn walk(&mut self, query: &Value) {
        let mut query = query.clone();
        let mut followed = BTreeSet::new();
        while followed.len() < PATIENCE {
            let output = self.send("ListClusters", &query);
            let Some(token) = at_path(&output, "nextToken").and_then(Value::as_str) else { break };
            if !followed.insert(token.to_owned()) {
                break;
            }
            query["nextToken"] = token.into();
        }
    }

    /// Everything that a check looks for, with a few clusters.
    fn few(mut self) -> Vec<Exchange> {
        let example = MSK.operation("CreateCluster").unwrap().examples[0].clone();
        let arn = self.send("CreateCluster", &example)["clusterArn"].clone();
        for name in ["orders", "orders-eu", "orders"] {
            self.send("CreateCluster", &cluster(name));
        }
        for (size, filter) in [(1, ""), (2, ""), (100, ""), (1, "orders"), (100, "orders"), (100, "none")] {
            let mut query = json!({"maxResults": size});
            if !filter.is_empty() {
                query["clusterNameFilter"] = filter.into();
            }
            self.walk(&query);
        }
        self.walk(&json!({}));
        self.send("ListClusters", &json!({"nextToken": "bm90LWEtdG9rZW4"}));
        self.send("ListClusters", &json!({"maxResults": 0}));
        self.send("ListClusters", &json!({"maxResults": 101}));
        self.send("OptionsClusters", &json!({}));
        for arn in [arn, json!("arn:aws:kafka:us-east-1:111122223333:cluster/gone/1")] {
            self.send("DescribeCluster", &json!({"clusterArn": arn}));
            self.send("TagResource", &json!({"resourceArn": arn, "tags": {"a": "b"}}));
            self.send("ListTagsForResource", &json!({"resourceArn": arn}));
            self.send("UntagResource", &json!({"resourceArn": arn, "tagKeys": ["a"]}));
            self.send("DeleteCluster", &json!({"clusterArn": arn}));
        }
        self.mistakes();
        self.life();
        self.seen
    }

    /// One cluster from its creation to its end, and one that is refused.
    fn life(&mut self) {
        let mut asked = cluster("alive");
        asked["enhancedMonitoring"] = "PER_BROKER".into();
        let created = self.send("CreateCluster", &asked);
        let arn = &created["clusterArn"];
        let (named, tagged) = (json!({"clusterArn": arn}), json!({"resourceArn": arn}));
        for _ in 0..4 {
            self.send("DescribeCluster", &named);
        }
        self.walk(&json!({}));
        self.send("DescribeCluster", &named);
        self.send("TagResource", &json!({"resourceArn": arn, "tags": {"a": "b", "c": "d"}}));
        self.send("ListTagsForResource", &tagged);
        self.send("DescribeCluster", &named);
        self.send("UntagResource", &json!({"resourceArn": arn, "tagKeys": ["a"]}));
        self.send("ListTagsForResource", &tagged);
        self.send("DeleteCluster", &named);
        self.send("DescribeCluster", &named);
        let mut wrong = cluster("refused");
        wrong["enhancedMonitoring"] = "NONE".into();
        self.send("CreateCluster", &wrong);
        self.walk(&json!({}));
    }

    /// The same walk twice.
    fn twice(mut self, query: &Value) -> Vec<Exchange> {
        self.create(&["orders", "orders-eu", "sales", "stock"]);
        self.walk(query);
        self.walk(query);
        self.seen
    }

    /// The begin of a walk, and then these requests with its token.
    fn detour(mut self, requests: &[Value]) -> Vec<Exchange> {
        self.create(&["orders", "orders-eu", "sales"]);
        let token = self.send("ListClusters", &json!({"maxResults": 1}))["nextToken"].clone();
        for request in requests {
            let mut request = request.clone();
            request["nextToken"] = token.clone();
            self.send("ListClusters", &request);
        }
        self.seen
    }

    /// A list before and after something was read.
    fn read(mut self) -> Vec<Exchange> {
        let arn = self.create(&["orders"]);
        self.walk(&json!({}));
        self.send("DescribeCluster", &json!({ "clusterArn": arn }));
        self.walk(&json!({}));
        self.seen
    }

    /// The first and the last of three clusters are deleted once a walk has shown the first.
    fn shrinking(mut self) -> Vec<Exchange> {
        let names = ["orders", "sales", "stock"];
        let arns: Vec<_> = names.iter().map(|name| self.create(&[name])).collect();
        self.walk(&json!({}));
        let token = self.send("ListClusters", &json!({"maxResults": 1}))["nextToken"].clone();
        for arn in [&arns[0], &arns[2]] {
            for operation in ["DeleteCluster", "DescribeCluster", "DeleteCluster"] {
                self.send(operation, &json!({ "clusterArn": arn }));
            }
        }
        self.walk(&json!({"maxResults": 1, "nextToken": token}));
        self.seen
    }

    /// Creates clusters, and gives the ARN of the last one.
    fn create(&mut self, names: &[&str]) -> Value {
        let created =
            names.iter().map(|name| self.send("CreateCluster", &cluster(name))["clusterArn"].clone());
        created.last().unwrap()
    }

    fn mistakes(&mut self) {
        let mut ruled = cluster("ruled");
        ruled["clientAuthentication"] = json!({"tls": {"enabled": true}});
        ruled["encryptionInfo"] = json!({"encryptionInTransit": {"clientBroker": "PLAINTEXT"}});
        self.send("CreateCluster", &ruled);
        self.send("CreateCluster", &cluster(""));
        let create = MSK.operation("CreateCluster").unwrap();
        let mut request = MSK.encode(create, &cluster("cut")).unwrap();
        request.body = Body::from("{\"clusterName\":");
        self.raw(request);
    }

    /// More clusters than a page has when no size is asked for.
    fn many(mut self) -> Vec<Exchange> {
        for number in 0..101 {
            self.send("CreateCluster", &cluster(&format!("c{number}")));
        }
        self.walk(&json!({}));
        self.walk(&json!({"maxResults": 100}));
        self.seen
    }
}

/// A law that found something, and whether it is more than advice.
type Broken = (&'static str, bool);

/// What the laws find with these faults, in all that a check looks for.
fn broken_by(faults: &[Fault]) -> BTreeSet<Broken> {
    let script = || Script::new(faults);
    let sessions = [
        script().few(),
        script().twice(&json!({})),
        script().twice(&json!({"maxResults": 2})),
        script().detour(&[json!({"maxResults": 1}), json!({"maxResults": 1})]),
        script().detour(&[json!({"maxResults": 2})]),
        script().detour(&[json!({"maxResults": 1, "clusterNameFilter": "orders"})]),
        script().read(),
        script().shrinking(),
    ];
    sessions.into_iter().flat_map(broken).collect()
}

fn broken(seen: Vec<Exchange>) -> BTreeSet<Broken> {
    let redactor = Redactor::new();
    let seen = seen.iter().map(|exchange| redactor.exchange(exchange, &Declared::default()).unwrap());
    let verdicts = Session::new(&MSK, seen, Coverage::Whole).judge();
    let failed = verdicts.into_iter().filter(|verdict| verdict.finding().is_some());
    failed.map(|verdict| (verdict.check, matches!(verdict.ruling, Ruling::Fail(_)))).collect()
}

#[test]
fn without_a_fault_no_law_is_broken() {
    assert_eq!(broken_by(&[]), BTreeSet::new());
    assert_eq!(broken(Script::new(&[]).many()), BTreeSet::new());
}

#[test]
fn a_fault_breaks_the_laws_that_it_names_and_no_others() {
    for fault in FAULTS {
        let mut found = broken_by(&[*fault]);
        if fault.breaks.contains(&"PG-T13") {
            found.extend(broken(Script::new(&[*fault]).many()));
        }
        let expected: BTreeSet<_> = fault.breaks.iter().copied().collect();
        // Where its first law has no ground, a fault changes nothing.
        let expected = match fault.breaks.first() {
            Some(first) if grounded().contains(first) && !IDLE.contains(&fault.name) => {
                expected.intersection(&grounded()).copied().collect()
            }
            _ => BTreeSet::new(),
        };
        // What is only advice may come with it.
        let counts = |(id, fails): Broken| (fails || expected.contains(id)).then_some(id);
        assert_eq!(found.into_iter().filter_map(counts).collect::<BTreeSet<_>>(), expected, "{}", fault.name);
    }
}

#[test]
fn every_law_that_the_contract_gives_ground_for_is_broken_by_some_fault() {
    let broken: BTreeSet<_> = FAULTS.iter().flat_map(|fault| fault.breaks).copied().collect();
    let mut of_providers = grounded().into_iter().filter(|id| !OF_CLIENTS.contains(id));
    assert_eq!(of_providers.find(|id| !broken.contains(id)), None);
}

/// The laws that MSK gives ground for.
fn grounded() -> BTreeSet<&'static str> {
    let applies = |check: &&crate::check::Check| MSK.operations.iter().any(|it| (check.applies)(&MSK, it));
    CHECKS.iter().filter(applies).map(|check| check.id).collect()
}

#[test]
fn a_fault_is_found_by_its_name_and_names_are_unique() {
    let names: BTreeSet<_> = FAULTS.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), FAULTS.len());
    for fault in FAULTS {
        assert_eq!(Fault::named(fault.name).unwrap().says, fault.says);
        assert!(fault.name.split('.').count() == 2 && fault.breaks.iter().all(|id| id.contains('-')));
    }
    assert!(Fault::named("none").is_none());
}
