//! The door, as the recorder uses it: what is learned late, and what is known beforehand.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use onrecord::cassette::Cassette;

use crate::support::{Server, folder, json, onrecord, provider, run};

/// A secret that shows only in the second answer is gone from the first as well.
#[test]
fn a_secret_that_is_learned_late_is_in_no_earlier_exchange() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let count = AtomicUsize::new(0);
    let secret = "pR7vQ2mZ9xK4wL8t";
    let provider = provider(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => json(&format!(r#"{{"clusterInfoList":[],"note":"it is {secret}"}}"#)),
        _ => json(&format!(r#"{{"clusterInfoList":[],"password":"{secret}"}}"#)),
    });
    let mut record = onrecord("record --contract msk --upstream");
    let server = Server::start(record.arg(provider).arg("--cassette").arg(&path));
    server.get("/v1/clusters?maxResults=1").unwrap();
    server.get("/v1/clusters?maxResults=2").unwrap();
    let ended = server.stop().with(0, &["2 exchanges recorded", "redacted: "]);
    let written = fs::read_to_string(&path).unwrap();
    assert!(!written.contains(secret) && !ended.err.contains(secret), "{written}");
    assert!(written.contains("it is REDACTED"), "{written}");
}

/// Credentials of the environment are taken out wherever they show, though nothing says what they are.
#[test]
fn the_credentials_of_the_environment_are_secrets_from_the_start() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let (key, token) = ("wJalrXUtnFEMIonrecordEXAMPLEKEY0123456789", "tok-3f9a6b1c2d4e5f60");
    let body = format!(r#"{{"clusterInfoList":[],"note":"{key} and {token}"}}"#);
    let authorized = std::sync::Arc::new(AtomicUsize::new(0));
    let seen = authorized.clone();
    let provider = provider(move |head| {
        let shown = head.to_ascii_lowercase().contains(&format!("authorization: bearer {token}"));
        seen.fetch_add(usize::from(shown), Ordering::Relaxed);
        json(&body)
    });
    let mut record = onrecord("record --contract msk --auth-env MY_TOKEN --upstream");
    record.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEONRECORD1").env("AWS_SECRET_ACCESS_KEY", key);
    let server = Server::start(record.env("MY_TOKEN", token).arg(provider).arg("--cassette").arg(&path));
    server.get("/v1/clusters").unwrap();
    let ended = server.stop().with(0, &["1 exchanges recorded"]);
    assert_eq!(authorized.load(Ordering::Relaxed), 1, "the token reached the provider");
    let written = fs::read_to_string(&path).unwrap();
    for secret in [key, token] {
        assert!(!written.contains(secret) && !ended.err.contains(secret), "{written}");
    }
    assert!(!Cassette::load(&path).unwrap().exchanges[0].request.headers.contains("authorization"));
    run(onrecord("cassette verify").arg(&path)).with(0, &[]);
}
