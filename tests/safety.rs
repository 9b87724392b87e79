//! Promise 9: nothing but what reads is called unless it is allowed by name, and what was created
//! is gone at the end.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use onrecord::contract::{Contract, Level, Safety};
use onrecord::exchange::{Ending, Request, Response, Timing};
use onrecord::net::NetError;
use onrecord::report::{Run, Target};
use onrecord::runner::{Live, Permission, Provider, Settings, Suite};
use onrecord::sandbox::Sandbox;
use serde_json::json;

/// The sandbox, with a list of what it was asked.
struct Watched {
    sandbox: Arc<Sandbox>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Provider for Watched {
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        self.asked.lock().unwrap().push(request.clone());
        let now = onrecord::exchange::Timestamp::now();
        let timing = Timing { started: now, first_byte: Default::default(), duration: Default::default() };
        Ok((self.sandbox.answer(request), Ending::Complete, timing))
    }
}

/// What a run with these permissions asked, and what it left behind.
fn run(allowed: &[&str]) -> (Arc<Contract>, Vec<Request>, Run, Arc<Sandbox>) {
    let contract = Arc::new(Contract::built_in("msk").unwrap().unwrap());
    let sandbox = Arc::new(Sandbox::new(contract.clone(), &[]));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let watched = Watched { sandbox: sandbox.clone(), asked: asked.clone() };
    let settings = Settings {
        seed: 0,
        cases: 3,
        permission: Permission::ReadsAnd(allowed.iter().map(|name| (*name).to_owned()).collect()),
        max_resources: 8,
        shrinking: 24,
        breaks: Level::Must,
        target: Target::Url("http://127.0.0.1:4566".to_owned()),
        base_url: "http://127.0.0.1:4566".to_owned(),
        signing: None,
        again: "onrecord check".to_owned(),
        mark: None,
    };
    let channel = Live::new(watched, contract.clone(), "127.0.0.1:4566", None);
    let suite = Suite::new(contract.clone(), Box::new(channel), settings);
    for case in suite.cases() {
        suite.run(&case);
    }
    let run = suite.finish().unwrap();
    let requests = asked.lock().unwrap().clone();
    (contract, requests, run, sandbox)
}

fn called(contract: &Contract, requests: &[Request]) -> BTreeSet<String> {
    requests.iter().filter_map(|request| Some(contract.route(request)?.name.clone())).collect()
}

#[test]
fn only_what_reads_is_called_unless_it_is_allowed() {
    let (contract, requests, run, _) = run(&[]);
    assert!(requests.len() > 20, "reads were tried: {}", requests.len());
    for name in called(&contract, &requests) {
        assert_eq!(contract.operation(&name).unwrap().safety, Safety::Read, "{name} was called");
    }
    let skipped = run.cases.iter().filter_map(|case| case.skipped.as_deref());
    let reasons: BTreeSet<_> = skipped.collect();
    assert!(reasons.iter().any(|reason| reason.contains("--allow CreateCluster")), "{reasons:?}");
}

#[test]
fn an_operation_is_called_when_it_is_allowed_by_name() {
    let (contract, requests, _, _) = run(&["CreateCluster", "DeleteCluster"]);
    let called = called(&contract, &requests);
    assert!(called.contains("CreateCluster") && called.contains("DeleteCluster"));
    assert!(!called.contains("TagResource"), "nobody allowed it");
}

#[test]
fn what_was_created_is_gone_at_the_end() {
    let (contract, _, run, sandbox) =
        run(&["CreateCluster", "DeleteCluster", "TagResource", "UntagResource"]);
    let list = contract.operation("ListClusters").unwrap();
    let answer = sandbox.answer(&contract.encode(list, &json!({})).unwrap());
    assert_eq!(answer.body.json().unwrap()["clusterInfoList"], json!([]));
    assert!(
        run.notes.iter().any(|note| note.contains("created") && note.ends_with("0 left over")),
        "{:?}",
        run.notes
    );
}
