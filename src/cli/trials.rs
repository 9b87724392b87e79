//! Which cases are meant, and a line for each as it ends.

use onrecord::runner::Outcome;

use super::context::Context;

/// The words that select cases, as `cargo test` has them.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Name the cases, and run none
    #[arg(long)]
    pub(super) list: bool,
    /// FILTER is a whole name
    #[arg(long)]
    exact: bool,
    /// Leave out cases with this in their names
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// Run only cases with this in their names
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
}

impl Selection {
    /// Whether a case of that name is meant.
    pub(super) fn takes(&self, name: &str) -> bool {
        let fits = |filter: &String| if self.exact { name == filter } else { name.contains(filter) };
        self.filter.as_ref().is_none_or(fits) && !self.skip.iter().any(fits)
    }

    /// What was selected, if not everything.
    pub(super) fn words(&self) -> Option<String> {
        let exact = self.exact.then(|| "--exact".to_owned());
        let skip = self.skip.iter().map(|skip| format!("--skip {skip}"));
        let words: Vec<_> = exact.into_iter().chain(skip).chain(self.filter.clone()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// Prints how a case ended. That nobody reads it does not end the run: what it made must be
/// deleted, and what it found be written.
pub(super) fn tell(name: &str, outcome: &Outcome, context: &Context) {
    let ending = match outcome {
        Outcome::Passed => "ok".to_owned(),
        Outcome::Skipped(reason) => format!("ignored, {reason}"),
        Outcome::Found(_) => "FAILED".to_owned(),
        Outcome::Broken(_) => "FAILED, could not be judged".to_owned(),
    };
    context.say(&format!("test {name} ... {ending}"));
}
