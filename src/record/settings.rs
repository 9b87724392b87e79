use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use crate::cassette::{Durability, Header};
use crate::net::{Entrance, Limits, Outbound};
use crate::redact::Redactor;

/// What a recording is made from and into.
#[derive(Clone)]
pub struct Settings {
    /// Where clients connect to; port 0 takes any free one.
    pub listen: SocketAddr,
    /// How clients come in.
    pub entrance: Entrance,
    /// How their requests leave.
    pub outbound: Outbound,
    /// The file to record into.
    pub cassette: PathBuf,
    /// What becomes of the exchanges that it already holds.
    pub onto: Onto,
    /// What the file says of itself.
    pub header: Header,
    /// How long and how much the sockets wait for and keep.
    pub limits: Limits,
    /// The door that everything passes. It may have been told of secrets and rules already.
    pub redactor: Arc<Redactor>,
    /// How sure an exchange is when its client sees the end of the answer.
    pub durability: Durability,
    /// What happens to traffic that cannot be written down.
    pub unwritten: Unwritten,
}

/// What becomes of the exchanges that a cassette already holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Onto {
    /// They stay, and new ones are added. Their pseudonyms go on.
    #[default]
    Held,
    /// They are replaced when the recording ends.
    Nothing,
}

/// What happens when the journal cannot take an exchange: mostly, the disk is full.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unwritten {
    /// Its client sees a broken answer, and the recording stops.
    #[default]
    Fails,
    /// Its client sees the answer, and traffic goes on, unrecorded from then on.
    Passes,
}

impl Settings {
    /// A recording on any free port of this machine, for clients that address us as if we were the
    /// provider; added to what the cassette holds.
    pub fn new(cassette: impl Into<PathBuf>, header: Header, outbound: impl Into<Outbound>) -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            entrance: Entrance::Reverse,
            outbound: outbound.into(),
            cassette: cassette.into(),
            onto: Onto::default(),
            header,
            limits: Limits::default(),
            redactor: Arc::default(),
            durability: Durability::Grouped,
            unwritten: Unwritten::default(),
        }
    }
}

impl fmt::Debug for Settings {
    /// No secret, and nothing that holds one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, cassette, onto, .. } = self;
        f.debug_struct("Settings")
            .field("listen", listen)
            .field("cassette", cassette)
            .field("onto", onto)
            .finish_non_exhaustive()
    }
}
