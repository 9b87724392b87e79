//! The recorded exchanges by key: built once, then only counters move.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

use super::hidden::Mask;
use super::key::{self, Call, Digest, Form, Key, Reading};
use super::loosened::Loosened;
use super::made_up::may_name_what_it_makes;
use super::print::Prints;
use super::realm::Realm;
use super::terms::Hosts;
use crate::contract::Contract;
use crate::exchange::Request;

/// Finds the exchanges that answer a request, in one look-up however many there are.
#[derive(Debug, Default)]
pub(super) struct Index {
    sequences: Vec<Sequence>,
    /// Which sequences have a key, or look so; more than one only if they were recorded at several places.
    by_key: HashMap<Digest, Range<usize>>,
    /// What recorded requests hide, by operation; those that hide least come first.
    masks: HashMap<Option<OperationId>, Vec<Mask>>,
}

/// The contract's id and the operation's name.
pub(super) type OperationId = Arc<(String, String)>;

/// Exchanges that answer the same request, in the order in which they are handed out.
#[derive(Debug)]
pub(super) struct Sequence {
    /// Which sequence of its index, counted from 0.
    pub(super) number: usize,
    /// The contract's id and the operation's name, where a contract knows them.
    pub(super) operation: Option<OperationId>,
    /// The same as numbers of the contract and of its operation, if it is read as an input.
    pub(super) input: Option<(usize, usize)>,
    pub(super) spots: Box<[Spot]>,
    pub(super) realm: Arc<Realm>,
}

/// Where an exchange lies: which cassette, and which exchange of it, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) cassette: usize,
    pub(super) exchange: usize,
}

/// What is noted of a recorded request.
#[derive(Debug)]
pub(super) struct Note {
    key: Digest,
    print: Option<Digest>,
    mask: Option<Mask>,
    realm: Realm,
    operation: Option<(String, String)>,
    input: Option<(usize, usize)>,
    /// Whether it may make something that it names by a UUID.
    pub(super) may_make: bool,
}

/// What a look-up gives.
#[derive(Debug)]
pub(super) enum Found<'i> {
    /// One sequence, and it is the right one.
    One(&'i Sequence),
    /// Several that may be meant, and nothing that tells which.
    Several,
    /// Equal requests, but to other hosts.
    Elsewhere,
    /// Equal requests, but signed for other Regions.
    OtherRegions,
    /// None.
    Nothing,
}

impl Note {
    /// Of a request that was recorded with the contract of that id.
    pub(super) fn of(
        contracts: &[Arc<Contract>],
        contract: Option<&str>,
        prints: &Prints,
        loosened: &[Loosened],
        request: &Request,
    ) -> Self {
        let readings = key::readings(contracts, request);
        // Read in several ways, a live request may mean several recorded ones.
        let print = (readings.len() == 1).then(|| prints.of(contracts, request));
        let reading = key::recorded(readings, contract).without(loosened);
        Self {
            print,
            input: reading.call.filter(|_| reading.form == Form::Input).and_then(|it| it.numbers(contracts)),
            mask: reading.key.mask(),
            key: reading.key.digest(),
            realm: Realm::of(request),
            may_make: may_name_what_it_makes(&reading, request),
            operation: reading.call.map(|call| (call.contract.id.clone(), call.operation.name.clone())),
        }
    }
}

