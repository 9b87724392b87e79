//! Real clients with the real host names of AWS, through the intercepting proxy to moto behind TLS;
//! then the same without moto.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use onrecord::cassette::Cassette;

use crate::parts::{
    ACCESS_KEY, Moto, MotoTls, SECRET_KEY, folder, onrecord, python, ready, succeeded, with_credentials,
};

/// Records what a command says to AWS, replays it with moto stopped, and returns what it printed
/// both times, and the cassette.
fn recorded_and_replayed(words: &[String]) -> (String, Cassette) {
    let moto = MotoTls::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("a.json");
    let recorded = succeeded(&record(&moto, &cassette, words));
    moto.stop();
    let replayed = succeeded(&replay(&cassette, words));
    assert_eq!(replayed, recorded, "the same without the provider");

    let text = fs::read_to_string(&cassette).expect("the cassette is text");
    for secret in [ACCESS_KEY, SECRET_KEY] {
        assert!(!text.contains(secret), "the cassette holds {secret}");
    }
    assert!(text.contains("aws4_request"), "clients signed, for the real host");
    (recorded, Cassette::load(&cassette).expect("a cassette"))
}

fn record(moto: &MotoTls, cassette: &Path, words: &[String]) -> Output {
    let mut command = onrecord();
    command.args(["record", "--proxy", "--verify", "--cassette"]).arg(cassette);
    command.args(moto.reached());
    command.arg("--").args(words).output().expect("record runs")
}

fn replay(cassette: &Path, words: &[String]) -> Output {
    let mut command = onrecord();
    command.args(["replay", "--proxy", "--strict", "--cassette"]).arg(cassette);
    command.arg("--").args(words).output().expect("replay runs")
}

fn script(name: &str, words: &[&str]) -> Vec<String> {
    let script = folder().join(name).display().to_string();
    [script].into_iter().chain(words.iter().map(|word| (*word).to_owned())).collect()
}

#[test]
fn boto3_needs_nothing_but_its_environment() {
    if !ready() {
        return;
    }
    let mut words = script("story.py", &[]);
    words.insert(0, python().display().to_string());
    let (told, cassette) = recorded_and_replayed(&words);
    assert!(told.contains("delete orders-5:"), "the story is told: {told}");
    let moto = Moto::start();
    let mut direct = Command::new(&words[0]);
    with_credentials(direct.arg(&words[1]).env("AWS_ENDPOINT_URL", &moto.url));
    assert_eq!(told, succeeded(&direct.env("AWS_ENDPOINT_URL", &moto.url).output().expect("python runs")));
    assert!(cassette.exchanges.iter().all(|exchange| exchange.operation.is_some()), "all are documented");
}

#[test]
fn the_aws_cli_needs_nothing_but_its_environment() {
    if !ready() {
        return;
    }
    let (told, cassette) = recorded_and_replayed(&script("cli_story", &[]));
    assert!(told.starts_with("ACTIVE\nhsm1.medium\tACTIVE\norders\n"), "{told}");
    let operations: Vec<_> = cassette.exchanges.iter().filter_map(|one| one.operation.as_deref()).collect();
    assert!(operations.contains(&"TagResource") && operations.contains(&"GetCluster"), "{operations:?}");
}

#[test]
fn node_needs_a_proxy_agent_besides() {
    if !ready() {
        return;
    }
    let mut words = script("node/story.mjs", &[]);
    words.insert(0, "node".to_owned());
    let (told, _) = recorded_and_replayed(&words);
    assert!(told.contains("list: [orders]\n"), "{told}");
    assert!(told.ends_with("refused, ResourceNotFoundException (HTTP 404)\n"), "{told}");
}

#[test]
fn curl_is_recorded_over_http_1() {
    if !ready() {
        return;
    }
    let (told, cassette) = recorded_and_replayed(&script("curl_story", &["--http1.1"]));
    assert_eq!(told.matches("HTTP/1.1 200").count(), 3, "{told}");
    assert!(told.contains("HTTP/1.1 404"), "{told}");
    assert_eq!(versions(&cassette), [("HTTP/1.1", "HTTP/2")], "curl chose its side alone");
}

#[test]
fn curl_is_recorded_over_http_2_on_both_sides() {
    if !ready() {
        return;
    }
    let (told, cassette) = recorded_and_replayed(&script("curl_story", &["--http2"]));
    assert_eq!(told.matches("HTTP/2 200").count(), 3, "{told}");
    assert_eq!(versions(&cassette), [("HTTP/2", "HTTP/2")]);
}

/// The versions that clients and provider spoke.
fn versions(cassette: &Cassette) -> Vec<(&'static str, &'static str)> {
    let mut versions: Vec<_> = cassette
        .exchanges
        .iter()
        .map(|exchange| (exchange.request.version.as_str(), exchange.response.version.as_str()))
        .collect();
    versions.sort();
    versions.dedup();
    versions
}
