//! Contracts and cassettes together: which recorded exchanges a request means.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use super::as_recorded::as_recorded;
use super::index::{Found, Index, Note, Sequence, Spot};
use super::key::{self, Call, Form, Reading};
use super::miss::Reason;
use super::terms::Terms;
use crate::cassette::{Cassette, CassetteError, Shelf};
use crate::contract::Contract;
use crate::exchange::{Exchange, Request};
use crate::redact::Redacted;

/// Cassettes made ready to be replayed, under the contracts that tell their operations and keys.
/// Nothing in it changes: any number of [`Replayer`](super::Replayer)s share one.
#[derive(Debug, Default)]
pub struct Library {
    pub(super) contracts: Vec<Arc<Contract>>,
    pub(super) names: Vec<String>,
    shelves: Vec<Shelf>,
    index: Index,
}

/// The exchanges that a request means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meant<'l> {
    pub(super) sequence: &'l Sequence,
    /// What the request calls, if it could be read as an input.
    pub(super) call: Option<Call<'l>>,
}

impl Library {
    /// Makes cassettes ready, in the order given. A request that no contract knows is compared as it
    /// is.
    pub fn new(contracts: Vec<Arc<Contract>>, cassettes: Vec<Cassette>) -> Self {
        let shelves = cassettes.into_iter().map(Shelf::from).collect();
        // What is in memory was read already.
        Self::of(contracts, shelves).unwrap_or_default()
    }

    /// Makes cassettes ready whose exchanges stay on disk until they are asked for.
    ///
    /// # Errors
    /// That of the first cassette that is broken, see [`Cassette::load`].
    pub fn of(contracts: Vec<Arc<Contract>>, mut shelves: Vec<Shelf>) -> Result<Self, CassetteError> {
        let mut notes = Vec::with_capacity(shelves.len());
        for shelf in &mut shelves {
            let own = shelf.header().contract.as_ref().map(|contract| contract.id.clone());
            notes.push(shelf.survey(|request| Note::of(&contracts, own.as_deref(), request))?);
        }
        let name = |number: usize| match shelves.len() {
            1 => "FILE".to_owned(),
            _ => format!("FILE{number}"),
        };
        let names = (1..=shelves.len()).map(name).collect();
        Ok(Self { contracts, names, shelves, index: Index::new(notes) })
    }

    /// The same cassettes under other contracts.
    ///
    /// # Errors
    /// As of [`Library::of`].
    pub fn under(self, contracts: Vec<Arc<Contract>>) -> Result<Self, CassetteError> {
        Self::of(contracts, self.shelves).map(|library| library.named(self.names))
    }

    /// The contracts that tell operations and keys.
    pub fn contracts(&self) -> &[Arc<Contract>] {
        &self.contracts
    }

    /// The cassettes, in their order.
    pub fn shelves(&self) -> &[Shelf] {
        &self.shelves
    }

    /// The hosts that requests were recorded for, each once.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        let hosts = self.sequences().iter().filter_map(|sequence| sequence.realm.host.as_deref());
        hosts.collect::<BTreeSet<_>>().into_iter()
    }

    /// Names the cassettes in explanations, in their order: usually by their files.
    #[must_use]
    pub fn named(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        for (name, given) in self.names.iter_mut().zip(names) {
            *name = given.into();
        }
        self
    }

    pub(super) fn readings(&self, request: &Request) -> Vec<Reading<'_>> {
        key::readings(&self.contracts, request)
    }

    /// The only exchanges that a request can mean, as it is or as it would have been recorded.
    pub(super) fn find<'l>(
        &'l self,
        terms: &Terms,
        readings: &[Reading<'l>],
        request: &Request,
    ) -> Result<Meant<'l>, Reason> {
        let meant = self.meant(terms, readings, request);
        match meant {
            Err(reason) if reason != Reason::Ambiguous => {
                let recorded = as_recorded(request, &self.contracts, &terms.told);
                let mut meant =
                    recorded.iter().filter_map(|it| self.meant(terms, &self.readings(it), it).ok());
                let mut forms = iter::once(request).chain(&recorded);
                meant.next().or_else(|| forms.find_map(|it| self.hidden(terms, it))).ok_or(reason)
            }
            meant => meant,
        }
    }

    /// The exchanges of a recorded request that hides in what it differs from this one.
    fn hidden(&self, terms: &Terms, request: &Request) -> Option<Meant<'_>> {
        self.readings(request).into_iter().find_map(|reading| {
            let call = reading.call.filter(|_| reading.form == Form::Input);
            self.index.masked(&reading).iter().find_map(|key| {
                match self.index.find(key, terms.hosts, || terms.realm(request)) {
                    Found::One(sequence) => Some(Meant { sequence, call }),
                    Found::Several | Found::Elsewhere | Found::Nothing => None,
                }
            })
        })
    }

    pub(super) fn exchange(&self, spot: Spot) -> Option<Arc<Redacted<Exchange>>> {
        self.shelves.get(spot.cassette)?.exchange(spot.exchange)
    }

    /// The id of the contract that a cassette was recorded with.
    pub(super) fn contract_of(&self, cassette: usize) -> Option<&str> {
        Some(self.shelves.get(cassette)?.header().contract.as_ref()?.id.as_str())
    }

    /// What a cassette is called in explanations.
    pub(super) fn name(&self, cassette: usize) -> String {
        self.names.get(cassette).cloned().unwrap_or_default()
    }

    /// All recorded exchanges, in their order.
    pub(super) fn spots(&self) -> impl Iterator<Item = Spot> {
        let shelves = self.shelves.iter().enumerate();
        shelves
            .flat_map(|(cassette, shelf)| (0..shelf.len()).map(move |exchange| Spot { cassette, exchange }))
    }

    /// The hosts that equal requests were recorded from, each once.
    pub(super) fn hosts_of(&self, reading: &Reading<'_>) -> Vec<String> {
        let mut hosts: Vec<_> = self.index.hosts(&reading.key).map(str::to_owned).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// All sequences, in the order of their first exchanges.
    pub(super) fn sequences(&self) -> &[Sequence] {
        self.index.sequences()
    }

    /// Each recorded operation with the number of its exchanges.
    pub(super) fn operations(&self) -> Vec<(String, usize)> {
        let mut counts = BTreeMap::new();
        for sequence in self.sequences() {
            let name = sequence.operation.as_deref().map_or("undocumented", |(_, operation)| operation);
            *counts.entry(name.to_owned()).or_default() += sequence.spots.len();
        }
        counts.into_iter().collect()
    }

    fn meant<'l>(
        &'l self,
        terms: &Terms,
        readings: &[Reading<'l>],
        request: &Request,
    ) -> Result<Meant<'l>, Reason> {
        let mut meant: Option<Meant<'_>> = None;
        let mut is_elsewhere = false;
        for reading in readings {
            match (self.index.find(&reading.key, terms.hosts, || terms.realm(request)), meant) {
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
