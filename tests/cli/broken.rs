//! Cassettes that somebody or something broke: each is told with its place and its mend, by replay and by
//! recording, and nothing touches the file.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::{folder, onrecord, run};

/// Small and whole, with a body in a file of its own and a streamed one.
const GOOD: &str = include_str!("broken.json");

/// SHA-256 of what the body's own file holds.
const BODY: &str = "2a21fe6d592a19b7de898b50eb53c429608de1a66f3e9f62da19714a770553d1";

/// The name of a file that holds something else.
fn other_body() -> String {
    BODY.chars().rev().collect()
}

fn replaced(from: &str, to: &str) -> Vec<u8> {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1).into_bytes()
}

fn cut(before: &str) -> Vec<u8> {
    GOOD[..GOOD.find(before).unwrap()].into()
}

fn around(before: &[u8], after: &[u8]) -> Vec<u8> {
    [before, GOOD.as_bytes(), after].concat()
}

/// What the files are, and what is in them.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let mut broken = texts();
    broken.extend(members());
    broken.extend(values());
    broken.extend(others());
    broken
}

/// Broken as texts.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("empty", Vec::new()),
        ("blank", b"\n  \n".into()),
        ("cut in the header", cut("\"recorder\"")),
        ("cut in an exchange", cut("ListClusters")),
        ("cut in a body", cut(&BODY[20..])),
        ("cut before its end", cut("\n  ]\n}")),
        ("byte order mark", around(b"\xef\xbb\xbf", b"")),
        ("merge conflict", replaced("      \"timing\"", "<<<<<<< HEAD\n      \"timing\"")),
        ("merge conflict, one mark left", replaced("      \"timing\"", ">>>>>>> theirs\n      \"timing\"")),
        ("missing comma", replaced("\"method\": \"GET\",", "\"method\": \"GET\"")),
        ("comma at the end", replaced("\"HTTP/1.1\",", "\"HTTP/1.1\",,")),
        ("comment", replaced("  \"exchanges\"", "  // mine\n  \"exchanges\"")),
        ("NUL", replaced("ListClusters", "List\0Clusters")),
        (
            "not UTF-8",
            [cut("ListClusters"), b"\xff".into(), GOOD.split_at(GOOD.find("ListClusters").unwrap()).1.into()]
                .concat(),
        ),
        ("lone surrogate", replaced("ListClusters", "\\ud800")),
        ("text behind its end", around(b"", b"x\n")),
        ("twice in one file", around(b"", GOOD.as_bytes())),
    ]
}

/// Broken as documents.
fn members() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("member twice", replaced("\"method\": \"GET\",", "\"method\": \"GET\", \"method\": \"PUT\",")),
        ("unknown member", replaced("\"method\"", "\"verb\"")),
        ("member missing", replaced("\"method\": \"GET\",", "")),
        ("headers missing", replaced("\"headers\": [[\"host\", \"kafka\"]]", "\"trailers\": []")),
        ("format missing", replaced("\"format\": 1,", "")),
        ("format of another type", replaced("\"format\": 1", "\"format\": \"1\"")),
        ("newer format", replaced("\"format\": 1", "\"format\": 2")),
        ("format 0", replaced("\"format\": 1", "\"format\": 0")),
        ("unknown origin", replaced("sandbox", "dream")),
        ("member behind the exchanges", replaced("\n  ]\n}", "\n  ],\n  \"more\": 1\n}")),
    ]
}

