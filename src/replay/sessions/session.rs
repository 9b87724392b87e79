use std::sync::Arc;

use super::stock::Holding;
use crate::net::Port;
use crate::replay::Replayer;

/// One session: a replay with a name, and ways to be reached.
#[derive(Debug)]
pub struct Session {
    pub(super) reach: Reach,
    /// Open for as long as this session is, or the one that a reset puts in its place.
    pub(super) port: Option<Arc<Port>>,
    pub(super) holding: Arc<Holding>,
    pub(super) replayer: Arc<Replayer>,
}

/// How a session is reached, and how it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Its name.
    pub name: Arc<str>,
    /// An access key id that means it, besides its name.
    pub access_key_id: Option<String>,
    /// Whether an exchange that is left unused is a fault of the run.
    pub strict: bool,
}

impl Session {
    /// What it is called, and how it is reached.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Its replay.
    pub fn replayer(&self) -> &Arc<Replayer> {
        &self.replayer
    }

    /// Where it listens, if it has a port of its own.
    pub fn url(&self) -> Option<String> {
        self.port.as_ref().map(|port| format!("http://{}", port.local_addr()))
    }

    /// Its cassettes, as explanations name them.
    pub fn cassettes(&self) -> &[String] {
        &self.replayer.library.names
    }

    /// Whether a contract of its cassettes serves that host, or they were recorded from there.
    pub(super) fn knows(&self, host: &str) -> bool {
        self.replayer.library.contracts.iter().any(|contract| contract.serves(host))
            || self.holding.hosts.contains(host)
    }
}
