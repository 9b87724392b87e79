//! Contracts and cassettes together: which recorded exchanges a request means.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use super::as_recorded::as_recorded;
use super::index::{Found, Index, Note, Sequence, Spot};
use super::key::{self, Call, Form, Reading};
use super::loosened::Loosened;
use super::made_up::{MadeUp, Mention};
use super::miss::Reason;
use super::print::Prints;
use super::terms::Terms;
use crate::cassette::{Cassette, CassetteError, Shelf};
use crate::contract::Contract;
use crate::exchange::{Exchange, Request};
use crate::redact::{PROVIDER, Redacted};

/// Cassettes made ready to be replayed, under the contracts that tell their operations and keys.
/// Nothing in it changes: any number of [`Replayer`](super::Replayer)s share one.
#[derive(Debug, Default)]
pub struct Library {
    pub(super) contracts: Vec<Arc<Contract>>,
    pub(super) names: Vec<String>,
    /// What of requests is not compared.
    pub(super) loosened: Vec<Loosened>,
    /// What the clients of the recordings made up, if they did.
    pub(super) made_up: Option<MadeUp>,
    prints: Prints,
    shelves: Vec<Shelf>,
    index: Index,
}

/// The exchanges that a request means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meant<'l> {
    pub(super) sequence: &'l Sequence,
    /// What the request calls, if it could be read as an input.
    pub(super) call: Option<Call<'l>>,
    pub(super) likeness: Likeness,
}

/// How alike a request is to a recorded one that it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It looks the same, but for who asks and when.
    Same,
    /// It is read alike.
    Alike,
}

