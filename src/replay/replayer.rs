use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::faults::{Asked, Faulty, Order};
use super::index::{Sequence, Spot};
use super::key::Call;
use super::library::{Library, Likeness, Meant};
use super::miss::{Miss, Reason};
use super::realm;
use super::serve::{Changes, Manner};
use super::signatures::{Doubt, Verifying};
use super::terms::{Hosts, Terms};
use super::turns::Turns;
use super::unified::{TakenFor, Unified};
use super::uuids::Uuid;
use super::validate::{Invalid, Validating};
use super::waits::{Ends, Waits};
use crate::cassette::Cassette;
use crate::contract::Contract;
use crate::exchange::{Ending, Exchange, Method, Request, Response};
use crate::net::{Answer, Keyring, Reply};
use crate::redact::{Redacted, Redactor, Rules};

/// Serves cassettes back. Shared by all connections; no look-up waits for another.
///
/// ```
/// # use onrecord::{exchange::{Method, Request, Target}, replay::Replayer};
/// let replayer = Replayer::new(Vec::new(), Vec::new());
/// let answer = replayer.answer(&Request::new(Method::Get, Target::new("/v1/clusters")));
/// assert_eq!(answer.headers.get("x-onrecord-miss").as_deref(), Some("empty"));
/// ```
pub struct Replayer {
    pub(super) library: Arc<Library>,
    pub(super) terms: Terms,
    pub(super) turns: Turns,
    /// What clients made up in this session.
    unified: Unified,
    pub(super) waits: Option<Waits>,
    pub(super) manner: Manner,
    /// Whose signatures are verified, if any are.
    verifying: Option<Verifying>,
    /// What is demanded of requests, if anything is.
    validating: Option<Validating>,
    /// The faults that are planted, if any are.
    faulty: Option<Faulty>,
    origin: Option<String>,
    /// How a recording reaches the provider, as its user said.
    pub(super) way: Option<String>,
    /// Redacts what explanations show.
    pub(super) redactor: Redactor,
    pub(super) on_miss: Option<Box<OnMiss>>,
    on_made_up: Option<Box<OnMadeUp>>,
    pub(super) missed: AtomicUsize,
    pub(super) misses: Mutex<Vec<Miss>>,
}

pub(super) type OnMiss = dyn Fn(&Miss) + Send + Sync;

type OnMadeUp = dyn Fn(&TakenFor) + Send + Sync;

/// A recorded exchange that was not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The name of its cassette.
    pub cassette: String,
    /// Which exchange of the cassette, counted from 0.
    pub exchange: usize,
    /// Its operation, where one is known.
    pub operation: Option<String>,
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub target: String,
}

impl Replayer {
    /// Replays the exchanges of these cassettes, each once, in the order given. Contracts tell
    /// operations and keys; a request that none of them knows is compared as it is.
    pub fn new(contracts: Vec<Arc<Contract>>, cassettes: Vec<Cassette>) -> Self {
        Self::over(Arc::new(Library::new(contracts, cassettes)))
    }

    /// Replays a library, from its beginning: what others have taken of it is of no account.
    pub fn over(library: Arc<Library>) -> Self {
        Self {
            turns: Turns::new(library.sequences()),
            library,
            waits: None,
            manner: Manner::default(),
            terms: Terms::default(),
            unified: Unified::default(),
            verifying: None,
            validating: None,
            faulty: None,
            origin: None,
            way: None,
            redactor: Redactor::new(),
            on_miss: None,
            on_made_up: None,
            missed: AtomicUsize::new(0),
            misses: Mutex::default(),
        }
    }

