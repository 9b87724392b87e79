//! The door: nothing is stored, logged or shown before it has passed here.
//!
//! A [`Redactor`] serves one session. From each exchange it learns what is secret and what tells
//! whose account this is, writes `REDACTED` for the one and a pseudonym for the other, and then
//! hunts: if any secret seen so far is left anywhere, in whatever encoding, the exchange does
//! not pass.
//!
//! What is a secret: credentials in header fields; what the contract declares; values under a
//! name that says so; what shows by its shape (tokens, private keys, access key ids). What gets
//! a pseudonym:
//!
//! | value | pseudonym |
//! | --- | --- |
//! | account id, once an ARN or an owner's member shows it | `000000000001` |
//! | UUID that a response brings first | `00000000-0000-4000-8000-000000000001` |
//! | page token | `cursor-1` |
//! | request id of the provider | `request-id-0001`, as long as it was |
//! | host | what [`Redactor::host`] was told |
//!
//! Limits, on purpose: a secret shorter than six bytes is replaced where it stands, but not
//! searched elsewhere; neither is one that is itself a word for secrets (`password`). A page
//! token shorter than that, or all digits, stays. A compressed body does
//! not pass; of one that is packed in another way (an archive), or not written in an encoding that
//! extends ASCII, only what shows without unpacking is seen.

mod counts;
mod fields;
mod known;
mod leaves;
mod names;
mod needles;
mod parts;
mod pointer;
mod pseudonyms;
mod redacted;
mod rules;
mod scan;
mod secrets;
mod shapes;
mod suspicions;
#[cfg(test)]
mod tests;
mod view;

pub use redacted::Redacted;
pub use rules::{RuleError, Rules};
pub use suspicions::{Suspicion, suspicions};

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::counts::Counts;
use self::known::Known;
use self::parts::{Place, Side, Syntax};
use self::scan::Scan;
use self::view::Tally;
use crate::contract::Declared;
use crate::exchange::{Exchange, Request};

/// Which redaction rules these are; a cassette says by which it was written.
pub const RULES_VERSION: u32 = 2;

/// What replaces the authorities of the provider and of ourselves, so that recordings made on
/// other ports are the same to the byte (RFC 2606 reserves the name).
pub const PROVIDER: &str = "provider.example";

/// What is written in the place of a secret.
pub const REDACTED: &str = "REDACTED";

/// Redacts the exchanges of one session, so that the same value gets the same pseudonym.
#[derive(Default)]
pub struct Redactor {
    known: RwLock<Known>,
    counts: Counts,
}

impl Redactor {
    /// A session that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A session with a user's own rules.
    pub fn with(rules: Rules) -> Self {
        let known = Known { rules, ..Known::default() };
        Self { known: RwLock::new(known), counts: Counts::default() }
    }

    /// Makes known that this is a secret, though no exchange may show it to be one.
    pub fn secret(&self, value: &str) {
        self.write().secrets.learn(value);
    }

    /// Makes known an exchange of the cassette that is added to: its pseudonyms are not given again.
    pub fn resume(&self, exchange: &Exchange) {
        let mut scan = Scan::default();
        parts::each_of_exchange(exchange, &mut |place, bytes| scan.part(place, bytes));
        let mut known = self.write();
        scan.seen.iter().for_each(|(kind, number)| known.pseudonyms.seen(*kind, *number));
    }

