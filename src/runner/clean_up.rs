//! Finds what a run has made and deletes it: what its ledger names, and what carries its mark.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use super::channel::Provider;
use super::ledger::{Answered, Asked, Ledger, LedgerError, Line, UNSENT, made, names_of};
use super::mark::{Mark, Tells, made_by};
use super::thing::{Names, Thing, set};
use crate::contract::{Contract, DELAY, Operation, Outcome, Resource, at_path};
use crate::exchange::{Ending, Request, Response};
use crate::generate::{Known, simplest};
use crate::net::{NetError, Stop};

/// How many pages of a list are looked through.
const PAGES: usize = 1000;

/// How often a list that is refused is asked for again.
const LOOKS: u32 = 3;

/// The status for what is not there.
const GONE: u16 = 404;

/// How long one waits between two looks whether somebody wants to stop.
const SLICE: Duration = Duration::from_millis(200);

/// How long a clean-up waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For things that cannot be deleted yet.
    pub busy: Duration,
    /// For things to be listed that were asked for just before the run ended.
    pub late: Duration,
}

/// What a run made, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many things there were.
    pub created: usize,
    /// How many of them are deleted.
    pub deleted: usize,
    /// How many of those this clean-up has deleted.
    pub now: usize,
    /// What is left, each with its kind and its real names.
    pub left: Vec<String>,
}

/// Why a clean-up cannot say that nothing is left.
#[derive(Debug, Error)]
pub enum CleanUpError {
    /// The provider cannot be reached.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A list was refused.
    #[error("{operation} was answered with {status}, so that nobody can say what is left")]
    Unlisted {
        /// The operation that lists.
        operation: String,
        /// The answer's status; 0 if it broke off.
        status: u16,
    },
    /// The ledger is of another contract.
    #[error(
        "the ledger names {0}, and the contract {1} has no such operation; name the one of the run with --contract"
    )]
    Foreign(String, String),
}

/// Deletes what is left of a run, and takes its ledger away where nothing is. `None`: nothing was asked for.
///
/// # Errors
/// When nobody can say what is left; the ledger stays then.
pub fn clean_up(
    contract: &Contract,
    provider: &mut dyn Provider,
    ledger: &mut Ledger,
    patience: Patience,
    stop: &Stop,
) -> Result<Option<Proof>, CleanUpError> {
    let Some(lines) = ledger.lines()? else { return Ok(None) };
    let cleaner = Cleaner::new(contract, provider, ledger, lines)?;
    let proof = match cleaner.owned.is_empty() && cleaner.open.is_empty() {
        true => None,
        false => Some(cleaner.run(patience, stop)?),
    };
    if proof.as_ref().is_none_or(|proof| proof.left.is_empty()) {
        ledger.remove()?;
    }
    Ok(proof)
}

/// Something that the run has made.
struct Owned<'c> {
    thing: Thing<'c>,
    gone: bool,
    /// Whether the last look has shown it.
    listed: bool,
}

/// A clean-up under way.
struct Cleaner<'c, 'p> {
    contract: &'c Contract,
    provider: &'p mut dyn Provider,
    ledger: &'p mut Ledger,
    mark: Mark,
    region: String,
    names: Names,
    owned: Vec<Owned<'c>>,
    /// The requests of which no answer names what they made.
    open: Vec<(Asked, Option<u16>)>,
    /// What things lie in.
    places: Vec<(&'c Resource, Map<String, Value>)>,
    /// What was looked at and is not ours.
    foreign: BTreeSet<String>,
    now: usize,
}

impl<'c, 'p> Cleaner<'c, 'p> {
    /// Takes in what the ledger says so far.
    fn new(
        contract: &'c Contract,
        provider: &'p mut dyn Provider,
        ledger: &'p mut Ledger,
        lines: Vec<Line>,
    ) -> Result<Self, CleanUpError> {
        let (mark, region) = (ledger.mark().clone(), ledger.began().region.clone());
        let names = Names::cleaning(&mark);
        let mut cleaner = Self {
            contract,
            provider,
            ledger,
            mark,
            region,
            names,
            owned: Vec::new(),
            open: Vec::new(),
            places: Vec::new(),
            foreign: BTreeSet::new(),
            now: 0,
        };
        lines.into_iter().try_for_each(|line| cleaner.take_in(line))?;
        Ok(cleaner)
    }

