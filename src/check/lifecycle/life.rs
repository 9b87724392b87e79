//! The lives of resources, read off a session: who made, showed, changed and deleted each of them.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::super::{Observation, Session};
use crate::contract::{Contract, Operation, Outcome, Resource, Safety, Schema, at_path, region};
use crate::exchange::{Method, Request, Timestamp};

/// How deep a thing is looked for in an output.
const DEPTH: usize = 4;

/// Everything that a session shows of one thing.
#[derive(Debug)]
pub(in crate::check) struct Life<'s, 'c> {
    pub(super) resource: &'c Resource,
    /// In the order in which they began.
    pub(super) events: Vec<Event<'s, 'c>>,
    /// As it was shown, with the input that asked for it: what names it.
    faces: Vec<(&'s Value, &'s Value)>,
    realm: Realm,
}

/// One exchange that is about a thing.
#[derive(Debug)]
pub(super) struct Event<'s, 'c> {
    /// Its observation.
    pub(super) index: usize,
    pub(super) operation: &'c Operation,
    pub(super) act: Act,
    /// The thing, where the answer shows it.
    pub(super) shown: Option<Shown<'s, 'c>>,
}

/// A thing in an answer.
#[derive(Debug, Clone)]
pub(super) struct Shown<'s, 'c> {
    pub(super) schema: Schema<'c>,
    pub(super) value: &'s Value,
}

/// What an exchange did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Created,
    Read,
    Listed,
    Updated,
    Deleted,
    Tagged,
    Untagged,
    TagsListed,
    /// Something else was changed, or may have been.
    Changed,
    /// The answer to a read: there is no such thing.
    Missing,
    /// A client error that says anything else, and changes nothing.
    Refused,
}

/// All lives of a session.
#[derive(Debug, Default)]
pub(in crate::check) struct Lives<'s, 'c> {
    pub(super) all: Vec<Life<'s, 'c>>,
    /// Observations that may have changed anything, in order.
    disturbances: Vec<usize>,
    names: HashMap<String, Vec<usize>>,
}

/// Where requests go, and who sends them: what is the same thing in one may be another in the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Realm {
    host: Option<String>,
    region: Option<String>,
    key: Option<String>,
}

impl Realm {
    pub(super) fn of(request: &Request) -> Self {
        let header = request.headers.get("authorization");
        let credential = header.as_deref().and_then(|text| text.split_once("Credential="));
        Self {
            host: request.headers.get("host").map(|host| host.to_ascii_lowercase()),
            region: region(request),
            key: credential.and_then(|(_, rest)| Some(rest.split_once('/')?.0.to_owned())),
        }
    }
}

impl Act {
    pub(super) fn changes(self) -> bool {
        match self {
            Self::Created | Self::Updated | Self::Deleted | Self::Tagged | Self::Untagged | Self::Changed => {
                true
            }
            Self::Read | Self::Listed | Self::TagsListed | Self::Missing | Self::Refused => false,
        }
    }
}

impl<'s, 'c> Lives<'s, 'c> {
    pub(in crate::check) fn of(session: &'s Session<'c>) -> Self {
        let mut lives = Self::default();
        for (index, seen) in session.observations.iter().enumerate() {
            match seen.operation {
                Some(operation) => lives.note(session.contract, index, operation, seen),
                None if is_safe(&seen.exchange.request.method) => {}
                None => lives.disturbances.push(index),
            }
        }
        lives
    }

    /// Whether a thing may have been changed between two of its events, the first of which is
    /// earlier; changes that had not ended when it began count.
    pub(super) fn changed_between(
        &self,
        session: &Session<'_>,
        life: &Life<'_, '_>,
        first: usize,
        last: usize,
    ) -> bool {
        let disturbed = self.disturbances.partition_point(|at| *at <= first);
        if self.disturbances.get(disturbed).is_some_and(|at| *at < last) {
            return true;
        }
        let begin = session.observations.get(first).map(started);
        let changing = life.events.iter().filter(|event| event.act.changes());
        changing.map(|event| event.index).any(|index| {
            let runs_on = || session.observations.get(index).map(ended) > begin;
            index != first && index != last && index < last && (index > first || runs_on())
        })
    }

