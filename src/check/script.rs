//! Sessions that are written by hand.

use serde_json::{Value, json};

use super::{Coverage, Covered, Gathered, Ruling, Session};
use crate::contract::{Contract, Declared};
use crate::exchange::{Body, Ending, Exchange, Response, Timestamp, Timing};
use crate::redact::Redactor;

/// Exchanges, one after the other.
pub(super) struct Script {
    pub(super) contract: Contract,
    exchanges: Vec<Exchange>,
}

impl Script {
    /// Of a contract of ours.
    pub(super) fn of(id: &str) -> Self {
        Self::with(Contract::built_in(id).unwrap().unwrap())
    }

    pub(super) fn with(contract: Contract) -> Self {
        Self { contract, exchanges: Vec::new() }
    }

    /// A call and its answer, one second after the one before.
    pub(super) fn call(
        &mut self,
        operation: &str,
        input: &Value,
        status: u16,
        body: &Value,
    ) -> &mut Exchange {
        let request = self.contract.encode(self.contract.operation(operation).unwrap(), input).unwrap();
        let mut response = Response::new(status);
        response.headers.push("content-type", "application/json");
        response.body = Body::from(body.to_string().into_bytes());
        let started = Timestamp::parse(&format!("2026-03-14T09:26:{:02}Z", self.exchanges.len())).unwrap();
        let timing = Timing { started, first_byte: Default::default(), duration: Default::default() };
        self.exchanges.push(Exchange {
            operation: None,
            request,
            response,
            ending: Ending::Complete,
            timing,
        });
        self.exchanges.last_mut().unwrap()
    }

    /// What a law says of all this, in order.
    pub(super) fn says(&self, check: &str, coverage: Coverage) -> Vec<&'static str> {
        let verdicts = self.session(coverage).judge();
        let short = |ruling: Ruling| match ruling {
            Ruling::Pass => "pass",
            Ruling::Fail(_) => "fail",
            Ruling::Advisory(_) => "advice",
            Ruling::NotTestable(reason) => reason,
        };
        verdicts.into_iter().filter(|it| it.check == check).map(|it| short(it.ruling)).collect()
    }

    /// What of the contract it shows.
    pub(super) fn covered(&self) -> Covered {
        let mut gathered = Gathered::default();
        self.session(Coverage::Whole).judge_and_note(&mut gathered);
        gathered.covered(&self.contract)
    }

    fn session(&self, coverage: Coverage) -> Session<'_> {
        let redactor = Redactor::new();
        let seen = self.exchanges.iter().map(|it| redactor.exchange(it, &Declared::default()).unwrap());
        Session::new(&self.contract, seen, coverage)
    }

    /// The same, where nothing else happened.
    pub(super) fn said(&self, check: &str) -> Vec<&'static str> {
        self.says(check, Coverage::Whole)
    }
}

/// The body of an error.
pub(super) fn error(name: &str) -> Value {
    json!({ "__type": name, "message": "no" })
}
