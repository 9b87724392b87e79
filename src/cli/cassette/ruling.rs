//! By which contracts and rules exchanges are redacted.

use onrecord::cassette::Cassette;
use onrecord::record::Ruled;

use crate::cli::config::{Config, Place};
use crate::cli::context::Context;
use crate::cli::contracts::{self, Overlays};
use crate::cli::failure::Failure;

/// The contracts and rules that a command line names.
#[derive(Debug, clap::Args)]
pub(super) struct Ruling {
    /// A built-in contract (msk), or a file; without it, the built-in ones that a cassette or its hosts name
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    #[command(flatten)]
    config: Place,
}

/// The same with the configuration, which says what the command line leaves out.
pub(super) struct Given {
    pub(super) names: Vec<String>,
    pub(super) overlays: Overlays,
    pub(super) config: Config,
}

impl Ruling {
    pub(super) fn read(&self) -> Result<Given, Failure> {
        let config = self.config.read()?;
        let names = if self.contracts.is_empty() { &config.contracts } else { &self.contracts };
        Ok(Given { names: names.clone(), overlays: self.overlays.and(&config.overlays), config })
    }
}

impl Given {
    /// What says how a cassette is redacted.
    pub(super) fn of(&self, cassette: &Cassette, context: &Context) -> Result<Ruled, Failure> {
        let hosts = cassette.exchanges.iter().filter_map(|it| it.request.headers.get("host"));
        let recorded = || contracts::recorded_with([&cassette.header], &hosts.collect());
        let names = if self.names.is_empty() { &recorded() } else { &self.names };
        let contracts = contracts::load_all(names, &self.overlays, context)?;
        self.config.vet_members(&contracts)?;
        Ok(Ruled { contracts, rules: self.config.rules.clone() })
    }
}
