//! What users read whose tests break on a miss: the misses that people meet, each as it is printed.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;

use onrecord::cassette::Cassette;
use onrecord::exchange::{Body, Exchange, Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::proxies::asks;
use crate::support::{Server, cassette, folder, onrecord, run};

/// The first recorded request of an operation.
fn recorded(operation: &str) -> Request {
    let exchanges = Cassette::load(&cassette()).unwrap().exchanges;
    let is_meant = |exchange: &&Exchange| exchange.operation.as_deref() == Some(operation);
    exchanges.iter().map(|exchange| &**exchange).find(is_meant).unwrap().request.clone()
}

fn at(operation: &str, from: &str, to: &str) -> Request {
    let mut request = recorded(operation);
    let target = request.target.as_str();
    assert!(target.contains(from), "{from} is not in {target}");
    request.target = Target::new(target.replace(from, to));
    request
}

fn with_body(change: impl FnOnce(&mut Value)) -> Request {
    let mut request = recorded("CreateCluster");
    let mut body = request.body.json().unwrap();
    change(&mut body);
    request.body = Body::from(body.to_string());
    request.headers.set("content-length", request.body.len().to_string());
    request
}

fn signed_for(region: &str) -> Request {
    let mut request = recorded("ListClusters");
    let signature = request.headers.get("authorization").unwrap().replace("us-east-1", region);
    request.headers.set("authorization", signature);
    request
}

/// What standard error says when the last of these requests is a miss, and the others are none.
fn told(cassette: &Path, requests: &[Request]) -> String {
    let server = Server::start(onrecord("replay --contract msk --cassette").arg(cassette));
    for request in requests {
        server.send(request).unwrap();
    }
    let ended = server.stop().with(1, &[", 1 missed, "]);
    explanation(&ended.err)
}

fn explanation(told: &str) -> String {
    told.lines()
        .filter(|line| !line.starts_with("onrecord: "))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn nobody_has_to_read_what_a_replay_explains() {
    let flags = "replay --clock recorded --pace recorded --after-last loop --cassette";
    let mut command = onrecord(flags);
    command.arg(cassette()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    told.read_line(&mut line).unwrap();
    let url = line.trim_end().rsplit(' ').next().unwrap();
    let client = Client::new(&Upstream::parse(url).unwrap(), Limits::default()).unwrap();
    // Explained they are more than a pipe holds.
    for number in 0..100 {
        let target = format!("/v1/clusters?maxResults={number}&clusterNameFilter={}", "x".repeat(1000));
        let request = Request::new(Method::Get, Target::new(target));
        assert_eq!(client.send(&request).unwrap().0.status, 400, "{number}");
    }
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    let mut rest = String::new();
    told.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(rest.matches("miss: no recorded answer").count(), 100);
    assert!(rest.len() > 100_000 && rest.trim_end().lines().last().unwrap().contains("100 missed"), "{rest}");
}

#[test]
fn every_miss_says_what_to_do() {
    let folder = folder();
    let path = folder.path().join("story.json");
    let text = fs::read_to_string(cassette()).unwrap();
    fs::write(&path, &text).unwrap();
    let list = recorded("ListClusters");
    let mut all = String::new();
    let mut show = |name: &str, text: String| {
        let text = text.replace(&format!("{}/", folder.path().display()), "");
        let _ = writeln!(all, "## {name}\n{text}");
    };
    show("a typo in a name", told(&path, &[at("DescribeCluster", "orders-3", "order-3")]));
    show("another Region", told(&path, &[signed_for("eu-west-1")]));
    show("another page size", told(&path, &[at("ListClusters", "maxResults=2", "maxResults=3")]));
    let delete = recorded("DeleteCluster");
    show("one more call", told(&path, &[delete.clone(), delete]));
    show("a changed member", told(&path, &[with_body(|body| body["numberOfBrokerNodes"] = json!(4))]));
    show("an older SDK", told(&path, &[with_body(|body| body["enhancedMonitoring"] = json!("DEFAULT"))]));
    show("a used-up sequence", told(&path, &[list.clone(), list.clone(), list]));
    let missing = run(onrecord("replay --cassette").arg(folder.path().join("missing.json")));
    show("a missing cassette", missing.with(2, &[]).err);
    fs::write(&path, text.replace("provider.example", "kafka.us-east-1.amazonaws.com")).unwrap();
    let mut replay = onrecord("replay --contract msk --proxy --cassette");
    let asked = asks("http://kafka.eu-west-1.amazonaws.com/v1/clusters?maxResults=2");
    let ended = run(replay.arg(&path).args(["--", "bash", "-c", &asked])).with(1, &[]);
    show("a different host", explanation(&ended.err));
    insta::assert_snapshot!(all);
}

#[test]
fn a_log_has_a_line_for_each_miss() {
    let folder = folder();
    let log = folder.path().join("misses.jsonl");
    for _ in 0..2 {
        let mut replay = onrecord("replay --contract msk --cassette");
        let server = Server::start(replay.arg(cassette()).arg("--log").arg(&log));
        server.send(&recorded("ListClusters")).unwrap();
        server.send(&at("ListClusters", "maxResults=2", "maxResults=3")).unwrap();
        server.stop().with(1, &["1 served, 1 missed"]);
    }
    let text = fs::read_to_string(&log).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "a log is appended to");
    assert_eq!(lines[0]["miss"], "never-recorded");
    assert_eq!(lines[0]["operation"], "ListClusters");
    assert_eq!(lines[0]["nearest"][0]["differs"], json!(["input/maxResults"]));
    let mut nowhere = onrecord("replay --contract msk --log /nowhere/at/all --cassette");
    run(nowhere.arg(cassette())).with(
        2,
        &[
            "cannot open /nowhere/at/all: ",
            "; make its folder first (mkdir -p /nowhere/at), or name another --log",
        ],
    );
}
