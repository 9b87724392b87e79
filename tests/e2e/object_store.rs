//! Cassettes from S3, as moto serves it.

use std::fs;
use std::path::Path;
use std::process::Output;

use onrecord::exchange::{Body, Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};

use crate::parts::{Moto, onrecord, ready, succeeded};

const CASSETTE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cassettes/msk/story-sandbox.json");

/// What is asked of the replay.
const STORY: [&str; 3] = [
    "sh",
    "-c",
    "curl --silent --show-error --fail --noproxy '*' \"$ONRECORD_URL/v1/clusters?maxResults=2\"",
];

fn put(moto: &Moto, path: &str, body: Vec<u8>) {
    let client =
        Client::new(&Upstream::parse(&moto.url).expect("a URL"), Limits::default()).expect("a client");
    let mut request = Request::new(Method::Put, Target::new(path));
    request.headers.push("content-type", "application/octet-stream");
    request.body = Body::from(body);
    assert_eq!(client.send(&request).expect("an answer").0.status, 200, "{path}");
}

fn replayed(url: &str, cassette: &str, cache: &Path, unset: &[&str]) -> Output {
    let mut replay = onrecord();
    replay.args(["replay", "--cassette", cassette, "--cache"]).arg(cache).arg("--").args(STORY);
    replay.env("AWS_ENDPOINT_URL", url).env("HOME", cache);
    for name in unset {
        replay.env_remove(name);
    }
    replay.output().expect("replay runs")
}

#[track_caller]
fn refused(output: &Output, code: i32, why: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(why), "{told}");
}

#[test]
fn a_cassette_in_a_bucket_is_fetched_kept_and_replayed() {
    if !ready() {
        return;
    }
    let (moto, folder) = (Moto::start(), tempfile::tempdir().expect("a folder"));
    put(&moto, "/cassettes", Vec::new());
    put(&moto, "/cassettes/team/a.json", fs::read(CASSETTE).expect("the cassette"));
    let cache = folder.path().join("cache");
    let address = "s3://cassettes/team/a.json";
    for _ in 0..2 {
        let told = succeeded(&replayed(&moto.url, address, &cache, &[]));
        assert!(told.starts_with("{\"clusterInfoList\":["), "{told}");
    }
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let missing = "s3://cassettes/team/b.json is not there; look at its bucket, its key and AWS_ENDPOINT_URL";
    refused(&replayed(&moto.url, "s3://cassettes/team/b.json", &cache, &[]), 2, missing);
    refused(&replayed(&moto.url, "s3://none/a.json", &cache, &[]), 2, "s3://none/a.json is not there");
    refused(&replayed(&moto.url, "s3://cassettes", &cache, &[]), 2, "write it as s3://BUCKET/KEY");
    refused(&replayed(&moto.url, address, &cache, &keys), 2, "there is no profile `default`");
    put(&moto, "/cassettes/page.json", b"<html>".to_vec());
    refused(&replayed(&moto.url, "s3://cassettes/page.json", &cache, &[]), 2, "s3://cassettes/page.json: ");
    let url = moto.url.clone();
    moto.stop();
    refused(
        &replayed(&url, address, &cache, &[]),
        3,
        "cannot read s3://cassettes/team/a.json: cannot connect to",
    );
}
