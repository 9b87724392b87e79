use std::sync::Arc;

use onrecord::cassette::Cassette;
use onrecord::contract::Contract;
use onrecord::replay::{Loosened, alternatives};

use crate::cli::config::nearest;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// What of requests is not compared.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Matching {
    /// A part of requests that is not compared: header:NAME=any, query:NAME=any, body:/POINTER=any or
    /// input:[OPERATION.]MEMBER=any
    #[arg(long = "match", value_name = "PART=any")]
    loosened: Vec<Loosened>,
}

impl Matching {
    /// What is not compared, after it was told. An error for what occurs nowhere: it would loosen nothing.
    pub(super) fn loosened(
        &self,
        contracts: &[Arc<Contract>],
        cassettes: &[Cassette],
        context: &Context,
    ) -> Result<Vec<Loosened>, Failure> {
        for part in &self.loosened {
            let Some(names) = alternatives(part, contracts, cassettes) else { continue };
            let own = part.to_string();
            let near = nearest(&own, names.iter().map(String::as_str));
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Err(Failure::Input(format!(
                "--match {own}=any: no contract and no cassette has this{near}"
            )));
        }
        if !self.loosened.is_empty() {
            let named: Vec<_> = self.loosened.iter().map(ToString::to_string).collect();
            context.tell(&format!("onrecord: not compared: {}", named.join(", ")));
        }
        Ok(self.loosened.clone())
    }
}
