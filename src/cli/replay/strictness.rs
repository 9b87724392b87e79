//! `--validate`: what is demanded of the client besides that its requests were recorded.

use onrecord::replay::Replayer;

use crate::cli::context::Context;

/// What is demanded of the client.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Strictness {
    /// Refuse requests that break what their contract documents, and fail
    #[arg(long)]
    validate: bool,
}

impl Strictness {
    /// A session that demands it.
    pub(super) fn of(&self, replayer: Replayer) -> Replayer {
        match self.validate {
            false => replayer,
            true => replayer.validating(|invalid| Context::shout(&format!("onrecord: invalid: {invalid}\n"))),
        }
    }
}
