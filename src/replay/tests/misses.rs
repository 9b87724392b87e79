//! What a developer reads whose build broke on a miss.

use super::super::Replayer;
use super::super::fixtures::{cassette, exchange, notes, recorded, replay, request, response, signed};
use crate::exchange::Request;

fn explained(replayer: &Replayer, request: &Request) -> String {
    let _ = replayer.answer(request);
    replayer.misses().pop().unwrap().to_string()
}

fn pages() -> Replayer {
    replay(&[
        ("GET /notes?limit=2", "", "page 1"),
        ("GET /notes?limit=2&token=b", "", "page 2"),
        ("GET /notes?limit=2&token=c", "", "page 3"),
        ("GET /notes?tag=x&trace=1", "", "tagged"),
        ("POST /notes", r#"{"name":"a","labels":{"owner":"ada","stage":"test"},"weight":1}"#, "made"),
    ])
}

#[test]
fn another_page_token() {
    let replayer = pages();
    let _ = replayer.answer(&request("GET /notes?limit=2", ""));
    insta::assert_snapshot!(explained(&replayer, &request("GET /notes?limit=2&token=d", "")));
}

#[test]
fn a_command_that_is_advised_may_be_copied_into_a_shell() {
    let library = super::super::Library::new(vec![notes()], vec![recorded(&[("GET /notes", "", "1")])]);
    let replayer = Replayer::over(library.named(["it's one.json".to_owned()]).into());
    let text = explained(&replayer, &request("GET /notes?limit=1", ""));
    assert!(text.contains(r"onrecord record --cassette 'it'\''s one.json' --contract notes "), "{text}");
}

#[test]
fn another_body() {
    let body = r#"{"weight":2,"name":"a","labels":{"stage":"test","team/x":"y"}}"#;
    insta::assert_snapshot!(explained(&pages(), &request("POST /notes", body)));
}

#[test]
fn used_up() {
    let replayer =
        replay(&[("GET /notes", "", "1"), ("GET /notes?limit=1", "", "x"), ("GET /notes", "", "2")]);
    for _ in 0..2 {
        let _ = replayer.answer(&request("GET /notes", ""));
    }
    insta::assert_snapshot!(explained(&replayer, &request("GET /notes", "")));
}

#[test]
fn what_is_used_up_is_explained_however_it_was_read() {
    for (line, body) in [("POST /notes", "{"), ("PUT /any", "x"), ("GET /notes", "")] {
        let replayer = replay(&[(line, body, "1")]);
        let _ = replayer.answer(&request(line, body));
        let text = explained(&replayer, &request(line, body));
        assert!(text.contains("the one recorded answer is used up, this is request 2"), "{text}");
        assert!(text.contains("exchanges[0] of notes.json") && text.contains("the same request"), "{text}");
    }
}

#[test]
fn another_operation() {
    insta::assert_snapshot!(explained(&pages(), &request("DELETE /notes/1?client-token=x", "")));
}

#[test]
fn an_unreadable_body() {
    insta::assert_snapshot!(explained(&pages(), &request("POST /notes", r#"{"name":"a",}"#)));
}

#[test]
fn a_request_that_no_contract_knows() {
    let cassette = recorded(&[("POST /any", "a=1&b=2", "form"), ("GET /any", "", "nothing")]);
    let replayer = Replayer::new(vec![notes()], vec![cassette]);
    insta::assert_snapshot!(explained(&replayer, &request("POST /any?x=%20y", "a=1&b=3")));
}

#[test]
fn what_is_called_is_shown_where_all_requests_have_one_path() {
    let aimed = |operation: &str, body: &str| {
        let mut request = request("POST /", body);
        request.headers.push("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        request
    };
    let recorded = cassette([exchange(aimed("GetItem", "{}"), response("item"))]);
    let text = explained(&Replayer::new(Vec::new(), vec![recorded]), &aimed("Scan", "{}"));
    assert!(text.contains("  request  POST / (DynamoDB_20120810.Scan)\n"), "{text}");
    assert!(text.contains(": POST / (DynamoDB_20120810.GetItem), not served yet"), "{text}");
}

#[test]
fn a_client_token_that_no_contract_knows() {
    let text = |recorded: Request, live: &Request| {
        let recorded = cassette([exchange(recorded, response("it"))]);
        explained(&Replayer::new(Vec::new(), vec![recorded]), live)
    };
    let json = |token: &str, name: &str| {
        request("POST /", &format!(r#"{{"ClientRequestToken":"{token}","Name":"{name}"}}"#))
    };
    let advised = text(json("a", "x"), &json("b", "x"));
    for told in [
        "body/ClientRequestToken is called as a client token is",
        "onrecord replay --contract C ...",
        "onrecord replay --match body:/ClientRequestToken=any ...",
    ] {
        assert!(advised.contains(told), "{told}: {advised}");
    }
    assert!(!advised.contains("--mode new"), "{advised}");
    let query = |token: &str| request(&format!("POST /?Action=Run&ClientToken={token}"), "");
    assert!(text(query("a"), &query("b")).contains("--contract C"));
    let form = |token: &str| {
        let mut made = request("POST /", &format!("Action=Run&ClientToken={token}"));
        made.headers.push("content-type", "application/x-www-form-urlencoded");
        made
    };
    assert!(text(form("a"), &form("b")).contains("--contract C"));
    assert!(!text(json("a", "x"), &json("b", "y")).contains("--contract"), "a name differs as well");
}

#[test]
fn a_value_that_is_made_up_for_each_run() {
    let body = |id: &str| format!(r#"{{"name":"{id}"}}"#);
    let replayer = replay(&[
        ("POST /notes", &body("5f0c7b5c-9b1e-4d5e-8f43-1f1a5d0e6a11"), "made"),
        ("POST /notes", &body("0b7c9a52-6a4e-4b58-9c7e-0d1c9b6c2f10"), "made too"),
    ]);
    let live = request("POST /notes", &body("d1c5a0de-3b1c-4bb0-b8de-2a4d3a6c1e97"));
    insta::assert_snapshot!(explained(&replayer, &live));
}

#[test]
fn nothing_recorded() {
    insta::assert_snapshot!(explained(&replay(&[]), &request("GET /notes", "")));
}

#[test]
fn two_regions() {
    let exchanges = ["us-east-1", "eu-west-1"]
        .map(|region| exchange(signed(request("GET /notes", ""), region, "notes"), response(region)));
    let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
    insta::assert_snapshot!(explained(&replayer, &request("GET /notes", "")));
}

#[test]
fn an_explanation_is_short_whatever_is_asked() {
    let wide = |seed: usize| {
        let labels: Vec<_> = (0..2_000).map(|at| format!(r#""{at}":"{}""#, at * seed)).collect();
        format!(r#"{{"name":"{}","labels":{{{}}}}}"#, "n".repeat(50_000 + seed), labels.join(","))
    };
    let bodies: Vec<_> = (1..9).map(wide).collect();
    let exchanges: Vec<_> = bodies.iter().map(|body| ("POST /notes", body.as_str(), "made")).collect();
    let replayer = replay(&exchanges);
    let body = wide(99);
    let text = explained(&replayer, &request(&format!("POST /notes?{}", "x".repeat(100_000)), &body));
    assert!(text.lines().count() <= 60 && text.lines().all(|line| line.chars().count() <= 220), "{text}");
}

#[test]
fn a_miss_shows_no_credential() {
    let replayer = pages();
    let body = r#"{"name":"b","password":"HUNTER2","clientToken":"HUNTER2"}"#;
    let target = "POST /notes?X-Amz-Signature=HUNTER2&x-amz-security-token=HUNTER2&X-Amz-Credential=HUNTER2";
    let mut live = signed(request(target, body), "us-east-1", "notes");
    live.headers.set("authorization", "Bearer HUNTER2");
    live.headers.push("x-amz-security-token", "HUNTER2");
    live.headers.push("cookie", "session=HUNTER2");
    let told = format!("{} {:?}", explained(&replayer, &live), replayer.answer(&live));
    assert!(!told.contains("HUNTER2"), "{told}");
    assert!(told.contains("POST /notes\n"), "{told}");
}
