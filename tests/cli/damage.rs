//! Cassettes that cannot be read.

use std::fs;
use std::path::{Path, PathBuf};

use onrecord::cassette::Cassette;
use tempfile::TempDir;

use crate::support::{PAGE, cassette, folder, onrecord, recorder, run, saying};

/// Every command that reads a cassette refuses this one, for this reason.
fn refused(path: &Path, named: &[&str]) {
    for words in [
        "replay --cassette",
        "cassette show",
        "check --contract msk --cassette",
        "check --contract msk --replay",
        "record --upstream http://127.0.0.1:1 --cassette",
    ] {
        let ended = run(onrecord(words).arg(path)).with(2, named);
        assert_eq!(ended.out, "", "{words}: {ended:?}");
    }
}

/// A good cassette, written again by `change`.
fn damaged(change: impl FnOnce(String) -> String) -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("a.json");
    fs::write(&path, change(fs::read_to_string(cassette()).unwrap())).unwrap();
    (folder, path)
}

#[test]
fn what_cannot_be_opened_is_bad_input() {
    let folder = folder();
    refused(folder.path(), &["cannot read ", "Is a directory", "; name a cassette that can be read"]);
    let missing = folder.path().join("missing.json");
    for words in ["replay --cassette", "cassette show", "check --contract msk --cassette"] {
        let told = ["missing.json: No such file", "; name a cassette that can be read"];
        run(onrecord(words).arg(&missing)).with(2, &told);
    }
}

#[test]
fn damage_is_told_with_its_place_and_its_cure_and_left_as_it_is() {
    let (_folder, path) = damaged(|text| text[..text.len() / 2].to_owned());
    let before = fs::read(&path).unwrap();
    refused(&path, &["a.json:", ": the cassette is cut short: restore the file, or record it again"]);
    assert_eq!(fs::read(&path).unwrap(), before, "recording into it leaves it untouched");

    let (_folder, path) = damaged(|text| text.replacen("\"format\": 1", "\"format\": 99", 1));
    refused(&path, &["a.json: format 99 is newer than this onrecord reads (1): upgrade onrecord"]);

    let (_folder, path) = damaged(|_| "<html>\n".to_owned());
    refused(&path, &["a.json:1:1: not JSON (expected value): restore the file, or record it again"]);

    let (_folder, path) = damaged(|text| text.replacen("\"status\": 200", "\"status\": \"200\"", 1));
    let line = fs::read_to_string(&path).unwrap().lines().position(|line| line.contains("\"200\"")).unwrap();
    refused(&path, &[&format!("a.json:{}:", line + 1), ": not a cassette (", "): mend the file by hand"]);
}

#[test]
fn a_body_that_is_not_what_was_recorded_is_named() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recorder(&path, &saying(&format!("\"{}\"", "x".repeat(300_000))));
    server.get("/v1/clusters").unwrap();
    server.stop().with(0, &["1 exchanges recorded"]);
    let body = path.with_extension("json.bodies").read_dir().unwrap().next().unwrap().unwrap().path();
    let name = body.display().to_string();
    fs::write(&body, "other").unwrap();
    refused(&path, &[&format!("{name}: the file is not what was recorded"), "restore the file"]);
    fs::remove_file(&body).unwrap();
    refused(&path, &[&format!("{name}: the file is missing"), "restore the file"]);
}

#[test]
fn a_damaged_journal_is_told_by_its_line_and_the_rest_is_recovered_without_it() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let journal = folder.path().join("a.json.journal");
    let server = recorder(&path, &saying(PAGE));
    for page in 1..=3 {
        server.get(&format!("/v1/clusters?maxResults={page}")).unwrap();
    }
    server.signal(rustix::process::Signal::KILL);
    server.end();
    let lines = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, lines.replacen("maxResults=2", "maxResults=7", 1)).unwrap();
    for words in ["cassette recover", "record --upstream http://127.0.0.1:1 --cassette"] {
        let told = ["a.json.journal:3: the journal is damaged", "delete this line to recover the rest"];
        run(onrecord(words).arg(&path)).with(2, &told);
    }
    let kept: Vec<_> = lines.lines().enumerate().filter(|(index, _)| *index != 2).collect();
    fs::write(&journal, kept.iter().map(|(_, line)| format!("{line}\n")).collect::<String>()).unwrap();
    run(onrecord("cassette recover").arg(&path)).with(0, &["recovered 2 exchanges"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 2);
    run(onrecord("cassette recover").arg(&path)).with(0, &["nothing to recover for "]);
}

#[test]
fn what_is_no_journal_is_not_taken_away() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let notes = folder.path().join("a.json.journal");
    fs::write(&notes, "my notes").unwrap();
    for words in ["cassette recover", "record --upstream http://127.0.0.1:1 --cassette"] {
        run(onrecord(words).arg(&path)).with(2, &["a.json.journal: not a journal of ours"]);
    }
    assert_eq!(fs::read_to_string(&notes).unwrap(), "my notes");
    let told = ["a.json: No such file", "; a recording was killed: onrecord cassette recover "];
    run(onrecord("cassette show").arg(&path)).with(2, &told);
    fs::write(&notes, "").unwrap();
    run(onrecord("cassette recover").arg(&path)).with(0, &["a killed recording left nothing to recover"]);
    assert!(!path.exists() && !notes.exists());
}

#[test]
fn a_cassette_that_cannot_be_read_hides_nothing_of_the_others() {
    let (folder, path) = damaged(|text| text[..text.len() / 2].to_owned());
    let missing = folder.path().join("missing.json");
    let ended = run(onrecord("cassette verify").arg(&missing).arg(cassette()).arg(&path))
        .with(2, &["missing.json: No such file", "a.json:", "the cassette is cut short"]);
    assert!(ended.out.contains("exchanges, nothing looks like a secret"), "{ended:?}");
}
