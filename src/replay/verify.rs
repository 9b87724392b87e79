//! Whether a cassette answers its own requests.

use std::fmt;
use std::sync::Arc;

use super::{Miss, Replayer};
use crate::cassette::Cassette;
use crate::contract::Contract;

/// A recorded request that its own exchange does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmatched {
    /// Which exchange of the cassette, counted from 0.
    pub exchange: usize,
    /// Its operation, where one is known.
    pub operation: Option<String>,
    /// Why.
    pub why: Why,
}

/// Why a recorded request is not answered by its own exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Nothing answers it.
    Miss(Box<Miss>),
    /// The answer of this exchange comes instead, counted from 0.
    Another(usize),
}

/// Replays a cassette to its own requests, in the order in which they were recorded, and tells those
/// that did not get their own answer. Empty for a recording that can be replayed.
pub fn verify(contracts: Vec<Arc<Contract>>, cassette: &Cassette) -> Vec<Unmatched> {
    let replayer = Replayer::new(contracts, vec![cassette.clone()]).with_real_hosts();
    let mut found = Vec::new();
    for (number, recorded) in cassette.exchanges.iter().enumerate() {
        let why = match replayer.spot(&recorded.request) {
            Ok(spot) if spot == number => continue,
            Ok(spot) => Why::Another(spot),
            Err(miss) => Why::Miss(miss),
        };
        found.push(Unmatched { exchange: number, operation: recorded.operation.clone(), why });
    }
    found
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.as_deref().unwrap_or("a request that no contract knows");
        write!(f, "exchanges[{}], {operation}: ", self.exchange)?;
        match &self.why {
            Why::Another(other) => write!(f, "gets the answer of exchanges[{other}]"),
            Why::Miss(miss) => write!(f, "gets no answer\n{miss}"),
        }
    }
}
