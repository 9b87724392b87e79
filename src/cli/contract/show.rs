use onrecord::contract::{Contract, Operation};

use super::super::context::Context;
use super::super::contracts;
use super::super::failure::{End, Failure};
use super::super::format::{Format, json};
use super::view::{self, View};
use super::{Show, text};

/// A contract with more operations is shown in overview.
const MANY: usize = 30;

pub(super) fn run(args: &Show, context: &Context) -> Result<End, Failure> {
    let contract = contracts::load(&args.contract, &args.overlays, context)?;
    let operations = match &args.operation {
        None => contract.operations.iter().collect(),
        Some(name) => vec![named(&contract, name)?],
    };
    match (args.roles, args.format) {
        (true, Format::Human) => context.say(&text::roles(&contract, &operations)),
        (true, Format::Json) => context.say(&json(&view::role_tables(&contract, &operations))),
        (false, Format::Json) => context.say(&json(&View::of(&contract, &operations))),
        (false, Format::Human) if operations.len() > MANY => context.say(&text::overview(&contract)),
        (false, Format::Human) => context.say(&text::whole(&View::of(&contract, &operations))),
    }
    Ok(End::Well)
}

fn named<'c>(contract: &'c Contract, name: &str) -> Result<&'c Operation, Failure> {
    contract.operation(name).ok_or_else(|| {
        let close = |operation: &&Operation| operation.name.to_lowercase().contains(&name.to_lowercase());
        let close: Vec<_> =
            contract.operations.iter().filter(close).map(|operation| operation.name.as_str()).collect();
        let mend = match close.as_slice() {
            [] => format!("`onrecord contract show {}` lists them", contract.id),
            names => format!("there are {}", names.join(", ")),
        };
        Failure::Input(format!("{} has no operation {name}; {mend}", contract.id))
    })
}