    fn take_in(&mut self, line: Line) -> Result<(), CleanUpError> {
        match line {
            Line::Began(_) => {}
            Line::Asked(asked) => {
                let resource = self.resource_made_by(&asked.operation)?;
                let place = (resource, asked.within.clone());
                if !self.places.iter().any(|(other, within)| other.name == place.0.name && *within == place.1)
                {
                    self.places.push(place);
                }
                self.open.push((asked, None));
            }
            Line::Answered(Answered { number, status, names }) => {
                let Some(place) = self.open.iter().position(|(asked, _)| asked.number == number) else {
                    return Ok(());
                };
                if status == UNSENT {
                    self.open.remove(place);
                    return Ok(());
                }
                if names.is_empty() {
                    self.open[place].1 = Some(status);
                    return Ok(());
                }
                let (asked, _) = self.open.remove(place);
                let resource = self.resource_made_by(&asked.operation)?;
                self.own(Thing { resource, asked: asked.within.into(), shown: names.into() });
            }
            Line::Deleted(deleted) => {
                for owned in &mut self.owned {
                    let same = |(name, value): (&String, &Value)| owned.thing.name(name) == Some(value);
                    owned.gone |=
                        owned.thing.resource.name == deleted.resource && deleted.names.iter().all(same);
                }
            }
        }
        Ok(())
    }

    fn resource_made_by(&self, operation: &str) -> Result<&'c Resource, CleanUpError> {
        let made = self.contract.operation(operation).and_then(|it| made_by(self.contract, it));
        made.ok_or_else(|| CleanUpError::Foreign(operation.to_owned(), self.contract.id.clone()))
    }

    /// Deletes until nothing of the run is to be seen, or patience ends.
    fn run(mut self, patience: Patience, stop: &Stop) -> Result<Proof, CleanUpError> {
        self.ask_again()?;
        let mut waited = Duration::ZERO;
        for round in 0.. {
            let seen = self.look();
            if seen.is_ok() && round > 0 && waited >= patience.late {
                self.let_go()?;
            }
            let may_come = self.open.iter().any(|(_, status)| status.is_none()) && waited < patience.late;
            if seen.is_ok() && self.is_clear() && !may_come {
                break;
            }
            self.delete_all()?;
            if round == 0 && self.is_clear() && !may_come {
                continue;
            }
            if waited >= patience.busy.max(DELAY * LOOKS) || stop.is_asked() {
                seen?;
                break;
            }
            let delay = self.delay();
            self.wait(delay, stop);
            waited += delay;
        }
        let left = self.owned.iter().filter(|owned| !owned.gone);
        let left: Vec<_> =
            left.map(|owned| format!("{} {}", owned.thing.resource.name, owned.thing.text())).collect();
        let created = self.owned.len();
        Ok(Proof { created, deleted: created - left.len(), now: self.now, left })
    }

    /// What could not be deleted and is listed no more was deleted before: an answer was lost.
    fn let_go(&mut self) -> Result<(), CleanUpError> {
        for owned in self.owned.iter_mut().filter(|it| !it.gone && !it.listed) {
            self.ledger.deleted(&owned.thing.resource.name, names_of(self.contract, &owned.thing))?;
            owned.gone = true;
        }
        Ok(())
    }

    fn is_clear(&self) -> bool {
        self.owned.iter().all(|owned| owned.gone)
    }

    /// Sends those requests again of which only the idempotency token tells what they made: the answer
    /// is the first one's.
    fn ask_again(&mut self) -> Result<(), CleanUpError> {
        let (again, open) = std::mem::take(&mut self.open).into_iter().partition(|(asked, status)| {
            asked.request.is_some() && status.is_none_or(|status| !(300..500).contains(&status))
        });
        self.open = open;
        let again: Vec<(Asked, Option<u16>)> = again;
        for (asked, status) in again {
            let Some(sent) = &asked.request else { continue };
            let request = Request::from(sent);
            let answer = self.send(request.clone())?;
            let operation = self.contract.operation(&asked.operation);
            let thing = operation.and_then(|it| made(self.contract, it, &request, answer.as_ref()?));
            match thing {
                Some(thing) => {
                    self.ledger.found(asked.number, names_of(self.contract, &thing))?;
                    self.own(thing);
                }
                None => self.open.push((asked, answer.map(|answer| answer.status).or(status))),
            }
        }
        Ok(())
    }

