//! What we export as HAR, by the published schema.

use std::path::Path;
use std::process::{Command, Output};

use crate::parts::{folder, onrecord, python, ready, succeeded};

/// What the schema has to say of a file.
fn checked(har: &Path) -> Output {
    let mut check = Command::new(python());
    check.arg(folder().join("har_check")).arg(folder().join("node/node_modules/har-schema/lib")).arg(har);
    check.output().expect("python runs")
}

#[test]
fn what_is_exported_is_har_by_its_schema() {
    if !ready() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let har = dir.path().join("a.har");
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("cassettes/msk/story-moto.json");
    let mut export = onrecord();
    export.args(["cassette", "export", "--to", "har", "--output"]).arg(&har).arg(recorded);
    succeeded(&export.output().expect("export runs"));
    succeeded(&checked(&har));
    let text = std::fs::read_to_string(&har).expect("text").replacen("\"wait\"", "\"weight\"", 1);
    std::fs::write(&har, text).expect("written");
    let told = checked(&har);
    assert!(!told.status.success() && String::from_utf8_lossy(&told.stdout).contains("wait"), "{told:?}");
}
