//! A run in parts is the run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use onrecord::report::{Cell, Run};

use crate::support::{Ended, folder, onrecord, run};

/// Misbehaviour of several kinds, so that several shards have something to find.
const FAULTY: &str = "check --contract msk --sandbox --cases 2 --fault pagination.cycle --fault response.other-status \
    --fault response.missing-member";

fn played(words: &str, report: &Path) -> (Ended, Run) {
    let ended = run(onrecord(words).arg("--report").arg(report));
    (ended, read(&report.join("run.json")))
}

fn read(path: &Path) -> Run {
    Run::from_json("run.json", &fs::read_to_string(path).unwrap()).unwrap()
}

/// What was found how often, and of which level.
fn findings(run: &Run) -> BTreeMap<(String, String, String), (u64, String)> {
    let found = run.findings.iter().map(|finding| {
        let (check, operation, place) = finding.key();
        ((check.to_owned(), operation.to_owned(), place), (finding.count, finding.level.clone()))
    });
    found.collect()
}

fn cases(run: &Run) -> BTreeMap<&str, (u64, Option<&String>)> {
    run.cases.iter().map(|case| (case.name.as_str(), (case.tally.tested(), case.skipped.as_ref()))).collect()
}

#[test]
fn shards_find_together_what_one_run_finds() {
    let folder = folder();
    let (_, whole) = played(FAULTY, &folder.path().join("whole"));
    assert!(whole.findings.len() > 2, "{:#?}", whole.findings.len());
    let parts: Vec<PathBuf> = (1..=3).map(|index| folder.path().join(index.to_string())).collect();
    let mut ran = 0;
    for (index, part) in parts.iter().enumerate() {
        let (_, shard) = played(&format!("{FAULTY} --shard {}/3", index + 1), part);
        assert!((10..whole.cases.len()).contains(&shard.cases.len()), "{}", shard.cases.len());
        assert_eq!(shard.shards, [format!("{}/3", index + 1).parse().unwrap()]);
        ran += shard.cases.len();
    }
    assert_eq!(ran, whole.cases.len());
    let runs: Vec<_> = parts.iter().map(|part| read(&part.join("run.json"))).collect();
    let merged = Run::merge(runs).unwrap();
    let differing: Vec<(&Cell, &Cell)> =
        whole.matrix.iter().zip(&merged.matrix).filter(|(one, other)| one != other).collect();
    assert_eq!(differing, []);
    assert_eq!(whole.matrix.len(), merged.matrix.len());
    assert_eq!(findings(&merged), findings(&whole));
    assert_eq!(cases(&merged), cases(&whole));
    // A finding of several shards was made smaller in each.
    assert!(merged.exchanges >= whole.exchanges);
    assert_eq!((merged.shards.len(), &merged.partial), (0, &None));
    let uncalled = |run: &Run| run.notes.iter().filter(|note| note.contains("was not called")).count();
    assert_eq!(uncalled(&merged), uncalled(&whole));
}

#[test]
fn a_missing_shard_is_no_green_run_and_one_given_twice_is_refused() {
    let folder = folder();
    let parts: Vec<_> = (1..=3).map(|index| folder.path().join(index.to_string())).collect();
    for (index, part) in parts.iter().enumerate() {
        let words = format!("check --contract msk --sandbox --cases 1 ListClusters --shard {}/3", index + 1);
        let (ended, _) = played(&words, part);
        ended.with(0, &[]);
    }
    let json = |at: usize| parts[at].join("run.json");
    let report = |runs: &[usize]| run(onrecord("report").args(runs.iter().map(|at| json(*at))));
    report(&[2, 0, 1]).with(0, &[]);
    let partial = report(&[0, 2]).with(1, &[]);
    assert!(
        partial.out.contains("the run is partial: not all shards are here, without 2/3"),
        "{}",
        partial.out
    );
    report(&[0, 1, 0]).with(2, &["runs 1 and 3 are the same: give each shard once"]);
    let (_, _) =
        played("check --contract msk --sandbox --cases 1 ListClusters", &folder.path().join("whole"));
    let whole = folder.path().join("whole/run.json");
    run(onrecord("report").arg(json(0)).arg(&whole))
        .with(2, &["run 2 is no shard, the first shard 1/3: merge only the shards of one run"]);
}

#[test]
fn a_shard_may_be_empty_and_its_name_may_not_be_wrong() {
    let words = "check --contract msk --sandbox --exact ListClusters/valid/0 --shard";
    let codes = (1..=3).map(|index| run(onrecord(words).arg(format!("{index}/3"))).with(0, &[]));
    let empty = codes.filter(|ended| ended.err.contains("no case falls to this shard"));
    assert_eq!(empty.count(), 2);
    run(onrecord(words).arg("4/3")).with(2, &["`4/3` is no shard; write which of how many, as in 1/4"]);
    run(&mut onrecord("check --contract msk --cassette a.json --shard 1/2")).with(2, &["--shard"]);
}