/// Broken as recordings.
fn values() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("status of another type", replaced("\"status\": 200", "\"status\": \"200\"")),
        ("status 99", replaced("\"status\": 200", "\"status\": 99")),
        ("status 1000", replaced("\"status\": 200", "\"status\": 1000")),
        ("number too big", replaced("\"duration_ms\": 15", "\"duration_ms\": 99999999999999999999")),
        ("number below zero", replaced("\"duration_ms\": 15", "\"duration_ms\": -1")),
        ("time of no calendar", replaced("2026-11-21T07:32:38Z", "2026-13-41T07:32:38Z")),
        ("unknown version", replaced("\"HTTP/1.1\"", "\"HTTP/9\"")),
        ("method that cannot be sent", replaced("\"GET\"", "\"GET /\"")),
        ("target that cannot be sent", replaced("/v1/clusters", "/v1\\r\\nhost: evil")),
        ("name that cannot be sent", replaced("\"host\"", "\"ho st\"")),
        ("value that cannot be sent", replaced("\"kafka\"", "\"kafka\\r\\nset-cookie: a=b\"")),
        ("value in bytes that cannot be sent", replaced("\"kafka\"", "{\"base64\": \"YQ0K\"}")),
        ("value without bytes", replaced("\"kafka\"", "{}")),
        ("no base64", replaced("\"AAECAw==\"", "\"AAECAw=\"")),
        ("unknown kind of body", replaced("{\"base64\": \"AAECAw==\"}", "{\"hex\": \"00010203\"}")),
        ("pieces of another body", replaced("[3, 9]", "[4, 9]")),
        ("view of another body", replaced("{\"a\": 1}", "{\"a\": 2}")),
        ("body file outside", replaced(BODY, "../../../etc/passwd")),
        ("body file missing", replaced(BODY, &BODY.replace(char::is_alphabetic, "0"))),
        ("body file changed", replaced(BODY, &other_body())),
    ]
}

/// Something else.
fn others() -> Vec<(&'static str, Vec<u8>)> {
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00".to_vec();
    vec![
        ("HTML", b"<html>\n".into()),
        ("list", b"[]\n".into()),
        ("other JSON", b"{\"name\": \"x\"}\n".into()),
        ("HAR", b"{\"log\": {\"version\": \"1.2\"}}\n".into()),
        ("VCR", b"interactions:\n- request:\n    method: GET\nversion: 1\n".into()),
        ("go-vcr", b"---\nversion: 2\ninteractions: []\n".into()),
        ("Hoverfly", b"{\"data\": {\"pairs\": []}}\n".into()),
        ("WireMock", b"{\n  \"mappings\": []\n}\n".into()),
        ("contract", b"{\"smithy\": \"2.0\", \"shapes\": {}}\n".into()),
        ("journal", b"d1d3f4b2 {\"format\":1,\"onto\":\"new\",\"header\":{}}\n".into()),
        ("gzip", gzip),
    ]
}

fn write_bodies(folder: &Path) {
    let bodies = folder.join("a.json.bodies");
    fs::create_dir(&bodies).unwrap();
    fs::write(bodies.join(BODY), "big").unwrap();
    fs::write(bodies.join(other_body()), "other").unwrap();
}

#[test]
fn what_is_whole_is_read_however_its_lines_end() {
    let folder = folder();
    write_bodies(folder.path());
    let path = folder.path().join("a.json");
    for text in [GOOD.to_owned(), GOOD.replace('\n', "\r\n"), GOOD.replace('\n', " ")] {
        fs::write(&path, text).unwrap();
        run(onrecord("cassette show").arg(&path)).with(0, &[]);
    }
}

#[test]
fn each_broken_cassette_is_told_with_its_mend_and_left_alone() {
    let folder = folder();
    write_bodies(folder.path());
    let path = folder.path().join("a.json");
    let told = |words: &str| {
        let ended = run(onrecord(words).arg("--cassette").arg(&path)).with(2, &["a.json"]);
        assert_eq!(ended.out, "", "{words}: {ended:?}");
        ended.err.replace(&format!("{}/", folder.path().display()), "")
    };
    let mut all = String::new();
    let broken = broken();
    assert!(broken.len() >= 30);
    for (name, bytes) in broken {
        fs::write(&path, &bytes).unwrap();
        let replay = told("replay");
        for mode in ["once", "new"] {
            let record = told(&format!("record --upstream http://127.0.0.1:1 --mode {mode}"));
            assert!(record.ends_with(&replay), "{name}: {record} is not {replay}");
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: recording leaves it as it is");
        assert!(!folder.path().join("a.json.journal").exists(), "{name}");
        let _ = writeln!(all, "{name}\n    {}", replay.trim_end().replace('\n', "\n    "));
    }
    insta::assert_snapshot!(all);
}
