//! `--fault` and `--seed`: misbehaviours towards the client.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use onrecord::contract::Contract;
use onrecord::replay::{AfterLast, FAULTS, Fault, Library, Order, Replayer};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// How a replay is to misbehave.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Faults {
    /// Misbehave towards the client: NAME[:OPERATION][@N|@P%], at the N-th of equal requests (1), or at P of a hundred; `list` names them all
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<String>,
    /// Repeats the choice of requests of an earlier run with `@P%`
    #[arg(long, value_name = "N", requires = "faults")]
    seed: Option<u64>,
}

impl Faults {
    /// Whether the faults are to be named, and nothing to be served.
    pub(super) fn ask_for_list(&self) -> bool {
        self.faults.iter().any(|fault| fault == "list")
    }

    /// What is planted, and the seed that repeats it. Operations are looked for in the contracts of the
    /// library that is served, if there is one already.
    pub(super) fn planted(&self, library: Option<&Library>, context: &Context) -> Result<Planted, Failure> {
        let contracts = library.map_or(&[][..], Library::contracts);
        let orders: Vec<_> =
            self.faults.iter().map(|text| order(text, contracts)).collect::<Result<_, _>>()?;
        let seed = self.seed.unwrap_or_else(any_seed);
        if !orders.is_empty() {
            context.tell(&format!("onrecord: faults are planted; the same again: --seed {seed}"));
        }
        Ok(Planted { orders, seed })
    }

    /// Says which can never act on what is served.
    pub(super) fn tell_idle(
        &self,
        planted: &Planted,
        library: &Library,
        after: AfterLast,
        context: &Context,
    ) {
        for (text, order) in self.faults.iter().zip(&planted.orders) {
            if let Some(why) = library.keeps_from_acting(order, &planted.orders, after) {
                context.tell(&format!("onrecord: --fault {text} can never act here: {why}"));
            }
        }
    }
}

/// Faults that are planted in every session.
#[derive(Debug, Default)]
pub(super) struct Planted {
    orders: Vec<Order>,
    seed: u64,
}

impl Planted {
    /// A session that misbehaves so.
    pub(super) fn of(&self, replayer: Replayer) -> Replayer {
        replayer.with_faults(self.orders.clone(), self.seed)
    }
}

/// Every fault, a line each.
pub(super) fn list() -> String {
    let line = |fault: &Fault| format!("  {:20} {}\n", fault.name, fault.says);
    FAULTS.iter().map(line).collect()
}

fn order(text: &str, contracts: &[Arc<Contract>]) -> Result<Order, Failure> {
    let order: Order = text
        .parse()
        .map_err(|error| Failure::Input(format!("--fault {text}: {error}; there are:\n{}", list())))?;
    let known =
        |name: &str| contracts.iter().any(|contract| contract.operations.iter().any(|it| it.name == name));
    match order.operation().filter(|name| !contracts.is_empty() && !known(name)) {
        Some(name) => Err(Failure::Input(format!("--fault {text}: no contract has an operation {name}"))),
        None => Ok(order),
    }
}

fn any_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| u64::from(now.subsec_nanos()))
}
