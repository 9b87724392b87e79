//! The sockets, by way of real ones: raw peers wherever the bytes matter.
//!
//! Nothing here sleeps or measures time. What has to come after something waits for it on a
//! channel; the timeouts only turn a hang into a failure.

#![expect(clippy::unwrap_used, reason = "a failure is a panic here, in helpers as in tests")]

mod answers;
mod behind_tls;
mod bodies;
mod certificates;
mod checkpoints;
mod credentials;
mod endings;
mod fidelity;
mod holding_back;
mod limits;
mod proxy;
mod reaching;
mod recording;
mod secure;
mod signing;
mod stopping;
mod support;
mod switching;
mod translation;
mod versions;
