//! One case under way: what was sent so far, and what must be cleaned up.

use std::time::Duration;

use serde_json::{Value, json};

use super::budget::{Load, Metered};
use super::channel::{Channel as _, ChannelError};
use super::clean_up::{CleanUpError, Proof};
use super::thing::{Names, Thing, set};
use super::throttling::{is_throttled, pause};
use crate::check::{Coverage, Observation, Session};
use crate::contract::{Contract, FilterKind, Operation, Resource, Safety, at_path};
use crate::exchange::{Exchange, Request, Target};
use crate::generate::{Known, simplest};
use crate::redact::Redacted;

/// Sends requests and keeps the exchanges.
pub(super) struct Scene<'c, 'x> {
    contract: &'c Contract,
    channel: &'x mut Metered,
    exchanges: Vec<Redacted<Exchange>>,
    /// How many of them were throttled and sent again.
    retried: u64,
    /// Names that were made up, so that each is used once.
    names: Names,
    created: Vec<Thing<'c>>,
    /// Whether something may have been created that no answer names.
    doubtful: bool,
}

/// How often a resource is asked to go: some refuse while they are still being made.
const TRIES: usize = 3;

/// How many pages are looked through for what may have been made.
const PAGES: usize = 20;

/// What was made and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) created: usize,
    /// The identifiers of what could not be deleted.
    pub(super) left: Vec<String>,
}

/// What a scene leaves.
pub(super) struct Closed<'c> {
    pub(super) session: Session<'c>,
    pub(super) balance: Balance,
    /// How many exchanges were throttled and sent again.
    pub(super) retried: u64,
    /// How many exchanges came before the clean-up.
    pub(super) told: usize,
}

impl Balance {
    /// What is told of it. What a clean-up has proven says more.
    pub(super) fn notes(&self, cleaned: &Result<Option<Proof>, CleanUpError>) -> Vec<String> {
        let told = |created: usize, deleted: usize, left: usize| {
            format!("{created} resources created, {deleted} deleted, {left} left over")
        };
        match cleaned {
            Ok(Some(proof)) => vec![told(proof.created, proof.deleted, proof.left.len())],
            Ok(None) if self.created == 0 => Vec::new(),
            Ok(None) | Err(_) => {
                let left = self.left.len();
                let by_hand =
                    self.left.iter().map(|name| format!("left over, to be deleted by hand: {name}"));
                let unproven =
                    cleaned.as_ref().err().map(|error| format!("the clean-up did not end: {error}"));
                let told = told(self.created, self.created.saturating_sub(left), left);
                [told].into_iter().chain(by_hand).chain(unproven).collect()
            }
        }
    }
}

impl<'c, 'x> Scene<'c, 'x> {
    pub(super) fn new(contract: &'c Contract, channel: &'x mut Metered, names: Names) -> Self {
        channel.begin();
        let (exchanges, created) = (Vec::new(), Vec::new());
        Self { contract, channel, exchanges, retried: 0, names, created, doubtful: false }
    }

