use std::collections::BTreeMap;

use super::session::Session;

/// What became of one operation in a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// The contract's id; absent where none knows the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Its name; absent where no contract knows the requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How many of its exchanges the cassettes hold.
    pub recorded: usize,
    /// How many of them were served.
    pub served: usize,
    /// How many requests for it were misses, of the first hundred misses.
    pub missed: usize,
}

type Name = Option<(String, String)>;

impl Session {
    /// What became of each operation that was recorded or asked for.
    pub fn usage(&self) -> Vec<Usage> {
        let replayer = &self.replayer;
        let mut found: BTreeMap<Name, Usage> = BTreeMap::new();
        for sequence in replayer.library.sequences() {
            let usage = found.entry(sequence.operation.as_deref().cloned()).or_default();
            usage.recorded += sequence.spots.len();
            usage.served += replayer.turns.served(sequence);
        }
        for miss in replayer.misses() {
            found.entry(miss.contract.zip(miss.operation)).or_default().missed += 1;
        }
        let named = |(name, usage): (Name, Usage)| {
            let (contract, operation) = name.unzip();
            Usage { contract, operation, ..usage }
        };
        found.into_iter().map(named).collect()
    }

    /// The operations of its contracts that no cassette of it holds, by contract.
    pub fn never_recorded(&self) -> BTreeMap<String, Vec<String>> {
        let recorded: Vec<_> = self.usage().into_iter().filter(|usage| usage.recorded > 0).collect();
        let is_recorded = |contract: &str, operation: &str| {
            let is_it = |usage: &Usage| {
                usage.contract.as_deref() == Some(contract) && usage.operation.as_deref() == Some(operation)
            };
            recorded.iter().any(is_it)
        };
        let contracts = self.replayer.library.contracts.iter();
        let missing = contracts.map(|contract| {
            let names = contract.operations.iter().map(|operation| operation.name.clone());
            (contract.id.clone(), names.filter(|name| !is_recorded(&contract.id, name)).collect())
        });
        missing.collect()
    }
}
