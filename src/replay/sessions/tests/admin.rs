//! The admin API, without a socket: what it does, and whom it lets in.

use serde_json::{Value, json};

use super::{ask, plain, with_header};
use crate::exchange::{Body, Method, Request, Response, Target};
use crate::net::Answer;
use crate::replay::sessions::{Admin, Root, Sessions, Token};
use std::sync::Arc;

const TOKEN: &str = "0123456789abcdef";

struct Fixture {
    admin: Admin,
    sessions: Arc<Sessions>,
    _folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.json", "b.json", "broken.json"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let sessions = super::sessions(&[]);
    let (token, root) = (Token::new(TOKEN).unwrap(), Root::new(folder.path()).unwrap());
    let admin = Admin::new(sessions.clone(), token, root, "http://127.0.0.1:1");
    Fixture { admin, sessions, _folder: folder }
}

fn call(line: &str, body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::new(Method::from(method), Target::new(target));
    request.headers.push("host", "127.0.0.1:9000");
    request.headers.push("authorization", format!("Bearer {TOKEN}"));
    request.body = Body::from(body.to_owned());
    request
}

impl Fixture {
    fn call(&self, line: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.admin.answer(call(line, &body));
        (answer.status, answer.body.json().unwrap_or_default())
    }

    fn get(&self, path: &str) -> Value {
        let (status, value) = self.call(&format!("GET {path}"), &Value::Null);
        assert_eq!(status, 200, "{path}: {value}");
        value
    }
}

#[test]
fn a_session_is_opened_asked_reset_and_closed() {
    let it = fixture();
    let wanted = json!({ "name": "a", "cassettes": ["a.json"], "access_key_id": "K", "strict": true });
    let (status, opened) = it.call("POST /sessions", &wanted);
    assert_eq!((status, &opened["name"], &opened["url"]), (201, &json!("a"), &json!("http://127.0.0.1:1")));
    assert_eq!(opened["port"], Value::Null);
    assert_eq!(ask(&it.sessions, with_header("a")), "a 1");
    ask(&it.sessions, {
        let mut other = with_header("a");
        other.target = Target::new("/notes?limit=9");
        other
    });
    let shown = it.get("/sessions/a");
    assert_eq!([&shown["served"], &shown["missed"], &shown["unused"]], [&json!(1), &json!(1), &json!(2)]);
    let refused = ["invalid", "missigned", "unverified"];
    assert!(refused.iter().all(|name| shown[name] == json!(0)), "{shown}");
    let misses = it.get("/sessions/a/misses");
    assert_eq!((&misses["missed"], &misses["misses"][0]["operation"]), (&json!(1), &json!("List")));
    assert!(misses["misses"][0]["explanation"].as_str().unwrap().contains("nearest"));
    let unused = it.get("/sessions/a/unused");
    assert_eq!((&unused["unused"], &unused["unused_exchanges"][0]["exchange"]), (&json!(2), &json!(1)));
    let coverage = it.get("/sessions/a/coverage");
    let list = json!({ "contract": "notes", "operation": "List", "recorded": 3, "served": 1, "missed": 1 });
    assert_eq!(coverage["operations"], json!([list]));
    assert!(coverage["never_recorded"]["notes"].as_array().unwrap().contains(&json!("Delete")));
    let (status, anew) = it.call("POST /sessions/a/reset", &Value::Null);
    assert_eq!((status, &anew["served"], &anew["access_key_id"]), (200, &json!(0), &json!("K")));
    assert_eq!(ask(&it.sessions, with_header("a")), "a 1");
    let (status, summary) = it.call("DELETE /sessions/a", &Value::Null);
    assert_eq!((status, &summary["served"], &summary["unused"]), (200, &json!(1), &json!(2)));
    assert_eq!(summary["unused_exchanges"].as_array().unwrap().len(), 2);
    let all = it.get("/sessions");
    assert_eq!(all["sessions"].as_array().unwrap().len(), 1);
    assert_eq!([&all["totals"]["closed"], &all["totals"]["missed"]], [&json!(1), &json!(1)]);
    assert!(refused.iter().all(|name| all["totals"][name] == json!(0)), "{all}");
}

#[test]
fn each_refusal_says_what_mends_it() {
    let it = fixture();
    let open = |value: Value| it.call("POST /sessions", &value);
    for (wanted, status, kind, mend) in [
        (json!({ "cassettes": [] }), 400, "cassettes", "name at least one"),
        (json!({ "cassettes": ["a.json"], "name": "a b" }), 400, "name", "letters"),
        (json!({ "cassettes": ["a.json"], "name": "default" }), 409, "taken", "take another"),
        (json!({ "cassettes": ["a.json"], "port": true }), 409, "port", "by its name"),
        (json!({ "cassettes": ["a.json"], "upstream": "x" }), 400, "body", "unknown field `upstream`"),
        (json!(["a.json"]), 400, "body", "send JSON like"),
        (json!({ "cassettes": ["../a.json"] }), 422, "cassette", "--cassette-root"),
        (json!({ "cassettes": ["/etc/passwd"] }), 422, "cassette", "--cassette-root"),
        (json!({ "cassettes": ["broken.json"] }), 422, "cassette", "mend it"),
    ] {
        let (told, value) = open(wanted.clone());
        assert_eq!((told, &value["error"]), (status, &json!(kind)), "{wanted}: {value}");
        assert!(value["message"].as_str().unwrap().contains(mend), "{wanted}: {value}");
    }
    for (line, status, kind) in [
        ("GET /sessions/none", 404, "unknown"),
        ("DELETE /sessions/default", 409, "lasting"),
        ("PUT /sessions", 405, "method"),
        ("POST /metrics", 405, "method"),
        ("GET /", 404, "path"),
        ("GET /sessions/a/b/c", 404, "path"),
    ] {
        let (told, value) = it.call(line, &Value::Null);
        assert_eq!((told, &value["error"]), (status, &json!(kind)), "{line}: {value}");
    }
    let longest = "x".repeat(1 << 20);
    let (status, value) = it.call(&format!("GET /sessions/{longest}"), &Value::Null);
    assert!(status == 404 && value.to_string().len() < 500);
}

