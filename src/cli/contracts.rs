//! Which contract a name on the command line means.

use std::path::Path;
use std::sync::Arc;

use onrecord::cassette::{Cassette, ContractRef};
use onrecord::contract::{BUILT_IN, Contract};

use super::context::Context;
use super::failure::Failure;

/// Loads a contract: a built-in name, or a file with a Smithy JSON AST.
pub(super) fn load(name: &str, context: &Context) -> Result<Arc<Contract>, Failure> {
    let contract = match Contract::built_in(name) {
        Some(contract) => contract,
        None => {
            let text =
                std::fs::read_to_string(name).map_err(|error| Failure::Input(unreadable(name, &error)))?;
            let id = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
            Contract::from_smithy(&id, name, &text)
        }
    };
    let contract = contract.map_err(|error| Failure::Input(error.to_string()))?;
    if !contract.warnings.is_empty() {
        context.tell(&format!(
            "onrecord: {}: {} places of the model are read otherwise than they stand there; see `onrecord contract lint {name}`",
            contract.id,
            contract.warnings.len(),
        ));
    }
    Ok(Arc::new(contract))
}

/// The contracts that were named, or else the built-in ones that cassettes were recorded with.
pub(super) fn of_cassettes(
    names: &[String],
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
    names.iter().map(|name| load(name, context)).collect()
}

/// How a cassette names a contract.
pub(super) fn reference(contract: &Contract) -> ContractRef {
    ContractRef { id: contract.id.clone(), digest: contract.digest.clone() }
}

fn unreadable(name: &str, error: &std::io::Error) -> String {
    let names: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    format!("{name}: {error}; name a file, or a built-in contract: {}", names.join(", "))
}
