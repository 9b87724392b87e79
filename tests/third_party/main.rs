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

/// What Kinto's records are made, changed and deleted with. They have no place for a mark.
const RECORDS: &[&str] = &["--allow", "create_record,update_record,delete_record", "--no-ledger"];

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
    // At most there are notes.
    succeeded(&with_contract(&server, name, &["contract", "lint"]).output().expect("lint runs"));
    let words = ["check", "--cases", "4", "--format", "json", "--contract"];
    let mut command = with_contract(&server, name, &words);
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

/// All findings are in what their `curl` lines show: they are run through a recorder, and what it saw is judged.
fn reproduced(server: &Server, run: &Run) {
    let name = run.contract.id.as_str();
    let cassette = server.folder.path().join("curl.cassette.json");
    let lines = run.findings.iter().map(|finding| {
        assert!(finding.curl.contains(&server.url), "{}", finding.curl);
        format!("({})", finding.curl.replace(&server.url, "'\"$ONRECORD_URL\"'"))
    });
    let script = lines.collect::<Vec<_>>().join("\n");
    let mut record = with_contract(server, name, &["record", "--upstream", &server.url, "--contract"]);
    record.arg("--cassette").arg(&cassette).args(["--", "sh", "-c", &script]);
    succeeded(&record.output().expect("record runs"));
    let mut check = with_contract(server, name, &["check", "--format", "json", "--contract"]);
    let output = check.arg("--cassette").arg(&cassette).output().expect("check runs");
    let again =
        Run::from_json("run.json", &String::from_utf8_lossy(&output.stdout)).expect("the run is read");
    // A few lines of a recording cannot tell that a name names nothing.
    for finding in run.findings.iter().filter(|finding| finding.check != "ER-14") {
        let same = |other: &Finding| {
            let key = |it: &Finding| {
                (it.check.clone(), it.operation.clone(), it.place.clone(), it.expected.clone())
            };
            key(finding) == key(other)
        };
        assert!(again.findings.iter().any(same), "{} is not shown by\n{}", finding.check, finding.curl);
    }
}

/// A command of ours, these words, and then the contract of a server with its overlay.
fn with_contract(server: &Server, name: &str, words: &[&str]) -> Command {
    let mut command = onrecord();
    command.args(words).arg(server.folder.path().join(format!("{name}.json")));
    command.arg("--overlay").arg(home().join(format!("{name}.overlay.yaml")));
    command
}
