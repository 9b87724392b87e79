use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::cassette::{Header, Origin};
use crate::encoding::pack;
use crate::exchange::{Body, Ending, Exchange, Method, Request, Response, Target, Timestamp, Timing};
use crate::redact::Redacted;

/// An answer: operation, status and body.
type Answer = (&'static str, u16, Value);

fn exchange((operation, status, body): Answer) -> Exchange {
    let started = Timestamp::parse("2026-11-21T07:32:37Z").unwrap();
    let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
    let mut response = Response::new(status);
    response.headers.push("content-type", "application/json");
    response.body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::new(Method::Get, Target::new("/things/17?page=2"));
    let operation = (!operation.is_empty()).then(|| operation.to_owned());
    Exchange { operation, request, response, ending: Ending::Complete, timing }
}

fn recorded(exchanges: impl IntoIterator<Item = Exchange>) -> Cassette {
    let exchanges = exchanges.into_iter().map(Redacted::read_back).collect();
    Cassette { header: Header::new(None, Origin::Sandbox), exchanges }
}

fn cassette(answers: &[Answer]) -> Cassette {
    recorded(answers.iter().cloned().map(exchange))
}

fn drift(old: &[Answer], new: &[Answer]) -> String {
    render(&between(&[], &cassette(old), &cassette(new)))
}

/// What is otherwise in the body of one answer.
fn changed(old: Value, new: Value) -> Vec<String> {
    let found = between(&[], &cassette(&[("Get", 200, old)]), &cassette(&[("Get", 200, new)]));
    found.iter().map(|drift| drift.to_string().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn every_kind_of_drift_is_told() {
    let old = [
        (
            "List",
            200,
            json!({"things": [{"id": "a", "size": 1, "note": null}, {"id": "b", "size": 2, "tag": "x"}], "next": "t"}),
        ),
        ("Get", 200, json!({"id": "a", "owner": {"name": "ada"}, "size": 1})),
        ("Get", 404, json!({"message": "no"})),
        ("Delete", 200, json!({"state": "DELETING"})),
        ("Update", 200, json!({})),
        ("", 200, json!(["text"])),
    ];
    let new = [
        (
            "List",
            200,
            json!({"things": [{"id": 7, "size": 1.5, "note": "n", "more": {"deep": 1}}], "next": null}),
        ),
        ("Get", 200, json!({"id": "a", "size": null})),
        ("Get", 500, json!({"message": "oh"})),
        ("Delete", 403, json!({"message": "no"})),
        ("Create", 200, json!({})),
        ("", 200, json!(["text", 1])),
    ];
    insta::assert_snapshot!(drift(&old, &new));
}

#[test]
fn no_drift_is_told_too() {
    let same = [("List", 200, json!({"things": []}))];
    insta::assert_snapshot!(drift(&same, &same));
}

#[test]
fn a_long_list_is_cut() {
    let members: Value =
        (0..100).map(|at| (format!("m{at:02}"), json!(at))).collect::<serde_json::Map<_, _>>().into();
    let text = drift(&[("Get", 200, members)], &[("Get", 200, json!({}))]);
    assert_eq!(text.lines().count(), 42);
    assert!(text.ends_with("(and 60 more)\ndrift: 100 breaking, 0 notable, 0 added\n"), "{text}");
}

#[test]
fn only_what_both_could_show_is_compared() {
    assert_eq!(changed(json!({"things": [{"id": 1}]}), json!({"things": []})), [""; 0]);
    assert_eq!(changed(json!({"things": []}), json!({"things": [{"id": 1}]})), [""; 0]);
    assert_eq!(changed(json!({"owner": null}), json!({"owner": {"name": "ada"}})), [""; 0]);
    assert_eq!(
        changed(json!({"owner": {"a": 1, "b": {"c": 1}}}), json!({})),
        ["breaking Get: 200: owner is gone"]
    );
}

#[test]
fn what_was_there_at_times_may_be_missing_by_chance() {
    let found = changed(json!([{"id": 1, "tag": "x"}, {"id": 2}]), json!([{"id": 1}]));
    assert_eq!(found, ["notable Get: 200: [].tag is not seen any more, before in 1 of 2"]);
}

#[test]
fn types_are_told_as_far_as_they_changed() {
    assert_eq!(
        changed(json!({"a": 1}), json!({"a": "1"})),
        ["breaking Get: 200: a was a number and is a text"]
    );
    assert_eq!(
        changed(json!([1]), json!([1, "1"])),
        ["notable Get: 200: [] was a number and is a number or a text"]
    );
    assert_eq!(
        changed(json!({"a": 1}), json!({"a": null})),
        ["notable Get: 200: a was a number and is null"]
    );
    assert_eq!(
        changed(json!({"a b.c": 1}), json!({"a b.c": true})),
        [r#"breaking Get: 200: ["a b.c"] was a number and is a boolean"#]
    );
    assert_eq!(changed(json!({"a": 1}), Value::Null), ["breaking Get: 200: the body is gone"]);
    assert_eq!(
        changed(json!({"a": 1}), json!([1])),
        ["breaking Get: 200: the body was an object and is a list"]
    );
}

#[test]
fn header_fields_of_note_are_compared() {
    let with = |fields: &[(&str, &str)]| {
        let mut exchange = exchange(("Get", 200, json!({})));
        fields.iter().for_each(|(name, value)| exchange.headers_set(name, value));
        recorded([exchange])
    };
    let plain = with(&[("x-request-id", "1"), ("etag", "a")]);
    let other =
        with(&[("content-type", "text/json; charset=utf-8"), ("deprecation", "@1"), ("x-request-id", "2")]);
    insta::assert_snapshot!(render(&between(&[], &plain, &other)));
    assert_eq!(
        between(&[], &plain, &with(&[("content-type", "Application/JSON;charset=utf-8"), ("etag", "b")])),
        []
    );
}

trait SetHeader {
    fn headers_set(&mut self, name: &str, value: &str);
}

impl SetHeader for Exchange {
    fn headers_set(&mut self, name: &str, value: &str) {
        self.response.headers.set(name, value);
    }
}

#[test]
fn a_packed_body_is_looked_into() {
    let mut packed = exchange(("Get", 200, json!({"a": 1})));
    packed.headers_set("content-encoding", "gzip");
    packed.response.body = pack("gzip", packed.response.body.as_bytes()).unwrap().into();
    assert_eq!(between(&[], &cassette(&[("Get", 200, json!({"a": 2}))]), &recorded([packed.clone()])), []);
    assert_eq!(between(&[], &cassette(&[("Get", 200, json!({"b": 2}))]), &recorded([packed])).len(), 2);
}

#[test]
fn names_in_a_map_are_a_clients_own() {
    let contract = Arc::new(Contract::built_in("msk").unwrap().unwrap());
    let tags = |tags: Value| {
        let mut exchange = exchange(("", 200, json!({"tags": tags})));
        exchange.request.target =
            Target::new("/v1/tags/arn%3Aaws%3Akafka%3Aus-east-1%3A000000000001%3Acluster%2Fa%2F1");
        recorded([exchange])
    };
    let (old, new) = (tags(json!({"Owner": "ada"})), tags(json!({"Stage": "test", "Team": "x"})));
    assert_eq!(between(std::slice::from_ref(&contract), &old, &new), []);
    assert_eq!(between(&[], &old, &new).len(), 3);
    let found = between(&[contract], &old, &tags(json!({"Stage": 1})));
    assert_eq!(found[0].to_string(), "breaking  ListTagsForResource: 200: tags.* was a text and is a number");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d.]{1,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let answer =
        (prop::sample::select(vec!["List", "Get", ""]), prop::sample::select(vec![200, 201, 404]), value());
    prop::collection::vec(answer, 0..8)
}

/// The same shapes with other values.
fn revalued(value: &Value) -> Value {
    match value {
        Value::Number(_) => json!(12.5),
        Value::String(_) => json!("other"),
        Value::Bool(it) => json!(!it),
        Value::Null => Value::Null,
        Value::Array(elements) => elements.iter().chain(elements).map(revalued).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), revalued(value))).collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_drifts_from_itself_nor_by_its_values(answers in answers(), turned in any::<bool>()) {
        let mut others: Vec<_> = answers.iter().map(|(name, status, body)| (*name, *status, revalued(body))).collect();
        if turned {
            others.reverse();
        }
        prop_assert_eq!(between(&[], &cassette(&answers), &cassette(&answers)), []);
        prop_assert_eq!(between(&[], &cassette(&answers), &cassette(&others)), []);
    }

    /// What is gone one way is new the other way.
    #[test]
    fn drift_has_two_directions(old in answers(), new in answers()) {
        let (old, new) = (cassette(&old), cassette(&new));
        let of = |drift: &Drift| match &drift.change {
            Change::MemberGone { status, path, .. } | Change::MemberNew { status, path } => {
                Some((drift.operation.clone(), *status, path.clone()))
            }
            _ => None,
        };
        let gone = |drift: &&Drift| matches!(drift.change, Change::MemberGone { .. });
        let (there, back) = (between(&[], &old, &new), between(&[], &new, &old));
        let mut lost: Vec<_> = there.iter().filter(gone).filter_map(of).collect();
        let mut won: Vec<_> = back.iter().filter(|drift| !gone(drift)).filter_map(of).collect();
        lost.sort();
        won.sort();
        prop_assert_eq!(lost, won);
        prop_assert_eq!(there.is_empty(), back.is_empty());
    }
}
