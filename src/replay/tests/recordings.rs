//! What recordings use a replayer for: to answer what is known, and to prove what was recorded.

use std::sync::Arc;

use super::super::Library;
use super::super::fixtures::{
    answer, cassette, contract, exchange, notes, recorded, replay, request, response, signed,
};
use super::super::{Known, Replayer, Why, verify};
use crate::cassette::ContractRef;
use crate::contract::Declared;
use crate::net::{Checkpoint as _, Passage, Towards, Upstream};
use crate::redact::{Redactor, Rules};

#[test]
fn what_is_known_is_answered_and_the_rest_passes() {
    let known = Known(Arc::new(replay(&[("GET /notes", "", "1"), ("GET /notes", "", "2")])));
    let upstream = Upstream::parse("https://provider.example").unwrap();
    let passed = |line: &str| match known.pass(request(line, ""), Towards::from(&upstream)) {
        Passage::Answered(reply) => reply.response.body.text().unwrap().to_owned(),
        Passage::On(passed) => {
            assert_eq!(passed, request(line, ""));
            "passed on".to_owned()
        }
        Passage::Refused(why) => why,
    };
    let lines = ["GET /notes", "GET /notes?limit=1", "GET /notes", "GET /notes", "GET /notes"];
    assert_eq!(lines.map(passed), ["1", "passed on", "2", "passed on", "passed on"]);
    assert_eq!((known.0.served(), known.0.missed(), known.0.misses().len()), (2, 0, 0));
    assert_eq!(answer(&known.0, &request("GET /notes", "")), "miss: used-up");
    assert!(known.0.misses()[0].to_string().contains("this is request 3"), "asking left no trace");
}

#[test]
fn what_is_ambiguous_is_not_known() {
    let exchanges = ["us-east-1", "eu-west-1"]
        .map(|region| exchange(signed(request("GET /notes", ""), region, "notes"), response(region)));
    let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
    assert!(replayer.known(&request("GET /notes", "")).is_none());
    let known = replayer.known(&signed(request("GET /notes", ""), "eu-west-1", "notes")).unwrap();
    assert_eq!(known.response.body.text(), Some("eu-west-1"));
}

#[test]
fn a_recording_answers_itself() {
    let whole = recorded(&[
        ("GET /notes", "", "1"),
        ("POST /notes", r#"{"name":"a"}"#, "made"),
        ("GET /notes", "", "2"),
        ("POST /notes", "{", "refused"),
        ("PUT /other", "x", "other"),
    ]);
    assert_eq!(verify(vec![notes()], &whole), []);
    assert_eq!(verify(Vec::new(), &whole), []);
}

#[test]
fn a_request_that_no_client_can_send_again_is_told() {
    let page = |token: &str| (format!("GET /notes?token={token}"), format!(r#"{{"token":"{token}"}}"#));
    let ((one, hands_one), (two, hands_two)) = (page("cursor-1"), page("cursor-2"));
    let whole = [("GET /notes", "", &*hands_one), (&one, "", &hands_two), (&two, "", "last")];
    assert_eq!(verify(vec![notes()], &recorded(&whole)), []);
    // Somebody took the second page out.
    let found = verify(vec![notes()], &recorded(&[whole[0], whole[2]]));
    assert_eq!(
        found.iter().map(|unmatched| &unmatched.why).collect::<Vec<_>>(),
        [&Why::Unknowable("cursor-2".into())]
    );
    let told = "exchanges[1] of FILE: List sends cursor-2, which no answer \
        before it hands out: no client can send it again";
    assert_eq!(found[0].to_string(), told);
    // What is not compared need not be known.
    let with_token =
        [("POST /notes", r#"{"name":"a","clientToken":"00000000-0000-4000-8000-000000000001"}"#, "made")];
    assert_eq!(verify(vec![notes()], &recorded(&with_token)), []);
}

#[test]
fn a_request_that_may_mean_several_is_told() {
    let from = |region: &str| exchange(signed(request("GET /notes", ""), region, "notes"), response(region));
    let one = cassette([from("us-east-1"), from("eu-west-1")]);
    // Another cassette beside it, made by a client that signs nothing and knows the host as we do.
    let mut bare = exchange(request("GET /notes", ""), response("bare"));
    bare.request.headers.set("host", "127.0.0.1:8080");
    let contracts = vec![contract("one", "one"), contract("two", "two")];
    let mut two = cassette([bare.clone(), bare]);
    two.header.contract = Some(ContractRef { id: "two".into(), digest: String::new() });
    let found =
        Replayer::over(Library::new(contracts, vec![one, two]).named(["one.json", "two.json"]).into())
            .verify();
    insta::assert_snapshot!(found.iter().map(ToString::to_string).collect::<String>());
}

#[test]
fn each_cassette_is_verified_with_the_ones_before_it() {
    let page = recorded(&[("GET /notes", "", r#"{"token":"cursor-1"}"#)]);
    let next = recorded(&[("GET /notes?token=cursor-1", "", "last")]);
    let both = |cassettes| Replayer::new(vec![notes()], cassettes).verify().len();
    assert_eq!((both(vec![page.clone(), next.clone()]), both(vec![next, page])), (0, 1));
}

#[test]
fn a_users_own_rules_hold_for_live_requests() {
    let rules = || Rules::default().id("team-falcon").unwrap();
    let redactor = Redactor::with(rules());
    let exchange = exchange(request("POST /notes", r#"{"name":"team-falcon"}"#), response("made"));
    let mut cassette = cassette([]);
    cassette.exchanges.push(redactor.exchange(&exchange, &Declared::default()).unwrap());
    let replayer = Replayer::new(vec![notes()], vec![cassette]).with_rules(rules());
    assert_eq!(
        answer(&replayer, &request("POST /notes", r#"{"name":"team-eagle"}"#)),
        "miss: never-recorded"
    );
    assert_eq!(answer(&replayer, &exchange.request), "made");
}
