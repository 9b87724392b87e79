use serde_json::{Value, json};

use super::super::script::{Script, error};
use super::super::{ACCESS_OR_LOAD, Coverage};
use super::FAILED;
use crate::exchange::Ending;

fn cluster(id: &str, status: &str) -> Value {
    json!({
        "identifier": id.repeat(26), "status": status, "creationTime": 1_700_000_000,
        "arn": format!("arn:aws:dsql:us-east-1:111122223333:cluster/{}", id.repeat(26)),
        "deletionProtectionEnabled": false
    })
}

fn asked(token: &str, protected: bool) -> Value {
    json!({"clientToken": token, "deletionProtectionEnabled": protected})
}

/// A create that succeeds, and what comes then.
fn created() -> Script {
    let mut script = Script::of("dsql");
    script.call("CreateCluster", &asked("t", false), 200, &cluster("a", "CREATING"));
    script
}

#[test]
fn a_request_that_comes_again_is_answered_as_before() {
    let again = |status: u16, body: &Value| {
        let mut script = created();
        script.call("CreateCluster", &asked("t", false), status, body);
        assert_eq!(script.said("IT-03"), Vec::<&str>::new());
        script.said("IT-01")
    };
    assert_eq!(again(200, &cluster("a", "CREATING")), ["pass"]);
    assert_eq!(again(200, &cluster("a", "ACTIVE")), ["pass"]);
    assert_eq!(again(200, &cluster("b", "CREATING")), ["fail"]);
    assert_eq!(again(409, &error("ConflictException")), ["fail"]);
    assert_eq!(again(429, &error("ThrottlingException")), [ACCESS_OR_LOAD]);
    assert_eq!(again(403, &error("AccessDeniedException")), [ACCESS_OR_LOAD]);
    assert_eq!(again(500, &error("InternalServerException")), [FAILED]);
}

#[test]
fn an_answer_that_breaks_off_says_nothing_of_a_repetition() {
    let mut script = created();
    let again = script.call("CreateCluster", &asked("t", false), 200, &cluster("b", "CREATING"));
    again.ending = Ending::Aborted;
    assert_eq!(script.said("IT-01"), [FAILED]);
}

#[test]
fn requests_with_tokens_of_their_own_are_none_of_a_pair() {
    let mut script = created();
    script.call("CreateCluster", &asked("u", false), 200, &cluster("b", "CREATING"));
    script.call("CreateCluster", &json!({}), 200, &cluster("c", "CREATING"));
    script.call(
        "DeleteCluster",
        &json!({"identifier": "a".repeat(26), "clientToken": "t"}),
        200,
        &cluster("a", "DELETING"),
    );
    let elsewhere = script.call("CreateCluster", &asked("t", false), 200, &cluster("d", "CREATING"));
    elsewhere.request.headers.set("host", "dsql.eu-west-1.api.aws");
    assert_eq!(script.said("IT-01"), Vec::<&str>::new());
}

#[test]
fn what_was_refused_at_first_may_be_done_later() {
    let mut script = Script::of("dsql");
    script.call("CreateCluster", &asked("t", false), 500, &error("InternalServerException"));
    script.call("CreateCluster", &asked("t", false), 200, &cluster("a", "CREATING"));
    assert_eq!(script.said("IT-01"), Vec::<&str>::new());
}

#[test]
fn a_repetition_after_a_change_is_not_judged() {
    let mut script = created();
    script.call("DeleteCluster", &json!({"identifier": "a".repeat(26)}), 200, &cluster("a", "DELETING"));
    script.call("CreateCluster", &asked("t", false), 200, &cluster("b", "CREATING"));
    assert_eq!(script.said("IT-01"), [super::token::CHANGED]);
    let mut twice = created();
    twice.call("CreateCluster", &asked("t", false), 200, &cluster("a", "CREATING"));
    twice.call("CreateCluster", &asked("t", false), 200, &cluster("b", "CREATING"));
    assert_eq!(twice.said("IT-01"), ["pass", "fail"]);
}

