//! Values that a client made up when it was recorded, and makes up anew in each run: the UUID in the
//! name of a thing that it creates (`test-<uuid>`).
//!
//! Such a UUID may stand for another one only if both are a part of a name wherever their requests have
//! them, and the recording shows that it is made up: no answer had it before, and the first request with it
//! that succeeded created something. Any other UUID says which thing is meant: one that is a whole value or
//! a segment of a path, or stands in an ARN. And it has to be clear which one is meant: where two recorded
//! requests differ in nothing else, a fresh UUID could be either.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::index::Spot;
use super::key::{Call, Digest, Key, Reading};
use super::uuids::{self, Uuid};
use crate::contract::Safety;
use crate::exchange::{Exchange, Method, Request};
use crate::redact::Redacted;

/// What stands for the made-up UUIDs of a key, numbered as they come.
const PLACE: &str = "ffffffff-ffff-4fff-8fff-";

/// The made-up UUIDs of a library.
#[derive(Debug)]
pub(super) struct MadeUp {
    /// All UUIDs of the library: a client that sends one of them means it.
    known: HashSet<Uuid>,
    /// The UUIDs that recorded requests bring up, by what the requests are without them.
    shapes: HashMap<Digest, HashSet<Vec<Uuid>>>,
}

/// A recorded request with UUIDs.
#[derive(Debug)]
pub(super) struct Mention {
    key: Key,
    uuids: Vec<Uuid>,
    /// Whether what they name is made by it, if it succeeds.
    creates: Creates,
}

/// As far as a request shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Creates {
    Yes,
    /// If the answer says so.
    IfToldSo,
    No,
}

impl Mention {
    /// `None` for a request without a UUID.
    pub(super) fn of(reading: Reading<'_>, request: &Request) -> Option<Self> {
        let uuids: Vec<_> = reading.key.texts().into_iter().flat_map(distinct).collect();
        let creates = creates(reading.call, request);
        (!uuids.is_empty()).then_some(Self { key: reading.key, uuids, creates })
    }
}

/// Whether a request may make something that has a UUID in its name.
pub(super) fn may_name_what_it_makes(reading: &Reading<'_>, request: &Request) -> bool {
    creates(reading.call, request) != Creates::No
        && reading.key.texts().into_iter().any(|text| uuids::in_names(text).next().is_some())
}

impl MadeUp {
    /// `None` where nothing is made up. Mentions and exchanges come in the order of the recording.
    pub(super) fn of<E: Iterator<Item = (Spot, Arc<Redacted<Exchange>>)>>(
        mentions: &[(Spot, Mention)],
        exchanges: impl Fn() -> E,
    ) -> Option<Self> {
        let answers = Answers::of(exchanges(), &mentions.iter().map(|(spot, _)| *spot).collect());
        let made = made(mentions, &answers);
        let mut shapes: HashMap<_, HashSet<_>> = HashMap::new();
        for (spot, mention) in mentions {
            // A refusal before it is made says the same of any name; afterwards the name says which is meant.
            let brings = |uuid: &str| made.get(uuid).is_some_and(|birth| spot <= birth);
            if let Some((shape, uuids)) = shape(&mention.key, brings) {
                shapes.entry(shape).or_default().insert(uuids);
            }
        }
        let sent = mentions.iter().flat_map(|(_, mention)| mention.uuids.iter().cloned());
        let known = sent.chain(answers.handed_out.into_keys()).collect();
        (!made.is_empty()).then_some(Self { known, shapes })
    }

    /// Which recorded UUID each fresh one of a live request may stand for, if there is just one way.
    pub(super) fn stood_for(&self, key: &Key) -> Option<Vec<(Uuid, Uuid)>> {
        let (shape, live) = shape(key, |uuid| !self.known.contains(uuid))?;
        let mut ways = self.shapes.get(&shape)?.iter();
        let (Some(only), None) = (ways.next(), ways.next()) else { return None };
        Some(live.into_iter().zip(only.iter().cloned()).collect())
    }
}

