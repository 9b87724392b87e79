//! Real clients sign, and a replay verifies: what boto3 and the AWS CLI make with the right secret is
//! right in all the ways they have, and nothing is with another one.

use std::path::Path;
use std::process::{Command, Output};

use onrecord::cassette::Cassette;

use crate::parts::{Moto, MotoTls, folder, onrecord, ready, succeeded};

/// boto3 and the AWS CLI.
const STORY: &[&str] = &["signed_story"];
const RIGHT: &[&str] = &[];
const ANOTHER: &[&str] = &["env", "AWS_SECRET_ACCESS_KEY=another"];

fn told(mut onrecord: Command, cassette: &Path, key: &[&str], story: &[&str]) -> Output {
    onrecord.arg("--cassette").arg(cassette).arg("--").args(key);
    onrecord.arg(folder().join(story[0])).args(&story[1..]).output().expect("onrecord runs")
}

fn replayed(flags: &[&str], cassette: &Path, key: &[&str], story: &[&str]) -> Output {
    let mut replay = onrecord();
    replay.args(["replay", "--verify-signatures"]).args(flags);
    told(replay, cassette, key, story)
}

/// What clients are told when they sign with the right secret, and with another one.
fn verified(flags: &[&str], cassette: &Path) {
    let output = replayed(flags, cassette, RIGHT, STORY);
    let out = succeeded(&output);
    assert_eq!(out.matches(": ok").count(), 9, "{out}\n{}", String::from_utf8_lossy(&output.stderr));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("onrecord: signature"), "nothing is unverified: {err}");

    let output = replayed(flags, cassette, ANOTHER, STORY);
    assert_eq!(output.status.code(), Some(1));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let expected = [
        "bucket: SignatureDoesNotMatch 403",
        "put: SignatureDoesNotMatch 403",
        "list: SignatureDoesNotMatch 403",
        "presigned: HTTP 403",
        "json: InvalidSignatureException 400",
        "query: InvalidSignatureException 403",
        "escaped: InvalidSignatureException 403",
        "aws dynamodb: (InvalidSignatureException)",
        "aws eks: (InvalidSignatureException)",
    ];
    assert_eq!(out.lines().collect::<Vec<_>>(), expected, "{err}");
    assert!(err.contains("with SignatureDoesNotMatch: its signature is not the one that"), "{err}");
    assert!(err.contains("0 served") && err.contains("9 refused for their signatures"), "{err}");
}

#[test]
fn clients_that_come_to_our_address_are_verified() {
    if !ready() {
        return;
    }
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("a.json");
    let mut record = onrecord();
    record.args(["record", "--upstream", &moto.url]);
    succeeded(&told(record, &cassette, RIGHT, STORY));
    moto.stop();
    verified(&[], &cassette);
}

#[test]
fn clients_that_come_through_a_proxy_are_verified() {
    if !ready() {
        return;
    }
    let moto = MotoTls::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("a.json");
    let mut record = onrecord();
    record.args(["record", "--proxy"]).args(moto.reached());
    // What no contract names.
    for service in ["s3", "dynamodb"] {
        record.args(["--allow-host", &format!("{service}.us-east-1.amazonaws.com")]);
    }
    succeeded(&told(record, &cassette, RIGHT, STORY));
    moto.stop();
    let recorded = Cassette::load(&cassette).expect("a cassette");
    let is_in_chunks = |field: &str| field == "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let mut told =
        recorded.exchanges.iter().filter_map(|one| one.request.headers.get("x-amz-content-sha256"));
    assert!(told.any(|field| is_in_chunks(&field)), "a body in chunks is among them");
    verified(&["--proxy"], &cassette);
}

#[test]
fn a_client_of_http_2_is_verified() {
    if !ready() {
        return;
    }
    let story = ["curl_story", "--http2"];
    let moto = MotoTls::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("a.json");
    let mut record = onrecord();
    record.args(["record", "--proxy"]).args(moto.reached());
    succeeded(&told(record, &cassette, RIGHT, &story));
    moto.stop();
    let output = replayed(&["--proxy"], &cassette, RIGHT, &story);
    let (out, err) = (succeeded(&output), String::from_utf8_lossy(&output.stderr));
    assert_eq!(out.matches("HTTP/2 200").count(), 3, "{out}\n{err}");
    assert!(!err.contains("onrecord: signature"), "nothing is unverified: {err}");
    let output = replayed(&["--proxy"], &cassette, ANOTHER, &story);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && err.contains("with InvalidSignatureException"), "{err}");
}