impl Index {
    /// Of all exchanges of each cassette, in their order.
    pub(super) fn new(cassettes: Vec<Vec<Note>>) -> Self {
        // Groups are numbered in the order of their first exchange, so that nothing depends on
        // the order of the map.
        let mut numbers: HashMap<Digest, usize> = HashMap::new();
        let mut groups: Vec<Vec<Recorded>> = Vec::new();
        let mut masks: HashMap<_, HashSet<Mask>> = HashMap::new();
        let mut prints = Vec::new();
        let (mut realms, mut operations) = (Shared::default(), Shared::default());
        for (spot, note) in spotted(cassettes) {
            let realm = realms.one(note.realm);
            let recorded = Recorded {
                spot,
                realm,
                operation: note.operation.map(|operation| operations.one(operation)),
                input: note.input,
            };
            if let Some(mask) = note.mask {
                masks.entry(recorded.operation.clone()).or_default().insert(mask);
            }
            let number = *numbers.entry(note.key).or_insert(groups.len());
            prints.extend(note.print.map(|print| (print, number)));
            match groups.get_mut(number) {
                Some(group) => group.push(recorded),
                None => groups.push(vec![recorded]),
            }
        }
        let mut sequences = Vec::with_capacity(groups.len());
        let ranges: Vec<_> = groups.into_iter().map(|group| add(group, &mut sequences)).collect();
        let of_number = |number: usize| ranges.get(number).cloned().unwrap_or_default();
        let by_key =
            numbers.into_iter().chain(prints).map(|(key, number)| (key, of_number(number))).collect();
        let masks = masks.into_iter().map(|(operation, masks)| (operation, ordered(masks))).collect();
        Self { sequences, by_key, masks }
    }

    /// The sequence with that key that a request to that realm means.
    pub(super) fn find(&self, key: Digest, hosts: Hosts, realm: impl Fn() -> Realm) -> Found<'_> {
        match (self.of(key), hosts) {
            ([], _) => Found::Nothing,
            ([only], Hosts::Ours) if only.realm.scope.is_some() && only.realm.contradicts(&realm()) => {
                Found::OtherRegions
            }
            ([only], Hosts::Ours) => Found::One(only),
            (several, Hosts::Ours) => in_realm(several.iter().collect(), &realm()),
            (several, Hosts::Real) => {
                let realm = realm();
                let meant: Vec<_> = several.iter().filter(|it| it.realm.may_mean(&realm)).collect();
                if meant.is_empty() { Found::Elsewhere } else { in_realm(meant, &realm) }
            }
        }
    }

    /// The keys of recorded requests that hide what differs from this one, if there are some.
    pub(super) fn masked(&self, reading: &Reading<'_>) -> Vec<Key> {
        if self.masks.is_empty() {
            return Vec::new();
        }
        let masks = self.masks.get(&operation(reading)).map(Vec::as_slice).unwrap_or_default();
        reading.key.masked(masks)
    }

    /// The Regions and services that requests with that key were signed for.
    pub(super) fn scopes(&self, key: &Key) -> impl Iterator<Item = &str> {
        self.of(key.digest()).iter().filter_map(|sequence| sequence.realm.scope.as_deref())
    }

    /// The hosts that requests with that key were recorded from.
    pub(super) fn hosts(&self, key: &Key) -> impl Iterator<Item = &str> {
        self.of(key.digest()).iter().filter_map(|sequence| sequence.realm.host.as_deref())
    }

    fn of(&self, key: Digest) -> &[Sequence] {
        let range = self.by_key.get(&key).cloned().unwrap_or_default();
        self.sequences.get(range).unwrap_or_default()
    }

    /// All sequences, in the order of their first exchanges.
    pub(super) fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }
}

impl Sequence {
    /// Whether its exchanges are of that operation, or of none.
    pub(super) fn is_of(&self, call: Option<Call<'_>>) -> bool {
        let own =
            self.operation.as_deref().map(|(contract, operation)| (contract.as_str(), operation.as_str()));
        own == call.map(|call| (call.contract.id.as_str(), call.operation.name.as_str()))
    }
}

struct Recorded {
    spot: Spot,
    realm: Arc<Realm>,
    operation: Option<OperationId>,
    input: Option<(usize, usize)>,
}

