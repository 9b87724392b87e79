//! How the requests of a session are understood.

use super::as_recorded::Told;
use super::realm::Realm;
use crate::exchange::Request;

/// What a session knows of its clients.
#[derive(Default)]
pub(super) struct Terms {
    pub(super) hosts: Hosts,
    /// Our own host with its port: who names it means no other.
    pub(super) ours: Option<String>,
    /// What the recordings replaced, besides what is always replaced.
    pub(super) told: Told,
}

/// What the hosts say that requests name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Hosts {
    /// Nothing: they are our own.
    #[default]
    Ours,
    /// Which provider is meant.
    Real,
}

impl Terms {
    /// Where a request goes: nowhere in particular if it names our own host.
    pub(super) fn realm(&self, request: &Request) -> Realm {
        let realm = Realm::of(request);
        let host = realm.host.filter(|host| self.hosts == Hosts::Ours || Some(host) != self.ours.as_ref());
        Realm { host, ..realm }
    }
}