    /// Looks through the lists for what carries the mark.
    fn look(&mut self) -> Result<(), CleanUpError> {
        let by_tag = self.open.iter().any(|(asked, _)| asked.told_by == Tells::Tag);
        self.owned.iter_mut().for_each(|owned| owned.listed = owned.thing.resource.list.is_none());
        for (resource, within) in self.places.clone() {
            for item in self.listed(resource, &within)? {
                let thing = Thing { resource, asked: Value::Object(within.clone()), shown: item };
                self.consider(thing, by_tag)?;
            }
        }
        Ok(())
    }

    /// Everything that a list shows, page by page.
    fn listed(
        &mut self,
        resource: &'c Resource,
        within: &Map<String, Value>,
    ) -> Result<Vec<Value>, CleanUpError> {
        let list = resource.list.as_ref().and_then(|name| self.contract.operation(name));
        let mut items = Vec::new();
        let Some(list) = list else { return Ok(items) };
        let known = Known { given: within.clone(), region: Some(self.region.clone()) };
        let mut input = simplest(self.contract, list, &known).unwrap_or_else(|| within.clone().into());
        let mut seen = Vec::new();
        while seen.len() < PAGES {
            let (status, output) = self.call(list, &input)?;
            let Some(output) = output else {
                return Err(CleanUpError::Unlisted { operation: list.name.clone(), status });
            };
            let path = list.pagination.as_ref().and_then(|pagination| pagination.items.as_ref());
            let page = match path {
                Some(path) => at_path(&output, path),
                None => output.as_object().and_then(|members| members.values().find(|it| it.is_array())),
            };
            items.extend(page.and_then(Value::as_array).into_iter().flatten().cloned());
            let Some(pagination) = &list.pagination else { break };
            let next = pagination.next(&input, &output).filter(|next| !seen.contains(next));
            let Some(next) = next else { break };
            set(&mut input, &pagination.input_token, next.clone());
            seen.push(next);
        }
        Ok(items)
    }

