//! What a replay demands of a client, and how it misbehaves towards one: `--validate`,
//! `--verify-signatures` and `--fault`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;

use onrecord::exchange::{Method, Request, Target, Timestamp};
use onrecord::net::{Credentials, sign};

use crate::support::{Server, cassette, folder, onrecord, provider, run};

const CLUSTERS: &str = "/v1/clusters?maxResults=2";

fn replay(flags: &str) -> Server {
    Server::start(onrecord(&format!("replay {flags} --cassette")).arg(cassette()))
}

#[test]
fn what_the_provider_would_refuse_is_refused_where_it_is_asked_for() {
    for (flags, marker, code, told) in [
        (
            "--validate",
            Some("/maxResults"),
            1,
            "onrecord: invalid: the provider would refuse this ListClusters",
        ),
        ("", None, 1, "0 served, 1 missed"),
    ] {
        let server = replay(flags);
        let refused = server.get("/v1/clusters?maxResults=many").unwrap().0;
        assert_eq!(refused.status, 400);
        let place = refused.headers.get("x-onrecord-invalid");
        assert_eq!(place.is_some(), marker.is_some(), "{flags}");
        assert!(place.unwrap_or_default().starts_with(marker.unwrap_or_default()), "{flags}");
        server.stop().with(code, &[told]);
    }
}

#[test]
fn what_the_provider_would_take_is_answered_as_ever() {
    let server = replay("--validate");
    assert_eq!(server.get(CLUSTERS).unwrap().0.status, 200);
    server.stop().with(0, &["1 served, 0 missed"]);
}

#[test]
fn nothing_is_validated_without_a_contract_and_that_is_told() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut bare: serde_json::Value = serde_json::from_slice(&std::fs::read(cassette()).unwrap()).unwrap();
    bare["header"].as_object_mut().unwrap().remove("contract").unwrap();
    std::fs::write(&path, bare.to_string()).unwrap();
    let told = "--validate: no contract is known that requests could break; name one with --contract";
    run(onrecord("replay --validate --cassette").arg(&path)).with(2, &[told]);
    let mut session = onrecord("replay --validate --session");
    run(session.arg(format!("a={}", path.display()))).with(2, &[told]);
    Server::start(onrecord("replay --validate --contract msk --cassette").arg(&path)).stop().with(0, &[]);
}

#[test]
fn a_fault_acts_once_says_so_and_uses_up_nothing() {
    let server = replay("--fault throttle:ListClusters --seed 7");
    let first = server.get(CLUSTERS).unwrap().0;
    assert_eq!((first.status, first.headers.get("x-onrecord-fault").as_deref()), (429, Some("throttle")));
    let second = server.get(CLUSTERS).unwrap().0;
    assert_eq!((second.status, second.headers.get("x-onrecord-fault")), (200, None));
    server.stop().with(0, &["--seed 7", "1 served, 0 missed", "1 answered by a planted fault"]);
}

#[test]
fn a_dropped_connection_is_dropped_where_there_is_no_body() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let provider = provider(|head| match head.starts_with("HEAD") {
        true => b"HTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nconnection: close\r\n\r\n".to_vec(),
        false => b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".to_vec(),
    });
    let ask = |server: &Server, method: &str| {
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "{method} /a HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let recorder = Server::start(onrecord("record --upstream").arg(provider).arg("--cassette").arg(&path));
    ["HEAD", "DELETE"].iter().for_each(|method| drop(ask(&recorder, method)));
    recorder.stop().with(0, &["2 exchanges recorded"]);
    let server = Server::start(onrecord("replay --fault dropped-connection --cassette").arg(&path));
    for (method, line) in [("HEAD", "HTTP/1.1 404"), ("DELETE", "HTTP/1.1 204")] {
        assert_eq!(ask(&server, method), "", "{method}");
        assert!(ask(&server, method).starts_with(line), "{method}");
    }
    server.stop().with(0, &["2 served, 0 missed", "2 answered by a planted fault"]);
}