    fn note(
        &mut self,
        contract: &'c Contract,
        index: usize,
        operation: &'c Operation,
        seen: &'s Observation<'c>,
    ) {
        let owner = contract.resource_of(&operation.name);
        let is = |name: fn(&Resource) -> &Option<String>| {
            owner.is_some_and(|resource| name(resource).as_ref() == Some(&operation.name))
        };
        match owner {
            Some(resource) if is(|it| &it.create) => {
                self.note_created(contract, resource, index, operation, seen)
            }
            Some(resource) if is(|it| &it.list) => {
                self.note_listed(contract, resource, index, operation, seen)
            }
            _ => self.note_named(contract, index, operation, seen),
        }
    }

    fn note_created(
        &mut self,
        contract: &'c Contract,
        resource: &'c Resource,
        index: usize,
        operation: &'c Operation,
        seen: &'s Observation<'c>,
    ) {
        let (Some(input), Some(output)) = (&seen.input, seen.output()) else { return };
        let shown = showing(resource, contract.output(operation), output);
        let value = shown.as_ref().map_or(output, |shown| shown.value);
        let life = self.begin(resource, Realm::of(&seen.exchange.request), (value, input));
        self.push(life, Event { index, operation, act: Act::Created, shown });
    }

    fn note_listed(
        &mut self,
        contract: &'c Contract,
        resource: &'c Resource,
        index: usize,
        operation: &'c Operation,
        seen: &'s Observation<'c>,
    ) {
        let (Some(input), Some(output), Some(path)) =
            (&seen.input, seen.output(), operation.pagination.as_ref().and_then(|it| it.items.as_ref()))
        else {
            return;
        };
        let Some(schema) = contract.output(operation).path(path).and_then(|list| list.items()) else {
            return;
        };
        let realm = Realm::of(&seen.exchange.request);
        let items = at_path(output, path).and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            let Some(life) = self.life_of(resource, &realm, (item, input)) else { continue };
            let shown = Some(Shown { schema, value: item });
            self.push(life, Event { index, operation, act: Act::Listed, shown });
        }
    }

    /// An operation that names the thing that it is about.
    fn note_named(
        &mut self,
        contract: &'c Contract,
        index: usize,
        operation: &'c Operation,
        seen: &'s Observation<'c>,
    ) {
        let act = act(contract, operation, seen);
        let realm = Realm::of(&seen.exchange.request);
        let named = seen.input.as_ref().and_then(|input| self.named(contract, &realm, operation, input));
        let life = match (named, act) {
            (_, None) => return,
            (Some(life), _) => life,
            (None, Some(Act::Read)) => {
                let known = contract.resource_of(&operation.name).zip(seen.output()).zip(seen.input.as_ref());
                let Some(((resource, output), input)) = known else { return };
                let shown = showing(resource, contract.output(operation), output);
                let value = shown.as_ref().map_or(output, |shown| shown.value);
                let Some(life) = self.life_of(resource, &realm, (value, input)) else { return };
                life
            }
            (None, Some(act)) => {
                if act.changes() {
                    self.disturbances.push(index);
                }
                return;
            }
        };
        let Some(act) = act else { return };
        let resource = self.all[life].resource;
        let shown = seen.output().and_then(|output| showing(resource, contract.output(operation), output));
        if let (Act::Read, Some(shown), Some(input)) = (act, &shown, &seen.input) {
            self.learn(life, (shown.value, input));
        }
        self.push(life, Event { index, operation, act, shown });
    }

    /// The latest thing that an input names.
    fn named(
        &self,
        contract: &Contract,
        realm: &Realm,
        operation: &Operation,
        input: &Value,
    ) -> Option<usize> {
        let own = contract.own_references(operation);
        let text = own.iter().find_map(|reference| input.get(&reference.member))?.to_string();
        let all = contract.references(operation);
        let candidates = self.names.get(&text)?.iter().rev().copied();
        candidates.into_iter().find(|life| {
            let life = &self.all[*life];
            let is_own = |member: &str| own.iter().any(|it| it.member == member);
            life.realm == *realm
                && all.iter().all(|reference| {
                    let asked = input.get(&reference.member);
                    let name = life.name(&reference.shown);
                    name == asked || (name.is_none() && !is_own(&reference.member))
                })
        })
    }

    /// The latest thing that looks like this, or a new one; `None` where it shows no identifier.
    fn life_of(
        &mut self,
        resource: &'c Resource,
        realm: &Realm,
        face: (&'s Value, &'s Value),
    ) -> Option<usize> {
        let identifiers = &resource.identifiers;
        let own: Vec<_> = identifiers.iter().map(|name| named(resource, name, face)).collect();
        let text = (*own.last()?)?.to_string();
        let candidates = self.names.get(&text).into_iter().flatten().rev();
        let known = candidates.copied().find(|life| {
            let life = &self.all[*life];
            let same = identifiers.iter().zip(&own).all(|(name, value)| life.name(name) == *value);
            life.realm == *realm && life.resource.name == resource.name && same
        });
        match known {
            Some(life) => self.learn(life, face),
            None => return Some(self.begin(resource, realm.clone(), face)),
        }
        known
    }

    fn begin(&mut self, resource: &'c Resource, realm: Realm, face: (&'s Value, &'s Value)) -> usize {
        let life = self.all.len();
        self.all.push(Life { resource, events: Vec::new(), faces: Vec::new(), realm });
        self.learn(life, face);
        life
    }

    /// Two looks are enough to know all its names: in a list, and by itself.
    fn learn(&mut self, life: usize, face: (&'s Value, &'s Value)) {
        let Some(known) = self.all.get_mut(life).filter(|life| life.faces.len() < 2) else { return };
        known.faces.push(face);
        let resource = known.resource;
        let mut names: HashSet<String> = HashSet::new();
        names.extend(
            resource.identifiers.iter().filter_map(|name| named(resource, name, face)).map(Value::to_string),
        );
        let members = face.0.as_object().into_iter().flatten();
        let arns = members.filter(|(name, value)| is_own_arn(resource, name, value));
        names.extend(arns.map(|(_, value)| value.to_string()));
        for name in names {
            let lives = self.names.entry(name).or_default();
            if lives.last() != Some(&life) {
                lives.push(life);
            }
        }
    }

    fn push(&mut self, life: usize, event: Event<'s, 'c>) {
        if let Some(life) = self.all.get_mut(life) {
            life.events.push(event);
        }
    }
}

