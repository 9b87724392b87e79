//! What goes wrong, by way of the binary as users run it: exit codes, messages, and that nothing
//! is lost.
//!
//! Every server of a test listens on a free port and says where. Nothing here sleeps or measures
//! time: what has to come after something waits for it.

#![expect(clippy::unwrap_used, reason = "a failure is a panic here, in helpers as in tests")]

mod authority;
mod bodies;
mod broken;
mod checks;
mod clean_up;
mod commands;
mod configuration;
mod contracts;
mod damage;
mod demands;
mod disk;
mod hostile;
mod hunt;
mod inspect;
mod interchange;
mod known;
mod leaks;
mod lending;
mod matching;
mod misses;
mod modes;
mod output;
mod providers;
mod proxies;
mod sarif;
mod secrets;
mod serving;
mod sessions;
mod several;
mod shards;
mod shuffled;
mod signals;
mod support;
mod terminal;
mod upstreams;
mod usage;
