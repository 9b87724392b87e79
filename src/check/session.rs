use serde_json::Value;

use crate::contract::{Contract, Operation, Outcome};
use crate::exchange::{Ending, Exchange};
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
    /// What the response means; `None` without an operation, or if the answer broke off.
    pub outcome: Option<Outcome>,
}

/// Parts of the names of those common errors that say that the input is wrong.
const ABOUT_INPUT: &[&str] =
    &["Validation", "BadRequest", "InvalidParameter", "MissingParameter", "Malformed", "TooLarge"];

fn is_about_input(name: &str) -> bool {
    ABOUT_INPUT.iter().any(|part| name.contains(part))
}

impl<'c> Session<'c> {
    /// Whether every exchange that could matter is here.
    pub fn is_whole(&self) -> bool {
        self.coverage == Coverage::Whole
    }

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

    /// How many of the exchanges were answered with a 2xx.
    pub fn succeeded(&self) -> u64 {
        let succeeded = self.observations.iter().filter(|seen| seen.exchange.response.is_success());
        succeeded.count() as u64
    }

    /// The statuses of those that were refused for access or load, or whose path nothing is at: they
    /// say nothing of the operation. That a name names nothing is an answer.
    pub fn refusals(&self) -> impl Iterator<Item = u16> {
        let says_nothing = |seen: &&Observation<'c>| match seen.exchange.response.status {
            401 | 403 | 429 => true,
            404 => seen.operation.is_none_or(|it| self.contract.own_references(it).is_empty()),
            _ => false,
        };
        self.observations.iter().filter(says_nothing).map(|seen| seen.exchange.response.status)
    }
}

impl<'c> Observation<'c> {
    /// Reads one exchange with a contract.
    pub fn new(contract: &'c Contract, exchange: Redacted<Exchange>) -> Self {
        let operation = contract.route(&exchange.request);
        let input = operation.and_then(|operation| contract.decode(operation, &exchange.request).ok());
        let whole = exchange.ending == Ending::Complete;
        let outcome =
            operation.filter(|_| whole).map(|operation| contract.outcome(operation, &exchange.response));
        Self { operation, input: input.map(|decoded| decoded.input), outcome, exchange }
    }

    /// Whether the answer broke off, so that its body says nothing.
    pub fn broke_off(&self) -> bool {
        self.exchange.ending == Ending::Aborted
    }

    /// Whether the provider refused for reasons of access or load, so that its answer says nothing
    /// of the input. A server error is named so only where its status says it.
    pub(super) fn refused_for_access_or_load(&self, contract: &Contract) -> bool {
        let status = self.exchange.response.status;
        if matches!(status, 401 | 403 | 429 | 503) {
            return true;
        }
        let Some(Outcome::Error { identity, .. }) = &self.outcome else { return false };
        let common = |name: &str| contract.common_errors.iter().any(|(code, _)| code == name);
        (400..500).contains(&status)
            && identity.name().is_some_and(|name| common(name) && !is_about_input(name))
    }

    /// The output, if the exchange succeeded.
    pub fn output(&self) -> Option<&Value> {
        match self.outcome.as_ref()? {
            Outcome::Output(output) => Some(output),
            Outcome::Error { .. } | Outcome::Unreadable | Outcome::Unjudged(_) => None,
        }
    }
}
