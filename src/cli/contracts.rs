//! Which contract a name on the command line means.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use onrecord::cassette::{Cassette, ContractRef};
use onrecord::contract::{BUILT_IN, Contract, ContractError, Overlay};

use super::context::Context;
use super::failure::Failure;

/// What is said about contracts beside the models.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Overlays {
    /// A file with what the contract's model leaves out; NAME.overlay.yaml beside a model is found by itself
    #[arg(long = "overlay", value_name = "F")]
    pub(super) files: Vec<PathBuf>,
}

/// Loads a contract, and tells what of it is read otherwise than it stands there.
pub(super) fn load(name: &str, overlays: &Overlays, context: &Context) -> Result<Arc<Contract>, Failure> {
    let contract = open(name, overlays)?;
    if !contract.warnings.is_empty() {
        context.tell(&format!(
            "onrecord: {}: {} places of the model are read otherwise than they stand there; see `onrecord contract lint {name}`",
            contract.id,
            contract.warnings.len(),
        ));
    }
    Ok(Arc::new(contract))
}

/// Loads a contract: a built-in name, or a file.
pub(super) fn open(name: &str, overlays: &Overlays) -> Result<Contract, Failure> {
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).map_err(|error| unreadable(&path.display().to_string(), &error))?;
        Overlay::read(&path.display().to_string(), &bytes).map_err(wrong)
    };
    let overlays = overlays.files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let text = match BUILT_IN.iter().find(|(id, _)| *id == name) {
        Some((id, text)) => {
            return Contract::with_overlays(id, &format!("built-in:{id}"), text, &overlays).map_err(wrong);
        }
        None => std::fs::read_to_string(name).map_err(|error| unreadable(name, &error))?,
    };
    let id = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    Contract::with_overlays(&id, name, &text, &overlays).map_err(wrong)
}

fn wrong(error: ContractError) -> Failure {
    Failure::Input(error.to_string())
}

/// The contracts that were named, or else the built-in ones that cassettes were recorded with.
pub(super) fn of_cassettes(
    names: &[String],
    overlays: &Overlays,
    cassettes: &[Cassette],
    context: &Context,
) -> Result<Vec<Arc<Contract>>, Failure> {
    let recorded = cassettes.iter().filter_map(|cassette| cassette.header.contract.as_ref());
    let mut names = names.to_vec();
    if names.is_empty() {
        names.extend(
            recorded.map(|contract| contract.id.clone()).filter(|id| Contract::built_in(id).is_some()),
        );
        names.dedup();
    }
    names.iter().map(|name| load(name, overlays, context)).collect()
}

/// How a cassette names a contract.
pub(super) fn reference(contract: &Contract) -> ContractRef {
    ContractRef { id: contract.id.clone(), digest: contract.digest.clone() }
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    Failure::Input(format!("{name}: {error}; name a file, or a built-in contract: {}", names.join(", ")))
}
