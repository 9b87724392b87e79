//! How the requests of a session are understood.

use super::as_recorded::Told;
use super::realm::{Realm, plain};
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
    /// Our own address, if the request speaks of it: it is what stands in answers for the provider's.
    pub(super) fn address(&self, request: &Request) -> Option<String> {
        let named =
            || request.headers.get("host").filter(|_| self.hosts == Hosts::Ours).map(|host| plain(&host));
        let ours = self.ours.clone().or_else(named)?;
        let name = ours.split(':').next().filter(|name| !name.is_empty())?;
        let speaks = |text: &[u8]| String::from_utf8_lossy(text).contains(name);
        let fields = request.headers.iter().filter(|(name, _)| *name != "host");
        let mut parts = fields.map(|(_, value)| value.as_bytes()).chain([request.target.as_str().as_bytes()]);
        (parts.any(speaks) || speaks(request.content().as_bytes())).then_some(ours)
    }

    /// Where a request goes: nowhere in particular if it names our own host.
    pub(super) fn realm(&self, request: &Request) -> Realm {
        let realm = Realm::of(request);
        let host = realm.host.filter(|host| self.hosts == Hosts::Ours || Some(host) != self.ours.as_ref());
        Realm { host, ..realm }
    }
}
