//! A run before anything was judged.

use super::{CheckInfo, ContractInfo, Run, Target};
use crate::check::{CHECKS, Covered};
use crate::contract::Contract;

impl Run {
    /// A run of this program in which nothing has happened yet.
    pub fn new(contract: &Contract, target: Target, seed: u64) -> Self {
        Self {
            format: Self::FORMAT,
            program: concat!("onrecord ", env!("CARGO_PKG_VERSION")).to_owned(),
            contract: ContractInfo::of(contract),
            parts: Vec::new(),
            target,
            seed,
            started: String::new(),
            duration_ms: 0,
            exchanges: 0,
            succeeded: 0,
            refused: 0,
            partial: None,
            shards: Vec::new(),
            selection: None,
            known: Vec::new(),
            checks: CHECKS.iter().map(CheckInfo::from).collect(),
            cases: Vec::new(),
            matrix: Vec::new(),
            coverage: Covered::default(),
            findings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl ContractInfo {
    fn of(contract: &Contract) -> Self {
        Self {
            id: contract.id.clone(),
            title: contract.title.clone(),
            version: contract.version.clone(),
            digest: contract.digest.clone(),
            operations: contract.operations.iter().map(|operation| operation.name.clone()).collect(),
        }
    }
}

impl From<&crate::check::Check> for CheckInfo {
    fn from(check: &crate::check::Check) -> Self {
        Self {
            id: check.id.to_owned(),
            name: check.name.to_owned(),
            level: check.level.as_str().to_owned(),
            says: check.says.to_owned(),
            documented: check.documented.to_owned(),
        }
    }
}
