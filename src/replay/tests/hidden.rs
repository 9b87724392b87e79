//! Requests whose secrets the recording knew from elsewhere.

use super::super::fixtures::{answer, cassette, exchange, notes, recorded, replay, request, response};
use super::super::{Replayer, verify};
use crate::cassette::Cassette;
use crate::contract::Declared;
use crate::redact::{Redactor, Rules};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz";

fn through(redactor: &Redactor, line: &str, body: &str, declared: &Declared) -> Cassette {
    let mut made = cassette([]);
    let exchange = exchange(request(line, body), response("made"));
    made.exchanges.push(redactor.exchange(&exchange, declared).unwrap());
    made
}

fn named(name: &str) -> String {
    serde_json::json!({"name": name, "labels": {"a": "b"}}).to_string()
}

fn explained(replayer: &Replayer, line: &str, body: &str) -> String {
    assert!(answer(replayer, &request(line, body)).starts_with("miss: "));
    replayer.misses().pop().unwrap().to_string()
}

#[test]
fn a_secret_of_the_environment_is_known_in_a_replay_too() {
    let redactor = Redactor::new();
    redactor.secret(SECRET);
    // In base64 nothing shows that a part of it is hidden.
    let body = |secret: &str| named(&crate::encoding::base64(format!("user:{secret}").as_bytes()));
    let cassette = through(&redactor, "POST /notes", &body(SECRET), &Declared::default());
    assert!(!cassette.exchanges[0].request.body.text().unwrap().contains("REDACTED"));
    let unknowing = Replayer::new(vec![notes()], vec![cassette.clone()]);
    assert_eq!(answer(&unknowing, &request("POST /notes", &body(SECRET))), "miss: never-recorded");
    let replayer = Replayer::new(vec![notes()], vec![cassette]).with_secrets([SECRET]);
    assert_eq!(answer(&replayer, &request("POST /notes", &body(SECRET))), "made");
    let told = explained(&replayer, "POST /notes", &named(&format!("other {SECRET}")));
    assert!(!told.contains("K7MDENG"), "{told}");
}

#[test]
fn a_rule_about_a_member_of_an_operation_holds_for_live_requests() {
    let rules = Rules::default().member("Create.weight").unwrap();
    let body = |weight: u32| format!(r#"{{"name":"a","weight":{weight}}}"#);
    let made = exchange(request("POST /notes", &body(773_311)), response("made"));
    let declared = Declared { secrets: rules.members(&notes(), &made), ..Declared::default() };
    let cassette = through(&Redactor::with(rules.clone()), "POST /notes", &body(773_311), &declared);
    let replayer = Replayer::new(vec![notes()], vec![cassette]).with_rules(rules);
    assert_eq!(answer(&replayer, &request("POST /notes", &body(773_311))), "made");
}

#[test]
fn what_is_hidden_stands_for_any_text_of_its_place() {
    for (line, body, live_line, live_body) in [
        ("POST /notes", named("REDACTED"), "POST /notes", named(SECRET)),
        ("POST /notes", named("login with REDACTED!"), "POST /notes", named("login with hunter2!")),
        ("PUT /any?n=REDACTED", named("x"), "PUT /any?n=zq-99", named("x")),
        ("PUT /any/REDACTED/b", String::new(), "PUT /any/zq-99/b", String::new()),
        ("PUT /any", "a=REDACTED&b=1".to_owned(), "PUT /any", "a=zq-99&b=1".to_owned()),
    ] {
        let replayer = replay(&[(line, &body, "made")]);
        assert_eq!(answer(&replayer, &request(live_line, &live_body)), "made", "{line} {body}");
        assert_eq!(answer(&replayer, &request(live_line, &live_body)), "miss: used-up");
        assert_eq!(verify(vec![notes()], &recorded(&[(line, &body, "made")])), []);
    }
}

#[test]
fn all_else_is_compared_as_ever() {
    for (line, body, live_line, live_body) in [
        ("POST /notes", named("REDACTED"), "POST /notes", r#"{"name":"x","labels":{"a":"c"}}"#),
        ("POST /notes", named("REDACTED"), "POST /notes", r#"{"labels":{"a":"b"}}"#),
        ("POST /notes", named("REDACTED"), "POST /notes", r#"{"name":"","labels":{"a":"b"}}"#),
        ("PUT /any", named("REDACTED"), "PUT /any", r#"{"name":7,"labels":{"a":"b"}}"#),
        ("PUT /any", named("REDACTED"), "PUT /any", r#"{"name":["x"],"labels":{"a":"b"}}"#),
        ("PUT /any", named("for REDACTED"), "PUT /any", r#"{"name":"of x","labels":{"a":"b"}}"#),
        ("PUT /any/REDACTED/b", String::new(), "PUT /any/x/y/b", ""),
        ("PUT /any", "a=REDACTED&b=1".to_owned(), "PUT /any", "a=x&c=2&b=1"),
    ] {
        let replayer = replay(&[(line, &body, "made")]);
        assert_eq!(answer(&replayer, &request(live_line, live_body)), "miss: never-recorded", "{live_body}");
    }
}

#[test]
fn what_hides_least_answers_first() {
    let two = |name: &str, to: &str| format!(r#"{{"name":"{name}","to":"{to}"}}"#);
    let (all, part, none) = (two("REDACTED", "REDACTED"), two("REDACTED", "x"), two("y", "x"));
    let replayer =
        replay(&[("PUT /any", &all, "all"), ("PUT /any", &part, "part"), ("PUT /any", &none, "none")]);
    for (name, to, expected) in [("y", "x", "none"), ("z", "x", "part"), ("z", "z", "all")] {
        assert_eq!(answer(&replayer, &request("PUT /any", &two(name, to))), expected);
    }
}

#[test]
fn what_the_cassette_hides_is_not_shown_of_a_request() {
    let labels = |name: &str, a: &str, other: &str| {
        format!(r#"{{"name":"{name}","labels":{{"a":"{a}","b":"{other}"}}}}"#)
    };
    let hidden = labels("for REDACTED", "REDACTED", "x");
    let elsewhere = labels("x", "y", "z");
    let replayer = replay(&[
        ("POST /notes", &elsewhere, "1"),
        ("POST /notes", &hidden, "2"),
        ("PUT /any?a=REDACTED", "", "3"),
        ("PUT /other", r#"["REDACTED","b"]"#, "4"),
        ("PUT /names", r#"{"REDACTED":"x"}"#, "5"),
    ]);
    let told = explained(&replayer, "POST /notes", &labels("of Falcon-77", "Falcon-77", "other"));
    assert!(
        !told.contains("Falcon") && told.contains("not shown") && told.contains("\"b\": \"other\""),
        "{told}"
    );
    let told = explained(&replayer, "PUT /any?0=1&a=Falcon-77", "");
    assert!(!told.contains("Falcon") && told.contains("0=1"), "{told}");
    let told = explained(&replayer, "PUT /other", r#"["b","new","Eagle-88"]"#);
    assert!(!told.contains("Eagle") && told.contains("PUT /other"), "{told}");
    let told = explained(&replayer, "PUT /names", r#"{"Eagle-99":"x"}"#);
    assert!(!told.contains("Eagle") && told.contains("keep secrets out of names"), "{told}");
}
