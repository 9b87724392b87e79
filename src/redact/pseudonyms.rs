//! Real values and what is written for them, the same over a whole session.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::ids;
use super::needles::{Needles, WINDOW};
use super::shapes;
use super::uuids::Uuids;
use crate::encoding::{self, is_uuid};

/// How many pseudonyms there are for accounts: five digits, and not all of them zero.
const ACCOUNTS: u64 = 99_999;

/// So many UUIDs of clients are remembered at least. SDKs send a new one with each request, and
/// it comes back in that request's answer or not at all.
const RECENT: usize = 20_000;

/// So many request ids at least: one comes back in its own answer, or in what is asked right after it.
const REQUEST_IDS: usize = 2_000;

/// What kind of value a pseudonym stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Account,
    Host,
    Uuid,
    RequestId,
    Cursor,
    /// A name or id: a user's rule or the host names of an account show it.
    Id,
}

impl Kind {
    /// As it is counted.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Account => "account ids",
            Self::Host => "hosts",
            Self::Uuid => "UUIDs",
            Self::RequestId => "request ids",
            Self::Cursor => "page tokens",
            Self::Id => "names and ids",
        }
    }
}

/// The pseudonyms given so far.
#[derive(Default)]
pub(super) struct Pseudonyms {
    lasting: Table,
    uuids: Uuids,
    /// Request ids: the latest, and those before them.
    passing: [Table; 2],
    /// The values that no shape tells, to be searched.
    values: Needles<(Kind, String)>,
    /// Their pseudonyms, and the values.
    reversed: Needles<(Kind, String)>,
    counters: HashMap<Kind, u64>,
    /// Numbers of pseudonyms that came in with the traffic.
    foreign: HashSet<(Kind, u64)>,
    foreign_ids: HashSet<String>,
    /// UUIDs and names that a client made; they say nothing about the provider, and stay.
    client_made: Recent,
    /// Page tokens of the provider that are what another value's pseudonym is, and what is
    /// written for them, in the order in which they were met.
    literals: Vec<(String, String)>,
}

/// Values with their pseudonyms, and back.
#[derive(Default)]
struct Table {
    given: HashMap<String, String>,
    reverse: HashMap<String, (Kind, String)>,
}

