//! A cassette that was just recorded, looked at again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use onrecord::cassette::Cassette;
use onrecord::check::{Coverage, Session};
use onrecord::contract::Contract;
use onrecord::redact::Rules;
use onrecord::replay::Replayer;
use serde::Serialize;

/// Something that is not as a contract documents it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// Which of the contracts.
    #[serde(skip)]
    pub(super) contract: usize,
    /// The check's id.
    check: &'static str,
    operation: String,
    place: String,
    expected: String,
    actual: String,
    pub(super) count: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, operation, place, expected, actual, .. } = self;
        write!(f, "{check} {operation}, {place}: expected {expected}, got {actual}")
    }
}

/// What the contracts have to say of a cassette: each of the exchanges that it knows.
pub(super) fn findings(contracts: &[Arc<Contract>], cassette: &Cassette) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, contract) in contracts.iter().enumerate() {
        let own = cassette.exchanges.iter().filter(|exchange| {
            let serving = onrecord::contract::serving(contracts, &exchange.request);
            let first = serving.into_iter().find(|contract| contract.route(&exchange.request).is_some());
            first.is_some_and(|first| Arc::ptr_eq(first, contract))
        });
        let session = Session::new(contract, own.cloned(), Coverage::Excerpt);
        let mut kinds = BTreeMap::new();
        for verdict in &session.judge() {
            let Some((key, problem)) = verdict.finding() else { continue };
            let finding = kinds.entry(key).or_insert_with_key(|key| Finding {
                contract: index,
                check: key.check,
                operation: key.operation.clone(),
                place: key.place.clone(),
                expected: problem.expected.clone(),
                actual: problem.actual.clone(),
                count: 0,
            });
            finding.count += 1;
        }
        found.extend(kinds.into_values());
    }
    found
}

/// The requests of a cassette that their own exchanges do not answer, in words.
pub(super) fn unmatched(contracts: &[Arc<Contract>], rules: &Rules, cassette: &Cassette) -> Vec<String> {
    let replayer = Replayer::new(contracts.to_vec(), vec![cassette.clone()]).with_rules(rules.clone());
    replayer.verify().iter().map(ToString::to_string).collect()
}
