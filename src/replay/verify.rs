//! Whether a recording answers its own requests.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::key::{self, Reading};
use super::{Miss, Replayer};
use crate::cassette::Cassette;
use crate::contract::Contract;
use crate::exchange::Response;

/// What pseudonyms begin with that answers hand out and clients send back; digits follow.
const HANDED_OUT: [&str; 3] = ["00000000-0000-4000-8000-", "cursor-", "request-id-"];

/// A recorded request that its own exchange does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmatched {
    /// The name of its cassette.
    pub cassette: String,
    /// Which exchange of the cassette, counted from 0.
    pub exchange: usize,
    /// Its operation, where one is known.
    pub operation: Option<String>,
    /// Why.
    pub why: Why,
}

/// Why a recorded request is not answered by its own exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// Nothing answers it.
    Miss(Box<Miss>),
    /// The answer of another exchange comes instead, counted from 0.
    Another(usize),
    /// No client can send it: it holds a pseudonym that no earlier answer hands out.
    Unknowable(String),
}

/// Replays a cassette to its own requests, in the order in which they were recorded, and tells those
/// that do not get their own answer. Empty for a recording that can be replayed.
pub fn verify(contracts: Vec<Arc<Contract>>, cassette: &Cassette) -> Vec<Unmatched> {
    Replayer::new(contracts, vec![cassette.clone()]).verify()
}

impl Replayer {
    /// Replays the cassettes to their own requests, see [`verify`].
    pub fn verify(self) -> Vec<Unmatched> {
        let replayer = self.with_real_hosts();
        let (mut found, mut handed_out) = (Vec::new(), BTreeSet::new());
        for spot in replayer.library.spots() {
            let Some(recorded) = replayer.library.exchange(spot) else { continue };
            let own = replayer.library.contract_of(spot.cassette);
            let reading = key::recorded(key::readings(&replayer.library.contracts, &recorded.request), own);
            let why = match replayer.take_spot(&recorded.request) {
                Ok(taken) if taken == spot => unknowable(&reading, &handed_out).map(Why::Unknowable),
                Ok(taken) => Some(Why::Another(taken.exchange)),
                Err(miss) => Some(Why::Miss(miss)),
            };
            found.extend(why.map(|why| Unmatched {
                cassette: replayer.library.name(spot.cassette),
                exchange: spot.exchange,
                operation: reading.call.map(|call| call.operation.name.clone()),
                why,
            }));
            hand_out(&recorded.response, &mut handed_out);
        }
        found
    }
}

/// A pseudonym in what is compared of a request, which its client had from nowhere.
fn unknowable(reading: &Reading<'_>, handed_out: &BTreeSet<String>) -> Option<String> {
    let compared = Value::Object(reading.key.parts()).to_string();
    pseudonyms(&compared).find(|pseudonym| !handed_out.contains(*pseudonym)).map(str::to_owned)
}

fn hand_out(response: &Response, handed_out: &mut BTreeSet<String>) {
    let mut read = |text: &str| handed_out.extend(pseudonyms(text).map(str::to_owned));
    for (_, value) in response.headers.iter().chain(response.trailers.iter()) {
        read(&value.text());
    }
    read(&String::from_utf8_lossy(response.content().as_bytes()));
}

fn pseudonyms(text: &str) -> impl Iterator<Item = &str> {
    HANDED_OUT.iter().flat_map(move |start| text.match_indices(start)).filter_map(move |(at, start)| {
        let digits = text.get(at + start.len()..)?;
        let digits = digits.find(|part: char| !part.is_ascii_digit()).unwrap_or(digits.len());
        let is_inside = text[..at].ends_with(|before: char| before.is_ascii_alphanumeric());
        // Numbers begin with one: a zero is a client's own, such as a UUID that stands for none.
        let is_numbered = text[at + start.len()..][..digits].bytes().any(|digit| digit != b'0');
        (is_numbered && !is_inside).then(|| &text[at..at + start.len() + digits])
    })
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.as_deref().unwrap_or("a request that no contract knows");
        write!(f, "exchanges[{}] of {}: {operation} ", self.exchange, self.cassette)?;
        match &self.why {
            Why::Another(other) => write!(f, "gets the answer of exchanges[{other}]"),
            Why::Unknowable(pseudonym) => {
                write!(
                    f,
                    "sends {pseudonym}, which no answer before it hands out: no client can send it again"
                )
            }
            Why::Miss(miss) => write!(f, "gets no answer\n{miss}"),
        }
    }
}