impl Pseudonyms {
    pub(super) fn of(&self, value: &str) -> Option<Cow<'_, str>> {
        if let Some(number) = self.uuids.number(value) {
            return Some(pseudonym_uuid(number).into());
        }
        self.tables().find_map(|table| table.given.get(value)).map(|pseudonym| pseudonym.as_str().into())
    }

    pub(super) fn real(&self, pseudonym: &str) -> Option<(Kind, Cow<'_, str>)> {
        let real = self.tables().find_map(|table| table.reverse.get(pseudonym));
        real.map(|(kind, real)| (*kind, Cow::Borrowed(real.as_str()))).or_else(|| {
            let uuid = self.uuids.value(shapes::pseudonym_uuid(pseudonym)?)?;
            Some((Kind::Uuid, uuid.into()))
        })
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        [&self.lasting].into_iter().chain(&self.passing)
    }

    fn is_given(&self, value: &str) -> bool {
        self.of(value).is_some()
    }

    pub(super) fn values(&self) -> &Needles<(Kind, String)> {
        &self.values
    }

    pub(super) fn reversed(&self) -> &Needles<(Kind, String)> {
        &self.reversed
    }

    /// A pseudonym that came in with the traffic: its number is not given again.
    pub(super) fn seen(&mut self, kind: Kind, number: u64) {
        self.foreign.insert((kind, number));
    }

    pub(super) fn client_made(&mut self, uuid: &str) {
        if !self.is_given(uuid) {
            self.client_made.insert(uuid);
        }
    }

    pub(super) fn host(&mut self, authority: &str, placeholder: &str) {
        self.remember(Kind::Host, authority, placeholder);
    }

    /// Whether the account is a real one, new or not.
    ///
    /// Its pseudonym follows from the account alone, so that a client which names an account of
    /// its own is recognised in a replay, whatever else was said before. One of 99,999 numbers
    /// tells nobody which of a million million accounts it is.
    pub(super) fn account(&mut self, account: &str) -> bool {
        if shapes::pseudonym_account(account).is_some() {
            return false;
        }
        if !self.is_given(account) {
            let free = |number: &u64| self.real(&shapes::account_pseudonyms(*number).0).is_none();
            let number = account_numbers(account).find(free).unwrap_or_default();
            let (as_text, as_number) = shapes::account_pseudonyms(number);
            self.remember(Kind::Account, account, &as_text);
            self.remember_back(Kind::Account, account, &as_number);
        }
        true
    }

    /// A name or id that gets the pseudonym of this number, or of the next that is free.
    pub(super) fn id(&mut self, value: &str, number: u64) {
        if self.is_given(value) || self.real(value).is_some() {
            return;
        }
        let free = |pseudonym: &String| pseudonym != value && !self.is_taken(pseudonym);
        let mut numbered = (0..ids::capacity(value)).map(|step| ids::pseudonym(value, number + step));
        // Where the form has no room for one more, it gets longer.
        let pseudonym = numbered.find(free).unwrap_or_else(|| {
            let longer = |more: u64| format!("{}{more}", ids::pseudonym(value, 0));
            (2..).map(longer).find(free).unwrap_or_default()
        });
        self.remember(Kind::Id, value, &pseudonym);
    }

    /// A name or id that no host and no literal tells, numbered as they come.
    pub(super) fn next_id(&mut self, value: &str) {
        if !self.is_given(value) && self.real(value).is_none() {
            let counter = self.counters.entry(Kind::Id).or_default();
            *counter += 1;
            let number = *counter;
            self.id(value, number);
        }
    }

    /// So many names are numbered already.
    pub(super) fn ids_from(&mut self, number: u64) {
        self.counters.insert(Kind::Id, number);
    }

    /// One whose pseudonym says nothing of when it was met: it is as long as a hash.
    pub(super) fn random_id(&mut self, value: &str) {
        if self.client_made.contains(value) {
            return;
        }
        let digest = encoding::sha256(format!("id {value}").as_bytes());
        let number = digest[..7].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        self.id(value, number);
    }

    /// A pseudonym that came in with the traffic, and is not given again.
    pub(super) fn seen_id(&mut self, pseudonym: &str) {
        if self.real(pseudonym).is_none() {
            self.foreign_ids.insert(pseudonym.to_owned());
        }
    }

    fn is_taken(&self, pseudonym: &str) -> bool {
        self.real(pseudonym).is_some() || self.foreign_ids.contains(pseudonym)
    }

    /// What is written for a text that was encoded, so that it can be found again.
    pub(super) fn encoded(&mut self, value: &str, written: &str) {
        if written.len() >= WINDOW && self.real(written).is_none() {
            self.remember_back(Kind::Cursor, value, written);
        }
    }

    pub(super) fn uuid(&mut self, uuid: &str) {
        if self.is_news(uuid) {
            let number = self.free(Kind::Uuid, pseudonym_uuid);
            if !self.uuids.insert(uuid, number) {
                self.remember(Kind::Uuid, uuid, &pseudonym_uuid(number));
            }
        }
    }

    /// Whether a UUID is one that the provider made, and that is not known yet.
    fn is_news(&self, uuid: &str) -> bool {
        let known = self.is_given(uuid) || self.client_made.contains(uuid) || self.real(uuid).is_some();
        !known && shapes::pseudonym_uuid(uuid).is_none()
    }

    /// A page token. One that is short or a plain number occurs by chance elsewhere, and has no
    /// room for anything to hide: it stays. So does the name of what a client made, which is in all its
    /// other requests too.
    pub(super) fn cursor(&mut self, cursor: &str) {
        let is_plain = cursor.bytes().all(|byte| byte.is_ascii_digit());
        let opaque = cursor.len() >= WINDOW && !is_plain && !self.client_made.contains(cursor);
        if opaque && self.real(cursor).is_some() {
            self.literal(cursor);
        } else if opaque && shapes::number_of(cursor, "cursor").is_none() {
            self.give(Kind::Cursor, cursor, pseudonym_cursor);
        }
    }

    /// A page token that is written like the pseudonym that another value has got.
    fn literal(&mut self, cursor: &str) {
        if !self.is_given(cursor) {
            let pseudonym = pseudonym_cursor(self.free(Kind::Cursor, pseudonym_cursor));
            self.literals.push((cursor.to_owned(), pseudonym.clone()));
            self.lasting.insert(Kind::Cursor, cursor, &pseudonym);
        }
    }

    /// See `literals`. A later one may be an earlier one's pseudonym, so they are replaced from
    /// the last to the first, before any other value, and revealed the other way round.
    pub(super) fn literals(&self) -> &[(String, String)] {
        &self.literals
    }

    pub(super) fn request_id(&mut self, id: &str) {
        if is_uuid(id) {
            if self.is_news(id) {
                let pseudonym = pseudonym_uuid(self.free(Kind::Uuid, pseudonym_uuid));
                self.latest().insert(Kind::Uuid, id, &pseudonym);
            }
            return;
        }
        let known = self.is_given(id) || self.real(id).is_some();
        if !id.is_empty() && !known && shapes::number_of(id, "request-id").is_none() {
            let width = id.len().saturating_sub("request-id-".len());
            let write = |number| format!("request-id-{number:0width$}");
            let pseudonym = write(self.free(Kind::RequestId, write));
            self.latest().insert(Kind::RequestId, id, &pseudonym);
            self.values.insert_passing(id.as_bytes(), (Kind::RequestId, pseudonym.clone()));
            self.reversed.insert_passing(pseudonym.as_bytes(), (Kind::RequestId, id.to_owned()));
        }
    }

    /// The table for a value that passes.
    fn latest(&mut self) -> &mut Table {
        if self.passing[0].given.len() >= REQUEST_IDS {
            self.passing.swap(0, 1);
            self.passing[0] = Table::default();
            self.values.turn();
            self.reversed.turn();
        }
        &mut self.passing[0]
    }

    /// Makes `pseudonym` stand for `value`, and returns what does: another, if it is not free.
    pub(super) fn derived(&mut self, pseudonym: String, value: &str) -> String {
        if pseudonym.len() < WINDOW || value.len() < WINDOW {
            return pseudonym;
        }
        let taken = self.real(&pseudonym).is_some_and(|(_, real)| real != value);
        if taken || self.is_given(value) {
            self.cursor(value);
            return self.of(value).map_or(pseudonym, Cow::into_owned);
        }
        self.remember(Kind::Cursor, value, &pseudonym);
        pseudonym
    }

    fn give(&mut self, kind: Kind, value: &str, write: impl Fn(u64) -> String) {
        if !self.is_given(value) {
            let pseudonym = write(self.free(kind, &write));
            self.remember(kind, value, &pseudonym);
        }
    }

    /// The next number whose pseudonym stands for nothing yet.
    fn free(&mut self, kind: Kind, write: impl Fn(u64) -> String) -> u64 {
        loop {
            let counter = self.counters.entry(kind).or_default();
            *counter += 1;
            let number = *counter;
            if !self.foreign.contains(&(kind, number)) && self.real(&write(number)).is_none() {
                return number;
            }
        }
    }

    fn remember(&mut self, kind: Kind, value: &str, pseudonym: &str) {
        if !matches!(kind, Kind::Account | Kind::Uuid) {
            self.values.insert(value.as_bytes(), (kind, pseudonym.to_owned()));
        }
        self.lasting.given.insert(value.to_owned(), pseudonym.to_owned());
        self.remember_back(kind, value, pseudonym);
    }

    fn remember_back(&mut self, kind: Kind, value: &str, pseudonym: &str) {
        let back = (kind, value.to_owned());
        if !matches!(kind, Kind::Account | Kind::Uuid) {
            self.reversed.insert(pseudonym.as_bytes(), back.clone());
        }
        self.lasting.reverse.entry(pseudonym.to_owned()).or_insert(back);
    }
}

