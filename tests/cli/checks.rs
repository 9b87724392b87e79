//! Checks that cannot go on.

use std::fs;

use onrecord::report::Run;

use crate::support::{cassette, folder, nowhere, onrecord, provider, run};

#[test]
fn a_target_that_is_down_ends_the_run_at_once() {
    let folder = folder();
    let report = folder.path().join("report");
    let cassette = folder.path().join("a.json");
    let nowhere = nowhere();
    let mut check = onrecord("check --contract msk --allow CreateCluster,DeleteCluster --target");
    check.arg(&nowhere).arg("--report").arg(&report).arg("--record").arg(&cassette);
    let authority = nowhere.strip_prefix("http://").unwrap();
    let why = format!("the run ended early: cannot connect to {authority}: ");
    let ended = run(&mut check).with(3, &[&why, "; is it running?"]);
    assert!(ended.out.lines().count() < 20, "{}", ended.out);
    assert!(ended.out.contains("could not be judged: cannot connect to "), "{}", ended.out);
    // What there is to say is written nonetheless, and is not green.
    let text = fs::read_to_string(report.join("run.json")).unwrap();
    let run = Run::from_json("run.json", &text).unwrap();
    assert_eq!(run.cases.iter().filter(|case| case.broken.is_some()).count(), 1);
    assert!(!cassette.exists() && !folder.path().join("a.json.journal").exists(), "nothing was recorded");
}

#[test]
fn a_target_that_never_answers_ends_the_run_at_once() {
    let mut check = onrecord("check --contract msk --target");
    let silent = provider(|_| Vec::new());
    let ended = run(check.arg(silent)).with(3, &["the run ended early: 127.0.0.1:", " gave no answer: "]);
    assert!(ended.out.lines().count() < 20, "{}", ended.out);
}

/// Breaking off one answer is a finding's affair, and not the end of the run.
#[test]
fn a_target_that_breaks_off_after_an_answer_is_asked_on() {
    let mut check = onrecord("check --contract msk --target");
    let rude = provider(|head| match head.starts_with("GET /v1/clusters?") {
        true => Vec::new(),
        false => crate::support::json("{}"),
    });
    let ended = run(check.arg(rude).arg("--cases").arg("2")).with(1, &[]);
    assert!(ended.out.matches("FAILED, could not be judged").count() > 1, "{}", ended.out);
}

#[test]
fn a_recorded_run_knows_what_it_follows_from() {
    let folder = folder();
    let path = folder.path().join("run.json");
    run(onrecord("check --contract msk --sandbox --cases 2 --seed 7 --record").arg(&path)).with(0, &[]);
    let recorded = run(&mut onrecord("check --contract msk --sandbox --cases 2 --seed 7")).with(0, &[]);
    let replayed = run(onrecord("check --contract msk --replay").arg(&path)).with(0, &[]);
    let cases = |ended: &crate::support::Ended| ended.out.matches("... ok").count();
    assert_eq!(cases(&replayed), cases(&recorded), "the same cases, without a word about them");
    run(onrecord("check --contract msk --seed 8 --replay").arg(&path)).with(2, &["--seed"]);
    let told = ["is no recorded run of checks; judge it with --cassette"];
    run(onrecord("check --contract msk --replay").arg(cassette())).with(2, &told);
    let told = ["is a recording of msk, and not of eks; name it with --contract msk"];
    run(onrecord("check --contract eks --replay").arg(&path)).with(2, &told);
}

/// What took an account to record is not lost for a slip in a file's name.
#[test]
fn a_run_is_recorded_over_its_like_and_over_nothing_else() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let check = "check --sandbox --cases 1 ListClusters/valid --contract";
    let record = |contract: &str| run(onrecord(&format!("{check} {contract} --record")).arg(&path));
    let told = ["is there, and is no recorded run of checks of", "name another file with --record"];
    std::fs::copy(cassette(), &path).unwrap();
    let story = std::fs::read(&path).unwrap();
    record("msk").with(2, &told);
    assert_eq!(std::fs::read(&path).unwrap(), story);
    std::fs::remove_file(&path).unwrap();
    record("msk").with(0, &[]);
    record("msk").with(0, &[]);
    let own = std::fs::read(&path).unwrap();
    record("eks").with(2, &told);
    assert_eq!(std::fs::read(&path).unwrap(), own);
}

