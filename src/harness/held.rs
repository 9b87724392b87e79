//! Contracts as trials in a few lines of a test target.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use super::{one_at_a_time, told};
use crate::cassette::Cassette;
use crate::contract::{Contract, Level};
use crate::redact::PROVIDER;
use crate::report::{Known, Target, qualified};
use crate::runner::{Live, Permission, RecordedSuite, Settings, Suite};
use crate::sandbox::Sandbox;

/// Where the sandbox says that it is.
const SANDBOX: &str = "127.0.0.1:4566";

/// A contract, and what is held to it.
///
/// A test target with `harness = false` needs no more than this:
///
/// ```no_run
/// use onrecord::harness::{Arguments, cassette};
///
/// fn main() -> std::process::ExitCode {
///     cassette("msk", "cassettes/msk.json").run(&Arguments::from_args())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Held {
    contract: String,
    overlays: Vec<PathBuf>,
    against: Against,
    seed: u64,
    cases: usize,
    breaks: Level,
    known: Vec<Known>,
}

#[derive(Debug, Clone)]
enum Against {
    Cassette(PathBuf),
    Sandbox,
}

/// A recording, held to a contract: a built-in name, or a file. Where there is no such file, all cases are
/// ignored and say so.
pub fn cassette(contract: impl Into<String>, path: impl Into<PathBuf>) -> Held {
    Held::new(contract.into(), Against::Cassette(path.into()))
}

/// The embedded provider, held to a contract: a built-in name, or a file.
pub fn sandbox(contract: impl Into<String>) -> Held {
    Held::new(contract.into(), Against::Sandbox)
}

/// Runs the trials of several contracts that the arguments select. Where there are several, the names of
/// trials begin with those of their contracts, `msk:ListClusters/valid/0`.
pub fn run_all(all: impl IntoIterator<Item = Held>, arguments: &Arguments) -> ExitCode {
    let all: Vec<Held> = all.into_iter().collect();
    let (mut trials, mut suites) = (Vec::new(), Vec::new());
    for held in &all {
        let loaded = Contract::named(&held.contract, &held.overlays).map(Arc::new);
        let id = loaded.as_ref().map_or(held.contract.as_str(), |contract| contract.id.as_str()).to_owned();
        let named = |case: &str| if all.len() > 1 { qualified(&id, case) } else { case.to_owned() };
        let made = loaded.map_err(|error| error.to_string()).and_then(|contract| match &held.against {
            Against::Cassette(path) => held.recorded(path, contract, arguments, &named),
            Against::Sandbox => {
                let suite = Arc::new(held.suite(contract));
                suites.push(suite.clone());
                Ok(of_suite(&suite, &named))
            }
        });
        // What cannot be read is a test that fails, so that nobody takes it for one that passes.
        trials.extend(made.unwrap_or_else(|why| vec![failing(named("loads"), why)]));
    }
    let conclusion = libtest_mimic::run(&one_at_a_time(arguments), trials);
    let finished = suites.iter().all(|suite| suite.finish().is_ok());
    if finished { conclusion.exit_code() } else { ExitCode::FAILURE }
}

impl Held {
    fn new(contract: String, against: Against) -> Self {
        Self {
            contract,
            overlays: Vec::new(),
            against,
            seed: 0,
            cases: 10,
            breaks: Level::Must,
            known: Vec::new(),
        }
    }

    /// With what the contract's model leaves out.
    #[must_use]
    pub fn overlay(mut self, file: impl Into<PathBuf>) -> Self {
        self.overlays.push(file.into());
        self
    }

    /// With another seed than 0, for what is generated.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// With another number than 10 of valid inputs for each operation.
    #[must_use]
    pub fn cases(self, cases: usize) -> Self {
        Self { cases, ..self }
    }

    /// The level from which on a finding breaks a case, if not MUST.
    #[must_use]
    pub fn breaks(self, breaks: Level) -> Self {
        Self { breaks, ..self }
    }

    /// With findings that are expected.
    #[must_use]
    pub fn knowing(self, known: Vec<Known>) -> Self {
        Self { known, ..self }
    }

    /// Runs the trials that the arguments select, and prints them as `cargo test` does.
    pub fn run(self, arguments: &Arguments) -> ExitCode {
        run_all([self], arguments)
    }

    fn recorded(
        &self,
        path: &Path,
        contract: Arc<Contract>,
        arguments: &Arguments,
        named: &dyn Fn(&str) -> String,
    ) -> Result<Vec<Trial>, String> {
        let names = RecordedSuite::all_cases(&contract);
        if !path.exists() {
            let why = format!("there is no {}; record it", path.display());
            return Ok(names.iter().map(|name| ignored(named(name), why.clone(), arguments)).collect());
        }
        if arguments.list {
            return Ok(names.iter().map(|name| Trial::test(named(name), || Ok(()))).collect());
        }
        let cassette = Cassette::load(path).map_err(|error| error.to_string())?;
        let suite = RecordedSuite::new(contract, cassette, self.settings(), |_| true);
        let suite = Arc::new(suite.knowing(self.known.clone()));
        let trial = |name: &String| {
            let (suite, name) = (suite.clone(), name.clone());
            Trial::ignorable_test(named(&name), move || told(suite.outcome(&name)))
        };
        Ok(names.iter().map(trial).collect())
    }

