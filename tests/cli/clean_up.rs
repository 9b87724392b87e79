//! What runs leave, and how it is deleted.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{folder, json, nowhere, onrecord, provider, run};

/// A cluster as it is shown when it is made.
const MADE: &str = r#"{"clusterArn":"arn:aws:kafka:us-east-1:123456789012:cluster/a/1","clusterName":"a","state":"CREATING"}"#;

/// Makes what it is asked for, lists nothing and deletes nothing.
fn keeper(head: &str) -> Vec<u8> {
    match head.split(' ').next() {
        Some("POST") => json(MADE),
        Some("DELETE") => b"HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n".to_vec(),
        _ => b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_vec(),
    }
}

fn ledgers(state: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(state.join("onrecord")).into_iter().flatten().flatten();
    found.map(|entry| entry.path()).collect()
}

#[test]
fn what_is_left_over_is_told_with_the_command_that_deletes_it() {
    let folder = folder();
    let keeper = provider(keeper);
    let check = |words: &str| {
        let mut check = onrecord(words);
        check.env("XDG_STATE_HOME", folder.path());
        check
    };
    let words =
        "check --contract msk --cases 1 --allow CreateCluster,DeleteCluster CreateCluster/valid --target";
    let told = ["something is left over; delete it with: onrecord check --clean-up "];
    run(check(words).arg(&keeper)).with(1, &told);
    let [ledger] = &ledgers(folder.path())[..] else { panic!("there is one ledger") };
    assert!(fs::read_to_string(ledger).unwrap().contains("arn:aws:kafka:us-east-1:123456789012:cluster/a/1"));

    let cure = format!("delete it with: onrecord check --clean-up {}", ledger.display());
    let again =
        "check --contract msk --cases 1 --allow CreateCluster,DeleteCluster ListClusters/valid --target";
    run(check(again).arg(&keeper)).with(1, &["an earlier run has left something at ", &cure]);
    assert_eq!(ledgers(folder.path()).len(), 1, "what makes nothing has no ledger");

    let mut again = check("check --contract msk --allow CreateCluster,DeleteCluster --ledger");
    run(again.arg(ledger).arg("--target").arg(&keeper))
        .with(2, &["is there; clean up after its run: onrecord"]);

    let text = fs::read_to_string(ledger).unwrap().replace(&keeper, &nowhere());
    fs::write(ledger, text).unwrap();
    let told = ["cannot connect to ", "then try again: onrecord check --clean-up "];
    run(&mut check("check --clean-up")).with(3, &told);
    assert!(ledger.exists(), "nobody knows what is left");
}

#[test]
fn a_ledger_that_is_none_is_bad_input() {
    let folder = folder();
    let path = folder.path().join("a.ledger");
    let clean_up = || {
        let mut command = onrecord("check --clean-up");
        command.arg(&path);
        command
    };
    run(&mut clean_up()).with(2, &["cannot open the ledger ", "; name the file that a run told"]);
    fs::write(&path, "{}\n").unwrap();
    run(&mut clean_up()).with(2, &["a.ledger:1: it is no ledger of onrecord; name the file that a run told"]);
    assert!(path.exists());
    fs::write(&path, "").unwrap();
    let ended = run(&mut clean_up()).with(0, &[]);
    assert!(ended.out.contains("its run had asked for nothing") && !path.exists(), "{ended:?}");
    run(onrecord("check --clean-up").env("XDG_STATE_HOME", folder.path())).with(0, &[]);
}
