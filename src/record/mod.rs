//! The recording proxy: what passes through the relay ends up in a journal, redacted.
//!
//! - [`Recording`]: a relay with a recorder behind it, from opening the port to folding the
//!   journal into its cassette. What a command line wants.
//! - [`Recorder`]: the recorder alone, a [`Tap`](crate::net::Tap) for any relay.
//! - [`Describe`]: what it needs to know of a contract; [`Ruled`] tells it.
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
use crate::exchange::Exchange;
use crate::redact::Rules;

/// What a recorder needs to know of a contract.
pub trait Describe: Send + Sync + 'static {
    /// What there is to know of an exchange.
    fn describe(&self, exchange: &Exchange) -> Described;
}

/// What contracts know of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// Which documented operation its request is for, if any.
    pub operation: Option<String>,
    /// Which of its values have a role to keep them by, secrets above all.
    pub declared: Declared,
}

/// Contracts side by side, and a user's own rules about what is secret. The first contract that
/// documents a request tells, of those that serve its host where any does. With none, every
/// operation is unknown and nothing is declared.
#[derive(Debug, Clone, Default)]
pub struct Ruled {
    /// The contracts.
    pub contracts: Vec<Arc<Contract>>,
    /// The rules; those about members of a contract are heeded here.
    pub rules: Rules,
}

impl Describe for Ruled {
    fn describe(&self, exchange: &Exchange) -> Described {
        let asked = serving(&self.contracts, &exchange.request);
        let routed = asked.iter().find_map(|contract| Some((contract, contract.route(&exchange.request)?)));
        let Some((contract, operation)) = routed else {
            // It may still carry credentials where these contracts have theirs.
            let secrets = asked.iter().flat_map(|contract| contract.declared(exchange).secrets).collect();
            return Described { operation: None, declared: Declared { secrets, ..Declared::default() } };
        };
        let mut declared = contract.declared_by(operation, exchange);
        declared.secrets.extend(self.rules.members(contract, exchange));
        Described { operation: Some(operation.name.clone()), declared }
    }
}
