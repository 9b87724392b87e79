//! Many sessions in one process, and the admin API that opens them.

use std::io::BufReader;
use std::process::{Child, Stdio};

use onrecord::exchange::{Body, Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{Server, cassette, folder, onrecord, run};

/// A request that the recording answers twice.
const ASKED: &str = "/v1/clusters?maxResults=2";

/// A replay that says on standard output where it is.
struct Replay {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    ready: Value,
}

impl Replay {
    fn start(words: &str) -> Self {
        let mut command = onrecord(&format!("replay --format json {words}"));
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let ready = event(&mut out);
        assert_eq!(ready["event"], "ready");
        Self { child, out, ready }
    }

    fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    fn admin(&self, line: &str, body: &Value) -> (u16, Value) {
        let (method, target) = line.split_once(' ').unwrap();
        let mut request = Request::new(Method::from(method), Target::new(target));
        let token = self.ready["admin"]["token"].as_str().unwrap();
        request.headers.push("authorization", format!("Bearer {token}"));
        request.body = Body::from(body.to_string());
        send(self.ready["admin"]["url"].as_str().unwrap(), &request)
    }

    /// Stops it; its exit code, and the last that it says.
    fn stop(mut self) -> (Option<i32>, Value) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let end = event(&mut self.out);
        (self.child.wait().unwrap().code(), end)
    }
}