#[test]
fn a_share_of_requests_is_the_same_share_with_the_same_seed() {
    let struck = |seed: u64| {
        let server = replay(&format!("--fault unavailable@50% --seed {seed}"));
        let ask = |size| server.get(&format!("/v1/clusters?maxResults={size}")).unwrap().0;
        let struck: Vec<_> = (1..=40).map(|size| ask(size).status == 503).collect();
        drop(server.stop());
        struck
    };
    let first = struck(1);
    assert_eq!(struck(1), first);
    assert_ne!(struck(2), first);
    let count = first.iter().filter(|one| **one).count();
    assert!((8..=32).contains(&count), "about half: {count}");
}

#[test]
fn what_can_never_happen_is_told_at_the_start() {
    let never = "--fault reordered-page:CreateCluster can never act here: no recorded success of CreateCluster is a page";
    let flags = "--fault reordered-page:CreateCluster --fault throttle --collapse-waits --after-last repeat";
    let err = replay(flags).stop().with(0, &[never]).err;
    assert_eq!(err.matches("can never act").count(), 1, "{err}");
    let bare = "replay --collapse-waits --contract dsql --cassette";
    let told = "onrecord: --collapse-waits does nothing here: nobody polled";
    Server::start(onrecord(bare).arg(cassette())).stop().with(0, &[told]);
}

#[test]
fn faults_are_listed_and_looked_for_by_name() {
    let listed = run(&mut onrecord("replay --fault list")).with(0, &[]);
    assert!(listed.out.contains("dropped-connection"), "{}", listed.out);
    run(onrecord("replay --fault nonsense --cassette").arg(cassette()))
        .with(2, &["there is no fault nonsense", "unknown-member"]);
    run(onrecord("replay --fault throttle:NoSuch --cassette").arg(cassette()))
        .with(2, &["no contract has an operation NoSuch"]);
    run(onrecord("replay --fault throttle@0 --cassette").arg(cassette())).with(2, &["neither the number"]);
    run(&mut onrecord("replay --fault throttle")).with(2, &["name a --cassette"]);
    run(&mut onrecord("replay")).with(2, &["--cassette"]);
}

/// The credentials of the documentation.
const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
];

fn verifying(flags: &str) -> Command {
    let mut command = onrecord(&format!("replay --verify-signatures {flags}"));
    command.envs(KEYS);
    command
}

/// `GET` of the clusters, signed for this server.
fn signed(server: &Server, access_key: &str, secret_key: &str) -> Request {
    let mut request = Request::new(Method::Get, Target::new(CLUSTERS));
    let [access_key, secret_key] = [access_key, secret_key].map(str::to_owned);
    let credentials = Credentials { access_key, secret_key, session_token: None };
    let host = server.url.strip_prefix("http://").unwrap();
    sign(&mut request, host, "kafka", "us-east-1", &credentials, Timestamp::now()).unwrap();
    request
}