    /// Takes a thing on if it is of the run, and notes if one that should be gone is not going.
    fn consider(&mut self, thing: Thing<'c>, by_tag: bool) -> Result<(), CleanUpError> {
        let name = thing.text();
        if name.is_empty() {
            // A list that names nothing cannot show that something is gone.
            let own = self.owned.iter_mut().filter(|it| it.thing.resource.name == thing.resource.name);
            own.for_each(|it| it.listed = true);
        }
        let same = |other: &Owned<'_>| {
            other.thing.resource.name == thing.resource.name && other.thing.text() == name
        };
        if let Some(place) = self.owned.iter().position(same) {
            self.owned[place].listed = true;
            if self.owned[place].gone {
                let is_going = self.is_going(&thing)?;
                self.owned[place].gone = is_going;
            }
            return Ok(());
        }
        let is_ours = self.mark.is_in_name(&thing) || self.mark.is_tagged(&thing.shown);
        if is_ours {
            self.own(thing);
        } else if by_tag && !self.foreign.contains(&name) {
            match self.has_our_tag(&thing)? {
                true => self.own(thing),
                false => drop(self.foreign.insert(name)),
            }
        }
        Ok(())
    }

    /// Whether what shows the thing alone, or lists its tags, shows ours.
    fn has_our_tag(&mut self, thing: &Thing<'c>) -> Result<bool, CleanUpError> {
        let resource = thing.resource;
        let mut whole = thing.clone();
        if let Some(read) = resource.read.as_ref().and_then(|name| self.contract.operation(name))
            && let (_, Some(output)) = self.about(read, thing)?
        {
            if self.mark.is_tagged(&output) {
                return Ok(true);
            }
            whole = Thing { asked: thing.shown.clone(), shown: output, resource };
        }
        let list = resource.tagging.as_ref().and_then(|tagging| self.contract.operation(&tagging.list));
        let Some(list) = list else { return Ok(false) };
        let (_, output) = self.about(list, &whole)?;
        Ok(output.is_some_and(|output| self.mark.is_tagged(&output)))
    }

    /// Whether something that is listed although it was deleted is on its way.
    fn is_going(&mut self, thing: &Thing<'c>) -> Result<bool, CleanUpError> {
        let Some(states) = &thing.resource.states else { return Ok(true) };
        let read = thing.resource.read.as_ref().and_then(|name| self.contract.operation(name));
        let shown = match read {
            Some(read) => self.about(read, thing)?.1,
            None => Some(thing.shown.clone()),
        };
        let Some(shown) = shown else { return Ok(true) };
        let state = thing.resource.shown(&states.member, &shown).and_then(Value::as_str).unwrap_or_default();
        let is_deleting = states.deleting.as_deref() == Some(state);
        Ok(is_deleting || (state.contains("DELET") && !state.contains("FAIL")))
    }

    /// Asks everything that is there to go, the newest first: what lies in something goes before it.
    fn delete_all(&mut self) -> Result<(), CleanUpError> {
        for place in (0..self.owned.len()).rev() {
            let Owned { thing, gone: false, .. } = &self.owned[place] else { continue };
            let thing = thing.clone();
            if self.is_deleted(&thing)? {
                self.ledger.deleted(&thing.resource.name, names_of(self.contract, &thing))?;
                self.owned[place].gone = true;
                self.now += 1;
            }
        }
        Ok(())
    }

    fn is_deleted(&mut self, thing: &Thing<'c>) -> Result<bool, CleanUpError> {
        let delete = thing.resource.delete.as_ref().and_then(|name| self.contract.operation(name));
        let Some(delete) = delete else { return Ok(false) };
        let is_done = |status: u16| (200..300).contains(&status) || status == GONE || status == 410;
        let (status, _) = self.about(delete, thing)?;
        if is_done(status) {
            return Ok(true);
        }
        let Some((update, input)) = thing.unprotecting(self.contract, &self.region) else { return Ok(false) };
        let (status, _) = self.call(update, &input)?;
        Ok((200..300).contains(&status) && is_done(self.about(delete, thing)?.0))
    }

    /// Calls an operation with the plainest input that names the thing.
    fn about(
        &mut self,
        operation: &'c Operation,
        thing: &Thing<'c>,
    ) -> Result<(u16, Option<Value>), CleanUpError> {
        let given = thing.names_for(self.contract, operation);
        let known = Known { given: given.clone(), region: Some(self.region.clone()) };
        let input = simplest(self.contract, operation, &known).unwrap_or(Value::Object(given));
        self.call(operation, &input)
    }

    /// The status, and the output of a success. A status of 0: the answer broke off.
    fn call(
        &mut self,
        operation: &'c Operation,
        input: &Value,
    ) -> Result<(u16, Option<Value>), CleanUpError> {
        let mut input = input.clone();
        self.names.fill(self.contract, operation, &mut input);
        let Ok(request) = self.contract.encode(operation, &input) else { return Ok((0, None)) };
        let Some(response) = self.send(request)? else { return Ok((0, None)) };
        Ok(match self.contract.outcome(operation, &response) {
            Outcome::Output(output) => (response.status, Some(output)),
            // Some protocols say in a 400 that something is not there.
            Outcome::Error { identity, .. } if self.is_not_found(identity.name()) => (GONE, None),
            Outcome::Error { .. } | Outcome::Unreadable | Outcome::Unjudged(_) => (response.status, None),
        })
    }

    fn is_not_found(&self, error: Option<&str>) -> bool {
        let documented = self.contract.resources.iter().filter_map(|resource| resource.not_found.as_deref());
        error.is_some_and(|error| {
            error.contains("ResourceNotFound") || documented.into_iter().any(|it| it == error)
        })
    }

    /// The answer, if it came to its end.
    fn send(&mut self, mut request: Request) -> Result<Option<Response>, CleanUpError> {
        match self.provider.answer(&mut request) {
            Ok((response, Ending::Complete, _)) => Ok(Some(response)),
            Ok(_) => Ok(None),
            Err(error) if error.is_before_sending() => Err(error.into()),
            Err(_) => Ok(None),
        }
    }

    fn own(&mut self, thing: Thing<'c>) {
        let name = thing.text();
        let is_known = self.owned.iter().any(|it| {
            it.thing.resource.name == thing.resource.name && it.thing.text() == name && !name.is_empty()
        });
        if !is_known {
            self.owned.push(Owned { thing, gone: false, listed: true });
        }
    }

    /// How long the documentation says to wait between two looks at what is left.
    fn delay(&self) -> Duration {
        let left = self.owned.iter().find(|owned| !owned.gone);
        let read = left.and_then(|owned| self.contract.operation(owned.thing.resource.read.as_ref()?));
        read.and_then(|read| read.waiters.iter().map(|waiter| waiter.delay).min()).unwrap_or(DELAY)
    }

    fn wait(&mut self, time: Duration, stop: &Stop) {
        let mut waited = Duration::ZERO;
        while waited < time && !stop.is_asked() {
            self.provider.wait(SLICE.min(time - waited));
            waited += SLICE;
        }
    }
}