/// What may be asked, but for one thing about who asks.
fn asked_otherwise(change: impl FnOnce(&mut Request)) -> Response {
    let it = fixture();
    let mut request = call("POST /sessions", r#"{"name":"a","cassettes":["a.json"]}"#);
    change(&mut request);
    let response = it.admin.answer(request);
    assert_eq!(it.sessions.get("a").is_ok(), response.status == 201);
    response
}

#[test]
fn only_those_who_know_the_token_are_let_in() {
    assert_eq!(asked_otherwise(|_| {}).status, 201);
    assert_eq!(asked_otherwise(|request| request.headers.remove("authorization")).status, 401);
    for wrong in [
        "Bearer",
        "Bearer ",
        "Bearer 0123456789abcdeF",
        "Bearer 0123456789abcdef0",
        "Basic 0123456789abcdef",
        "0123456789abcdef",
        "Bearer 0123456789abcde",
    ] {
        let response = asked_otherwise(|request| request.headers.set("authorization", wrong));
        assert_eq!(response.status, 401, "{wrong}");
        assert_eq!(response.headers.get("www-authenticate").as_deref(), Some("Bearer"));
        assert!(!response.body.text().unwrap().contains(TOKEN));
    }
    let twice = asked_otherwise(|request| request.headers.push("authorization", format!("Bearer {TOKEN}")));
    assert_eq!(twice.status, 401);
    assert!(Token::new("short").is_none() && Token::new("0123456789 abcdef").is_none());
}

#[test]
fn no_web_page_is_let_in() {
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:9000", ""] {
        let response = asked_otherwise(|request| request.headers.set("host", host));
        assert_eq!(response.status, 403, "{host}");
    }
    assert_eq!(asked_otherwise(|request| request.headers.remove("host")).status, 403);
    for host in ["localhost:9000", "[::1]:9000", "127.0.0.1"] {
        assert_eq!(asked_otherwise(|request| request.headers.set("host", host)).status, 201, "{host}");
    }
    for origin in ["null", "http://127.0.0.1:9000"] {
        assert_eq!(asked_otherwise(|request| request.headers.push("origin", origin)).status, 403);
    }
}

#[test]
fn metrics_count_what_sessions_did() {
    let it = fixture();
    it.call("POST /sessions", &json!({ "name": "a", "cassettes": ["a.json"] }));
    ask(&it.sessions, with_header("a"));
    ask(&it.sessions, with_header("none"));
    (0..102).for_each(|_| {
        drop(ask(&it.sessions, {
            let mut other = plain();
            other.target = Target::new("/notes?limit=9");
            other
        }))
    });
    let answer = it.admin.answer(call("GET /metrics", ""));
    assert_eq!(
        answer.headers.get("content-type").as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = answer.body.text().unwrap().to_owned();
    for line in [
        "# TYPE onrecord_served_total counter",
        r#"onrecord_served_total{operation="List",session="a"} 1"#,
        r#"onrecord_unused{operation="List",session="a"} 2"#,
        r#"onrecord_missed_total{operation="List",session="default"} 100"#,
        r#"onrecord_missed_total{operation="further",session="default"} 2"#,
        "onrecord_astray_total 1",
        "onrecord_sessions 2",
        "onrecord_sessions_closed_total 0",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in {text}");
    }
    it.call("DELETE /sessions/a", &Value::Null);
    let after = it.admin.answer(call("GET /metrics", "")).body.text().unwrap().to_owned();
    assert!(after.contains("onrecord_sessions_closed_total 1") && !after.contains(r#"session="a""#));
}

/// The description names all that there is, and nothing else.
#[test]
fn the_description_is_true() {
    let it = fixture();
    let description = it.get("/openapi.json");
    assert_eq!(description["openapi"], json!("3.1.0"));
    let paths = description["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 8);
    for (path, item) in paths {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let line = format!("{method} {}", path.replace("{name}", "default"));
            let (status, value) = it.call(&line, &Value::Null);
            let is_described = item.get(method.to_lowercase()).is_some();
            assert_eq!(status != 405 && status != 404, is_described, "{line}: {status} {value}");
        }
    }
    let properties = &description["components"]["schemas"]["Opening"]["properties"];
    let names: Vec<_> = properties.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["name", "cassettes", "access_key_id", "port", "strict"]);
    let opened = it.call("POST /sessions", &json!({ "name": "a", "cassettes": ["a.json"] })).1;
    let described = description["components"]["schemas"]["Session"]["properties"].as_object().unwrap();
    let told: Vec<_> = opened.as_object().unwrap().keys().collect();
    assert_eq!(told, described.keys().collect::<Vec<_>>());
}
