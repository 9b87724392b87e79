//! Runs of checks that are killed, at any instant: their ledgers lead to all that they made.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::crash::{Instants, seed, setting};
use crate::parts::{Moto, folder, onrecord, python, ready, succeeded, with_credentials};

/// The contracts, and all that may change something there.
const CONTRACTS: [(&str, &str); 4] = [
    ("msk", "CreateCluster,DeleteCluster,TagResource,UntagResource"),
    ("eks", "CreateCluster,DeleteCluster,TagResource,UntagResource"),
    ("dsql", "CreateCluster,UpdateCluster,DeleteCluster,TagResource,UntagResource"),
    (
        "cloudhsm",
        "CreateCluster,ModifyCluster,InitializeCluster,DeleteCluster,CreateHsm,DeleteHsm,TagResource,UntagResource",
    ),
];

/// Parts of a run: where it is killed must not always be among its first cases.
const PARTS: [&str; 6] =
    ["CreateCluster/v", "DeleteCluster/", "Cluster/again", "lifecycle", "/pages", "TagResource/"];

/// Lines of a ledger within which a run is killed.
const LINES: u64 = 30;

#[test]
fn a_killed_run_leaves_nothing_that_a_clean_up_does_not_find() {
    if !ready() {
        return;
    }
    let kills = setting("ONRECORD_LEDGER_KILLS").unwrap_or(8);
    let seed = seed();
    println!("ONRECORD_SEED={seed} repeats these instants"); // Shown where the test fails.
    let mut instants = Instants(seed);
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let (mut killed, mut found) = (0, 0);
    for turn in 0.. {
        let (contract, allowed) = CONTRACTS[turn % CONTRACTS.len()];
        let part = PARTS[usize::try_from(instants.below(PARTS.len() as u64)).expect("small")];
        let ledger = dir.path().join(format!("{turn}.ledger"));
        let mut command = onrecord();
        command.args([
            "check",
            "--contract",
            contract,
            "--target",
            &moto.url,
            "--allow",
            allowed,
            "--cases",
            "2",
        ]);
        // Hundreds of tags take long to make up, and nothing else is shown by them here.
        command.args(["--skip", "maxProperties", "--skip", "maxItems", part, "--ledger"]).arg(&ledger);
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("check starts");
        let is_there = grows_to(1 + instants.below(LINES), &ledger, &mut run);
        instants.pass(20_000);
        run.kill().expect("it is ours");
        run.wait().expect("it is gone");
        // One that came to its end has cleaned up by itself.
        if is_there && ledger.exists() {
            killed += 1;
            let told =
                succeeded(&onrecord().args(["check", "--clean-up"]).arg(&ledger).output().expect("it runs"));
            assert!(
                told.trim_end().ends_with(" 0 left over") || told.contains("asked for nothing"),
                "{told}"
            );
            found += usize::from(!told.contains("(0 of them now)"));
        }
        assert!(!ledger.exists(), "{contract} {part}: nothing is left, so there is no ledger");
        assert_eq!(left(&moto), "", "{contract} {part}, kill {killed}, seed {seed}");
        if killed >= kills {
            break;
        }
    }
    println!("{killed} kills, and {found} of them had left something");
    assert!(found > 0, "no kill had left anything");
}

/// Waits until a ledger has that many lines. `false`: its run ended before that.
fn grows_to(lines: u64, ledger: &Path, run: &mut Child) -> bool {
    let has = || fs::read(ledger).is_ok_and(|text| text.split(|byte| *byte == b'\n').count() as u64 > lines);
    while !has() {
        if run.try_wait().expect("it is ours").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

/// What moto lists.
fn left(moto: &Moto) -> String {
    let mut command = Command::new(python());
    with_credentials(command.arg(folder().join("left.py")).arg(&moto.url));
    succeeded(&command.output().expect("python runs"))
}
