//! Which contract a name on the command line means.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::cassette::{ContractRef, Header};
use onrecord::contract::{BUILT_IN, Contract, ContractError, Grade, Overlay, built_in_text};
use onrecord::redact::PROVIDER;

use super::context::Context;
use super::failure::Failure;

/// What is said about contracts beside the models.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Overlays {
    /// A file with what the contract's model leaves out; NAME.overlay.yaml beside a model is found by itself
    #[arg(long = "overlay", value_name = "F")]
    pub(super) files: Vec<PathBuf>,
}

impl Overlays {
    /// With these as well.
    pub(super) fn and(&self, files: &[PathBuf]) -> Self {
        Self { files: self.files.iter().chain(files).cloned().collect() }
    }
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
            "onrecord: {id}: {places} read otherwise than written; see `onrecord contract lint {name}`"
        ));
    }
    Ok(contracts.into_iter().map(Arc::new).collect())
}

/// Says so if a contract has mistakes: what is judged by it may be judged wrongly.
pub(super) fn vet(contract: &Contract, name: &str, context: &Context) {
    let wrong = contract.lint().iter().filter(|problem| problem.grade == Grade::Error).count();
    if wrong > 0 {
        let (id, s) = (&contract.id, if wrong == 1 { "" } else { "s" });
        context.tell(&format!(
            "onrecord: {id}: the contract has {wrong} error{s}, and verdicts may be wrong; see `onrecord contract lint {name}`"
        ));
    }
}

/// Loads contracts: built-in names, or files. An overlay that names its contract is for that one
/// only, and one that fits none is a mistake.
pub(super) fn open_all(names: &[String], overlays: &Overlays) -> Result<Vec<Contract>, Failure> {
    let open = |name: &String| Contract::named(name, &overlays.files).map_err(wrong);
    let contracts = names.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    for path in &overlays.files {
        let name = path.display().to_string();
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::Input(format!("{name}: {error}; name an overlay")))?;
        let overlay = Overlay::read(&name, &bytes).map_err(wrong)?;
        let fits = |id: &str| contracts.iter().any(|contract| contract.id == id);
        if let Some(id) = overlay.contract().filter(|id| !fits(id)) {
            let given: Vec<_> = contracts.iter().map(|contract| contract.id.as_str()).collect();
            let given = given.join(", ");
            return Err(Failure::Input(format!(
                "{name}: it is for the contract {id}, and given are {given}"
            )));
        }
    }
    Ok(contracts)
}

fn wrong(error: ContractError) -> Failure {
    Failure::Input(error.to_string())
}

/// The names of the built-in contracts that cassettes were recorded with, or whose hosts they hold.
pub(super) fn recorded_with<'h>(
    headers: impl IntoIterator<Item = &'h Header>,
    hosts: &BTreeSet<Cow<'_, str>>,
) -> Vec<String> {
    let recorded = headers.into_iter().filter_map(|header| header.contract.as_ref());
    let recorded = recorded.map(|contract| contract.id.clone()).filter(|id| Contract::built_in(id).is_some());
    let mut names: Vec<_> = recorded.chain(serving(hosts)).collect();
    names.sort();
    names.dedup();
    names
}

/// The contracts that were named, or else the built-in ones of these hosts.
pub(super) fn named_or_serving(
    names: &[String],
    overlays: &Overlays,
    hosts: &BTreeSet<Cow<'_, str>>,
    context: &Context,
) -> Result<Vec<Arc<Contract>>, Failure> {
    let names = if names.is_empty() { &serving(hosts) } else { names };
    load_all(names, overlays, context)
}

/// The built-in contracts of some hosts.
fn serving(hosts: &BTreeSet<Cow<'_, str>>) -> Vec<String> {
    if hosts.iter().all(|host| host == PROVIDER) {
        return Vec::new();
    }
    let serves = |(name, _): &&(&str, &str)| {
        let contract = Contract::built_in(name).and_then(Result::ok);
        contract.is_some_and(|contract| hosts.iter().any(|host| contract.serves(host)))
    };
    BUILT_IN.iter().filter(serves).map(|(name, _)| (*name).to_owned()).collect()
}

/// The text of a contract's file, if it is still there.
pub(super) fn text_of(file: &str) -> Option<Vec<u8>> {
    built_in_text(file).map(|text| text.as_bytes().to_vec()).or_else(|| std::fs::read(file).ok())
}

/// How a cassette names a contract.
pub(super) fn reference(contract: &Contract) -> ContractRef {
    ContractRef { id: contract.id.clone(), digest: contract.digest.clone() }
}
