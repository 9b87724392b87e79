//! How answers are served: the flags of `replay`.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{self, Server, folder, onrecord, provider, recorder};

const CLUSTER: &str = "/v1/clusters/arn:aws:kafka:us-east-1:111122223333:cluster%2Fa%2F1";

/// A cluster that was asked for until it was there.
fn record(path: &Path) {
    let asked = AtomicUsize::new(0);
    let server = recorder(
        path,
        &provider(move |_| {
            let state = ["CREATING", "CREATING", "ACTIVE"][asked.fetch_add(1, Ordering::Relaxed).min(2)];
            support::json(&format!(r#"{{"clusterInfo":{{"state":"{state}"}}}}"#))
        }),
    );
    (0..3).for_each(|_| drop(server.get(CLUSTER).unwrap()));
    server.stop().with(0, &["3 DescribeCluster"]);
}

fn replay(path: &Path, flags: &str) -> Server {
    let words = format!("replay --contract msk --strict {flags} --cassette");
    Server::start(onrecord(words.trim()).arg(path))
}

/// What it answers to so many requests.
fn states(server: &Server, count: usize) -> Vec<String> {
    let state = |_| {
        let body = server.get(CLUSTER).unwrap().0.body.json().unwrap();
        body["clusterInfo"]["state"].as_str().unwrap_or("a miss").to_owned()
    };
    (0..count).map(state).collect()
}

#[test]
fn after_the_last_comes_what_the_flag_says() {
    let folder = folder();
    let path = folder.path().join("a.json");
    record(&path);
    for (flag, fourth, code, told) in [
        ("", "a miss", 1, "3 served, 1 missed, 0 unused"),
        ("--after-last repeat", "ACTIVE", 0, "3 served and 1 again, 0 missed"),
        ("--after-last loop", "CREATING", 0, "3 served and 1 again, 0 missed"),
    ] {
        let server = replay(&path, flag);
        assert_eq!(states(&server, 4), ["CREATING", "CREATING", "ACTIVE", fourth], "{flag}");
        server.stop().with(code, &[told]);
    }
}

#[test]
fn who_polls_need_not_wait() {
    let folder = folder();
    let path = folder.path().join("a.json");
    record(&path);
    let server = replay(&path, "--collapse-waits");
    assert_eq!(states(&server, 1), ["ACTIVE"]);
    server.stop().with(0, &["3 served, 0 missed, 0 unused"]);
}

#[test]
fn a_stream_has_the_pace_that_the_flag_says() {
    let folder = folder();
    let path = folder.path().join("a.json");
    record(&path);
    let mut cassette: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    cassette["exchanges"].as_array_mut().unwrap().truncate(1);
    let length = r#"{"clusterInfo":{"state":"CREATING"}}"#.len();
    cassette["exchanges"][0]["response"]["pieces"] = json!([[1, 0], [length - 1, 300]]);
    fs::write(&path, cassette.to_string()).unwrap();
    let server = replay(&path, "--pace recorded");
    let begun = Instant::now();
    assert_eq!(states(&server, 1), ["CREATING"]);
    assert!(begun.elapsed() >= Duration::from_millis(300), "the second piece came too soon");
    server.stop().with(0, &["1 served"]);
}
