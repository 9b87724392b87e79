//! Requests that name the host that they mean, as they do through a forward proxy.

use super::super::Library;
use super::super::Replayer;
use super::super::fixtures::{answer, cassette, contract, exchange, notes, request, response, signed};
use super::super::{Reason, verify};
use crate::exchange::{Exchange, Request};
use crate::redact::PROVIDER;

const EAST: &str = "notes.us-east-1.amazonaws.com";
const WEST: &str = "notes.eu-west-1.amazonaws.com";

fn to(host: &str) -> Request {
    let mut request = request("GET /notes", "");
    request.headers.set("host", host);
    request
}

fn from(host: &str) -> Exchange {
    exchange(to(host), response(host))
}

fn replay(hosts: &[&str]) -> Replayer {
    let cassette = cassette(hosts.iter().map(|host| from(host)));
    let library = Library::new(vec![notes()], vec![cassette]).named(["notes.json"]);
    Replayer::over(library.into()).with_real_hosts()
}

#[test]
fn another_host_is_another_request() {
    let replayer = replay(&[EAST]);
    assert_eq!(answer(&replayer, &to(WEST)), "miss: other-hosts");
    assert_eq!(answer(&replayer, &to("notes.example")), "miss: other-hosts");
    assert_eq!(answer(&replayer, &to(&EAST.to_uppercase())), EAST);
    assert_eq!(answer(&replayer, &to(EAST)), "miss: used-up");
    assert_eq!(replayer.misses()[0].reason, Reason::OtherHosts);
}

#[test]
fn in_a_reverse_replay_a_host_says_nothing() {
    let replayer = Replayer::new(vec![notes()], vec![cassette([from(EAST)])]);
    assert_eq!(answer(&replayer, &to("127.0.0.1:8080")), EAST);
}

#[test]
fn each_host_has_answers_of_its_own() {
    let replayer = replay(&[EAST, WEST, EAST]);
    assert_eq!(answer(&replayer, &to(WEST)), WEST);
    assert_eq!(answer(&replayer, &to(WEST)), "miss: used-up");
    assert_eq!(answer(&replayer, &to(&format!("{EAST}:443"))), EAST);
    assert_eq!(answer(&replayer, &to(&format!("{EAST}:8443"))), "miss: other-hosts");
    assert_eq!(answer(&replayer, &to("notes.example")), "miss: other-hosts");
    assert_eq!(answer(&replayer, &to(EAST)), EAST);
}

#[test]
fn a_recording_that_hides_its_host_goes_by_the_signature() {
    let at = |host: &str, region: &str| {
        let mut live = signed(request("GET /notes", ""), region, "notes");
        live.headers.set("host", host);
        live
    };
    let recorded = exchange(at(PROVIDER, "us-east-1"), response("east"));
    let replayer = Replayer::new(vec![notes()], vec![cassette([recorded])]).with_real_hosts();
    assert_eq!(answer(&replayer, &at(WEST, "eu-west-1")), "miss: other-hosts");
    assert_eq!(answer(&replayer, &at(EAST, "us-east-1")), "east");
}

#[test]
fn who_names_us_means_no_other() {
    for origin in ["http://127.0.0.1:8080", "http://localhost:80"] {
        let replayer = replay(&[EAST]).with_origin(origin);
        assert_eq!(answer(&replayer, &to("127.0.0.1:9090")), "miss: other-hosts");
        assert_eq!(answer(&replayer, &to(origin.strip_prefix("http://").unwrap())), EAST);
    }
}

/// An SQS client sends the URL of its queue with each request, as the provider told it.
#[test]
fn our_own_address_that_comes_back_means_the_providers() {
    let ours = "127.0.0.1:43327";
    for (told, host) in [
        (format!("http://{PROVIDER}"), PROVIDER),
        (format!("https://{PROVIDER}"), PROVIDER),
        (format!("https://{EAST}"), EAST),
    ] {
        let asked = |text: &str, host: &str| {
            let mut request = request("POST /any", text);
            request.headers.set("content-type", "application/x-www-form-urlencoded");
            request.headers.set("host", host);
            request
        };
        let url = |at: &str| format!("QueueUrl={}%2Fq", at.replace(':', "%3A").replace('/', "%2F"));
        let recorded = |at: &str, answer: &str| exchange(asked(&url(at), host), response(answer));
        let elsewhere = recorded("https://elsewhere.example", "other");
        let cassette = cassette([elsewhere, recorded(&told, "ours")]);
        let replayer = Replayer::new(Vec::new(), vec![cassette]);
        assert_eq!(answer(&replayer, &asked(&url("http://127.0.0.1:1"), ours)), "miss: never-recorded");
        assert_eq!(answer(&replayer, &asked(&url(&format!("http://{ours}")), ours)), "ours", "{told}");
    }
}

#[test]
fn a_miss_names_the_hosts() {
    let replayer = replay(&[EAST, "notes.us-east-2.amazonaws.com"]);
    let _ = replayer.answer(&to(WEST));
    insta::assert_snapshot!(replayer.misses()[0].to_string());
}

#[test]
fn the_contract_that_serves_a_host_is_asked() {
    let contracts = vec![contract("one", "one"), hosted("two", "notes")];
    let cassette = cassette([from(EAST), from("elsewhere.example")]);
    let replayer = Replayer::new(contracts, vec![cassette.clone()]).with_real_hosts();
    assert_eq!(answer(&replayer, &to(EAST)), EAST);
    assert_eq!(answer(&replayer, &to(EAST)), "miss: used-up");
    assert_eq!(replayer.misses()[0].contract.as_deref(), Some("two"));
    assert_eq!(answer(&replayer, &to("elsewhere.example")), "elsewhere.example");
    assert_eq!(verify(vec![hosted("two", "notes")], &cassette), []);
}

/// The contract of notes with an endpoint prefix.
fn hosted(id: &str, prefix: &str) -> std::sync::Arc<crate::contract::Contract> {
    let mut model = super::super::fixtures::model(id);
    model["shapes"]["x#Notes"]["traits"]["aws.api#service"] = serde_json::json!({"endpointPrefix": prefix});
    std::sync::Arc::new(crate::contract::Contract::from_smithy(id, "notes.json", &model.to_string()).unwrap())
}