#[test]
fn a_token_with_other_parameters_is_refused() {
    let other = |status: u16, body: &Value| {
        let mut script = created();
        script.call("CreateCluster", &asked("t", true), status, body);
        assert_eq!(script.said("IT-01"), Vec::<&str>::new());
        script.said("IT-03")
    };
    assert_eq!(other(409, &error("ConflictException")), ["pass"]);
    assert_eq!(other(400, &error("ValidationException")), ["pass"]);
    assert_eq!(other(200, &cluster("a", "CREATING")), ["fail"]);
    assert_eq!(other(200, &cluster("b", "CREATING")), ["fail"]);
    assert_eq!(other(429, &error("ThrottlingException")), [ACCESS_OR_LOAD]);
    let mut wrong = created();
    let input = json!({"clientToken": "t", "kmsEncryptionKey": ""});
    wrong.call("CreateCluster", &input, 400, &error("ValidationException"));
    assert_eq!(wrong.said("IT-03"), Vec::<&str>::new());
}

fn list(script: &mut Script, ids: &[&str]) {
    let items: Vec<_> = ids.iter().map(|id| json!({"identifier": id.repeat(26), "arn": "a"})).collect();
    script.call("ListClusters", &json!({}), 200, &json!({ "clusters": items }));
}

/// What is said of a list before and after a read.
fn unchanged(before: &[&str], after: &[&str], coverage: Coverage) -> Vec<&'static str> {
    let mut script = created();
    list(&mut script, before);
    script.call("GetCluster", &json!({"identifier": "a".repeat(26)}), 200, &cluster("a", "ACTIVE"));
    list(&mut script, after);
    assert_eq!(script.said("PG-T42"), Vec::<&str>::new());
    script.says("IT-12", coverage)
}

#[test]
fn a_read_changes_no_list() {
    let whole = |before: &[&str], after: &[&str]| unchanged(before, after, Coverage::Whole);
    assert_eq!(whole(&["a"], &["a"]), ["pass"]);
    assert_eq!(whole(&["a"], &["a", "a"]), ["fail"]);
    assert_eq!(whole(&["a"], &["a", "z"]), ["fail"]);
    assert_eq!(whole(&["a", "z"], &["a"]), ["fail"]);
    let late = ["a list may lag behind what was made just before"];
    assert_eq!(whole(&[], &["a"]), late);
    assert_eq!(unchanged(&["a"], &["a", "z"], Coverage::Excerpt), ["advice"]);
}

/// Two attempts of one call.
fn attempts(tokens: [&str; 2], retry_after: &str, seconds: &str) -> Vec<&'static str> {
    let mut script = Script::of("dsql");
    let first = script.call("CreateCluster", &asked(tokens[0], false), 503, &error("Unavailable"));
    first.request.headers.push("amz-sdk-invocation-id", "5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11");
    first.response.headers.push("retry-after", retry_after);
    let second = script.call("CreateCluster", &asked(tokens[1], false), 200, &cluster("a", "CREATING"));
    second.request.headers.push("amz-sdk-invocation-id", "5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11");
    second.timing.started = crate::exchange::Timestamp::parse(seconds).unwrap();
    script.said("IT-14")
}

#[test]
fn attempts_of_one_call_have_one_token_and_wait() {
    let after = |seconds: u32| format!("2026-03-14T09:26:{seconds:02}Z");
    assert_eq!(attempts(["t", "t"], "1", &after(1)), ["pass"]);
    assert_eq!(attempts(["t", "u"], "1", &after(1)), ["fail"]);
    assert_eq!(attempts(["t", "t"], "2", &after(1)), ["fail"]);
    let until = "Sat, 14 Mar 2026 09:26:05 GMT";
    assert_eq!(attempts(["t", "t"], until, &after(5)), ["pass"]);
    assert_eq!(attempts(["t", "t"], until, &after(4)), ["fail"]);
    assert_eq!(attempts(["t", "t"], "soon", &after(0)), ["pass"]);
}