/// The UUIDs that are made up, and where what they name is created.
fn made(mentions: &[(Spot, Mention)], answers: &Answers) -> HashMap<Uuid, Spot> {
    let mut settled: HashMap<&Uuid, Option<Spot>> = HashMap::new();
    for (spot, mention) in mentions {
        let status = answers.statuses.get(spot).copied().unwrap_or_default();
        if status >= 400 {
            continue;
        }
        let is_made = match mention.creates {
            Creates::Yes => (200..300).contains(&status),
            Creates::IfToldSo => status == 201,
            Creates::No => false,
        };
        let others = if is_made { outside_names(&mention.key) } else { HashSet::new() };
        for uuid in &mention.uuids {
            let is_name = !others.contains(&**uuid);
            let is_news = answers.handed_out.get(uuid).is_none_or(|first| spot < first);
            settled.entry(uuid).or_insert((is_made && is_name && is_news).then_some(*spot));
        }
    }
    settled.into_iter().filter_map(|(uuid, birth)| Some((uuid.clone(), birth?))).collect()
}

/// What the recorded answers say.
struct Answers {
    /// Of the requests that mention UUIDs.
    statuses: HashMap<Spot, u16>,
    /// The UUIDs that answers brought up, with the first that did: those of their own requests are none.
    handed_out: HashMap<Uuid, Spot>,
}

impl Answers {
    fn of(
        exchanges: impl Iterator<Item = (Spot, Arc<Redacted<Exchange>>)>,
        mentioning: &HashSet<Spot>,
    ) -> Self {
        let mut found = Self { statuses: HashMap::new(), handed_out: HashMap::new() };
        for (spot, exchange) in exchanges {
            if mentioning.contains(&spot) {
                found.statuses.insert(spot, exchange.response.status);
            }
            for uuid in news(&exchange) {
                found.handed_out.entry(uuid).or_insert(spot);
            }
        }
        found
    }
}

/// The UUIDs of an answer that are not those of its request.
fn news(Exchange { request, response, .. }: &Exchange) -> Vec<Uuid> {
    let mut answered = distinct(response.content().as_bytes());
    for (_, value) in response.headers.iter().chain(response.trailers.iter()) {
        answered.extend(distinct(value.as_bytes()));
    }
    if !answered.is_empty() {
        let (target, content) = (request.target.as_str().as_bytes(), request.content());
        let asked = [distinct(target), distinct(content.as_bytes())].concat();
        answered.retain(|uuid| !asked.contains(uuid));
    }
    answered
}

fn distinct(text: &[u8]) -> Vec<Uuid> {
    let mut found: Vec<Uuid> = Vec::new();
    let mut seen = HashSet::new();
    uuids::each(text).filter(|uuid| seen.insert(*uuid)).for_each(|uuid| found.push(uuid.into()));
    found
}

/// The UUIDs of a key that are no part of a name, somewhere.
fn outside_names(key: &Key) -> HashSet<&str> {
    key.texts().into_iter().flat_map(uuids::outside_names).collect()
}

/// The key with numbers in the place of some UUIDs in names, and these, in the order of their numbers.
fn shape(key: &Key, is_open: impl Fn(&str) -> bool) -> Option<(Digest, Vec<Uuid>)> {
    let mut open: Vec<Uuid> = Vec::new();
    let others = outside_names(key);
    let shape = key.with_uuids(|uuid| {
        if uuid.starts_with(PLACE) || others.contains(uuid) || !is_open(uuid) {
            return None;
        }
        let number = open.iter().position(|known| &**known == uuid).unwrap_or_else(|| {
            open.push(uuid.into());
            open.len() - 1
        });
        Some(format!("{PLACE}{number:012x}").into())
    })?;
    Some((shape.digest(), open))
}

/// Whether a request makes what it names, as far as it says so itself.
fn creates(call: Option<Call<'_>>, request: &Request) -> Creates {
    match call {
        Some(call) if call.operation.safety == Safety::Create => Creates::Yes,
        Some(_) => Creates::No,
        None => creates_unknown(request),
    }
}

fn creates_unknown(request: &Request) -> Creates {
    let target = request.headers.get("x-amz-target");
    let named = target.as_deref().and_then(|target| target.rsplit('.').next()).map(str::to_owned);
    let named = named.or_else(|| action(request.target.query().unwrap_or_default()));
    let named = named.or_else(|| action(request.content().text().unwrap_or_default()));
    match (named, &request.method) {
        (Some(name), _) if name.starts_with("Create") => Creates::Yes,
        (None, Method::Put) => Creates::Yes,
        (None, Method::Post) => Creates::IfToldSo,
        _ => Creates::No,
    }
}

/// The operation of the query protocol.
fn action(pairs: &str) -> Option<String> {
    pairs.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}