fn event(out: &mut impl std::io::BufRead) -> Value {
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

fn send(url: &str, request: &Request) -> (u16, Value) {
    let client = Client::new(&Upstream::parse(url).unwrap(), Limits::default()).unwrap();
    let (response, ..) = client.send(request).unwrap();
    (response.status, response.body.json().unwrap_or_default())
}

fn get(url: &str, session: Option<&str>) -> u16 {
    let mut request = Request::new(Method::Get, Target::new(ASKED));
    session.into_iter().for_each(|name| request.headers.push("x-onrecord-session", name));
    send(url, &request).0
}

#[test]
fn a_program_learns_where_a_replay_is_and_how_it_ended() {
    let replay = Replay::start("--cassette cassettes/msk/story-sandbox.json");
    assert_eq!(get(replay.url(), None), 200);
    assert_eq!((&replay.ready["sessions"], &replay.ready["admin"]), (&json!(["default"]), &Value::Null));
    let (code, end) = replay.stop();
    assert_eq!(
        (code, &end["event"], &end["served"], &end["missed"]),
        (Some(0), &json!("end"), &json!(1), &json!(0))
    );
}

#[test]
fn a_name_that_no_session_has_is_a_miss_where_there_is_only_one_session() {
    let folder = folder();
    let log = folder.path().join("log");
    let words = "--cassette cassettes/msk/story-sandbox.json --log";
    let replay = Replay::start(&format!("{words} {}", log.display()));
    assert_eq!([None, Some("default"), Some("typo")].map(|name| get(replay.url(), name)), [200, 200, 400]);
    let (code, end) = replay.stop();
    assert_eq!((code, &end["served"], &end["missed"]), (Some(1), &json!(2), &json!(1)));
    let line: Value = serde_json::from_slice(&std::fs::read(&log).unwrap()).unwrap();
    let told = (&line["miss"], &line["session"], &line["open"]);
    assert_eq!(told, (&json!("no-session"), &json!("typo"), &json!(["default"])));
}

#[test]
fn the_end_tells_all_that_made_it_fail() {
    let words = "--admin 127.0.0.1:0 --cassette-root cassettes --validate --after-last repeat";
    let replay = Replay::start(&format!("{words} --fault throttle:ListClusters"));
    let wanted = json!({ "name": "a", "cassettes": ["msk/story-sandbox.json"], "strict": true });
    let (_, opened) = replay.admin("POST /sessions", &wanted);
    let codes = [(); 4].map(|()| get(replay.url(), Some("a")));
    assert_eq!(codes, [429, 200, 200, 200], "{opened}");
    let mut invalid = Request::new(Method::Get, Target::new("/v1/clusters?maxResults=many"));
    invalid.headers.push("x-onrecord-session", "a");
    assert_eq!(send(replay.url(), &invalid).0, 400);
    let (_, summary) = replay.admin("DELETE /sessions/a", &Value::Null);
    let (code, end) = replay.stop();
    assert_eq!(code, Some(1));
    let left = &summary["unused"];
    assert!(left.as_u64() > Some(0), "{summary}");
    assert_eq!(
        end,
        json!({
            "event": "end", "served": 2, "again": 1, "missed": 0, "invalid": 1, "missigned": 0, "unverified": 0, "faulty": 1,
            "refused": 0,
            "hosts_refused": {}, "unused": 0, "closed": 1, "closed_unused": left,
        })
    );
}

#[test]
fn sessions_are_opened_and_closed_while_it_runs() {
    let replay = Replay::start("--admin 127.0.0.1:0 --cassette-root cassettes");
    let wanted = json!({ "name": "a", "cassettes": ["msk/story-sandbox.json"], "port": true });
    let (status, opened) = replay.admin("POST /sessions", &wanted);
    assert_eq!(status, 201, "{opened}");
    assert_ne!(opened["url"], *replay.url());
    assert_eq!(get(opened["url"].as_str().unwrap(), None), 200);
    let (_, shown) = replay.admin("GET /sessions/a", &Value::Null);
    assert_eq!((&shown["served"], &shown["missed"]), (&json!(1), &json!(0)));
    assert_eq!(get(replay.url(), Some("b")), 400);
    let outside = json!({ "cassettes": ["../Cargo.toml"] });
    assert_eq!(replay.admin("POST /sessions", &outside).0, 422);
    let (status, summary) = replay.admin("DELETE /sessions/a", &Value::Null);
    assert_eq!((status, &summary["served"]), (200, &json!(1)));
    // The one that no session was meant by.
    let (code, end) = replay.stop();
    assert_eq!((code, &end["served"], &end["missed"]), (Some(1), &json!(1), &json!(1)));
}

#[test]
fn named_sessions_are_apart() {
    let file = "cassettes/msk/story-sandbox.json";
    let replay = Replay::start(&format!("--session a={file} --session b={file} --session b={file}"));
    assert_eq!(replay.ready["sessions"], json!(["a", "b"]));
    let codes = |name| [(); 5].map(|()| get(replay.url(), Some(name)));
    assert_eq!(codes("a"), [200, 200, 400, 400, 400]);
    assert_eq!(codes("b"), [200, 200, 200, 200, 400]);
    assert_eq!(get(replay.url(), None), 400);
    let (code, end) = replay.stop();
    assert_eq!((code, &end["served"], &end["missed"]), (Some(1), &json!(6), &json!(5)));
}

#[test]
fn a_wrapped_command_is_told_of_the_admin_api() {
    let mut command = onrecord("replay --admin 127.0.0.1:0 --cassette");
    command.arg(cassette()).args(["--", "sh", "-c", "echo $ONRECORD_ADMIN_URL $ONRECORD_ADMIN_TOKEN"]);
    let ended = run(&mut command).with(1, &["admin API: http://127.0.0.1:", "admin token: "]);
    let (url, token) = ended.out.trim().split_once(' ').unwrap();
    assert!(ended.err.contains(&format!("admin API: {url}\n")) && token.len() == 64, "{ended:?}");
    assert!(ended.err.contains(&format!("admin token: {token}\n")));
}

#[test]
fn a_token_may_be_brought_along() {
    let folder = folder();
    let (good, short) = (folder.path().join("good"), folder.path().join("short"));
    std::fs::write(&good, "a-token-of-the-tests\n").unwrap();
    std::fs::write(&short, "short").unwrap();
    let replay = Replay::start(&format!("--admin 127.0.0.1:0 --admin-token-file {}", good.display()));
    assert_eq!(replay.ready["admin"]["token"], "a-token-of-the-tests");
    assert_eq!(replay.admin("GET /sessions", &Value::Null).0, 200);
    assert_eq!(replay.stop().0, Some(0));
    for (words, named) in [
        (format!("--admin 127.0.0.1:0 --admin-token-file {}", short.display()), "at least 16 characters"),
        (format!("--admin 127.0.0.1:0 --admin-token-file {}x", short.display()), "--admin-token-file"),
        (format!("--admin 127.0.0.1:0 --cassette-root {}", short.display()), "--cassette-root"),
        ("--admin 0.0.0.0:0".to_owned(), "write --admin 127.0.0.1:0"),
        ("--session a".to_owned(), "write it as NAME=a"),
        ("--session a=none.json".to_owned(), "none.json"),
        ("--session a/b=none.json".to_owned(), "cannot name a session"),
        (String::new(), "--cassette"),
    ] {
        run(&mut onrecord(&format!("replay {words}"))).with(2, &[named]);
    }
}

#[test]
fn strictness_holds_for_sessions_of_the_admin_api_unless_they_say_otherwise() {
    for (flags, own, strict) in [
        ("--strict", None, true),
        ("--strict", Some(false), false),
        ("", None, false),
        ("", Some(true), true),
    ] {
        let replay = Replay::start(&format!("--admin 127.0.0.1:0 --cassette-root cassettes {flags}"));
        let mut wanted = json!({ "name": "a", "cassettes": ["msk/story-sandbox.json"] });
        own.into_iter().for_each(|own: bool| wanted["strict"] = json!(own));
        let (_, opened) = replay.admin("POST /sessions", &wanted);
        assert_eq!(opened["strict"], strict, "{flags} {own:?}");
        assert_eq!(replay.stop().0, Some(i32::from(strict)), "{flags} {own:?}");
    }
}

#[test]
fn each_line_of_the_log_names_its_session() {
    let folder = folder();
    let log = folder.path().join("log");
    let session = format!("--session a={}", cassette().display());
    let words = format!("--cassette cassettes/msk/story-sandbox.json {session} --log {}", log.display());
    let replay = Replay::start(&words);
    let codes = [None, Some("a")].map(|name| {
        let mut request = Request::new(Method::Get, Target::new("/v1/clusters?maxResults=77"));
        name.into_iter().for_each(|name| request.headers.push("x-onrecord-session", name));
        send(replay.url(), &request).0
    });
    assert_eq!((codes, get(replay.url(), Some("typo"))), ([400, 400], 400));
    assert_eq!(replay.stop().0, Some(1));
    let lines = std::fs::read_to_string(log).unwrap();
    let sessions = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["session"].clone());
    assert_eq!(sessions.collect::<Vec<_>>(), ["default", "a", "typo"]);
}

#[test]
fn strictness_holds_for_all_sessions_of_the_command_line() {
    let mut command = onrecord("replay --strict --session");
    command.arg(format!("a={}", cassette().display()));
    let server = Server::start(&mut command);
    server.stop().with(1, &["onrecord: unused: exchanges[0]"]);
}
