//! From the socket to the cassette.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use onrecord::cassette::{Cassette, Header, Origin};
use onrecord::exchange::Exchange;
use onrecord::net::{Command, Upstream};
use onrecord::record::{Describe, Described, Recording, Settings};
use onrecord::redact::PROVIDER;

use crate::support::{ANY_PORT, Peer, provider};

/// Knows `/v1/clusters` only.
struct Clusters;

impl Describe for Clusters {
    fn describe(&self, exchange: &Exchange) -> Described {
        let is_known = exchange.request.target.path() == "/v1/clusters";
        Described { operation: is_known.then(|| "ListClusters".to_owned()), ..Described::default() }
    }
}

fn record(cassette: &Path) -> Recording {
    let addr = provider(|mut peer| {
        let head = peer.read_head();
        let host = head.split("Host: ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
        peer.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{host}", host.len()));
    });
    let upstream = Upstream::parse(&format!("http://{addr}")).unwrap();
    let settings = Settings::new(cassette, Header::new(None, Origin::Sandbox), upstream);
    Recording::start(settings, Arc::new(Clusters)).unwrap()
}

fn ask(recording: &Recording, host: &str, target: &str) {
    let addr = recording.url().trim_start_matches("http://").parse().unwrap();
    let mut peer = Peer::connect(addr);
    peer.send(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    assert!(peer.read_to_end().starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn exchanges_are_routed_counted_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let recording = record(&path);
    for target in ["/v1/clusters", "/v1/clusters", "/v2/nothing"] {
        ask(&recording, "here", target);
    }
    let summary = recording.finish().unwrap();
    assert_eq!(summary.operations.get("ListClusters"), Some(&2));
    assert_eq!((summary.unknown, summary.recorded()), (1, 3));
    assert!(summary.is_complete());
    let cassette = Cassette::load(&path).unwrap();
    let operations: Vec<_> =
        cassette.exchanges.iter().map(|exchange| exchange.operation.as_deref()).collect();
    assert_eq!(operations, [Some("ListClusters"), Some("ListClusters"), None]);
}

#[test]
fn recordings_on_other_ports_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let record_once = |name: &str| {
        let path = folder.path().join(name);
        let recording = record(&path);
        let port = recording.url().rsplit_once(':').unwrap().1.to_owned();
        for host in
            [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("docker.internal:{port}")]
        {
            ask(
                &recording,
                &host,
                &format!("/v1/clusters?callback=http%3A%2F%2F{}", host.replace(':', "%3A")),
            );
        }
        assert!(recording.finish().unwrap().is_complete());
        Cassette::load(&path).unwrap().exchanges
    };
    let (first, second) = (record_once("a.json"), record_once("b.json"));
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first.request, second.request);
        assert_eq!(first.response, second.response);
        assert_eq!(first.request.headers.get("host").as_deref(), Some(PROVIDER));
        assert_eq!(first.request.target.as_str(), "/v1/clusters?callback=http%3A%2F%2Fprovider.example");
        assert_eq!(first.response.body.text(), Some(PROVIDER));
    }
}

#[test]
fn a_command_finds_us_in_its_environment_and_its_exit_code_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    let recording = record(&folder.path().join("a.json"));
    let mut signals = recording.signals().unwrap();
    let url = recording.url();
    let command = |words: &[&str]| Command {
        words: words.iter().map(OsString::from).collect(),
        env: vec![("ONRECORD_URL".to_owned(), url.clone())],
        unset: vec!["PATH".to_owned()],
    };
    let mut run = |script: &str| recording.run(&command(&["/bin/sh", "-c", script]), &mut signals).unwrap();
    assert_eq!(run(&format!("test $ONRECORD_URL = {url} && ! env | grep ^PATH=")), 0);
    assert_eq!(run("exit 7"), 7);
    assert_eq!(run("kill -KILL $$"), 128 + 9);
    // The signal goes to us, and from us to the command.
    assert_eq!(run("trap 'exit 42' TERM; kill -TERM $PPID; while :; do :; done"), 42);
    let error = recording.run(&command(&["/no/such/program"]), &mut signals).unwrap_err().to_string();
    assert!(error.starts_with("cannot run `/no/such/program`: "), "{error}");
}

#[test]
fn where_the_port_is_taken_no_journal_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind(ANY_PORT).unwrap();
    let upstream = Upstream::parse("http://127.0.0.1:1").unwrap();
    let settings = Settings {
        listen: taken.local_addr().unwrap(),
        ..Settings::new(folder.path().join("a.json"), Header::new(None, Origin::Sandbox), upstream)
    };
    let error = Recording::start(settings, Arc::new(Clusters)).unwrap_err().to_string();
    assert!(error.starts_with("cannot listen on "), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
