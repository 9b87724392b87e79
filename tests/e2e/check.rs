use std::fs;
use std::path::Path;
use std::process::Command;

use onrecord::cassette::stored::StoredExchange;
use onrecord::report::{Finding, Run};

use crate::parts::{Moto, folder, onrecord, ready, with_credentials};

/// Contracts, and what a run may call that changes something.
struct Asked {
    contracts: &'static [&'static str],
    allow: &'static str,
}

const MSK: Asked =
    Asked { contracts: &["msk"], allow: "CreateCluster,DeleteCluster,TagResource,UntagResource" };

/// All that moto answers. Without the inputs that are wrong, and what is only there after waiting, it is short.
const ALL: Asked = Asked {
    contracts: &["msk", "eks", "dsql", "cloudhsm"],
    allow: "CreateCluster,UpdateCluster,ModifyCluster,InitializeCluster,DeleteCluster,TagResource,UntagResource",
};
const BRISK: [&str; 6] = ["--skip", "lifecycle", "--skip", "/violates/", "--cases", "2"];

fn check(asked: &Asked, report: &Path, words: &[&str]) -> Run {
    let mut command = onrecord();
    command.arg("check").args(asked.contracts.iter().flat_map(|name| ["--contract", name]));
    command.arg("--report").arg(report).args(words);
    if words.contains(&"--target") {
        command.args(["--allow", asked.allow]);
    }
    let output = command.output().expect("check runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "moto has findings: {told}");
    let file = report.join("run.json");
    let text = fs::read_to_string(&file).expect("the run is written");
    Run::from_json("run.json", &text).expect("the run is read")
}

#[test]
fn a_recorded_run_is_found_again_without_the_server() {
    if !ready() {
        return;
    }
    recorded_and_replayed(&MSK, &["--cases", "4"], "msk.json");
}

#[test]
fn four_providers_are_checked_in_one_run_and_found_again_without_the_server() {
    if !ready() {
        return;
    }
    recorded_and_replayed(&ALL, &BRISK, "recorded");
}

/// Every finding is shown by its `curl` lines, and the recording has them all.
fn recorded_and_replayed(asked: &Asked, words: &[&str], recording: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    let recording = dir.path().join(recording).display().to_string();
    let moto = Moto::start();
    let target = ["--target", &moto.url, "--record", &recording];
    let live = check(asked, &dir.path().join("live"), &[&target[..], words].concat());
    // A token that was made wrong from one that nobody may see cannot be made again.
    let can_be_shown = |finding: &&Finding| finding.check != "PG-T21";
    for finding in live.findings.iter().filter(can_be_shown) {
        moto.reset();
        let mut shell = Command::new("sh");
        with_credentials(shell.arg("-c").arg(&finding.curl));
        let output = shell.output().expect("sh runs");
        let shown = String::from_utf8_lossy(&output.stdout);
        shows(finding, &shown);
    }
    moto.stop();
    // What was to run is in the recording.
    let chosen: Vec<_> = words.windows(2).filter(|pair| pair[0] == "--skip").flatten().copied().collect();
    let replayed =
        check(asked, &dir.path().join("replayed"), &[&["--replay", &recording], &*chosen].concat());

    assert!(live.findings.len() > 10, "moto departs from its contract");
    assert_eq!(keys(&replayed), keys(&live), "the same findings from the recording");
    assert!(replayed.cases.iter().all(|case| case.broken.is_none()), "no miss");
}

#[test]
fn the_same_seed_makes_the_same_run_and_its_page_stands_alone_in_a_browser() {
    if !ready() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    let moto = Moto::start();
    let target = [&["--target", &moto.url][..], &BRISK].concat();
    let run = check(&MSK, &first, &target);
    moto.reset();
    assert_eq!(
        without_times(&check(&MSK, &second, &target)),
        without_times(&run),
        "the same seed, the same run"
    );

    let page = first.join("report.html");
    let output = Command::new(folder().join("page_check")).arg(page).output().expect("runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!run.findings.is_empty(), "moto departs from its contract");
    for finding in &run.findings {
        assert!(dom.contains(&finding.check), "{} is on the page", finding.check);
    }
}

/// The last answer of the lines has the status and the content type of the evidence. Bodies hold
/// what the server makes up each time.
fn shows(finding: &Finding, shown: &str) {
    let judged = finding.evidence.last().expect("a finding has evidence");
    let context = format!("{} {}\n{}\n{shown}", finding.check, finding.place, finding.curl);
    let (head, _) = shown.split_once("\r\n\r\n").unwrap_or((shown, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    assert_eq!(status, judged.response.status.to_string(), "{context}");
    let content_type = |head: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-type:"));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    assert_eq!(content_type(head), stored_content_type(judged), "{context}");
}

fn stored_content_type(exchange: &StoredExchange) -> Option<String> {
    let fields = serde_json::to_value(&exchange.response.headers).expect("headers are JSON");
    let fields = fields.as_array().cloned().unwrap_or_default();
    let field = fields.iter().find(|field| field[0] == "content-type")?;
    field[1].as_str().map(str::to_owned)
}

fn keys(run: &Run) -> Vec<[String; 6]> {
    let key = |finding: &Finding| {
        let Finding { check, operation, place, expected, actual, count, .. } = finding;
        [check.clone(), operation.clone(), place.clone(), expected.clone(), actual.clone(), count.to_string()]
    };
    run.findings.iter().map(key).collect()
}

/// The run as JSON, with every time in it blanked.
fn without_times(run: &Run) -> String {
    let mut run = run.clone();
    run.started = String::new();
    run.duration_ms = 0;
    let text = run.to_json();
    // Every run has its own mark in what it makes.
    let mark = regex::Regex::new("onrecord-[a-z]{8}").expect("an expression");
    let text = mark.replace_all(&text, "onrecord-mark");
    // Timings of exchanges, times in headers and bodies.
    let lines = text.lines().filter(|line| {
        !["\"started\"", "\"first_byte_ms\"", "\"duration_ms\""].iter().any(|name| line.contains(name))
    });
    lines.map(blank_times).collect::<Vec<_>>().join("\n")
}

/// Blanks every digit of a line that holds a date.
fn blank_times(line: &str) -> String {
    let dated = ["2026-", "GMT", "X-Amz-Date", "x-amz-date", "creationTime", "/us-east-1/kafka/aws4_request"];
    // The date that was signed stands alone on its line: 20260314T092653Z.
    let word = line.trim().trim_matches('"').as_bytes();
    let is_signed = word.len() == 16 && word[8] == b'T' && word[15] == b'Z';
    if !is_signed && !dated.iter().any(|mark| line.contains(mark)) {
        return line.to_owned();
    }
    line.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect()
}
