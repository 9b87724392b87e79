//! Many sessions in one process, each with its own counters: what parallel tests need.
//!
//! A session is a [`Replayer`](super::Replayer) with a name. Which one a request is for is told, in
//! this order, by
//!
//! 1. the port that it came to, where the session has one of its own;
//! 2. its header field `x-onrecord-session`;
//! 3. the user name that the client gave its proxy;
//! 4. the access key id that it is signed with, where that is a session's name or key.
//!
//! A name that no session has is a miss, for whoever names one wants no other. A request that names
//! none is for the default session, if there is one. Sessions over the same cassettes share them.
//!
//! [`Admin`] opens, closes, resets and shows sessions, over HTTP. Nothing here waits for another
//! request: the table of sessions is replaced as a whole.

mod admin;
mod astray;
mod error;
mod marks;
mod metrics;
mod registry;
mod session;
mod stock;
mod table;
mod usage;

#[cfg(test)]
mod tests;

pub use admin::{Admin, Root, Token};
pub use astray::Astray;
pub use error::SessionError;
pub use registry::{Opening, Sessions, Totals};
pub use session::{Reach, Session};
pub use stock::{Making, MakingError};
pub use usage::Usage;
