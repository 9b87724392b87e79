//! Who comes to us acts with the user's credentials: who may, and where they go.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use crate::proxies::asks;
use crate::support::{PAGE, Server, folder, json, onrecord, provider, run};

const HOST: &str = "kafka.us-east-1.amazonaws.com";
const TOKEN: &str = "authorization: Bearer token-of-the-user-17";

/// A provider, and the heads of what it was asked.
fn listening() -> (String, Arc<Mutex<Vec<String>>>) {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let told = heads.clone();
    let url = provider(move |head| {
        told.lock().unwrap().push(head.to_owned());
        json(PAGE)
    });
    (url, heads)
}

/// `GET /tunnelled` in a tunnel to another port of the host, which is named without it.
fn tunnels() -> String {
    format!(
        "exec 4<>/dev/tcp/127.0.0.1/${{HTTP_PROXY##*:}}; \
         printf 'CONNECT {HOST}:8080 HTTP/1.1\r\nhost: {HOST}:8080\r\n\r\n' >&4; \
         while read -r line <&4 && [ \"$line\" != $'\\r' ]; do :; done; \
         printf 'GET /tunnelled HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n' >&4; cat <&4"
    )
}

/// Whatever a request's `Host` says.
#[test]
fn a_token_goes_to_the_origin_that_was_named_and_to_no_other() {
    let folder = folder();
    for (upstream, told) in [("http", vec![true, false]), ("https", vec![false, false])] {
        let (url, heads) = listening();
        let address = url.strip_prefix("http://").unwrap();
        let mut record = onrecord("record --proxy --contract msk --auth-env TOKEN --upstream");
        record.arg(format!("{upstream}://{HOST}")).env("TOKEN", "token-of-the-user-17");
        record.arg("--connect-to").arg(format!("{HOST}::{address}"));
        record.arg("--cassette").arg(folder.path().join(upstream));
        let script = format!("({}); ({})", asks(&format!("http://{HOST}/named")), tunnels());
        run(record.args(["--", "bash", "-c", &script])).with(0, &["2 exchanges recorded"]);
        let heads = heads.lock().unwrap();
        let paths: Vec<_> = heads.iter().map(|head| head.split(' ').nth(1).unwrap()).collect();
        assert_eq!(paths, ["/named", "/tunnelled"]);
        let shown: Vec<_> = heads.iter().map(|head| head.contains(TOKEN)).collect();
        assert_eq!(shown, told, "{upstream}: {heads:?}");
    }
}

#[test]
fn a_web_page_gets_nothing_by_way_of_us() {
    let folder = folder();
    let (url, heads) = listening();
    let mut record = onrecord("record --contract msk --auth-env TOKEN --upstream");
    record.arg(&url).arg("--cassette").arg(folder.path().join("a.json"));
    let server = Server::start(record.env("TOKEN", "token-of-the-user-17"));
    let us = server.url.strip_prefix("http://").unwrap().to_owned();
    let port = us.rsplit_once(':').unwrap().1;
    let status = |fields: &str| {
        let mut stream = TcpStream::connect(&us).unwrap();
        write!(stream, "GET /v1/clusters HTTP/1.1\r\nconnection: close\r\n{fields}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(status(&format!("host: {us}\r\norigin: http://evil.example")), "400");
    assert_eq!(status(&format!("host: {us}\r\nsec-fetch-site: cross-site")), "400");
    // A name of the page's own that leads to this machine.
    assert_eq!(status(&format!("host: evil.example:{port}")), "400");
    assert!(heads.lock().unwrap().is_empty(), "none of it reaches the provider: {heads:?}");
    assert_eq!(status(&format!("host: localhost:{port}")), "200");
    server.stop().with(1, &["1 exchanges recorded", "3 not recorded: "]);
    let heads = heads.lock().unwrap();
    assert!(heads.len() == 1 && heads[0].contains(TOKEN), "{heads:?}");
}
