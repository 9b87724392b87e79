//! What a user has not compared.

use onrecord::exchange::{Method, Request, Target};

use crate::support::{Server, cassette, onrecord, run};

fn list(query: &str) -> Request {
    Request::new(Method::Get, Target::new(format!("/v1/clusters{query}")))
}

fn replaying(parts: &str) -> Server {
    let words = format!("replay --contract msk {parts} --cassette");
    Server::start(onrecord(&words).arg(cassette()))
}

#[test]
fn what_is_not_compared_is_told_at_the_start_and_in_each_miss() {
    for part in ["query:maxResults", "input:maxResults", "input:ListClusters.maxResults", "body:/maxResults"]
    {
        let server = replaying(&format!("--match {part}=any --match header:accept=any"));
        let (answer, _) = server.send(&list("?maxResults=99")).unwrap();
        assert_eq!(answer.status, 200, "{part}");
        let (answer, _) = server.send(&list("?maxResults=99&nextToken=nobodys")).unwrap();
        assert_eq!(answer.status, 400, "{part}: the page still counts");
        let ignored = format!("{part}, header:accept");
        let told = [format!("onrecord: not compared: {ignored}"), format!("  ignored  {ignored}")];
        server.stop().with(1, &[&told[0], &told[1], "1 served, 1 missed"]);
    }
}

#[test]
fn nothing_is_loosened_silently() {
    let server = replaying("");
    let (answer, _) = server.send(&list("?maxResults=99")).unwrap();
    assert_eq!(answer.status, 400);
    assert!(!server.stop().with(1, &[]).err.contains("ignored"));
}

#[test]
fn what_occurs_nowhere_is_an_error() {
    for (part, told) in [
        ("query:maxResult", "no contract and no cassette has this; did you mean query:maxResults?"),
        ("input:ListClusters.maxResult", "did you mean input:ListClusters.maxResults?"),
        ("header:acept", "did you mean header:accept?"),
        ("body:/clustername", "did you mean body:/clusterName?"),
        ("query:zzzzzzzzzzzzzzzzz", "no contract and no cassette has this"),
    ] {
        let mut replay = onrecord(&format!("replay --contract msk --match {part}=any --cassette"));
        run(replay.arg(cassette())).with(2, &[&format!("--match {part}=any: "), told]);
    }
    for part in ["maxResults", "query:maxResults", "path:/x=any", "query:=any", "body:name=any"] {
        let mut replay = onrecord(&format!("replay --match {part} --cassette"));
        run(replay.arg(cassette())).with(2, &["write header:NAME=any, query:NAME=any, body:/POINTER=any"]);
    }
}
