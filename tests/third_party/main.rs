//! Servers that are not AWS and that others wrote, held to the contracts that they publish themselves:
//! what is found is as it was when each finding was looked up in their sources (README.md), and each is
//! shown by its own `curl` lines.
//!
//! `tests/third_party/setup` gets them. Where it cannot, a test says that it is skipped and why; with
//! `CI=true` it fails instead.

#[path = "../e2e/parts.rs"]
#[expect(dead_code, reason = "the end-to-end tests use more of it")]
mod parts;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use onrecord::report::{Finding, Run};
use tempfile::TempDir;

use parts::{onrecord, skipped, succeeded};

/// What Kinto's records are made, changed and deleted with.
const RECORDS: &[&str] = &["--allow", "create_record,update_record,delete_record"];

#[test]
fn kinto_whose_lists_lead_on_by_a_link_in_a_header_field() {
    let Some((server, run)) = checked("kinto", RECORDS) else { return };
    assert!(tested(&run, "PG-T33", "get_records") > 10 && tested(&run, "PG-T34", "get_records") > 10);
    assert!(run.notes.iter().any(|note| note.ends_with("deleted, 0 left over")), "{:?}", run.notes);
    insta::assert_snapshot!(told(&run));
    reproduced(&server, &run);
}

#[test]
fn optimade_whose_lists_lead_on_by_a_link_in_the_body() {
    let Some((server, run)) = checked("optimade", &[]) else { return };
    for law in ["PG-T33", "PG-T34", "PG-O15"] {
        assert!(tested(&run, law, "get_structures_structures_get") > 10, "{law}");
    }
    insta::assert_snapshot!(told(&run));
    reproduced(&server, &run);
}

/// A server with the contract that it publishes.
struct Server {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Server {
    fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(home().join(".venv/bin/python"))
            .arg(home().join("server.py"))
            .arg(name)
            .arg(folder.path().join(format!("{name}.json")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { child, url, folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/third_party")
}

/// A server and what a run of all its cases finds; nothing where it could not be had.
fn checked(name: &str, more: &[&str]) -> Option<(Server, Run)> {
    let setup = Command::new(home().join("setup")).output().expect("setup runs");
    if !setup.status.success() {
        skipped(&String::from_utf8_lossy(&setup.stderr));
        return None;
    }
    let server = Server::start(name);
    let contract = server.folder.path().join(format!("{name}.json"));
    let overlay = home().join(format!("{name}.overlay.yaml"));
    let with_contract = |words: &[&str]| {
        let mut command = onrecord();
        command.args(words).arg(&contract).arg("--overlay").arg(&overlay);
        command
    };
    // At most there are notes.
    succeeded(&with_contract(&["contract", "lint"]).output().expect("lint runs"));
    let mut command = with_contract(&["check", "--cases", "4", "--format", "json", "--contract"]);
    let output = command.args(["--target", &server.url]).args(more).output().expect("check runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "both have findings: {told}");
    let text = String::from_utf8_lossy(&output.stdout);
    Some((server, Run::from_json("run.json", &text).expect("the run is read")))
}

/// How often a law was put to the test on an operation, and kept.
fn tested(run: &Run, law: &str, operation: &str) -> u64 {
    let cell = run.matrix.iter().find(|cell| cell.check == law && cell.operation == operation);
    cell.expect("the law is in the matrix").tally.passed
}

/// Every finding in a line, the same from run to run.
fn told(run: &Run) -> String {
    let line = |finding: &Finding| {
        let Finding { check, level, operation, place, expected, actual, .. } = finding;
        // Times differ.
        let actual: String = match actual.starts_with("\"20") {
            true => actual.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect(),
            false => actual.clone(),
        };
        format!("{level} {check} {operation} {place}: expected {expected}; {actual}")
    };
    run.findings.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The last of the lines of each finding is answered with the status of its evidence.
fn reproduced(server: &Server, run: &Run) {
    for finding in &run.findings {
        let judged = finding.evidence.last().expect("a finding has evidence").response.status;
        assert!(finding.curl.contains(&server.url), "{}", finding.curl);
        let output = Command::new("sh").arg("-c").arg(&finding.curl).output().expect("sh runs");
        let shown = String::from_utf8_lossy(&output.stdout);
        let status = shown.rsplit("HTTP/1.1 ").next().and_then(|answer| answer.split(' ').next());
        assert_eq!(status, Some(judged.to_string().as_str()), "{}\n{}\n{shown}", finding.check, finding.curl);
    }
}
