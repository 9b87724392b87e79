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
    let names = [name.to_owned()];
    let contract = load_all(&names, overlays, context)?.pop();
    contract.ok_or_else(|| Failure::Input(format!("{name}: no contract")))
}

/// Loads contracts, and tells what of them is read otherwise than it stands there.
pub(super) fn load_all(
    names: &[String],
    overlays: &Overlays,
    context: &Context,
) -> Result<Vec<Arc<Contract>>, Failure> {
    let contracts = open_all(names, overlays)?;
    for (contract, name) in contracts.iter().zip(names).filter(|(contract, _)| !contract.warnings.is_empty())
    {
        let places = match contract.warnings.len() {
            1 => "one place of the model is".to_owned(),
            count => format!("{count} places of the model are"),
        };
        let id = &contract.id;
        context.tell(&format!(
            "onrecord: {id}: {places} read otherwise than it stands there; see `onrecord contract lint {name}`"
        ));
    }
    Ok(contracts.into_iter().map(Arc::new).collect())
}

/// Loads contracts: built-in names, or files. An overlay that names its contract is for that one
/// only, and one that fits none is a mistake.
pub(super) fn open_all(names: &[String], overlays: &Overlays) -> Result<Vec<Contract>, Failure> {
    let named = overlays.files.iter().map(|path| read_overlay(path)).collect::<Result<Vec<_>, _>>()?;
    let contracts = names.iter().map(|name| open(name, &named)).collect::<Result<Vec<_>, _>>()?;
    let fits = |id: &str| contracts.iter().any(|contract| contract.id == id);
    let stray =
        named.iter().zip(&overlays.files).find(|(overlay, _)| overlay.contract().is_some_and(|id| !fits(id)));
    if let Some((overlay, path)) = stray {
        let (path, id) = (path.display(), overlay.contract().unwrap_or_default());
        let given: Vec<_> = contracts.iter().map(|contract| contract.id.as_str()).collect();
        return Err(Failure::Input(format!(
            "{path}: it is for the contract {id}, and given are {}",
            given.join(", ")
        )));
    }
    Ok(contracts)
}

fn open(name: &str, named: &[Overlay]) -> Result<Contract, Failure> {
    let built_in = BUILT_IN.iter().find(|(id, _)| *id == name);
    let (id, file, text) = match built_in {
        Some((id, text)) => ((*id).to_owned(), format!("built-in:{id}"), (*text).to_owned()),
        None => {
            let text = std::fs::read_to_string(name).map_err(|error| unreadable(name, &error))?;
            let stem = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
            (stem.into_owned(), name.to_owned(), text)
        }
    };
    let beside = match built_in {
        Some(_) => Vec::new(),
        None => {
            beside(Path::new(name)).iter().map(|path| read_overlay(path)).collect::<Result<Vec<_>, _>>()?
        }
    };
    let is_for = |overlay: &&Overlay| overlay.contract().is_none_or(|wanted| wanted == id);
    let overlays: Vec<_> = beside.iter().chain(named).filter(is_for).collect();
    Contract::with_overlays(&id, &file, &text, &overlays).map_err(wrong)
}

/// The overlays that lie beside a model.
fn beside(model: &Path) -> Vec<PathBuf> {
    let named = ["json", "yaml", "yml"].map(|ending| model.with_extension(format!("overlay.{ending}")));
    named.into_iter().filter(|path| path.exists()).collect()
}

fn read_overlay(path: &Path) -> Result<Overlay, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Input(format!("{name}: {error}; name an overlay that can be read")))?;
    Overlay::read(&name, &bytes).map_err(wrong)
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
    load_all(&names, overlays, context)
}

/// How a cassette names a contract.
pub(super) fn reference(contract: &Contract) -> ContractRef {
    ContractRef { id: contract.id.clone(), digest: contract.digest.clone() }
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    Failure::Input(format!("{name}: {error}; name a file, or a built-in contract: {}", names.join(", ")))
}