    fn suite(&self, contract: Arc<Contract>) -> Suite {
        let sandbox = Sandbox::new(contract.clone(), &[]);
        let channel = Live::new(sandbox, contract.clone(), SANDBOX, None);
        Suite::new(contract, Box::new(channel), self.settings()).knowing(self.known.clone())
    }

    fn settings(&self) -> Settings {
        let Self { contract, seed, cases, .. } = self;
        let overlays = self.overlays.iter().map(|file| format!(" --overlay {}", file.display()));
        let again = format!("onrecord check --contract {contract}{}", overlays.collect::<String>());
        let (target, base_url, again) = match &self.against {
            Against::Cassette(path) => {
                let path = path.display().to_string();
                let again = format!("{again} --cassette {path}");
                (Target::Cassette(path), format!("http://{PROVIDER}"), again)
            }
            Against::Sandbox => (
                Target::Sandbox { faults: Vec::new() },
                format!("http://{SANDBOX}"),
                format!("{again} --sandbox --seed {seed} --cases {cases}"),
            ),
        };
        Settings {
            seed: self.seed,
            cases: self.cases,
            permission: Permission::Everything,
            max_resources: usize::MAX,
            shrinking: 24,
            breaks: self.breaks,
            target,
            base_url,
            signing: None,
            again,
            mark: None,
        }
    }
}

/// The cases of a suite that plays.
fn of_suite(suite: &Arc<Suite>, named: &dyn Fn(&str) -> String) -> Vec<Trial> {
    let trial = |case: crate::runner::Case| {
        let suite = suite.clone();
        Trial::ignorable_test(named(&case.name), move || told(suite.run(&case)))
    };
    suite.cases().into_iter().map(trial).collect()
}

/// A trial that is ignored for a reason. Who only lists, as nextest does, hears of it by the flag; with
/// the flag a run would not print the reason.
fn ignored(name: String, why: String, arguments: &Arguments) -> Trial {
    let is_flagged = arguments.list || arguments.ignored;
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(why))).with_ignored_flag(is_flagged)
}

fn failing(name: String, why: String) -> Trial {
    Trial::test(name, move || Err(Failed::from(why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: &str = "cassettes/msk/story-sandbox.json";

    /// What a user writes.
    const FIVE: &str = r#"use onrecord::harness::{Arguments, cassette};

fn main() -> std::process::ExitCode {
    cassette("msk", "cassettes/msk.json").run(&Arguments::from_args())
}
"#;

    /// How the trials end, a line each, with whether the run was well.
    fn told(all: Vec<Held>, words: &str) -> (bool, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let words = format!("test {words} --logfile {}", log.display());
        let code = run_all(all, &Arguments::from_iter(words.split(' ').filter(|word| !word.is_empty())));
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let is_well = format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS);
        let lines = text.lines().filter_map(|line| line.strip_prefix("test "));
        let told = lines
            .filter(|line| !line.starts_with("result"))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        (is_well, told.collect())
    }

    #[test]
    fn five_lines_are_a_test_target() {
        assert_eq!(FIVE.lines().count(), 5);
        assert!(include_str!("../../docs/checking.md").contains(FIVE));
        let documented = |line: &str| format!("/// {line}").trim_end().to_owned();
        let lines: Vec<_> = FIVE.lines().map(documented).collect();
        assert!(include_str!("held.rs").contains(&lines.join("\n")), "what the doc test compiles");
    }

    #[test]
    fn a_recording_is_judged_case_by_case() {
        let (is_well, lines) = told(vec![cassette("msk", RECORDED)], "--exact ListClusters/RS-01");
        assert!(is_well);
        assert_eq!(lines, ["ListClusters/RS-01 ... ok"]);
    }

    #[test]
    fn where_there_is_no_recording_every_case_is_ignored_and_says_why() {
        let held = || vec![cassette("msk", "no/such.json")];
        let (is_well, lines) = told(held(), "ListClusters/");
        assert!(is_well && lines.len() > 5, "{lines:?}");
        assert!(
            lines.iter().all(|line| line.ends_with(" ... ignored (there is no no/such.json; record it)")),
            "{lines:?}"
        );
        let contract = Arc::new(Contract::built_in("msk").unwrap().unwrap());
        let arguments = |words: &[&str]| Arguments::from_iter(words);
        let trials = |words: &[&str]| {
            let named = |case: &str| case.to_owned();
            held()[0]
                .recorded(Path::new("no/such.json"), contract.clone(), &arguments(words), &named)
                .unwrap()
        };
        assert!(trials(&["test", "--list", "--format", "terse"]).iter().all(Trial::has_ignored_flag));
        assert!(!trials(&["test"]).iter().any(Trial::has_ignored_flag), "a run prints the reason");
    }

    #[test]
    fn several_contracts_have_names_of_their_own_and_what_cannot_be_read_fails() {
        let all = || vec![cassette("msk", RECORDED), sandbox("eks").cases(1), sandbox("no/such.json")];
        let (is_well, lines) = told(all(), "--exact msk:ListClusters/RS-01");
        assert!(is_well);
        assert_eq!(lines, ["msk:ListClusters/RS-01 ... ok"]);
        let (is_well, lines) = told(all(), "--exact eks:ListClusters/valid/0");
        assert!(is_well);
        assert_eq!(lines, ["eks:ListClusters/valid/0 ... ok"]);
        let (is_well, lines) = told(all(), "--exact no/such.json:loads");
        assert!(!is_well);
        assert_eq!(lines, ["no/such.json:loads ... FAILED"]);
    }
}
