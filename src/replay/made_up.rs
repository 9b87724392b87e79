//! Values that a client made up when it was recorded, and makes up anew in each run: the UUID in the
//! name of a thing that it creates.
//!
//! Such a UUID may stand for another one only if the recording shows that it is made up: no answer had
//! it before, and the first request with it that succeeded created something. Any other UUID says which
//! thing is meant. And it has to be clear which one is meant: where two recorded requests differ in
//! nothing else, a fresh UUID could be either.

use std::collections::{HashMap, HashSet};

use super::index::Spot;
use super::key::{Call, Key};
use super::uuids::{self, Uuid};
use crate::contract::Safety;
use crate::exchange::{Exchange, Method, Request};

/// What stands for the made-up UUIDs of a key, numbered as they come.
const PLACE: &str = "ffffffff-ffff-4fff-8fff-";

/// The made-up UUIDs of a library.
#[derive(Debug)]
pub(super) struct MadeUp {
    /// All UUIDs of the library: a client that sends one of them means it.
    known: HashSet<Uuid>,
    /// The UUIDs that recorded requests bring up, by what the requests are without them.
    shapes: HashMap<Key, HashSet<Vec<Uuid>>>,
}

/// A recorded request with UUIDs.
#[derive(Debug)]
pub(super) struct Mention {
    spot: Spot,
    key: Key,
    uuids: Vec<Uuid>,
    step: Step,
}

/// What a recorded exchange says of the UUIDs in its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// What they name is made here.
    Creates,
    /// Nothing: the provider refused it.
    Refused,
    /// What they name is there.
    Other,
}

impl Mention {
    /// `None` for a request without a UUID.
    pub(super) fn of(spot: Spot, key: &Key, call: Option<Call<'_>>, exchange: &Exchange) -> Option<Self> {
        let uuids = key.texts().into_iter().flat_map(distinct).collect::<Vec<_>>();
        if uuids.is_empty() {
            return None;
        }
        Some(Self { spot, key: key.clone(), uuids, step: step(call, exchange) })
    }
}

impl MadeUp {
    /// `None` where nothing is made up. Mentions and exchanges come in the order of the recording.
    pub(super) fn of<'e>(
        mentions: &[Mention],
        exchanges: impl Iterator<Item = (Spot, &'e Exchange)>,
    ) -> Option<Self> {
        if made(mentions, &HashMap::new()).is_empty() {
            return None;
        }
        // Only now are answers read.
        let handed_out = handed_out(exchanges);
        let made = made(mentions, &handed_out);
        let mut shapes: HashMap<_, HashSet<_>> = HashMap::new();
        for mention in mentions {
            // A refusal before it is made says the same of any name; afterwards the name says which is meant.
            let brings = |uuid: &str| made.get(uuid).is_some_and(|birth| mention.spot <= *birth);
            if let Some((shape, uuids)) = shape(&mention.key, brings) {
                shapes.entry(shape).or_default().insert(uuids);
            }
        }
        let sent = mentions.iter().flat_map(|mention| mention.uuids.iter().cloned());
        let known = sent.chain(handed_out.into_keys()).collect();
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

/// The UUIDs that are made up, as far as these answers show, and where what they name is created.
fn made(mentions: &[Mention], handed_out: &HashMap<Uuid, Spot>) -> HashMap<Uuid, Spot> {
    let mut settled: HashMap<&Uuid, Option<Spot>> = HashMap::new();
    for mention in mentions.iter().filter(|mention| mention.step != Step::Refused) {
        for uuid in &mention.uuids {
            let is_news = handed_out.get(uuid).is_none_or(|spot| mention.spot < *spot);
            let is_made = is_news && mention.step == Step::Creates;
            settled.entry(uuid).or_insert(is_made.then_some(mention.spot));
        }
    }
    settled.into_iter().filter_map(|(uuid, birth)| Some((uuid.clone(), birth?))).collect()
}

/// The UUIDs that answers brought up, with the first that did: those of their own requests are none.
fn handed_out<'e>(exchanges: impl Iterator<Item = (Spot, &'e Exchange)>) -> HashMap<Uuid, Spot> {
    let mut found = HashMap::new();
    for (spot, Exchange { request, response, .. }) in exchanges {
        let mut answered = distinct(response.content().as_bytes());
        for (_, value) in response.headers.iter().chain(response.trailers.iter()) {
            answered.extend(distinct(value.as_bytes()));
        }
        if answered.is_empty() {
            continue;
        }
        let asked: HashSet<_> =
            [distinct(request.target.as_str().as_bytes()), distinct(request.content().as_bytes())]
                .into_iter()
                .flatten()
                .collect();
        for uuid in answered.into_iter().filter(|uuid| !asked.contains(uuid)) {
            found.entry(uuid).or_insert(spot);
        }
    }
    found
}

fn distinct(text: &[u8]) -> Vec<Uuid> {
    let mut found: Vec<Uuid> = Vec::new();
    let mut seen = HashSet::new();
    uuids::each(text).filter(|uuid| seen.insert(*uuid)).for_each(|uuid| found.push(uuid.into()));
    found
}

/// The key with numbers in the place of some UUIDs, and these, in the order of their numbers.
fn shape(key: &Key, is_open: impl Fn(&str) -> bool) -> Option<(Key, Vec<Uuid>)> {
    let mut open: Vec<Uuid> = Vec::new();
    let shape = key.with_uuids(|uuid| {
        if uuid.starts_with(PLACE) || !is_open(uuid) {
            return None;
        }
        let number = open.iter().position(|known| &**known == uuid).unwrap_or_else(|| {
            open.push(uuid.into());
            open.len() - 1
        });
        Some(format!("{PLACE}{number:012x}").into())
    })?;
    Some((shape, open))
}

fn step(call: Option<Call<'_>>, Exchange { request, response, .. }: &Exchange) -> Step {
    let creates = match call {
        Some(call) => call.operation.safety == Safety::Create,
        None => creates(request, response.status),
    };
    match response.status {
        200..300 if creates => Step::Creates,
        400.. => Step::Refused,
        _ => Step::Other,
    }
}

/// Whether a request makes what it names, as far as it says so itself.
fn creates(request: &Request, status: u16) -> bool {
    let target = request.headers.get("x-amz-target");
    let named = target.as_deref().and_then(|target| target.rsplit('.').next()).map(str::to_owned);
    let named = named.or_else(|| action(request.target.query().unwrap_or_default()));
    let named = named.or_else(|| action(request.content().text().unwrap_or_default()));
    match named {
        Some(name) => name.starts_with("Create"),
        None => request.method == Method::Put || (request.method == Method::Post && status == 201),
    }
}

/// The operation of the query protocol.
fn action(pairs: &str) -> Option<String> {
    pairs.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}