#[test]
fn a_wrong_signature_is_refused_explained_and_logged() {
    let (folder, [(_, key), (_, secret)]) = (folder(), KEYS);
    let log = folder.path().join("log");
    let server = Server::start(verifying("--log").arg(&log).arg("--cassette").arg(cassette()));
    assert_eq!(server.send(&signed(&server, key, secret)).unwrap().0.status, 200);
    let refused = server.send(&signed(&server, key, "another")).unwrap().0;
    assert_eq!(
        (refused.status, refused.headers.get("x-onrecord-signature").as_deref()),
        (403, Some("wrong"))
    );
    assert_eq!(
        server.get(CLUSTERS).unwrap().0.headers.get("x-onrecord-signature").as_deref(),
        Some("missing")
    );
    let told = server.stop().with(
        1,
        &[
            "onrecord: signature: the provider would refuse GET /v1/clusters (ListClusters) with InvalidSignatureException: its signature is not",
            "with MissingAuthenticationTokenException: it is not signed",
            "1 served, 0 missed",
            "2 refused for their signatures",
        ],
    );
    assert!(!told.err.contains(secret), "{}", told.err);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.starts_with(r#"{"signature":"refused","operation":"ListClusters""#), "{log}");
    assert_eq!(log.lines().count(), 2);
}

#[test]
fn keys_that_nobody_knows_pass_and_are_told_once() {
    let server = Server::start(verifying("--after-last repeat --format json --cassette").arg(cassette()));
    for _ in 0..2 {
        assert_eq!(server.send(&signed(&server, "AKIDOTHER", "any")).unwrap().0.status, 200);
    }
    let told = server.stop().with(0, &["whose secret is not known here", "2 passed, though"]);
    assert_eq!(told.err.matches("onrecord: signature").count(), 1, "{}", told.err);
    assert!(told.out.contains(r#""missigned":0,"unverified":2"#), "{}", told.out);
}

#[test]
fn the_keys_of_all_sessions_have_the_known_secret() {
    let folder = folder();
    let log = folder.path().join("log");
    let session = |name: &str| format!("{name}={}", cassette().display());
    let mut command = verifying("--log");
    command.arg(&log).arg("--cassette").arg(cassette());
    let server = Server::start(command.args(["--session", &session("a"), "--session", &session("b")]));
    assert_eq!(server.send(&signed(&server, "a", KEYS[1].1)).unwrap().0.status, 200);
    assert_eq!(server.send(&signed(&server, "default", KEYS[1].1)).unwrap().0.status, 200);
    assert_eq!(server.send(&signed(&server, "default", "another")).unwrap().0.status, 403);
    // Named by other means, and signed with the key of another one.
    let mut crossed = signed(&server, "b", "another");
    crossed.headers.push("x-onrecord-session", "a");
    assert_eq!(server.send(&crossed).unwrap().0.status, 403);
    let told = [
        "onrecord: in session a, signature: the provider would refuse GET",
        "onrecord: signature: the provider would refuse GET",
        "2 served, 0 missed",
        "2 refused for their signatures",
    ];
    server.stop().with(1, &told);
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().nth(1).unwrap().contains(r#""session":"a""#), "{log}");
}

#[test]
fn a_profile_s_secret_is_shown_nowhere() {
    let home = folder();
    let secret = "p8Kd0sLqWverifyZt2mYxVbN4cRf7gHj1aQeUoIk";
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let profile = format!("[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {secret}\n");
    std::fs::write(home.path().join(".aws/credentials"), profile).unwrap();
    let mut command = onrecord("replay --verify-signatures --cassette");
    command.arg(cassette()).env("HOME", home.path());
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    ] {
        command.env_remove(name);
    }
    let server = Server::start(&mut command);
    let answer = server.get(&format!("/v1/clusters/{secret}")).unwrap().0;
    assert!(!answer.body.text().unwrap().contains(secret));
    let told = server.stop().with(1, &["onrecord: signature"]);
    assert!(!told.err.contains(secret), "{}", told.err);
}

#[test]
fn nothing_is_verified_without_a_secret_and_that_is_told() {
    let home = folder();
    let mut command = onrecord("replay --verify-signatures --cassette");
    command.arg(cassette()).env("HOME", home.path());
    let unset = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    ];
    unset.iter().for_each(|name| {
        command.env_remove(name);
    });
    run(&mut command).with(2, &["--verify-signatures: no secret is known", "AWS_SECRET_ACCESS_KEY"]);
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    let profile = "[default]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = p\n";
    std::fs::write(home.path().join(".aws/credentials"), profile).unwrap();
    let server = Server::start(&mut command);
    assert_eq!(server.send(&signed(&server, "AKIDPROFILE", "p")).unwrap().0.status, 200);
    server.stop().with(0, &["1 served, 0 missed"]);
}
