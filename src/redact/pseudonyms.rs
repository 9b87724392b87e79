//! Real values and what is written for them, the same over a whole session.

use std::collections::{HashMap, HashSet};

use super::needles::{Needles, WINDOW};
use super::shapes;
use crate::encoding;

/// How many pseudonyms there are for accounts: five digits, and not all of them zero.
const ACCOUNTS: u64 = 99_999;

/// What kind of value a pseudonym stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Account,
    Host,
    Uuid,
    RequestId,
    Cursor,
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
    /// UUIDs that a client made; they say nothing about the provider, and stay.
    client_made: HashSet<String>,
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
            self.client_made.insert(uuid.to_owned());
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

    pub(super) fn uuid(&mut self, uuid: &str) {
        if shapes::pseudonym_uuid(uuid).is_none() && !self.client_made.contains(uuid) {
            self.give(Kind::Uuid, uuid, pseudonym_uuid);
        }
    }

    /// A page token. One that is short or a plain number occurs by chance elsewhere, and has no
    /// room for anything to hide: it stays.
    pub(super) fn cursor(&mut self, cursor: &str) {
        let opaque = cursor.len() >= WINDOW && !cursor.bytes().all(|byte| byte.is_ascii_digit());
        if opaque && shapes::number_of(cursor, "cursor").is_none() {
            self.give(Kind::Cursor, cursor, |number| format!("cursor-{number}"));
        }
    }

    pub(super) fn request_id(&mut self, id: &str) {
        if shapes::is_uuid(id) {
            return self.uuid(id);
        }
        if !id.is_empty() && shapes::number_of(id, "request-id").is_none() {
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
        // What already is a pseudonym, also one derived by a change, does not get another.
        if self.given.contains_key(value) || self.reverse.contains_key(value) {
            return;
        }
        let pseudonym = loop {
            let counter = self.counters.entry(kind).or_default();
            *counter += 1;
            let pseudonym = write(*counter);
            if !self.foreign.contains(&(kind, *counter)) && !self.reverse.contains_key(&pseudonym) {
                break pseudonym;
            }
        };
        self.remember(kind, value, &pseudonym);
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

/// The numbers of an account's pseudonym, most wanted first: the next is for one that is taken.
fn account_numbers(account: &str) -> impl Iterator<Item = u64> {
    let digest = encoding::sha256(format!("account {account}").as_bytes());
    let first = digest[..8].iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)) % ACCOUNTS;
    (0..ACCOUNTS).map(move |step| 1 + (first + step) % ACCOUNTS)
}

fn pseudonym_uuid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
