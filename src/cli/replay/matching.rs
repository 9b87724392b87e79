use onrecord::replay::{Library, Loosened};

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
    /// The library without what is not compared, which is told. An error for what occurs nowhere: it would
    /// loosen nothing.
    pub(super) fn loosen(&self, library: Library, context: &Context) -> Result<Library, Failure> {
        for part in &self.loosened {
            let Some(names) = library.alternatives(part) else { continue };
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
        library.loosened(self.loosened.clone()).map_err(|error| Failure::Input(error.to_string()))
    }
}