    /// How many values were replaced in what passed, by kind.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.all()
    }

    /// Has this authority (`host:port`) written as that placeholder, everywhere. With the port
    /// of HTTP or HTTPS, the host alone is meant too.
    pub fn host(&self, authority: &str, placeholder: &str) {
        let mut known = self.write();
        known.pseudonyms.host(authority, placeholder);
        let alone = authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80"));
        if let Some(host) = alone {
            known.pseudonyms.host(host, placeholder);
        }
    }

    /// The exchange as it may be stored and shown.
    ///
    /// # Errors
    /// When a secret would be left in it, or when a body is compressed and cannot be looked into.
    pub fn exchange(&self, exchange: &Exchange, declared: &Declared) -> Result<Redacted<Exchange>, Leak> {
        if let Some(place) = parts::compressed(exchange) {
            let kind = "whatever a compressed body holds".to_owned();
            let cure = "have the client ask for Accept-Encoding: identity";
            return Err(Leak { place: place.to_owned(), kind, cure });
        }
        let mut scan = Scan::default();
        parts::each_of_exchange(exchange, &mut |place, bytes| scan.part(place, bytes));
        self.learn(scan, declared);
        let known = self.read();
        let mut tally = Tally::new();
        let mut rewrite =
            |place: Place<'_>, bytes: &[u8]| known.rewrite(place, bytes, &declared.secrets, &mut tally);
        let passed = Exchange {
            operation: exchange.operation.clone(),
            request: parts::rewrite_request(&exchange.request, &mut rewrite),
            response: parts::rewrite_response(&exchange.response, &mut rewrite),
            ending: exchange.ending,
            timing: exchange.timing,
        };
        let mut hunt = Hunt { known: &known, leak: None };
        parts::each_of_exchange(&passed, &mut |place, bytes| hunt.part(place, bytes));
        if hunt.leak.is_none() {
            self.counts.add(&tally);
        }
        hunt.leak.map_or(Ok(Redacted::passed(passed)), Err)
    }

    /// An exchange that has passed, once more, with all that was learned since: the gate before a
    /// cassette.
    ///
    /// # Errors
    /// When a secret would be left in it.
    pub fn again(&self, exchange: &Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> {
        let known = self.read();
        let mut rewrite =
            |place: Place<'_>, bytes: &[u8]| known.rewrite_again(place, bytes, &[], &mut Tally::new());
        let passed = Exchange {
            request: parts::rewrite_request(&exchange.request, &mut rewrite),
            response: parts::rewrite_response(&exchange.response, &mut rewrite),
            ..Exchange::clone(exchange)
        };
        let mut hunt = Hunt { known: &known, leak: None };
        parts::each_of_exchange(&passed, &mut |place, bytes| hunt.part(place, bytes));
        hunt.leak.map_or(Ok(Redacted::passed(passed)), Err)
    }

    /// A request that has no answer yet, as it may be shown.
    pub fn request(&self, request: &Request, declared: &Declared) -> Result<Redacted<Request>, Leak> {
        let mut scan = Scan::default();
        parts::each_of_request(request, &mut |place, bytes| scan.part(place, bytes));
        self.learn(scan, declared);
        let known = self.read();
        let mut tally = Tally::new();
        let mut rewrite =
            |place: Place<'_>, bytes: &[u8]| known.rewrite(place, bytes, &declared.secrets, &mut tally);
        let passed = parts::rewrite_request(request, &mut rewrite);
        let mut hunt = Hunt { known: &known, leak: None };
        parts::each_of_request(&passed, &mut |place, bytes| hunt.part(place, bytes));
        hunt.leak.map_or(Ok(Redacted::passed(passed)), Err)
    }

    /// Takes every number of twelve digits in a request for that of an account, shown as one or not.
    pub fn suspect_accounts(&self, request: &Request) {
        let mut scan = Scan::default();
        parts::each_of_request(request, &mut |_, bytes| {
            shapes::each(bytes, |_, value, shape| {
                if shape == shapes::Shape::Account {
                    scan.accounts.push(value.to_owned());
                }
            });
        });
        self.learn(scan, &Declared::default());
    }

    /// A text as it may be logged. If a secret would be left in it, none of it is shown.
    pub fn text(&self, text: &str) -> Redacted<String> {
        let place = Place::Body(Side::Request, Syntax::Text);
        let mut scan = Scan::default();
        scan.part(place, text.as_bytes());
        self.learn(scan, &Declared::default());
        let known = self.read();
        let passed = known.rewrite(place, text.as_bytes(), &[], &mut Tally::new());
        let passed = if known.hunt(&passed).is_some() { REDACTED.into() } else { passed };
        Redacted::passed(String::from_utf8_lossy(&passed).into_owned())
    }

    /// The request with the real values in the places of pseudonyms, for a provider that knows
    /// no pseudonyms. Secrets do not come back.
    pub fn reveal(&self, request: &Request) -> Request {
        let known = self.read();
        parts::rewrite_request(request, &mut |place, bytes| known.reveal(place, bytes))
    }

    /// A changed pseudonym, which from now on stands for the real value changed in the same way.
    /// If the change makes another value's pseudonym of it, a new one is returned instead. What
    /// is no pseudonym is just changed.
    pub fn derive(&self, pseudonym: &str, change: impl Fn(&str) -> String) -> String {
        let mut known = self.write();
        match known.pseudonyms.real(pseudonym).map(|(_, real)| change(real)) {
            Some(real) => known.pseudonyms.derived(change(pseudonym), &real),
            None => change(pseudonym),
        }
    }

    fn learn(&self, scan: Scan, declared: &Declared) {
        let mut known = self.write();
        let Known { secrets, pseudonyms, .. } = &mut *known;
        scan.seen.iter().for_each(|(kind, number)| pseudonyms.seen(*kind, *number));
        scan.secrets.iter().chain(&declared.secrets).for_each(|secret| secrets.learn(secret));
        scan.passing.iter().for_each(|secret| secrets.learn_passing(secret));
        for account in &scan.accounts {
            if pseudonyms.account(account) {
                secrets.learn_account(account);
            }
        }
        declared.cursors.iter().for_each(|cursor| pseudonyms.cursor(cursor));
        scan.sent.iter().for_each(|uuid| pseudonyms.client_made(uuid));
        scan.request_ids.iter().for_each(|id| pseudonyms.request_id(id));
        scan.received.iter().for_each(|uuid| pseudonyms.uuid(uuid));
    }

    // What is known is whole between any two of its changes, so a panic elsewhere spoils nothing.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Hunt<'a> {
    known: &'a Known,
    leak: Option<Leak>,
}

impl Hunt<'_> {
    fn part(&mut self, place: Place<'_>, bytes: &[u8]) {
        if self.leak.is_none() {
            let kind = self.known.hunt(bytes);
            let cure = "declare its member as a secret or a page token";
            self.leak = kind.map(|kind| Leak { place: place.to_string(), kind: kind.to_owned(), cure });
        }
    }
}

/// A secret that would still be in what was about to be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} would be left in the {place}: the exchange is not written; {cure}")]
pub struct Leak {
    /// Where, `response body`.
    pub place: String,
    /// What kind of secret, never its value.
    pub kind: String,
    /// What to do about it.
    pub cure: &'static str,
}