/// So many recorded hosts our own address may stand for.
const HOMES: usize = 4;

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
    pub fn of(contracts: Vec<Arc<Contract>>, shelves: Vec<Shelf>) -> Result<Self, CassetteError> {
        Self::with(contracts, shelves, Vec::new())
    }

    /// The same cassettes, with parts of requests that are not compared.
    ///
    /// # Errors
    /// As of [`Library::of`].
    pub fn loosened(self, loosened: Vec<Loosened>) -> Result<Self, CassetteError> {
        if loosened.is_empty() {
            return Ok(self);
        }
        Self::with(self.contracts, self.shelves, loosened).map(|library| library.named(self.names))
    }

    fn with(
        contracts: Vec<Arc<Contract>>,
        mut shelves: Vec<Shelf>,
        loosened: Vec<Loosened>,
    ) -> Result<Self, CassetteError> {
        let prints = Prints::new(&contracts);
        let mut notes = Vec::with_capacity(shelves.len());
        for shelf in &mut shelves {
            let own = shelf.header().contract.as_ref().map(|contract| contract.id.clone());
            let note = |request: &Request| Note::of(&contracts, own.as_deref(), &prints, &loosened, request);
            notes.push(shelf.survey(note)?);
        }
        let name = |number: usize| match shelves.len() {
            1 => "FILE".to_owned(),
            _ => format!("FILE{number}"),
        };
        let names = (1..=shelves.len()).map(name).collect();
        let may_make = notes.iter().flatten().any(|note| note.may_make);
        let index = Index::new(notes);
        let mut library = Self { contracts, names, loosened, made_up: None, prints, shelves, index };
        if may_make {
            let mentions = library.mentions()?;
            library.made_up = MadeUp::of(&mentions, || library.exchanges());
        }
        Ok(library)
    }

    /// The recorded requests that bring up UUIDs.
    fn mentions(&mut self) -> Result<Vec<(Spot, Mention)>, CassetteError> {
        let (contracts, loosened, mut found) = (&self.contracts, &self.loosened, Vec::new());
        for (cassette, shelf) in self.shelves.iter_mut().enumerate() {
            let own = shelf.header().contract.as_ref().map(|contract| contract.id.clone());
            let mentions = shelf.survey(|request| {
                let reading = key::recorded(key::readings(contracts, request), own.as_deref());
                Mention::of(reading.without(loosened), request)
            })?;
            let spotted = mentions.into_iter().enumerate();
            found.extend(spotted.filter_map(|(exchange, it)| Some((Spot { cassette, exchange }, it?))));
        }
        Ok(found)
    }

    /// The same cassettes under other contracts.
    ///
    /// # Errors
    /// As of [`Library::of`].
    pub fn under(self, contracts: Vec<Arc<Contract>>) -> Result<Self, CassetteError> {
        Self::with(contracts, self.shelves, self.loosened).map(|library| library.named(self.names))
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
        let readings = key::readings(&self.contracts, request);
        if self.loosened.is_empty() {
            return readings;
        }
        readings.into_iter().map(|reading| reading.without(&self.loosened)).collect()
    }

    /// The only exchanges that a request can mean whose own requests looked the same.
    pub(super) fn seen(&self, terms: &Terms, request: &Request) -> Option<Meant<'_>> {
        let print = self.prints.of(&self.contracts, request);
        let Found::One(sequence) = self.index.find(print, terms.hosts, || terms.realm(request)) else {
            return None;
        };
        let call = sequence.input.and_then(|(contract, operation)| {
            let contract = self.contracts.get(contract)?;
            Some(Call { contract, operation: contract.operations.get(operation)? })
        });
        Some(Meant { sequence, call, likeness: Likeness::Same })
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
                let recorded = self.as_recorded(terms, request);
                let mut reason = reason;
                for form in &recorded {
                    match self.meant(terms, &self.readings(form), form) {
                        Ok(meant) => return Ok(meant),
                        // It would be equal, but for where it goes.
                        Err(other @ (Reason::OtherRegions | Reason::OtherHosts)) => reason = other,
                        Err(_) => {}
                    }
                }
                let mut forms = iter::once(request).chain(&recorded);
                forms.find_map(|it| self.hidden(terms, it)).ok_or(reason)
            }
            meant => meant,
        }
    }

    /// The request as it may have been recorded, also where it says what an answer of ours told its client.
    pub(super) fn as_recorded(&self, terms: &Terms, request: &Request) -> Vec<Request> {
        let homes = terms.address(request).map(|ours| {
            let hosts = self.hosts().take(HOMES).chain([PROVIDER]);
            let home = |theirs: &str| {
                let url = |scheme: &str, host: &str| format!("{scheme}://{host}");
                [(ours.clone(), theirs.to_owned()), (url("http", &ours), url("https", theirs))]
            };
            hosts.flat_map(home).collect::<Vec<_>>()
        });
        as_recorded(request, &self.contracts, &terms.told, &homes.unwrap_or_default())
    }

    /// The exchanges of a recorded request that hides in what it differs from this one.
    fn hidden(&self, terms: &Terms, request: &Request) -> Option<Meant<'_>> {
        self.readings(request).into_iter().find_map(|reading| {
            let call = reading.call.filter(|_| reading.form == Form::Input);
            self.index.masked(&reading).iter().find_map(|key| {
                match self.index.find(key.digest(), terms.hosts, || terms.realm(request)) {
                    Found::One(sequence) => Some(Meant { sequence, call, likeness: Likeness::Alike }),
                    Found::Several | Found::Elsewhere | Found::OtherRegions | Found::Nothing => None,
                }
            })
        })
    }

    pub(super) fn exchange(&self, spot: Spot) -> Option<Arc<Redacted<Exchange>>> {
        self.shelves.get(spot.cassette)?.exchange(spot.exchange)
    }

    fn exchanges(&self) -> impl Iterator<Item = (Spot, Arc<Redacted<Exchange>>)> {
        self.spots().filter_map(|spot| Some((spot, self.exchange(spot)?)))
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

    /// The Regions and services that equal requests were signed for, each once.
    pub(super) fn scopes_of(&self, reading: &Reading<'_>) -> Vec<String> {
        let scopes: BTreeSet<_> = self.index.scopes(&reading.key).collect();
        scopes.into_iter().map(str::to_owned).collect()
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
        let mut elsewhere = None;
        for reading in readings {
            match (self.index.find(reading.key.digest(), terms.hosts, || terms.realm(request)), meant) {
                (Found::Nothing, _) => {}
                (Found::Elsewhere, _) => elsewhere = Some(Reason::OtherHosts),
                (Found::OtherRegions, _) => elsewhere = Some(Reason::OtherRegions),
                (Found::One(sequence), None) => {
                    let call = reading.call.filter(|_| reading.form == Form::Input);
                    meant = Some(Meant { sequence, call, likeness: Likeness::Alike });
                }
                (Found::One(sequence), Some(other)) if std::ptr::eq(sequence, other.sequence) => {}
                (Found::One(_) | Found::Several, _) => return Err(Reason::Ambiguous),
            }
        }
        meant.ok_or_else(|| elsewhere.unwrap_or_else(|| self.why_nothing(readings)))
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