/// One of all that are equal.
struct Shared<T>(HashSet<Arc<T>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Eq + Hash> Shared<T> {
    fn one(&mut self, value: T) -> Arc<T> {
        if let Some(known) = self.0.get(&value) {
            return known.clone();
        }
        let shared = Arc::new(value);
        self.0.insert(shared.clone());
        shared
    }
}

fn spotted(cassettes: Vec<Vec<Note>>) -> impl Iterator<Item = (Spot, Note)> {
    cassettes.into_iter().enumerate().flat_map(|(cassette, notes)| {
        let spot = move |(exchange, note)| (Spot { cassette, exchange }, note);
        notes.into_iter().enumerate().map(spot)
    })
}

/// Adds the exchanges of one key, and says which sequences they became.
fn add(group: Vec<Recorded>, sequences: &mut Vec<Sequence>) -> Range<usize> {
    let start = sequences.len();
    for group in split(group) {
        let realm = group.first().map(|recorded| recorded.realm.clone()).unwrap_or_default();
        let operation = group.first().and_then(|recorded| recorded.operation.clone());
        let input = group.first().and_then(|recorded| recorded.input);
        let spots = group.into_iter().map(|recorded| recorded.spot).collect();
        sequences.push(Sequence { number: sequences.len(), operation, input, spots, realm });
    }
    start..sequences.len()
}

fn in_realm<'i>(mut left: Vec<&'i Sequence>, realm: &Realm) -> Found<'i> {
    // A request that is signed for a Region means no other, whatever host it was sent to.
    left.retain(|sequence| !sequence.realm.contradicts(realm));
    for same in [|a: &Realm, b: &Realm| a.host == b.host, |a: &Realm, b: &Realm| a.scope == b.scope] {
        if left.iter().any(|sequence| same(&sequence.realm, realm)) {
            left.retain(|sequence| same(&sequence.realm, realm));
        }
    }
    match left.as_slice() {
        [] => Found::OtherRegions,
        [only] => Found::One(only),
        _ => Found::Several,
    }
}

/// In an order that does not depend on that of a set.
fn ordered(masks: HashSet<Mask>) -> Vec<Mask> {
    let mut masks: Vec<_> = masks.into_iter().collect();
    masks.sort();
    masks
}

fn operation(reading: &Reading<'_>) -> Option<OperationId> {
    reading.call.map(|call| Arc::new((call.contract.id.clone(), call.operation.name.clone())))
}

/// Splits equal requests by where they went, but only if they went to different places: a request
/// that does not say is no other place.
fn split(group: Vec<Recorded>) -> Vec<Vec<Recorded>> {
    let hosts: HashSet<_> = group.iter().filter_map(|recorded| recorded.realm.host.clone()).collect();
    let scopes: HashSet<_> = group.iter().filter_map(|recorded| recorded.realm.scope.clone()).collect();
    if hosts.len() <= 1 && scopes.len() <= 1 {
        return vec![group];
    }
    let mut parts: Vec<Vec<Recorded>> = Vec::new();
    for recorded in group {
        match parts.iter_mut().find(|part| part.iter().any(|other| other.realm == recorded.realm)) {
            Some(part) => part.push(recorded),
            None => parts.push(vec![recorded]),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{notes, recorded};
    use super::*;

    /// However much is recorded, a request is one look-up away: no key leads to a list that
    /// would have to be searched.
    #[test]
    fn ten_thousand_exchanges_are_one_look_up_away() {
        let lines: Vec<_> = (0..10_000).map(|at| format!("GET /notes?token={}", at % 5_000)).collect();
        let exchanges: Vec<_> = lines.iter().map(|line| (line.as_str(), "", "")).collect();
        let contracts = [notes()];
        let requests = recorded(&exchanges).exchanges;
        let index = Index::new(vec![
            requests
                .iter()
                .map(|seen| Note::of(&contracts, None, &Prints::new(&contracts), &[], &seen.request))
                .collect(),
        ]);
        // By what is compared, and by what they look like.
        assert_eq!((index.by_key.len(), index.sequences.len()), (10_000, 5_000));
        assert!(index.by_key.values().all(|range| range.len() == 1));
        for (at, sequence) in index.sequences.iter().enumerate() {
            let spots = [at, at + 5_000].map(|exchange| Spot { cassette: 0, exchange });
            assert_eq!(*sequence.spots, spots);
        }
    }
}
