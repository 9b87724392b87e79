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
//! | id that the host names of an account show, or a user's rules name | `aaaa-2ac`, of the same form |
//!
//! Bodies are looked into through their content coding and packed again, if something was replaced,
//! in the same one; multipart bodies, CBOR and the event streams of AWS are taken apart. Text in
//! base64 or hex that holds a secret is rewritten within; where that cannot be (base64 broken over
//! lines) the exchange does not pass. In what is no text a secret is overwritten in its length.
//!
//! Limits, on purpose: a secret shorter than six bytes is replaced where it stands, but not
//! searched elsewhere; neither is one that is itself a word for secrets (`password`). A page
//! token shorter than that, or all digits, stays. Of signatures and cookies only the latest few
//! hundred are remembered, of request ids a few thousand. Escapes are followed four deep. A body in an
//! unknown coding, or of more than 32 MiB unpacked, does not pass; of one that is packed in
//! another way (an archive), or not written in an encoding that extends ASCII, only what shows
//! without unpacking is seen. Checksums that an exchange carries of its body are not made true.

mod accounts;
mod body;
mod cbor;
mod counts;
mod encoded;
mod fields;
mod ids;
mod known;
mod leak;
mod leaves;
mod messages;
mod multipart;
mod names;
mod needles;
mod parts;
mod pieces;
mod pointer;
mod pseudonyms;
mod redacted;
mod rules;
mod scan;
mod secrets;
mod settings;
mod shapes;
mod signs;
mod splice;
mod suspicions;
#[cfg(test)]
mod tests;
mod uuids;
mod view;
mod words;

pub use leak::Leak;
pub use redacted::Redacted;
pub use rules::{RuleError, Rules};
pub use suspicions::{Suspicion, suspicions};

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::counts::Counts;
use self::known::{Known, Passage};
use self::parts::{Place, Side, Syntax, Visit};
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

/// Whether a text stands for a real one without having its form: a secret, or a page token. Pseudonyms
/// of all other kinds have the form of what they stand for.
pub fn is_stand_in(text: &str) -> bool {
    !text.is_empty() && (secrets::is_redacted(text.as_bytes()) || text.starts_with("cursor-"))
}

