//! Contracts and cassettes together: which recorded exchanges a request means.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;

use super::as_recorded::{Told, as_recorded};
use super::index::{Found, Index, Sequence, Spot};
use super::key::{self, Call, Form, Reading};
use super::miss::Reason;
use super::realm::Realm;
use crate::cassette::Cassette;
use crate::contract::Contract;
use crate::exchange::{Exchange, Request};
use crate::redact::Redacted;

/// All that is replayed, and what tells it apart.
pub(super) struct Library {
    pub(super) contracts: Vec<Arc<Contract>>,
    pub(super) cassettes: Vec<Cassette>,
    pub(super) hosts: Hosts,
    /// Our own host with its port: who names it means no other.
    pub(super) ours: Option<String>,
    /// What the recordings replaced, besides what is always replaced.
    pub(super) told: Told,
    index: Index,
}

/// What the hosts say that requests name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosts {
    /// Nothing: they are our own.
    Ours,
    /// Which provider is meant.
    Real,
}

/// The exchanges that a request means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meant<'l> {
    pub(super) sequence: &'l Sequence,
    /// What the request calls, if it could be read as an input.
    pub(super) call: Option<Call<'l>>,
}

impl Library {
    pub(super) fn new(contracts: Vec<Arc<Contract>>, cassettes: Vec<Cassette>) -> Self {
        let index = Index::new(&contracts, &cassettes);
        Self { contracts, cassettes, hosts: Hosts::Ours, ours: None, told: Told::default(), index }
    }

    pub(super) fn readings(&self, request: &Request) -> Vec<Reading<'_>> {
        key::readings(&self.contracts, request)
    }

    /// The only exchanges that a request can mean, as it is or as it would have been recorded.
    pub(super) fn find<'l>(
        &'l self,
        readings: &[Reading<'l>],
        request: &Request,
    ) -> Result<Meant<'l>, Reason> {
        let meant = self.meant(readings, request);
        match meant {
            Err(reason) if reason != Reason::Ambiguous => {
                let recorded = as_recorded(request, &self.contracts, &self.told);
                let mut meant = recorded.iter().filter_map(|it| self.meant(&self.readings(it), it).ok());
                let mut forms = iter::once(request).chain(&recorded);
                meant.next().or_else(|| forms.find_map(|it| self.hidden(it))).ok_or(reason)
            }
            meant => meant,
        }
    }

    /// The exchanges of a recorded request that hides in what it differs from this one.
    fn hidden(&self, request: &Request) -> Option<Meant<'_>> {
        self.readings(request).into_iter().find_map(|reading| {
            let call = reading.call.filter(|_| reading.form == Form::Input);
            self.index.masked(&reading).iter().find_map(|key| {
                match self.index.find(key, self.hosts, || self.realm(request)) {
                    Found::One(sequence) => Some(Meant { sequence, call }),
                    Found::Several | Found::Elsewhere | Found::Nothing => None,
                }
            })
        })
    }

    pub(super) fn exchange(&self, spot: Spot) -> Option<&Redacted<Exchange>> {
        self.cassettes.get(spot.cassette)?.exchanges.get(spot.exchange)
    }

    /// The hosts that equal requests were recorded from, each once.
    pub(super) fn hosts_of(&self, reading: &Reading<'_>) -> Vec<String> {
        let mut hosts: Vec<_> = self.index.hosts(&reading.key).map(str::to_owned).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// All recorded requests.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.cassettes.iter().flat_map(|cassette| cassette.exchanges.iter().map(|seen| &seen.request))
    }

    /// All sequences, in the order of their first exchanges.
    pub(super) fn sequences(&self) -> &[Sequence] {
        self.index.sequences()
    }

    /// Each recorded operation with the number of its exchanges.
    pub(super) fn operations(&self) -> Vec<(String, usize)> {
        let mut counts = BTreeMap::new();
        for sequence in self.sequences() {
            let name = sequence.operation.as_ref().map_or("undocumented", |(_, operation)| operation);
            *counts.entry(name.to_owned()).or_default() += sequence.spots.len();
        }
        counts.into_iter().collect()
    }

    fn meant<'l>(&'l self, readings: &[Reading<'l>], request: &Request) -> Result<Meant<'l>, Reason> {
        let mut meant: Option<Meant<'_>> = None;
        let mut is_elsewhere = false;
        for reading in readings {
            match (self.index.find(&reading.key, self.hosts, || self.realm(request)), meant) {
                (Found::Nothing, _) => {}
                (Found::Elsewhere, _) => is_elsewhere = true,
                (Found::One(sequence), None) => {
                    let call = reading.call.filter(|_| reading.form == Form::Input);
                    meant = Some(Meant { sequence, call });
                }
                (Found::One(sequence), Some(other)) if std::ptr::eq(sequence, other.sequence) => {}
                (Found::One(_) | Found::Several, _) => return Err(Reason::Ambiguous),
            }
        }
        meant.ok_or_else(|| if is_elsewhere { Reason::OtherHosts } else { self.why_nothing(readings) })
    }

    /// Where a request goes: nowhere in particular if it names our own host.
    fn realm(&self, request: &Request) -> Realm {
        let realm = Realm::of(request);
        let host = realm.host.filter(|host| self.hosts == Hosts::Ours || Some(host) != self.ours.as_ref());
        Realm { host, ..realm }
    }

    fn why_nothing(&self, readings: &[Reading<'_>]) -> Reason {
        let call = readings.first().and_then(|reading| reading.call);
        let is_recorded = |call: Call<'_>| self.sequences().iter().any(|sequence| sequence.is_of(Some(call)));
        match call {
            _ if self.sequences().is_empty() => Reason::Empty,
            _ if readings.iter().any(|reading| reading.form == Form::Unreadable) => Reason::Unreadable,
            Some(call) if !is_recorded(call) => Reason::OtherOperations,
            _ => Reason::NeverRecorded,
        }
    }
}
