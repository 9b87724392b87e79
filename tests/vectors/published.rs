//! Models that providers publish, where they are kept beside this project: every shape is judged,
//! and inputs come back from the wire.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use onrecord::contract::Contract;
use onrecord::generate::{Known, Strategy, ValueTree, runner, valid};

use crate::{mutations, same};

/// The trials of every model in a folder; none where there is no such folder.
pub(crate) fn trials(folder: &Path) -> Vec<Trial> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let trial = |entry: std::fs::DirEntry| {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        Trial::test(format!("published/{name}"), move || {
            let text = std::fs::read_to_string(&path)?;
            let contract = Contract::from_smithy("published", &name, &text)?;
            mutations::every_shape(&contract)?;
            inputs(&contract).map_err(Failed::from)
        })
    };
    files.map(trial).collect()
}

/// How many inputs of each operation are tried.
const INPUTS: u64 = 20;

/// Inputs that break nothing are taken for what they are.
fn inputs(contract: &Contract) -> Result<(), String> {
    for operation in &contract.operations {
        let strategy = valid(contract, operation, &Known::default());
        for seed in 0..INPUTS {
            let drawn = strategy.new_tree(&mut runner(seed, &operation.name));
            let input = drawn.map_err(|reason| reason.to_string())?.current();
            let request = contract.encode(operation, &input).map_err(|error| error.to_string())?;
            let routed = contract.route(&request).map(|operation| operation.name.as_str());
            same("the operation", routed, Some(operation.name.as_str()))?;
            let accepted = contract.accept(operation, &request);
            let accepted = accepted.map_err(|error| format!("{}: {error}", operation.name))?;
            same("the input", &accepted.input, &input)?;
        }
    }
    Ok(())
}