/// What a budget cuts off is deleted all the same, and a replay within it ends at the same place.
#[test]
fn a_run_within_a_budget_leaves_nothing_and_is_replayed_within_it() {
    let folder = folder();
    let path = folder.path().join("run.json");
    let words = "check --contract msk --cases 1 --max-requests 17 ListClusters";
    let recorded =
        run(onrecord(words).arg("--sandbox").arg("--record").arg(&path)).with(1, &["--max-requests 17"]);
    assert!(recorded.out.contains(" deleted, 0 left over\n"), "{}", recorded.out);
    assert!(!recorded.out.contains(" 0 resources created"), "{}", recorded.out);
    let words = "check --contract msk ListClusters --replay";
    let replayed =
        run(onrecord(words).arg(&path).args(["--max-requests", "17"])).with(1, &["--max-requests 17"]);
    let lines = |ended: &crate::support::Ended| {
        let kept = ended.out.lines().filter(|line| line.starts_with("test ") || line.starts_with("verdicts"));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines(&replayed), lines(&recorded));
    run(onrecord(words).arg(&path)).with(1, &["the run ended early: no recorded answer for "]);
}

/// A miss puts everything after it out of step, so it is told once.
#[test]
fn a_run_that_was_recorded_in_part_is_told_so_once() {
    let folder = folder();
    let path = folder.path().join("run.json");
    run(onrecord("check --contract msk --sandbox --cases 2 DescribeCluster --record").arg(&path))
        .with(0, &[]);
    let told = ["the run ended early: no recorded answer for ", "select the same cases with FILTER"];
    let ended = run(onrecord("check --contract msk --replay").arg(&path)).with(1, &told);
    assert!(ended.err.lines().count() < 5, "{}", ended.err);
    assert_eq!(ended.out.matches("could not be judged").count(), 2, "in its line and in the notes");
    run(onrecord("check --contract msk DescribeCluster --replay").arg(&path)).with(0, &[]);
}

#[test]
fn json_is_one_document_and_nothing_else() {
    let recorded = cassette();
    for (words, code) in [
        ("check --contract msk --sandbox --cases 2 --format json", 0),
        ("check --contract msk --sandbox --cases 2 --format json --fault pagination.cycle", 1),
    ] {
        let ended = run(&mut onrecord(words)).with(code, &[]);
        Run::from_json("stdout", &ended.out).unwrap();
        assert_eq!(ended.err, "");
    }
    let ended = run(onrecord("check --contract msk --format json --cassette").arg(recorded)).with(0, &[]);
    Run::from_json("stdout", &ended.out).unwrap();
    let ended = run(onrecord("check --contract msk --format json --target").arg(nowhere()))
        .with(3, &["the run ended early: "]);
    Run::from_json("stdout", &ended.out).unwrap();
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_run_and_the_result_is_not_lost() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut check = onrecord("check --contract msk --sandbox --cases 1 --report");
    let told = ["cannot write ", "file/report: ", "; choose another place"];
    let ended = run(check.arg(file.join("report"))).with(3, &told);
    assert_eq!(ended.out, "", "no case has run");

    fs::create_dir(folder.path().join("report.html")).unwrap();
    let mut check = onrecord("check --contract msk --sandbox --cases 1 --report");
    let ended = run(check.arg(folder.path())).with(3, &["cannot write ", "report.html: Is a directory"]);
    assert!(ended.out.contains("\nfindings    none\n"), "{}", ended.out);
}

#[test]
fn a_run_that_cannot_be_recorded_ends_at_once() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut check = onrecord("check --contract msk --sandbox --record");
    let ended = run(check.arg(file.join("a.json"))).with(3, &["cannot create ", "file"]);
    assert_eq!(ended.out, "");
}
