//! What recordings use a replayer for: to answer what is known, and to prove what was recorded.

use std::sync::Arc;

use super::super::fixtures::{
    answer, cassette, exchange, notes, recorded, replay, request, response, signed,
};
use super::super::{Known, Replayer, Why, verify};
use crate::net::{Checkpoint as _, Passage};
use crate::redact::Redacted;

#[test]
fn what_is_known_is_answered_and_the_rest_passes() {
    let known = Known(Arc::new(replay(&[("GET /notes", "", "1"), ("GET /notes", "", "2")])));
    let passed = |line: &str| match known.pass(request(line, ""), "provider.example:443") {
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
fn a_request_whose_place_was_lost_is_told() {
    let from = |region: &str| exchange(signed(request("GET /notes", ""), region, "notes"), response(region));
    // The rules of redaction took away what tells the third one's Region.
    let mut cassette = cassette([from("us-east-1"), from("eu-west-1"), from("eu-west-1")]);
    let mut damaged = cassette.exchanges[2].clone().into_inner();
    damaged.request.headers.set("authorization", "REDACTED");
    cassette.exchanges[2] = Redacted::read_back(damaged);
    let found = verify(vec![notes()], &cassette);
    assert_eq!(found.iter().map(|unmatched| unmatched.exchange).collect::<Vec<_>>(), [2]);
    let told = found[0].to_string();
    assert!(told.contains("recorded from several hosts or Regions"), "{told}");
    assert!(matches!(found[0].why, Why::Miss(_)));
}
