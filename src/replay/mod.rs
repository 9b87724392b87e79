//! Replay: serves a cassette back, never the wrong answer, and without any network.
//!
//! - [`Library`]: cassettes made ready, shared by sessions.
//! - [`Replayer`]: one session over it; takes the recorded exchange that answers a request, each one once.
//! - [`Server`]: a replay with a port of its own, for a test in Rust.
//! - [`sessions`]: many of them in one process.
//! - [`Miss`]: a request that no exchange answers, with an explanation for whoever has to mend it.
//! - [`TakenFor`]: a UUID that a client made up, and the recorded one that it stands for.
//! - [`Loosened`]: a part of requests that is not compared, because a user says so.
//! - [`Doubt`]: a signature that is wrong, or that nobody could verify.
//! - [`Unused`]: an exchange that nobody asked for.
//! - [`Known`]: lets a recording answer what it knows already.
//! - [`Clock`], [`Pace`], [`AfterLast`]: how a session serves.
//! - [`verify()`]: whether a cassette answers its own requests.
//!
//! A request is found by what the contract says it is: its operation, then the members of its
//! input that are keys. What differs from run to run (idempotency tokens, signatures, dates) is
//! not compared. Where no contract knows the request, method, path, query and body must be equal,
//! and the header fields that ask for another form of the answer.
//! A UUID that a client made up in the name of what it creates may be another one in each run: see `made_up`.
//! What the cassette hides as `REDACTED` stands for any text of its place, if nothing else fits.
//! The n-th request with one key gets the n-th exchange with that key; after the last it is a miss,
//! unless told otherwise.
//!
//! Nothing here holds a client, a connector or the address of a provider.

mod advice;
mod as_recorded;
mod canonical;
mod checksums;
mod compared;
mod exact;
mod explain;
mod faults;
mod hidden;
mod idle;
mod index;
mod key;
mod known;
mod library;
mod logged;
mod loosened;
mod made_up;
mod miss;
mod nearest;
mod part;
mod places;
mod print;
mod realm;
mod replayer;
mod serve;
mod server;
mod serving;
pub mod sessions;
mod signatures;
mod structure;
mod substitute;
mod terms;
mod turns;
mod unified;
mod uuids;
mod validate;
mod verify;
mod waits;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use faults::{FAULTS, Fault, Order, OrderError};
pub use key::contract_of;
pub use known::Known;
pub use library::Library;
pub use loosened::{Loosened, NotLoosened};
pub use miss::{Miss, Near, Reason};
pub use replayer::{Replayer, Unused};
pub use serve::{Clock, Pace};
pub use server::{Server, ServerError};
pub use signatures::Doubt;
pub use turns::AfterLast;
pub use unified::TakenFor;
pub use validate::Invalid;
pub use verify::{Unmatched, Why, verify};