    /// Calls an operation. Whatever it creates is deleted at the end.
    pub(super) fn call(
        &mut self,
        operation: &Operation,
        input: &Value,
    ) -> Result<Observation<'c>, ChannelError> {
        let mark = self.names.mark.as_ref();
        if let Some(why) = mark.and_then(|mark| mark.objects(self.contract, operation, input)) {
            return Err(ChannelError::Withheld { operation: operation.name.clone(), why });
        }
        let Ok(request) = self.contract.encode(operation, input) else {
            // Generated inputs have their labels; a contract for which that fails has no case.
            return self.send(&Request::new(operation.method.clone(), Target::new("/")));
        };
        self.send(&request)
    }

    /// Calls an operation where a link leads, if there is one; the input says the same.
    pub(super) fn follow(
        &mut self,
        operation: &Operation,
        input: &Value,
        link: Option<Target>,
    ) -> Result<Observation<'c>, ChannelError> {
        match (self.contract.encode(operation, input), link) {
            (Ok(request), Some(target)) => self.send(&Request { target, ..request }),
            _ => self.call(operation, input),
        }
    }

    /// Sends a request as it is, and again when the provider has asked to wait.
    pub(super) fn send(&mut self, request: &Request) -> Result<Observation<'c>, ChannelError> {
        let mut tries = 0;
        loop {
            let observation = self.send_once(request)?;
            let load = if is_throttled(&observation) { Load::Throttled } else { Load::Taken };
            let pause = pause(&observation, tries).filter(|_| load == Load::Throttled);
            let Some(pause) = pause else {
                self.channel.note(load);
                return Ok(observation);
            };
            (self.retried, tries) = (self.retried + 1, tries + 1);
            self.channel.wait(pause);
        }
    }

    fn send_once(&mut self, request: &Request) -> Result<Observation<'c>, ChannelError> {
        let exchange = self.channel.exchange(request).inspect_err(|error| {
            // What was not sent, or only reads, has made nothing.
            let reads = self.contract.route(request).is_some_and(|it| it.safety == Safety::Read);
            self.doubtful |= !reads && !matches!(error, ChannelError::Spent(_));
        })?;
        self.exchanges.push(exchange.clone());
        let observation = Observation::new(self.contract, exchange);
        self.note_created(&observation);
        Ok(observation)
    }

    /// Gives what is under way the time to get on.
    pub(super) fn wait(&mut self, time: Duration) {
        self.channel.wait(time);
    }

    /// An altered page token, as the channel writes it.
    pub(super) fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String {
        self.channel.derive(token, change)
    }

    /// What every fresh name of this scene begins with.
    pub(super) fn name_prefix(&self) -> &str {
        &self.names.prefix
    }

    /// Fills what stands for something in a generated input.
    pub(super) fn fill(&mut self, operation: &Operation, mut input: Value) -> Value {
        self.names.fill(self.contract, operation, &mut input);
        input
    }

    /// Deletes what was created, newest first, and hands over the session. What cannot be deleted is
    /// left over; a failure to delete one does not keep the others.
    pub(super) fn close(mut self) -> Closed<'c> {
        self.channel.begin_clean_up();
        let told = self.exchanges.len();
        if self.doubtful {
            self.find_doubtful();
        }
        let mut balance = Balance { created: self.created.len(), left: Vec::new() };
        while let Some(thing) = self.created.pop() {
            let is_gone = (0..TRIES).any(|_| !self.channel.is_silent() && self.is_deleted(&thing));
            if !is_gone && !self.is_unprotected_and_deleted(&thing) {
                balance.left.push(thing.text());
            }
        }
        let session = Session::new(self.contract, self.exchanges, Coverage::Whole);
        Closed { session, balance, retried: self.retried, told }
    }

    fn is_deleted(&mut self, thing: &Thing<'c>) -> bool {
        let delete = thing.resource.delete.as_ref().and_then(|name| self.contract.operation(name));
        let Some(delete) = delete else { return false };
        let given = thing.names_for(self.contract, delete);
        let known = Known { given: given.clone(), region: None };
        let input = simplest(self.contract, delete, &known).unwrap_or(Value::Object(given));
        let input = self.fill(delete, input);
        let deleted = self.call(delete, &input);
        deleted.is_ok_and(|deleted| deleted.exchange.response.is_success())
    }

    /// Where things last, the update that takes the protection off is a part of the deletion.
    fn is_unprotected_and_deleted(&mut self, thing: &Thing<'c>) -> bool {
        let region = self.channel.region().filter(|_| self.names.mark.is_some());
        let unprotecting = region.and_then(|region| thing.unprotecting(self.contract, &region));
        let Some((update, input)) = unprotecting else { return false };
        let input = self.fill(update, input);
        let updated = self.call(update, &input);
        updated.is_ok_and(|updated| updated.exchange.response.is_success()) && self.is_deleted(thing)
    }

    /// A create that failed on the provider's side may have made something all the same: what is
    /// listed under a name of ours is ours.
    fn find_doubtful(&mut self) {
        for resource in &self.contract.resources {
            if self.channel.is_silent() {
                return;
            }
            let found = self.of_ours(resource);
            for thing in found {
                let is_known = self.created.iter().any(|known| known.text() == thing.text());
                if !is_known {
                    self.created.push(thing);
                }
            }
        }
    }

    /// What a list shows under a name of ours. A look around for the clean-up's sake: no part of
    /// what is judged.
    fn of_ours(&mut self, resource: &'c Resource) -> Vec<Thing<'c>> {
        let mut found = Vec::new();
        let list = resource.list.as_ref().and_then(|name| self.contract.operation(name));
        let (Some(list), Some(unique)) = (list, &resource.unique) else { return found };
        let Some(pagination) = &list.pagination else { return found };
        let Some(mut input) = simplest(self.contract, list, &Known::default()) else { return found };
        let narrows = |kind, item: &str| kind == FilterKind::Prefix && resource.calls(item, &unique.member);
        if let Some(filter) = list.filters.iter().find(|it| it.key.is_none() && narrows(it.kind, &it.item)) {
            set(&mut input, &filter.member, json!(self.names.prefix));
        }
        for _ in 0..PAGES {
            let request = self.contract.encode(list, &input).ok();
            let Some(page) = request.and_then(|request| self.channel.exchange(&request).ok()) else { break };
            let page = Observation::new(self.contract, page);
            let Some(output) = page.output() else { break };
            let items = pagination.items.as_ref().and_then(|items| at_path(output, items)?.as_array());
            for item in items.into_iter().flatten() {
                let thing = Thing { resource, asked: input.clone(), shown: item.clone() };
                let name = thing.name(&unique.member).and_then(Value::as_str);
                if name.is_some_and(|name| name.starts_with(&self.names.prefix)) {
                    found.push(thing);
                }
            }
            let Some(next) = pagination.next(&input, output) else { break };
            set(&mut input, &pagination.input_token, next);
        }
        found
    }

    /// A success of a creating operation leaves something behind; a success of a deleting one
    /// takes it away.
    fn note_created(&mut self, observation: &Observation<'c>) {
        let Some(operation) = observation.operation else { return };
        let Some(resource) = self.contract.resource_of(&operation.name) else { return };
        let creates = resource.create.as_ref() == Some(&operation.name);
        let Some(output) = observation.output() else {
            self.doubtful |= creates && observation.exchange.response.status >= 500;
            return;
        };
        let asked = observation.input.clone().unwrap_or_default();
        if creates && resource.delete.is_some() {
            // A repeated request makes nothing new.
            let thing = Thing { resource, asked, shown: output.clone() };
            let name = thing.text();
            if name.is_empty() || self.created.iter().all(|other| other.text() != name) {
                self.created.push(thing);
            }
        } else if resource.delete.as_ref() == Some(&operation.name) {
            let contract = self.contract;
            self.created.retain(|thing| !thing.is_named(contract, operation, &asked));
        }
    }
}