impl<'s, 'c> Life<'s, 'c> {
    /// What the thing calls itself under a name.
    pub(super) fn name(&self, name: &str) -> Option<&'s Value> {
        self.faces.iter().find_map(|face| named(self.resource, name, *face))
    }

    pub(super) fn is_in(&self, realm: &Realm) -> bool {
        self.realm == *realm
    }

    /// Where requests for it go.
    pub(super) fn realm(&self) -> &Realm {
        &self.realm
    }

    /// The events of one kind.
    pub(super) fn acts(&self, act: Act) -> impl DoubleEndedIterator<Item = &Event<'s, 'c>> {
        self.events.iter().filter(move |event| event.act == act)
    }

    /// The creation of it, where the session has it.
    pub(super) fn birth(&self) -> Option<&Event<'s, 'c>> {
        self.acts(Act::Created).next()
    }

    /// Its deletion.
    pub(super) fn end(&self) -> Option<&Event<'s, 'c>> {
        self.acts(Act::Deleted).next()
    }

    /// The looks at it by itself; where nothing shows it by itself, those at it in the list.
    pub(super) fn looks(&self) -> impl DoubleEndedIterator<Item = &Event<'s, 'c>> {
        let by_list = self.resource.read.is_none();
        self.events.iter().filter(move |event| {
            (event.act == Act::Read || (by_list && event.act == Act::Listed)) && event.shown.is_some()
        })
    }

    /// The state that an event shows.
    pub(super) fn state(&self, event: &Event<'s, 'c>) -> Option<&'s str> {
        let member = &self.resource.states.as_ref()?.member;
        event.shown.as_ref()?.value.get(member)?.as_str()
    }

    /// Whether an event shows the thing at rest; where no states are documented, it always is.
    pub(super) fn is_settled(&self, event: &Event<'s, 'c>) -> bool {
        let Some(states) = &self.resource.states else { return true };
        self.state(event).is_some_and(|state| states.settled.iter().any(|settled| settled == state))
    }

    /// Whether an event shows it while it is going away, or gone.
    pub(super) fn is_leaving(&self, event: &Event<'s, 'c>) -> bool {
        let Some(states) = &self.resource.states else { return false };
        let (Some(state), Some(deleting)) = (self.state(event), &states.deleting) else { return false };
        state == deleting || states.leads(deleting, state)
    }
}

