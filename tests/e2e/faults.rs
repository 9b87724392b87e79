//! boto3 against a replay that misbehaves: it asks again after the faults that one asks again after,
//! and makes nothing of those that a client has to bear.

use std::path::Path;
use std::process::Output;

use crate::parts::{folder, onrecord, python, ready, succeeded};

const TOLD: &str = include_str!("../../cassettes/msk/story-moto.out");

/// The story, told from its cassette by a client with so many attempts at each request.
fn story(fault: &str, attempts: &str) -> Output {
    let cassette = Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes/msk/story-moto.json");
    let mut command = onrecord();
    // A patient client asks again after the 500 that ends the story, too: it was recorded once.
    command
        .args(["replay", "--strict", "--after-last", "repeat", "--fault", fault, "--cassette"])
        .arg(cassette);
    command.arg("--").arg(python()).arg(folder().join("story.py")).args(["--attempts", attempts]);
    command.output().expect("replay runs")
}

#[test]
fn boto3_asks_again_and_the_recorded_answer_is_still_there() {
    if !ready() {
        return;
    }
    for (fault, refused) in [
        ("throttle:CreateCluster", "TooManyRequestsException (HTTP 429)"),
        ("unavailable:ListClusters", "ServiceUnavailableException (HTTP 503)"),
        ("dropped-connection:DescribeCluster", "Connection was closed"),
    ] {
        let impatient = story(fault, "1");
        assert_eq!(impatient.status.code(), Some(1), "{fault} is seen by who asks once");
        let told = [&impatient.stdout, &impatient.stderr].map(|text| String::from_utf8_lossy(text));
        assert!(told.iter().any(|text| text.contains(refused)), "{fault}: {told:?}");
        assert_eq!(succeeded(&story(fault, "3")), TOLD, "{fault}");
    }
}

#[test]
fn boto3_bears_what_providers_may_add() {
    if !ready() {
        return;
    }
    assert_eq!(succeeded(&story("unknown-member", "1")), TOLD);
    let told = succeeded(&story("new-enum-value:CreateCluster", "1"));
    assert_eq!(told.replace("ONRECORD_NEW_VALUE", "CREATING"), TOLD, "it hands the new value on");
    assert_ne!(told, TOLD);
}
