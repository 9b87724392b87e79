//! `--validate`: what is demanded of the client besides that its requests were recorded.

use onrecord::replay::{Library, Replayer};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// What is demanded of the client.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Strictness {
    /// Refuse requests that break what their contract documents, and fail
    #[arg(long)]
    validate: bool,
}

impl Strictness {
    /// An error where nothing could be demanded.
    pub(super) fn vet(&self, library: &Library) -> Result<(), Failure> {
        match self.validate && library.contracts().is_empty() {
            true => Err(Failure::Input(
                "--validate: no contract is known that requests could break; name one with --contract"
                    .to_owned(),
            )),
            false => Ok(()),
        }
    }

    /// A session that demands it; `of_session` says in which one it is.
    pub(super) fn of(&self, replayer: Replayer, of_session: &str) -> Replayer {
        let of_session = of_session.to_owned();
        match self.validate {
            false => replayer,
            true => replayer.validating(move |invalid| {
                Context::shout(&format!("onrecord: {of_session}invalid: {invalid}\n"));
            }),
        }
    }
}