impl<'c> Shown<'_, 'c> {
    /// The documented schema of a member that is shown.
    pub(super) fn member(&self, name: &str) -> Option<Schema<'c>> {
        self.schema.chosen(self.value).member(name)
    }
}

/// What an exchange did to the thing that it names; `None` if it says nothing.
fn act(contract: &Contract, operation: &Operation, seen: &Observation<'_>) -> Option<Act> {
    let owner = contract.resource_of(&operation.name);
    let reads = operation.safety == Safety::Read;
    let error = match &seen.outcome {
        Some(Outcome::Output(_)) => return succeeded(owner, operation),
        Some(Outcome::Error { identity, .. }) => identity,
        // Nobody knows whether it was done.
        _ => return (!reads).then_some(Act::Changed),
    };
    let status = seen.exchange.response.status;
    let not_found = owner.and_then(|resource| resource.not_found.as_deref());
    match status {
        _ if seen.refused_for_access_or_load(contract) => None,
        500.. => (!reads).then_some(Act::Changed),
        404 if reads => Some(Act::Missing),
        _ if reads && identity_is(error.all(), not_found) => Some(Act::Missing),
        _ => Some(Act::Refused),
    }
}

fn identity_is<'n>(mut names: impl Iterator<Item = &'n str>, wanted: Option<&str>) -> bool {
    names.any(|name| Some(name) == wanted)
}

fn succeeded(owner: Option<&Resource>, operation: &Operation) -> Option<Act> {
    let own = Some(&operation.name);
    let of_owner = owner.and_then(|resource| {
        let tagging = resource.tagging.as_ref();
        let acts = [
            (resource.read.as_ref(), Act::Read),
            (resource.update.as_ref(), Act::Updated),
            (resource.delete.as_ref(), Act::Deleted),
            (tagging.map(|tagging| &tagging.tag), Act::Tagged),
            (tagging.map(|tagging| &tagging.untag), Act::Untagged),
            (tagging.map(|tagging| &tagging.list), Act::TagsListed),
        ];
        acts.into_iter().find(|(name, _)| *name == own).map(|(_, act)| act)
    });
    of_owner.or_else(|| (operation.safety != Safety::Read).then_some(Act::Changed))
}

/// The structure of an output that shows a thing: the outermost one with an identifier.
fn showing<'s, 'c>(resource: &Resource, schema: Schema<'c>, value: &'s Value) -> Option<Shown<'s, 'c>> {
    let mut level = VecDeque::from([(schema, value, 0)]);
    while let Some((schema, value, depth)) = level.pop_front() {
        let schema = schema.chosen(value);
        let shows = |name: &String| {
            let mut members = value.as_object().into_iter().flatten();
            members
                .any(|(member, value)| !value.is_object() && !value.is_null() && resource.calls(name, member))
        };
        if resource.identifiers.iter().any(shows) {
            return Some(Shown { schema, value });
        }
        for (name, inside) in value.as_object().into_iter().flatten().filter(|_| depth < DEPTH) {
            if let (Some(schema), true) = (schema.member(name), inside.is_object()) {
                level.push_back((schema, inside, depth + 1));
            }
        }
    }
    None
}

/// What a thing calls itself: where it is shown, or in the input that asked for it.
fn named<'s>(resource: &Resource, name: &str, (shown, asked): (&'s Value, &'s Value)) -> Option<&'s Value> {
    let own = || {
        (shown.is_string() && resource.identifiers.last().is_some_and(|it| resource.calls(it, name)))
            .then_some(shown)
    };
    resource.shown(name, shown).or_else(own).or_else(|| resource.shown(name, asked))
}

/// Whether a member is the thing's own ARN.
pub(super) fn is_own_arn(resource: &Resource, name: &str, value: &Value) -> bool {
    resource.calls("arn", name) && value.as_str().is_some_and(|text| text.starts_with("arn:"))
}

/// When an exchange began.
pub(super) fn started(seen: &Observation<'_>) -> Timestamp {
    seen.exchange.timing.started
}

fn ended(seen: &Observation<'_>) -> Timestamp {
    started(seen).plus(seen.exchange.timing.duration)
}

fn is_safe(method: &Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Options)
}
