use serde_json::Value;

use crate::contract::{Contract, Operation, Outcome};
use crate::exchange::Exchange;
use crate::redact::Redacted;

/// Exchanges in the order in which they happened, read with a contract.
#[derive(Debug)]
pub struct Session<'c> {
    /// What the exchanges are held to.
    pub contract: &'c Contract,
    /// The exchanges.
    pub observations: Vec<Observation<'c>>,
    /// Whether anything may have happened that is not here.
    pub coverage: Coverage,
}

/// Whether a session holds all that happened to the resources it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Every exchange is here: a page token that is not, was never handed out.
    Whole,
    /// Others may have come before or between, as in a cassette that somebody recorded.
    Excerpt,
}

/// One exchange, read.
#[derive(Debug)]
pub struct Observation<'c> {
    /// The exchange itself.
    pub exchange: Redacted<Exchange>,
    /// Its operation; `None` if the contract documents none such.
    pub operation: Option<&'c Operation>,
    /// The input that the request carries; `None` if it cannot be read.
    pub input: Option<Value>,
    /// What the response means; `None` without an operation.
    pub outcome: Option<Outcome>,
}

impl<'c> Session<'c> {
    /// Reads exchanges with a contract.
    pub fn new(
        contract: &'c Contract,
        exchanges: impl IntoIterator<Item = Redacted<Exchange>>,
        coverage: Coverage,
    ) -> Self {
        let observations =
            exchanges.into_iter().map(|exchange| Observation::new(contract, exchange)).collect();
        Self { contract, observations, coverage }
    }
}

impl<'c> Observation<'c> {
    /// Reads one exchange with a contract.
    pub fn new(contract: &'c Contract, exchange: Redacted<Exchange>) -> Self {
        let operation = contract.route(&exchange.request);
        let input = operation.and_then(|operation| contract.decode(operation, &exchange.request).ok());
        let outcome = operation.map(|operation| contract.outcome(operation, &exchange.response));
        Self { operation, input: input.map(|decoded| decoded.input), outcome, exchange }
    }

    /// The output, if the exchange succeeded.
    pub fn output(&self) -> Option<&Value> {
        match self.outcome.as_ref()? {
            Outcome::Output(output) => Some(output),
            Outcome::Error { .. } | Outcome::Unreadable => None,
        }
    }
}