    /// Puts our own address (`http://127.0.0.1:8080`) into answers in the place of the provider's.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        let origin = origin.into();
        let authority = origin.split_once("://").map_or(origin.as_str(), |(_, authority)| authority);
        self.terms.ours = Some(realm::plain(authority));
        self.origin = Some(origin);
        self
    }

    /// Takes the host that a request names for the one it means, as it is where requests come
    /// through a forward proxy: recorded for another host, an exchange answers it no more. Without
    /// this a host says nothing, for clients then name ours.
    #[must_use]
    pub fn with_real_hosts(mut self) -> Self {
        self.terms.hosts = Hosts::Real;
        self
    }

    /// Replaces in live requests what the user's rules replaced when the cassettes were recorded, so
    /// that requests are found that name such a value.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.terms.told.rules = rules;
        self.redactor = self.terms.told.redactor();
        self
    }

    /// Replaces these secrets in live requests, and shows none of them: what the recorder knew to be
    /// secret before any exchange said so, such as the credentials of the environment.
    #[must_use]
    pub fn with_secrets(mut self, secrets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.terms.told.secrets.extend(secrets.into_iter().map(Into::into));
        self.redactor = self.terms.told.redactor();
        self
    }

    /// Refuses requests that break what their contract documents, as the provider would, and calls
    /// `hook` with each of them. What is documented as advice passes, and so does what no contract knows.
    #[must_use]
    pub fn validating(mut self, hook: impl Fn(&Invalid) + Send + Sync + 'static) -> Self {
        self.validating = Some(Validating::new(hook));
        self
    }

    /// Verifies the signatures (AWS Signature Version 4) of requests whose keys' secrets are known, and
    /// refuses those that are wrong, as the provider would. So it does with requests that are not signed
    /// and call what their contract says is signed. Calls `hook` with each of them, and with each request
    /// that passes though nobody can tell. The secrets are replaced as [`with_secrets`](Self::with_secrets) does.
    #[must_use]
    pub fn verifying(self, keys: Keyring, hook: impl Fn(&Doubt) + Send + Sync + 'static) -> Self {
        let mut knowing = self.with_secrets(keys.secrets());
        knowing.verifying = Some(Verifying::new(keys, hook));
        knowing
    }

    /// Plants faults: deliberate misbehaviours towards the client. The seed says which requests those of
    /// them meet that act on a share of all.
    #[must_use]
    pub fn with_faults(mut self, orders: Vec<Order>, seed: u64) -> Self {
        self.faulty = (!orders.is_empty()).then(|| Faulty::new(orders, seed));
        self
    }

    /// Calls `hook` with each miss as it happens.
    #[must_use]
    pub fn on_miss(mut self, hook: impl Fn(&Miss) + Send + Sync + 'static) -> Self {
        self.on_miss = Some(Box::new(hook));
        self
    }

    /// Calls `hook` with each UUID that is taken for a recorded one, when it first is.
    #[must_use]
    pub fn on_made_up(mut self, hook: impl Fn(&TakenFor) + Send + Sync + 'static) -> Self {
        self.on_made_up = Some(Box::new(hook));
        self
    }

    /// The region that the recorded requests were signed for, where they were.
    pub fn region(&self) -> Option<String> {
        let scopes = self.library.sequences().iter().filter_map(|sequence| sequence.realm.scope.as_deref());
        scopes.filter_map(|scope| scope.split_once('/')).map(|(region, _)| region.to_owned()).next()
    }

    /// Takes the recorded exchange that answers a request. Nobody else gets it.
    ///
    /// # Errors
    /// The explained miss, if there is none, or none left.
    pub fn take(&self, request: &Request) -> Result<Arc<Redacted<Exchange>>, Box<Miss>> {
        self.taken(request).map(|taken| taken.exchange)
    }

    /// The answer to a request: the recorded one, or a client error that says it is a miss.
    pub fn answer(&self, request: &Request) -> Response {
        self.reply(request).response
    }

    /// The answer, and how it is to end: as it was recorded.
    pub fn reply(&self, request: &Request) -> Reply {
        let contracts = &self.library.contracts;
        let redactor = &self.redactor;
        let is_unproven = || self.verifying.as_ref()?.refusal(contracts, redactor, request);
        let is_invalid = || self.validating.as_ref()?.refusal(contracts, redactor, request);
        let refusal = is_unproven().or_else(is_invalid);
        match (refusal, &self.faulty) {
            (Some(response), _) => Reply { response, ending: Ending::Complete },
            (None, Some(faulty)) => {
                let next = || self.next_status(request);
                let asked = Asked { contracts, request, next: &next };
                faulty.reply(&asked, || self.serve(request))
            }
            (None, None) => self.serve(request),
        }
    }

    fn serve(&self, request: &Request) -> Reply {
        match self.taken(request) {
            Ok(taken) => self.served_as(&taken, request),
            Err(miss) => Reply { response: self.refusal(request, &miss), ending: Ending::Complete },
        }
    }

    /// The recorded answer to a request, where there is one left. No miss is counted otherwise: for
    /// recordings that ask the provider then.
    pub fn known(&self, request: &Request) -> Option<Reply> {
        let find = || self.library.find(&self.terms, &self.library.readings(request), request).ok();
        let meant = self.library.seen(&self.terms, request).or_else(find)?;
        Some(self.served_as(&self.at(self.turns.take_if_left(meant.sequence)?, meant)?, request))
    }

    /// The first hundred misses, in their order.
    pub fn misses(&self) -> Vec<Miss> {
        self.misses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many misses there were.
    pub fn missed(&self) -> usize {
        self.missed.load(Ordering::Relaxed)
    }

    /// How many requests were refused for breaking what their contract documents.
    pub fn invalid(&self) -> usize {
        self.validating.as_ref().map_or(0, Validating::invalid)
    }

    /// How many requests were refused for their signatures.
    pub fn missigned(&self) -> usize {
        self.verifying.as_ref().map_or(0, Verifying::refused)
    }

    /// How many requests passed though nobody could tell whether they were signed right.
    pub fn unverified(&self) -> usize {
        self.verifying.as_ref().map_or(0, Verifying::unverified)
    }

    /// How many answers a planted fault made or changed.
    pub fn faulty(&self) -> usize {
        self.faulty.as_ref().map_or(0, Faulty::acted)
    }

    /// How many exchanges were served.
    pub fn served(&self) -> usize {
        self.library.sequences().iter().map(|sequence| self.turns.served(sequence)).sum()
    }

    /// How many exchanges were not served.
    pub fn left(&self) -> usize {
        self.library.sequences().iter().map(|sequence| self.turns.left(sequence).len()).sum()
    }

    /// The exchanges that were not served, in the order of the cassettes.
    pub fn unused(&self) -> Vec<Unused> {
        self.first_unused(usize::MAX)
    }

    /// The first few of them: each is read for it.
    pub(super) fn first_unused(&self, most: usize) -> Vec<Unused> {
        let sequences = self.library.sequences().iter();
        let mut left: Vec<_> = sequences.flat_map(|sequence| self.turns.left(sequence)).copied().collect();
        left.sort_unstable();
        left.into_iter().take(most).filter_map(|spot| self.not_served(spot)).collect()
    }

    /// Takes the exchange that answers a request, and says which one it is.
    pub(super) fn take_spot(&self, request: &Request) -> Result<Spot, Box<Miss>> {
        self.taken(request).map(|taken| taken.spot)
    }

    fn taken(&self, request: &Request) -> Result<Taken<'_>, Box<Miss>> {
        let reason = match self.meant(request) {
            Ok(meant) => match self.next(meant.sequence) {
                Some(spot) => match self.at(spot, meant) {
                    Some(taken) => return Ok(taken),
                    None => Reason::Changed,
                },
                None => {
                    let (sequence, asked) = (meant.sequence, self.turns.asked(meant.sequence));
                    Reason::UsedUp { recorded: sequence.spots.len(), asked }
                }
            },
            Err(reason) => reason,
        };
        // What is unified does not differ.
        let known = self.library.made_up.as_ref().and_then(|_| self.unified.as_recorded(request));
        let request = known.as_ref().unwrap_or(request);
        Err(Box::new(self.miss(self.library.readings(request).first(), reason, request)))
    }

    /// The only exchanges that a request can mean: the first way that leads to any.
    fn meant(&self, request: &Request) -> Result<Meant<'_>, Reason> {
        if let Some(meant) = self.library.seen(&self.terms, request) {
            return Ok(meant);
        }
        let found = self.library.find(&self.terms, &self.library.readings(request), request);
        found.or_else(|reason| match reason {
            Reason::NeverRecorded => self.meant_as_made_up(request).ok_or(reason),
            _ => Err(reason),
        })
    }

    fn meant_as_made_up(&self, request: &Request) -> Option<Meant<'_>> {
        let (meant, new) = self.library.find_unified(&self.terms, request, &self.unified)?;
        if let Some(hook) = &self.on_made_up {
            let redacted = |uuid: &Uuid| self.redactor.text(uuid).into_inner();
            let told =
                |(live, own): &(Uuid, Uuid)| TakenFor { live: redacted(live), recorded: redacted(own) };
            new.iter().map(told).for_each(|taken| hook(&taken));
        }
        Some(meant)
    }

    fn next(&self, sequence: &Sequence) -> Option<Spot> {
        match self.ends(sequence) {
            Some(ends) => self.turns.take_to(sequence, ends),
            None => self.turns.take(sequence),
        }
    }

    fn ends(&self, sequence: &Sequence) -> Option<&Ends> {
        self.waits.as_ref()?.ends(&self.library, sequence)
    }

    /// The status of the answer that comes next, which stays.
    fn next_status(&self, request: &Request) -> Option<u16> {
        let known = self.library.made_up.as_ref().and_then(|_| self.unified.as_recorded(request));
        let request = known.as_ref().unwrap_or(request);
        let meant = self.library.find(&self.terms, &self.library.readings(request), request).ok()?;
        let spot = self.turns.next(meant.sequence, self.ends(meant.sequence))?;
        Some(self.library.exchange(spot)?.response.status)
    }

    fn at<'r>(&'r self, spot: Spot, meant: Meant<'r>) -> Option<Taken<'r>> {
        Some(Taken { spot, meant, exchange: self.library.exchange(spot)? })
    }

    fn served_as(&self, taken: &Taken<'_>, request: &Request) -> Reply {
        let changes = self.changes(taken, request);
        let expiring = taken.meant.call.map(|Call { contract, operation }| contract.expiries(operation));
        let response = self.manner.response(&taken.exchange, changes, expiring);
        Reply { response, ending: taken.exchange.ending }
    }

    fn changes<'r>(&'r self, taken: &'r Taken<'_>, live: &'r Request) -> Changes<'r> {
        let recorded = &taken.exchange.request;
        let mut changes = Changes::default();
        let alike = taken.meant.call.filter(|_| taken.meant.likeness == Likeness::Alike);
        if let Some(Call { contract, operation }) = alike {
            changes.tokens(contract, operation, recorded, live);
        }
        if self.library.made_up.is_some() {
            changes.made_up(&self.unified.pairs());
        }
        // Who comes through a proxy comes to us whatever host is named.
        if self.origin.is_some() || self.terms.hosts == Hosts::Ours {
            changes.home(self.origin.as_deref(), recorded, live);
        }
        changes
    }

    fn not_served(&self, spot: Spot) -> Option<Unused> {
        let recorded = self.library.exchange(spot)?;
        let Exchange { operation, request, .. } = &**recorded;
        Some(Unused {
            cassette: self.library.name(spot.cassette),
            exchange: spot.exchange,
            operation: operation.clone(),
            method: request.method.clone(),
            target: request.target.as_str().to_owned(),
        })
    }
}

impl Answer for Replayer {
    fn answer(&self, request: Request) -> Response {
        Self::answer(self, &request)
    }

    fn reply(&self, request: Request) -> Reply {
        Self::reply(self, &request)
    }
}

impl fmt::Debug for Replayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayer")
            .field("cassettes", &self.library.names)
            .field("missed", &self.missed())
            .finish()
    }
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cassette, exchange, operation, method, target } = self;
        write!(f, "exchanges[{exchange}] of {cassette}")?;
        if let Some(operation) = operation {
            write!(f, ": {operation}")?;
        }
        write!(f, " ({method} {target})")
    }
}

struct Taken<'r> {
    spot: Spot,
    meant: Meant<'r>,
    exchange: Arc<Redacted<Exchange>>,
}
