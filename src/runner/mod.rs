//! Runs cases against a target: scenes, walks, shrinking, clean-up.
//!
//! A [`Suite`] knows every [`Case`] of a contract. Running one sends requests through a
//! [`Channel`], has the session judged, shrinks what was found, and cleans up what it made. The
//! runner only ever sees redacted exchanges; a live channel turns pseudonyms back into the real
//! values on the way out, so that a live run and its replay send, see and find the same.

mod again;
mod budget;
mod case;
mod channel;
mod clean_up;
mod detour;
mod findings;
mod health;
mod ledger;
mod life;
mod mark;
mod plan;
mod play;
mod recorded;
mod scene;
mod suite;
#[cfg(test)]
mod tests;
mod thing;
mod throttling;

pub use budget::{Budget, Outlay};
pub use case::{Case, Permission, cases};
pub use channel::{Channel, ChannelError, Live, Provider, Remote, Replayed, Signer};
pub use clean_up::{CleanUpError, Patience, Proof, clean_up};
pub use ledger::{Began, Ledger, LedgerError};
pub use mark::Mark;
pub use recorded::RecordedSuite;
pub use suite::{Halt, Outcome, Settings, Suite};
