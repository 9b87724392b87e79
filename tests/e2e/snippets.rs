//! The examples of docs/replay.md, run as they stand there.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::parts::{folder, onrecord, python, ready, succeeded};

/// A folder with the files that the page shows, each under the name behind its language.
fn written() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/replay.md")).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    for block in page.split("\n```").skip(1).step_by(2) {
        let (head, body) = block.split_once('\n').expect("a block");
        if let Some((_, name)) = head.split_once(' ') {
            fs::write(folder.path().join(name), body).expect("written");
        }
    }
    let cassette = "cassettes/msk/story-sandbox.json"; // No link: it would lead out of the folder.
    fs::create_dir_all(folder.path().join("cassettes/msk")).expect("a folder");
    fs::copy(root.join(cassette), folder.path().join(cassette)).expect("a copy");
    folder
}

/// As a user who has the binary on the path.
fn plain(program: &Path, folder: &TempDir) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_onrecord")).parent().expect("a folder").as_os_str().to_owned();
    let path: OsString = [own, std::env::var_os("PATH").unwrap_or_default()].join(":".as_ref());
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env("PATH", path).env_remove("AWS_ENDPOINT_URL");
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NODE_OPTIONS"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn the_pytest_fixture_works_as_it_stands() {
    if !ready() {
        return;
    }
    let folder = written();
    let words = ["-m", "pytest", "-q", "-p", "no:cacheprovider"];
    let output = plain(&python(), &folder).args(words).output().expect("pytest runs");
    let told = succeeded(&output);
    assert!(told.contains("2 passed"), "{told}");
}

#[test]
fn the_node_example_works_as_it_stands() {
    if !ready() {
        return;
    }
    let folder = written();
    let output = plain(Path::new("node"), &folder).args(["--test", "clusters.test.mjs"]).output();
    let told = succeeded(&output.expect("node runs"));
    assert!(told.contains("pass 1") && told.contains("fail 0"), "{told}");
}

#[test]
fn boto3_clients_at_once_do_not_hear_of_each_other() {
    if !ready() {
        return;
    }
    let mut command = onrecord();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["replay", "--proxy", "--admin", "127.0.0.1:0", "--"]).arg(python());
    command.arg(folder().join("parallel.py")).arg("cassettes/msk/story-sandbox.json");
    let told = succeeded(&command.output().expect("replay runs"));
    assert!(told.starts_with("24 of 24, pages of [2, 2, 2, "), "{told}");
}
