//! Cassettes that are a year old: SDKs take their clock from answers and throw expired credentials
//! away, and still all of them succeed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use onrecord::cassette::Cassette;
use onrecord::exchange::{http_seconds, moved};
use regex::{Captures, Regex};
use tempfile::TempDir;

use crate::parts::{Moto, folder, onrecord, python, ready, rust_sdk, succeeded};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A recording that was made a year ago.
struct YearOld {
    words: Vec<String>,
    /// What the command printed when it was recorded.
    told: String,
    folder: TempDir,
}

impl YearOld {
    fn of(words: Vec<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(
            folder.path().join("config"),
            "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/reader\nrole_session_name = onrecord\n\
             credential_source = Environment\nregion = us-east-1\n",
        )
        .expect("a configuration");
        let old = Self { words, told: String::new(), folder };
        let moto = Moto::start();
        let told = succeeded(&old.run("record", &["--upstream", &moto.url]));
        moto.stop();
        age(&old.cassette());
        Self { told, ..old }
    }

    fn cassette(&self) -> std::path::PathBuf {
        self.folder.path().join("a.json")
    }

    fn replayed(&self, flags: &[&str]) -> Output {
        self.run("replay", flags)
    }

    /// Each run has a home of its own: clients keep credentials there until they expire.
    fn run(&self, subcommand: &str, flags: &[&str]) -> Output {
        let home = tempfile::tempdir().expect("a home");
        let mut command: Command = onrecord();
        command.env("AWS_CONFIG_FILE", self.folder.path().join("config")).env("HOME", home.path());
        command.arg(subcommand).arg("--cassette").arg(self.cassette()).args(flags);
        for contract in ["msk", "eks", "dsql"] {
            command.args(["--contract", contract]);
        }
        command.arg("--").args(&self.words).output().expect("it runs")
    }

    /// Succeeds, and tells what was told then.
    #[track_caller]
    fn holds_today(&self) {
        assert_eq!(succeeded(&self.replayed(&["--strict"])), self.told);
    }
}

/// Moves every date in a cassette back by a year, wherever and however it is written.
fn age(cassette: &Path) {
    let dates = [
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)",
        r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
        r"\b\d{8}T\d{6}Z",
        r"\b1[78]\d{8}(\.\d+)?\b",
    ];
    let text = fs::read_to_string(cassette).expect("the cassette is text");
    let dates = Regex::new(&dates.join("|")).expect("a pattern");
    let back = -(YEAR.as_secs() as i64);
    let aged = dates.replace_all(&text, |found: &Captures<'_>| moved(&found[0], back).expect("an instant"));
    fs::write(cassette, &*aged).expect("it is written");

    let last_year = SystemTime::now() - (YEAR - Duration::from_secs(24 * 60 * 60));
    for exchange in &Cassette::load(cassette).expect("still a cassette").exchanges {
        assert!(SystemTime::from(exchange.timing.started) < last_year);
        let date = exchange.response.headers.get("date").and_then(|date| http_seconds(&date));
        let started = exchange.timing.started.seconds();
        assert!(date.is_some_and(|date| date.abs_diff(started) < 600), "answered at once, a year ago");
    }
}

fn script(program: &str, name: &str) -> Vec<String> {
    vec![program.to_owned(), folder().join(name).display().to_string()]
}

#[test]
fn boto3_takes_on_a_role() {
    if !ready() {
        return;
    }
    let old = YearOld::of(script(&python().display().to_string(), "clock.py"));
    assert_eq!(old.told, "signed today\nclusters: 0\n".repeat(2));
    let text = fs::read_to_string(old.cassette()).expect("text");
    assert!(text.contains("AssumeRole") && text.contains("Expiration"), "the role was recorded");
    old.holds_today();
    let expired = old.replayed(&["--clock", "recorded"]);
    assert!(!expired.status.success() && String::from_utf8_lossy(&expired.stderr).contains("still expired"));
}

#[test]
fn boto3_tells_its_story() {
    if !ready() {
        return;
    }
    YearOld::of(script(&python().display().to_string(), "story.py")).holds_today();
}

#[test]
fn the_aws_cli_takes_on_a_role() {
    if !ready() {
        return;
    }
    let old = YearOld::of(vec![folder().join("clock_story").display().to_string()]);
    assert_eq!(old.told, "0\n0\n");
    old.holds_today();
    assert!(!old.replayed(&["--clock", "recorded"]).status.success());
}

#[test]
fn node_signs_by_the_date_of_answers() {
    if !ready() {
        return;
    }
    let old = YearOld::of(script("node", "node/clock.mjs"));
    assert_eq!(old.told, "signed today\nclusters: 0\n".repeat(3));
    old.holds_today();
    let then = succeeded(&old.replayed(&["--clock", "recorded"]));
    assert!(then.ends_with("signed on another day\nclusters: 0\n"), "{then}");
}

#[test]
fn rust_signs_today() {
    if !ready() {
        return;
    }
    let Some(program) = rust_sdk() else { return };
    let old = YearOld::of(vec![program.display().to_string()]);
    assert!(old.told.ends_with("get another: refused, ResourceNotFoundException\n"), "{}", old.told);
    old.holds_today();
}
