//! What a run of checks may cost.

use onrecord::runner::Budget;

use super::config::Period;

/// The flags that bound a run.
#[derive(Debug, clap::Args)]
pub(super) struct Costs {
    /// How long the run may take, such as 10m; what it made is deleted after that
    #[arg(long, value_name = "TIME", conflicts_with = "cassette")]
    max_time: Option<Period>,
    /// How many requests may be sent, those that delete what was made excepted
    #[arg(long, value_name = "N", conflicts_with = "cassette")]
    max_requests: Option<u64>,
    /// How long each answer may take, 30s unless told otherwise
    #[arg(long, value_name = "TIME", conflicts_with = "cassette")]
    timeout: Option<Period>,
}

impl Costs {
    pub(super) fn budget(&self) -> Budget {
        let own = Budget::default();
        Budget {
            time: self.max_time.map(|Period(time)| time),
            requests: self.max_requests,
            answer: self.timeout.map_or(own.answer, |Period(time)| time),
        }
    }
}
