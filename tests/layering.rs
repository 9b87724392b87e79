//! Holds the house's rules: `src/lib.rs` lists the modules in dependency order, each third-party
//! crate has one home, and files stay small.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates that any room may use: data, errors, files that go away by themselves, and regular
/// expressions, a language of their own.
const SHARED: &[&str] = &["bytes", "regex", "serde", "serde_json", "tempfile", "thiserror"];

/// The one room of every other crate. `cli` belongs to the binary.
const HOMES: &[(&str, &str)] = &[
    ("arc_swap", "replay"),
    ("aws_credential_types", "net"),
    ("aws_sigv4", "net"),
    ("base64", "encoding"),
    ("brotli", "encoding"),
    ("ciborium", "encoding"),
    ("clap", "cli"),
    ("flate2", "encoding"),
    ("granit_parser", "contract"),
    ("http_body_util", "net"),
    ("hyper", "net"),
    ("hyper_util", "net"),
    ("jsonschema", "contract"),
    ("memchr", "cassette"),
    ("libtest_mimic", "harness"),
    ("minijinja", "report"),
    ("object_store", "net"),
    ("percent_encoding", "encoding"),
    ("prometheus", "replay"),
    ("proptest", "generate"),
    ("quick_junit", "report"),
    ("quick_xml", "replay"),
    ("rcgen", "net"),
    ("regex_syntax", "generate"),
    ("rust_ini", "net"),
    ("rustix", "net"),
    ("rustls", "net"),
    ("rustls_native_certs", "net"),
    ("ruzstd", "encoding"),
    ("sha2", "encoding"),
    ("similar", "replay"),
    ("strsim", "cli"),
    ("subtle", "net"),
    ("time", "exchange"),
    ("tokio", "net"),
    ("tokio_rustls", "net"),
    ("toml", "cli"),
];

/// Longer files, each with a reason that a reader would accept. None yet.
const LONG: &[(&str, &str)] = &[];

const MOST_LINES: usize = 500;

#[test]
fn a_module_uses_only_modules_listed_above_it() {
    let order = modules();
    for (module, files) in sources() {
        let Some(own) = order.iter().position(|name| *name == module) else { continue };
        for (path, text) in files {
            for used in words_after(&text, "crate::") {
                let Some(place) = order.iter().position(|name| *name == used) else { continue };
                assert!(
                    place <= own,
                    "{}: {module} uses {used}, which src/lib.rs lists below it",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_folder_is_a_listed_module() {
    let order = modules();
    for module in
        sources().into_keys().filter(|module| !["cli", "lib.rs", "main.rs"].contains(&module.as_str()))
    {
        assert!(order.contains(&module), "src/{module} is not in src/lib.rs");
    }
}

#[test]
fn every_crate_has_one_home() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let crates: Vec<_> = dependencies
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect();
    for name in &crates {
        let known = SHARED.contains(&name.as_str()) || HOMES.iter().any(|(home, _)| home == name);
        assert!(known, "{name} has no home in tests/layering.rs");
    }
    for (home, _) in HOMES {
        assert!(crates.iter().any(|name| name == home), "{home} has a home and is no dependency");
    }
    for (module, files) in sources() {
        // Tests may use what they like: proptest, temporary folders.
        let files =
            files.into_iter().filter(|(path, _)| !path.components().any(|part| is_tests(part.as_os_str())));
        for (path, text) in files {
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (name, home) in HOMES.iter().filter(|(_, home)| *home != module) {
                let used = code(text).any(|line| mentions(line, name));
                assert!(!used, "{}: {name} belongs to {home}", path.display());
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for (path, text) in sources().into_values().flatten() {
        let lines = text.lines().count();
        let excused = LONG.iter().any(|(long, _)| path.ends_with(long));
        assert!(lines <= MOST_LINES || excused, "{} has {lines} lines", path.display());
    }
}

/// The modules in the order of `src/lib.rs`.
fn modules() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// Every Rust file under `src`, by the room it is in.
fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut rooms: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let src = root().join("src");
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&src).unwrap();
                let room = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).unwrap();
                rooms.entry(room).or_default().push((path, text));
            }
        }
    }
    rooms
}

fn is_tests(part: &OsStr) -> bool {
    part == "tests" || part == "tests.rs"
}

/// Lines that are no comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

fn words_after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    code(text)
        .flat_map(move |line| line.split(prefix).skip(1))
        .map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect())
}

/// `name::` as a path of its own, not the tail of `crate::name::` or of a longer name.
fn mentions(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