impl Table {
    fn insert(&mut self, kind: Kind, value: &str, pseudonym: &str) {
        self.given.insert(value.to_owned(), pseudonym.to_owned());
        self.reverse.insert(pseudonym.to_owned(), (kind, value.to_owned()));
    }
}

/// So many texts at least: the latest, in two generations.
#[derive(Default)]
struct Recent {
    latest: HashSet<String>,
    before: HashSet<String>,
}

impl Recent {
    fn insert(&mut self, text: &str) {
        if self.latest.contains(text) {
            return;
        }
        if self.latest.len() >= RECENT {
            self.before = std::mem::take(&mut self.latest);
        }
        self.latest.insert(text.to_owned());
    }

    fn contains(&self, text: &str) -> bool {
        self.latest.contains(text) || self.before.contains(text)
    }
}

/// The numbers of an account's pseudonym, most wanted first: the next is for one that is taken.
fn account_numbers(account: &str) -> impl Iterator<Item = u64> {
    let digest = encoding::sha256(format!("account {account}").as_bytes());
    let first = digest[..8].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)) % ACCOUNTS;
    (0..ACCOUNTS).map(move |step| 1 + (first + step) % ACCOUNTS)
}

fn pseudonym_cursor(number: u64) -> String {
    format!("cursor-{number}")
}

