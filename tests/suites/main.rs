//! The suites of public projects that test code for AWS with boto3: recorded against moto, then
//! replayed with moto stopped. Each test has to end as it did.
//!
//! `tests/suites/setup` gets them. Where it cannot, a test says that it is skipped and why; with
//! `CI=true` it fails instead.

#[path = "../e2e/parts.rs"]
#[expect(dead_code, reason = "the end-to-end tests use more of it")]
mod parts;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use parts::{Moto, onrecord, python, skipped, succeeded};

/// A part of a project's tests.
struct Suite {
    /// The folder of its sources.
    project: &'static str,
    contract: Option<&'static str>,
    /// What pytest is told to run.
    tests: &'static [&'static str],
    /// So many tests pass at least: none that runs nothing is good.
    least: usize,
}

const MOTO: &str = "moto-5.2.5";

#[test]
fn moto_tests_of_msk() {
    same(&Suite {
        project: MOTO,
        contract: Some("msk"),
        tests: &["tests/test_kafka/test_kafka.py"],
        least: 14,
    });
}

#[test]
fn moto_tests_of_cloudhsm() {
    same(&Suite { project: MOTO, contract: Some("cloudhsm"), tests: &["tests/test_cloudhsmv2"], least: 13 });
}

/// All but one, which names an id that is nobody's: the recorder learns later, from the name of a host,
/// that it is an id, and a replay cannot know that.
#[test]
fn moto_tests_of_dsql() {
    const NOBODY: &str = "--deselect=tests/test_dsql/test_dsql.py::test_stream_operations_validate_resources";
    same(&Suite { project: MOTO, contract: Some("dsql"), tests: &["tests/test_dsql", NOBODY], least: 26 });
}

#[test]
fn moto_tests_of_dynamodb_without_a_contract() {
    let tests = &["tests/test_dynamodb/test_dynamodb_query.py"];
    same(&Suite { project: MOTO, contract: None, tests, least: 30 });
}

#[test]
fn moto_tests_of_s3_without_a_contract() {
    same(&Suite { project: MOTO, contract: None, tests: &["tests/test_s3/test_s3_tagging.py"], least: 16 });
}

/// All but one, which copies 90 MB: an unoptimized recorder takes minutes to look through them.
#[test]
fn s3path_without_a_contract() {
    const COPY: &str = "--deselect=tests/test_path_operations.py::test_buffered_copy";
    let tests = &["tests/test_path_operations.py", COPY];
    same(&Suite { project: "s3path-0.6.5", contract: None, tests, least: 45 });
}

/// Records and replays a suite, and compares what became of each test.
fn same(suite: &Suite) {
    if !ready() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cassette = folder.path().join("suite.json");
    let outcomes = ["recorded", "replayed"].map(|name| folder.path().join(name));

    let moto = Moto::start();
    let mut record = onrecord();
    record.args(["record", "--upstream", &moto.url]);
    run(record, suite, &cassette, &outcomes[0]);
    moto.stop();
    let mut replay = onrecord();
    replay.args(["replay", "--strict"]);
    run(replay, suite, &cassette, &outcomes[1]);

    let [recorded, replayed] = outcomes.map(|file| fs::read_to_string(file).expect("pytest told"));
    assert_eq!(replayed, recorded, "each test ends as it did");
    let passed = recorded.lines().filter(|line| line.ends_with(" call passed")).count();
    assert!(passed >= suite.least, "{passed} passed:\n{recorded}");
}

/// Runs a suite inside `record` or `replay`, which has to end well.
fn run(mut command: Command, suite: &Suite, cassette: &Path, outcomes: &Path) {
    let sources = parts_folder().join(suite.project);
    let mut paths = OsString::from(parts_folder().join("site"));
    for path in [sources.clone(), here()] {
        paths.push(":");
        paths.push(path);
    }
    command.arg("--cassette").arg(cassette).arg("--config").arg(here().join("onrecord.toml"));
    command.args(suite.contract.iter().flat_map(|contract| ["--contract", contract]));
    command.arg("--").arg(python());
    command.args(["-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "-p", "suite"]);
    command.args(suite.tests).current_dir(&sources);
    command.env("PYTHONPATH", paths).env("PYTHONDONTWRITEBYTECODE", "1").env("OUTCOMES", outcomes);
    succeeded(&command.output().expect("onrecord runs"));
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suites")
}

fn parts_folder() -> PathBuf {
    here().join(".parts")
}

/// Whether the suites are here; says that the test is skipped if not, and fails in CI.
fn ready() -> bool {
    static READY: OnceLock<Option<String>> = OnceLock::new();
    let missing = READY.get_or_init(|| {
        let output = Command::new(here().join("setup")).output().expect("setup runs");
        (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
    });
    if let Some(reason) = missing {
        skipped(reason);
    }
    missing.is_none()
}
