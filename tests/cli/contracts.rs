//! Contracts that cannot be used, or not in whole.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::{Server, folder, onrecord, run};

/// The built-in contract, as a file written again by `change`.
fn contract(change: impl FnOnce(String) -> String) -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("mine.json");
    let msk = concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/msk.json");
    fs::write(&path, change(fs::read_to_string(msk).unwrap())).unwrap();
    (folder, path)
}

/// Every command that loads a contract refuses this one, for this reason.
fn refused(path: &std::path::Path, named: &[&str]) {
    for words in [
        "sandbox --listen 127.0.0.1:0 --contract",
        "check --sandbox --contract",
        "record --cassette /no/such/folder/a.json --upstream http://127.0.0.1:1 --contract",
    ] {
        run(onrecord(words).arg(path)).with(2, named);
    }
}

#[test]
fn an_unknown_trait_is_a_warning() {
    let (_folder, path) =
        contract(|text| text.replacen("\"traits\": {", "\"traits\": {\"example.org#odd\": 1,", 1));
    let mut command = onrecord("sandbox --listen 127.0.0.1:0 --contract");
    let server = Server::start(command.arg(&path));
    assert_eq!(server.get("/v1/clusters").unwrap().0.status, 200);
    let told = "mine: one place of the model is read otherwise than written; see `onrecord contract lint ";
    server.stop().with(0, &[told]);
    let linted = run(onrecord("contract lint").arg(&path)).with(1, &[]).out;
    assert!(
        linted.contains("warning: the trait example.org#odd is not known, and has no effect"),
        "{linted}"
    );
}

#[test]
fn what_is_wrong_is_told_with_file_line_and_mend() {
    let (folder, path) =
        contract(|text| text.replacen("\"target\": \"onrecord.msk#", "\"target\": \"onrecord.msk#Gone", 1));
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().position(|line| line.contains("#Gone")).unwrap() + 1;
    refused(&path, &[&format!("mine.json:{line}:"), "Gone", "; "]);

    let (_folder, path) = contract(|_| "{\n  \"smithy\": \"2.0\",\n  oops\n}".to_owned());
    refused(&path, &["mine.json:3:", "; "]);

    let (_folder, path) = contract(|text| text.replace("aws.protocols#restJson1", "aws.protocols#telex"));
    refused(&path, &["mine.json:", "has no protocol that is known", "; "]);

    let missing = folder.path().join("missing.json");
    refused(
        &missing,
        &[
            "missing.json: the file cannot be read: No such file",
            "; name a file, or a built-in contract: msk",
        ],
    );
}
