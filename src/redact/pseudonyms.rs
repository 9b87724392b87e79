//! Real values and what is written for them, the same over a whole session.

use std::collections::{HashMap, HashSet};

use super::ids;
use super::needles::{Needles, WINDOW};
use super::shapes;
use crate::encoding;

/// How many pseudonyms there are for accounts: five digits, and not all of them zero.
const ACCOUNTS: u64 = 99_999;

/// So many UUIDs of clients are remembered at least. SDKs send a new one with each request, and
/// it comes back in that request's answer or not at all.
const RECENT: usize = 20_000;

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
    given: HashMap<String, String>,
    /// The values that no shape tells, to be searched.
    values: Needles<(Kind, String)>,
    /// Back from pseudonym to value.
    reverse: HashMap<String, (Kind, String)>,
    reversed: Needles<(Kind, String)>,
    counters: HashMap<Kind, u64>,
    /// Numbers of pseudonyms that came in with the traffic.
    foreign: HashSet<(Kind, u64)>,
    foreign_ids: HashSet<String>,
    /// UUIDs that a client made; they say nothing about the provider, and stay.
    client_made: Recent,
    /// Page tokens of the provider that are what another value's pseudonym is, and what is
    /// written for them, in the order in which they were met.
    literals: Vec<(String, String)>,
}

impl Pseudonyms {
    pub(super) fn of(&self, value: &str) -> Option<&str> {
        self.given.get(value).map(String::as_str)
    }

    pub(super) fn real(&self, pseudonym: &str) -> Option<&(Kind, String)> {
        self.reverse.get(pseudonym)
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
        if !self.given.contains_key(uuid) {
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
        if !self.given.contains_key(account) {
            let free = |number: &u64| !self.reverse.contains_key(&shapes::account_pseudonyms(*number).0);
            let number = account_numbers(account).find(free).unwrap_or_default();
            let (as_text, as_number) = shapes::account_pseudonyms(number);
            self.remember(Kind::Account, account, &as_text);
            self.remember_back(Kind::Account, account, &as_number);
        }
        true
    }

    /// A name or id that gets the pseudonym of this number, or of the next that is free.
    pub(super) fn id(&mut self, value: &str, number: u64) {
        if self.given.contains_key(value) || self.reverse.contains_key(value) {
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
        if !self.given.contains_key(value) && !self.reverse.contains_key(value) {
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
        if !self.reverse.contains_key(pseudonym) {
            self.foreign_ids.insert(pseudonym.to_owned());
        }
    }

    fn is_taken(&self, pseudonym: &str) -> bool {
        self.reverse.contains_key(pseudonym) || self.foreign_ids.contains(pseudonym)
    }

    /// What is written for a text that was encoded, so that it can be found again.
    pub(super) fn encoded(&mut self, value: &str, written: &str) {
        if written.len() >= WINDOW && !self.reverse.contains_key(written) {
            self.remember_back(Kind::Cursor, value, written);
        }
    }

    pub(super) fn uuid(&mut self, uuid: &str) {
        let ours = shapes::pseudonym_uuid(uuid).is_some() || self.reverse.contains_key(uuid);
        if !ours && !self.client_made.contains(uuid) {
            self.give(Kind::Uuid, uuid, pseudonym_uuid);
        }
    }

    /// A page token. One that is short or a plain number occurs by chance elsewhere, and has no
    /// room for anything to hide: it stays.
    pub(super) fn cursor(&mut self, cursor: &str) {
        let opaque = cursor.len() >= WINDOW && !cursor.bytes().all(|byte| byte.is_ascii_digit());
        if opaque && self.reverse.contains_key(cursor) {
            self.literal(cursor);
        } else if opaque && shapes::number_of(cursor, "cursor").is_none() {
            self.give(Kind::Cursor, cursor, pseudonym_cursor);
        }
    }

    /// A page token that is written like the pseudonym that another value has got.
    fn literal(&mut self, cursor: &str) {
        if !self.given.contains_key(cursor) {
            let pseudonym = self.free(Kind::Cursor, pseudonym_cursor);
            self.literals.push((cursor.to_owned(), pseudonym.clone()));
            self.given.insert(cursor.to_owned(), pseudonym.clone());
            self.reverse.insert(pseudonym, (Kind::Cursor, cursor.to_owned()));
        }
    }

    /// See `literals`. A later one may be an earlier one's pseudonym, so they are replaced from
    /// the last to the first, before any other value, and revealed the other way round.
    pub(super) fn literals(&self) -> &[(String, String)] {
        &self.literals
    }

    pub(super) fn request_id(&mut self, id: &str) {
        if shapes::is_uuid(id) {
            return self.uuid(id);
        }
        let ours = self.reverse.contains_key(id);
        if !id.is_empty() && !ours && shapes::number_of(id, "request-id").is_none() {
            let width = id.len().saturating_sub("request-id-".len());
            self.give(Kind::RequestId, id, |number| format!("request-id-{number:0width$}"));
        }
    }

    /// Makes `pseudonym` stand for `value`, and returns what does: another, if it is not free.
    pub(super) fn derived(&mut self, pseudonym: String, value: &str) -> String {
        if pseudonym.len() < WINDOW || value.len() < WINDOW {
            return pseudonym;
        }
        let taken = self.reverse.get(&pseudonym).is_some_and(|(_, real)| real != value);
        if taken || self.given.contains_key(value) {
            self.cursor(value);
            return self.of(value).map(str::to_owned).unwrap_or(pseudonym);
        }
        self.remember(Kind::Cursor, value, &pseudonym);
        pseudonym
    }

    fn give(&mut self, kind: Kind, value: &str, write: impl Fn(u64) -> String) {
        if !self.given.contains_key(value) {
            let pseudonym = self.free(kind, write);
            self.remember(kind, value, &pseudonym);
        }
    }

    /// The next pseudonym that stands for nothing yet.
    fn free(&mut self, kind: Kind, write: impl Fn(u64) -> String) -> String {
        loop {
            let counter = self.counters.entry(kind).or_default();
            *counter += 1;
            let pseudonym = write(*counter);
            if !self.foreign.contains(&(kind, *counter)) && !self.reverse.contains_key(&pseudonym) {
                return pseudonym;
            }
        }
    }

    fn remember(&mut self, kind: Kind, value: &str, pseudonym: &str) {
        if !matches!(kind, Kind::Account | Kind::Uuid) {
            self.values.insert(value.as_bytes(), (kind, pseudonym.to_owned()));
        }
        self.given.insert(value.to_owned(), pseudonym.to_owned());
        self.remember_back(kind, value, pseudonym);
    }

    fn remember_back(&mut self, kind: Kind, value: &str, pseudonym: &str) {
        let back = (kind, value.to_owned());
        if !matches!(kind, Kind::Account | Kind::Uuid) {
            self.reversed.insert(pseudonym.as_bytes(), back.clone());
        }
        self.reverse.entry(pseudonym.to_owned()).or_insert(back);
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
        assert_eq!(pseudonyms.real(one).unwrap().1, first);
        assert_eq!(pseudonyms.real(two).unwrap().1, other);
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
