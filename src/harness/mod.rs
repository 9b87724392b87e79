//! Cases as libtest-mimic trials: named, filtered, listed and counted as `cargo test` does it.
//!
//! A test target of your own needs `harness = false` and five lines, see [`Held`], and then works with
//! `cargo test` and `cargo nextest run` alike; `tests/contracts.rs` of onrecord is one. Who has a channel of
//! their own gives [`run`] a suite.

mod held;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Completion, Conclusion, Failed, Trial};

pub use held::{Held, cassette, run_all, sandbox};
pub use libtest_mimic::Arguments;

use crate::cassette::CassetteError;
use crate::report::Run;
use crate::runner::{Outcome, RecordedSuite, Suite};

/// Runs the cases of a suite that the arguments select, prints them as `cargo test` does, and
/// gives the run.
///
/// # Errors
/// When a recording that the suite makes cannot be written.
pub fn run(suite: Suite, arguments: &Arguments) -> Result<(Verdict, Run), CassetteError> {
    let suite = Arc::new(suite);
    let trials = suite.cases().into_iter().map(|case| {
        let suite = suite.clone();
        Trial::ignorable_test(case.name.clone(), move || told(suite.run(&case)))
    });
    let trials = trials.collect();
    let conclusion = libtest_mimic::run(&one_at_a_time(arguments), trials);
    Ok((Verdict(conclusion), suite.finish()?))
}

/// Tells the cases of a recording that the arguments select, and gives the run.
pub fn run_recorded(suite: RecordedSuite, arguments: &Arguments) -> (Verdict, Run) {
    let suite = Arc::new(suite);
    let trials = suite.cases().iter().cloned().map(|case| {
        let suite = suite.clone();
        Trial::ignorable_test(case.clone(), move || told(suite.outcome(&case)))
    });
    let trials = trials.collect();
    let conclusion = libtest_mimic::run(&one_at_a_time(arguments), trials);
    (Verdict(conclusion), suite.finish())
}

/// How the trials ended.
#[derive(Debug)]
pub struct Verdict(Conclusion);

impl Verdict {
    /// How many cases ran.
    pub fn ran(&self) -> u64 {
        self.0.num_passed + self.0.num_failed
    }

    /// How many cases broke.
    pub fn failed(&self) -> u64 {
        self.0.num_failed
    }

    /// The exit code of a test target.
    pub fn exit_code(&self) -> ExitCode {
        self.0.exit_code()
    }
}

/// The order of requests follows from the seed alone.
fn one_at_a_time(arguments: &Arguments) -> Arguments {
    Arguments { test_threads: Some(1), ..arguments.clone() }
}

fn told(outcome: Outcome) -> Result<Completion, Failed> {
    match outcome {
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped(reason) => Ok(Completion::ignored_with(reason)),
        Outcome::Found(sentences) => Err(Failed::from(sentences.join("\n"))),
        Outcome::Broken(reason) => Err(Failed::from(format!("could not be judged: {reason}"))),
    }
}
