//! The recording proxy: what passes through the relay ends up in a journal, redacted.
//!
//! - [`Recording`]: a relay with a recorder behind it, from opening the port to folding the
//!   journal into its cassette. What a command line wants.
//! - [`Recorder`]: the recorder alone, a [`Tap`](crate::net::Tap) for any relay.
//! - [`Describe`]: what it needs to know of a contract.
//! - [`pass`]: the same door for exchanges that lie in a file.

mod error;
mod pass;
mod recorder;
mod recording;
mod settings;
mod summary;

pub use error::RecordError;
pub use pass::{Held, pass};
pub use recorder::Recorder;
pub use recording::{Kept, Recording};
pub use settings::{Onto, Settings, Unwritten};
pub use summary::Summary;

use std::sync::Arc;

use crate::contract::{Contract, Declared, serving};
use crate::exchange::{Exchange, Request};
use crate::redact::Rules;

/// What a recorder needs to know of a contract.
pub trait Describe: Send + Sync + 'static {
    /// Which documented operation a request is for, if any.
    fn operation(&self, request: &Request) -> Option<String>;

    /// Which values of an exchange have a role to keep them by, secrets above all.
    fn declared(&self, exchange: &Exchange) -> Declared;
}

/// Contracts side by side; the first that documents a request tells, of those that serve its host
/// where any does. With none, every operation is unknown and nothing is declared.
impl Describe for Vec<Arc<Contract>> {
    fn operation(&self, request: &Request) -> Option<String> {
        serving(self, request).iter().find_map(|contract| Some(contract.route(request)?.name.clone()))
    }

    fn declared(&self, exchange: &Exchange) -> Declared {
        let asked = serving(self, &exchange.request);
        let known = asked.into_iter().find(|contract| contract.route(&exchange.request).is_some());
        known.map(|contract| contract.declared(exchange)).unwrap_or_default()
    }
}

/// Contracts, and a user's own rules about what is secret.
#[derive(Debug, Clone, Default)]
pub struct Ruled {
    /// The contracts.
    pub contracts: Vec<Arc<Contract>>,
    /// The rules; those about members of a contract are heeded here.
    pub rules: Rules,
}

impl Describe for Ruled {
    fn operation(&self, request: &Request) -> Option<String> {
        self.contracts.operation(request)
    }

    fn declared(&self, exchange: &Exchange) -> Declared {
        let mut declared = self.contracts.declared(exchange);
        let documented = serving(&self.contracts, &exchange.request);
        let contract = documented.into_iter().find(|contract| contract.route(&exchange.request).is_some());
        declared.secrets.extend(contract.into_iter().flat_map(|it| self.rules.members(it, exchange)));
        declared
    }
}