fn pseudonym_uuid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_whose_numbers_are_the_same_get_others() {
        let first = "111122223333";
        let number = account_numbers(first).next();
        let other = (100_000_000_000_u64..)
            .map(|account| account.to_string())
            .find(|account| account_numbers(account).next() == number)
            .unwrap();
        let mut pseudonyms = Pseudonyms::default();
        assert!(pseudonyms.account(first) && pseudonyms.account(&other));
        assert_ne!(pseudonyms.of(first), pseudonyms.of(&other));
        let (one, two) = (pseudonyms.of(first).unwrap(), pseudonyms.of(&other).unwrap());
        assert_eq!(pseudonyms.real(&one).unwrap().1, first);
        assert_eq!(pseudonyms.real(&two).unwrap().1, other);
    }

    #[test]
    fn request_ids_pass_and_no_pseudonym_is_given_twice() {
        let mut pseudonyms = Pseudonyms::default();
        let id = |number: usize| format!("REQUEST{number:09}");
        let uuid = |number: usize| format!("550e8400-e29b-41d4-a716-{number:012x}");
        let mut given = HashSet::new();
        for number in 0..3 * REQUEST_IDS {
            for id in [id(number), uuid(number)] {
                pseudonyms.request_id(&id);
                pseudonyms.uuid(&id);
                assert!(given.insert(pseudonyms.of(&id).unwrap().into_owned()));
            }
        }
        let kept: usize = pseudonyms.tables().map(|table| table.given.len()).sum();
        assert!(kept <= 2 * REQUEST_IDS);
        let last = 3 * REQUEST_IDS - 1;
        for (pseudonym, real) in
            [(pseudonyms.of(&id(last)), id(last)), (pseudonyms.of(&uuid(last)), uuid(last))]
        {
            assert_eq!(pseudonyms.real(&pseudonym.unwrap()).unwrap().1, real);
        }
        assert_eq!((pseudonyms.of(&id(0)), pseudonyms.of(&uuid(0))), (None, None));
    }

    #[test]
    fn ids_without_room_for_one_more_get_longer() {
        let mut pseudonyms = Pseudonyms::default();
        let values: Vec<_> = ('g'..='z').map(|letter| format!("{letter}x")).collect();
        values.iter().for_each(|value| pseudonyms.next_id(value));
        let given: HashSet<_> = values.iter().map(|value| pseudonyms.of(value).unwrap()).collect();
        assert_eq!(given.len(), values.len());
    }

    #[test]
    fn the_uuids_of_clients_are_remembered_for_a_while() {
        let mut pseudonyms = Pseudonyms::default();
        for number in 0..3 * RECENT {
            pseudonyms.client_made(&number.to_string());
        }
        let Recent { latest, before } = &pseudonyms.client_made;
        assert!(latest.len() + before.len() <= 2 * RECENT);
        let last = 3 * RECENT - 1;
        assert!(pseudonyms.client_made.contains(&(last - RECENT + 1).to_string()));
        assert!(!pseudonyms.client_made.contains("0"));
    }
}