/// Redacts the exchanges of one session, so that the same value gets the same pseudonym.
#[derive(Default)]
pub struct Redactor {
    rules: Rules,
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
        let mut known = Known::default();
        let literals = rules.ids.iter().filter_map(|rule| rule.literal.as_deref());
        let numbered = literals.zip(1..).map(|(literal, number)| known.pseudonyms.id(literal, number));
        let count = numbered.count() as u64;
        known.pseudonyms.ids_from(count);
        Self { rules, known: RwLock::new(known), counts: Counts::default() }
    }

    /// Makes known that this is a secret, though no exchange may show it to be one.
    pub fn secret(&self, value: &str) {
        self.write().secrets.learn(value);
    }

    /// Makes known an exchange of the cassette that is added to: its pseudonyms are not given again.
    pub fn resume(&self, exchange: &Exchange) {
        let mut scan = Scan::new(&self.rules);
        parts::each_of_exchange(exchange, &mut |place, bytes| scan.part(place, bytes));
        let pseudonyms = &mut self.write().pseudonyms;
        scan.seen.iter().for_each(|(kind, number)| pseudonyms.seen(*kind, *number));
        scan.seen_ids.iter().for_each(|id| pseudonyms.seen_id(id));
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
        let mut scan = Scan::new(&self.rules);
        parts::each_of_exchange(exchange, &mut |place, bytes| scan.part(place, bytes));
        self.learn(&scan, declared);
        let known = self.read();
        let mut passage = Passage { short: &declared.secrets, ..Passage::new(&known, &self.rules) };
        let passed = rewritten(exchange, &mut |place, bytes| passage.rewrite(place, bytes));
        let tally = passage.tally;
        known.hunt_exchange(&passed)?;
        drop(known);
        self.counts.add(&tally.counts);
        self.remember(&tally);
        Ok(Redacted::passed(passed))
    }

    /// An exchange that has passed, once more, with all that was learned since: the gate before a
    /// cassette.
    ///
    /// # Errors
    /// When a secret would be left in it.
    pub fn again(&self, exchange: &Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> {
        let known = self.read();
        let mut unknown = true;
        parts::each_of_exchange(exchange, &mut |place, bytes| {
            unknown = unknown && known.is_unknown(&self.rules, place, bytes);
        });
        if unknown {
            return Ok(exchange.clone());
        }
        let mut passage = Passage::new(&known, &self.rules);
        let passed = rewritten(exchange, &mut |place, bytes| passage.rewrite_again(place, bytes));
        known.hunt_exchange(&passed)?;
        Ok(Redacted::passed(passed))
    }

    /// Only looks: whether a secret seen so far is in an exchange, in whatever form.
    ///
    /// # Errors
    /// When one is, or when a body is compressed and cannot be looked into.
    pub fn hunt(&self, exchange: &Exchange) -> Result<(), Leak> {
        self.read().hunt_exchange(exchange)
    }

    /// A request that has no answer yet, as it may be shown.
    ///
    /// # Errors
    /// When a secret would be left in it, or when its body is compressed and cannot be looked into.
    pub fn request(&self, request: &Request, declared: &Declared) -> Result<Redacted<Request>, Leak> {
        let mut scan = Scan::new(&self.rules);
        parts::each_of_request(request, &mut |place, bytes| scan.part(place, bytes));
        self.learn(&scan, declared);
        let known = self.read();
        let mut passage = Passage { short: &declared.secrets, ..Passage::new(&known, &self.rules) };
        let passed = parts::walk_request(request, &mut |place, bytes| passage.rewrite(place, bytes));
        let passed = passed.unwrap_or_else(|| request.clone());
        let tally = passage.tally;
        known.hunt_request(&passed)?;
        drop(known);
        self.remember(&tally);
        Ok(Redacted::passed(passed))
    }

    /// Takes every number of twelve digits in a request for that of an account, and every long word that
    /// has the form of an account's own id for one, shown as such or not.
    pub fn suspect(&self, request: &Request) {
        let mut scan = Scan::new(&self.rules);
        parts::each_of_request(request, &mut |_, bytes| {
            shapes::each(bytes, |_, value, shape| {
                if shape == shapes::Shape::Account && !self.rules.accounts.contains(value) {
                    scan.accounts.push(value.to_owned());
                }
            });
            ids::like_own(bytes, |id| scan.own_ids.push(id.to_owned()));
        });
        self.learn(&scan, &Declared::default());
    }

    /// A text as it may be logged. If a secret would be left in it, none of it is shown.
    pub fn text(&self, text: &str) -> Redacted<String> {
        let place = Place::Body(Side::Request, Syntax::Text);
        let mut scan = Scan::new(&self.rules);
        scan.part(place, text.as_bytes());
        self.learn(&scan, &Declared::default());
        let known = self.read();
        let passed = Passage::new(&known, &self.rules).rewrite(place, text.as_bytes());
        let passed = passed.unwrap_or_else(|| text.into());
        let passed = if known.hunt(&passed).is_some() { REDACTED.into() } else { passed };
        Redacted::passed(String::from_utf8_lossy(&passed).into_owned())
    }

    /// The request with the real values in the places of pseudonyms, for a provider that knows
    /// no pseudonyms. Secrets do not come back.
    pub fn reveal(&self, request: &Request) -> Request {
        let known = self.read();
        let revealed = parts::walk_request(request, &mut |place, bytes| known.reveal(place, bytes));
        revealed.unwrap_or_else(|| request.clone())
    }

    /// A changed pseudonym, which from now on stands for the real value changed in the same way.
    /// If the change makes another value's pseudonym of it, a new one is returned instead. What
    /// is no pseudonym is just changed.
    pub fn derive(&self, pseudonym: &str, change: impl Fn(&str) -> String) -> String {
        let mut known = self.write();
        match known.pseudonyms.real(pseudonym).map(|(_, real)| change(&real)) {
            Some(real) => known.pseudonyms.derived(change(pseudonym), &real),
            None => change(pseudonym),
        }
    }

    fn learn(&self, scan: &Scan<'_>, declared: &Declared) {
        let mut known = self.write();
        let Known { secrets, pseudonyms } = &mut *known;
        scan.seen.iter().for_each(|(kind, number)| pseudonyms.seen(*kind, *number));
        scan.seen_ids.iter().for_each(|id| pseudonyms.seen_id(id));
        scan.secrets.iter().chain(&declared.secrets).for_each(|secret| secrets.learn(secret));
        scan.passing.iter().for_each(|secret| secrets.learn_passing(secret));
        for account in &scan.accounts {
            if pseudonyms.account(account) {
                secrets.learn_account(account);
            }
        }
        declared.names.iter().for_each(|name| pseudonyms.client_made(name));
        declared.cursors.iter().for_each(|cursor| pseudonyms.cursor(cursor));
        scan.sent.iter().for_each(|uuid| pseudonyms.client_made(uuid));
        scan.request_ids.iter().for_each(|id| pseudonyms.request_id(id));
        scan.received.iter().for_each(|uuid| pseudonyms.uuid(uuid));
        scan.own_ids.iter().for_each(|id| pseudonyms.random_id(id));
        scan.named_ids.iter().for_each(|id| pseudonyms.next_id(id));
    }

    /// What was written for encoded texts, so that they can be revealed.
    fn remember(&self, tally: &Tally) {
        if !tally.encoded.is_empty() {
            let pseudonyms = &mut self.write().pseudonyms;
            tally.encoded.iter().for_each(|(real, written)| pseudonyms.encoded(real, written));
        }
    }

    // What is known is whole between any two of its changes, so a panic elsewhere spoils nothing.
    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rewritten(exchange: &Exchange, visit: &mut Visit<'_>) -> Exchange {
    let request = parts::walk_request(&exchange.request, visit);
    let response = parts::walk_response(&exchange.response, visit);
    Exchange {
        operation: exchange.operation.clone(),
        request: request.unwrap_or_else(|| exchange.request.clone()),
        response: response.unwrap_or_else(|| exchange.response.clone()),
        ending: exchange.ending,
        timing: exchange.timing,
    }
}
