use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::parts::{
    ACCESS_KEY, ACCOUNT, Moto, SECRET_KEY, folder, onrecord, python, ready, succeeded, with_credentials,
};

fn record(upstream: &str, cassette: &Path, words: &[&str]) -> Output {
    let mut command = onrecord();
    command.args([
        "record",
        "--contract",
        "msk",
        "--origin",
        "moto@5.2.5",
        "--upstream",
        upstream,
        "--cassette",
    ]);
    command.arg(cassette).arg("--").args(words).output().expect("record runs")
}

fn replay(cassette: &Path, words: &[&str]) -> Output {
    onrecord()
        .args(["replay", "--strict", "--cassette"])
        .arg(cassette)
        .arg("--")
        .args(words)
        .output()
        .expect("replay runs")
}

#[test]
fn boto3_sees_the_same_directly_recorded_and_replayed() {
    if !ready() {
        return;
    }
    let script = folder().join("story.py");
    let (python, script) = (python().display().to_string(), script.display().to_string());
    let words = [python.as_str(), script.as_str()];

    let moto = Moto::start();
    let mut direct = Command::new(words[0]);
    with_credentials(direct.arg(words[1]));
    let direct = succeeded(&direct.env("AWS_ENDPOINT_URL", &moto.url).output().expect("python runs"));
    assert!(direct.lines().count() > 10, "the story is told: {direct}");
    moto.stop();

    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("story.json");
    let recorded = succeeded(&record(&moto.url, &cassette, &words));
    moto.stop();
    let replayed = replay(&cassette, &words);
    assert_eq!(recorded, direct, "through record");
    assert_eq!(succeeded(&replayed), direct, "from replay");

    let text = fs::read_to_string(&cassette).expect("the cassette is text");
    let signed = format!("{ACCESS_KEY}/");
    for secret in [ACCESS_KEY, SECRET_KEY, ACCOUNT, signed.as_str()] {
        assert!(!text.contains(secret), "the cassette holds {secret}");
    }
    assert!(text.contains("Signature=REDACTED"), "signatures were there, and are gone");
}

#[test]
fn the_committed_cassettes_still_tell_their_stories() {
    if !ready() {
        return;
    }
    let script = folder().join("story.py").display().to_string();
    let python = python().display().to_string();
    let cassettes = Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes/msk");
    for name in ["story-moto", "story-sandbox"] {
        let told = fs::read_to_string(cassettes.join(name).with_extension("out")).expect("what it told then");
        let replayed = replay(&cassettes.join(name).with_extension("json"), &[&python, &script]);
        assert_eq!(succeeded(&replayed), told, "{name}");
    }
}

#[test]
fn recording_again_over_a_replay_changes_nothing() {
    if !ready() {
        return;
    }
    let script = folder().join("story.py");
    let (python, script) = (python().display().to_string(), script.display().to_string());
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("story.json");
    let words = [python.as_str(), script.as_str(), "--count", "2"];
    let first = succeeded(&record(&moto.url, &cassette, &words));
    let before = fs::read(&cassette).expect("the cassette is there");
    let gone = moto.url.clone();
    moto.stop();
    // The mode `once`: what is there is replayed, and nobody listens at the upstream any more.
    let again = record(&gone, &cassette, &words);
    assert_eq!(succeeded(&again), first);
    assert_eq!(fs::read(&cassette).expect("still there"), before, "the same to the byte");
}

#[test]
fn the_aws_cli_is_recorded_and_replayed() {
    if !ready() {
        return;
    }
    let aws = folder().join(".venv/bin/aws").display().to_string();
    let words = [aws.as_str(), "kafka", "list-clusters", "--max-items", "5"];
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("cli.json");
    let recorded = succeeded(&record(&moto.url, &cassette, &words));
    moto.stop();
    assert_eq!(succeeded(&replay(&cassette, &words)), recorded);
}

#[test]
fn a_miss_is_told_and_not_retried() {
    if !ready() {
        return;
    }
    let aws = folder().join(".venv/bin/aws").display().to_string();
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let cassette = dir.path().join("miss.json");
    succeeded(&record(&moto.url, &cassette, &[&aws, "kafka", "list-clusters"]));
    moto.stop();
    let other = [aws.as_str(), "kafka", "list-clusters", "--cluster-name-filter", "orders"];
    let output = replay(&cassette, &other);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(0));
    assert!(told.contains("clusterNameFilter"), "the difference is named: {told}");
    assert!(told.contains("0 served, 1 missed"), "asked once: {told}");
}
