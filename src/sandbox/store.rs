//! The things that the sandbox holds.

use serde_json::{Map, Value};

use super::given::Given;
use super::refusal::Trace;
use crate::contract::{Kind, Operation, Resource, States};

/// How often a thing is seen in its first state.
const FIRST_SIGHTS: u32 = 1;

/// One thing: an instance of a resource of the contract.
#[derive(Debug)]
pub(super) struct Thing {
    /// Its place in the order of creation; never given again.
    pub(super) position: u64,
    /// Everything known about it: what it was created with, what was generated, state and tags.
    pub(super) members: Value,
    /// Whether it was deleted. Kept only where a fault may show it.
    pub(super) gone: bool,
    resource: String,
    /// How often it was looked at, how often in a row alone and at rest, and whether in a list last.
    sights: u32,
    reads: u32,
    listed: bool,
}

/// A look at a thing, before it: how often it was looked at, how often in a row alone and at rest,
/// and whether in a list last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) by: By,
    pub(super) gone: bool,
    pub(super) sights: u32,
    pub(super) reads: u32,
    pub(super) listed: bool,
    /// Whether some operation shows it alone.
    pub(super) reads_alone: bool,
}

/// How a thing is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Read,
    List,
    /// A later page of a list.
    LaterPage,
}

/// All things, in the order of creation.
#[derive(Debug, Default)]
pub(super) struct Store {
    things: Vec<Thing>,
    created: u64,
}

impl Store {
    /// Keeps a new thing.
    pub(super) fn add(&mut self, resource: &Resource, members: Map<String, Value>) {
        self.created += 1;
        self.things.push(Thing {
            position: self.created,
            members: Value::Object(members),
            resource: resource.name.clone(),
            gone: false,
            sights: 0,
            reads: 0,
            listed: false,
        });
    }

    /// The things of one resource, in order.
    pub(super) fn all<'s>(&'s self, resource: &'s Resource) -> impl Iterator<Item = &'s Thing> {
        self.things.iter().filter(|thing| thing.resource == resource.name && !thing.gone)
    }

    /// The things of one resource, to be looked at, with those that are gone.
    pub(super) fn all_mut<'s>(&'s mut self, resource: &'s Resource) -> impl Iterator<Item = &'s mut Thing> {
        self.things.iter_mut().filter(|thing| thing.resource == resource.name)
    }

    /// The thing that an input identifies.
    pub(super) fn find(
        &mut self,
        operation: &Operation,
        resource: &Resource,
        given: &Given<'_>,
    ) -> Option<&mut Thing> {
        let sought = Sought::new(operation, resource, given);
        self.things
            .iter_mut()
            .find(|thing| thing.resource == resource.name && !thing.gone && sought.is(&thing.members))
    }

    /// What is left of the thing that an input identifies.
    pub(super) fn trace(&self, operation: &Operation, resource: &Resource, given: &Given<'_>) -> Trace {
        let sought = Sought::new(operation, resource, given);
        let is_it = |thing: &&Thing| thing.resource == resource.name && sought.is(&thing.members);
        self.things.iter().find(is_it).map_or(Trace::None, |_| Trace::Left)
    }

    /// Takes the thing at a position away.
    pub(super) fn remove(&mut self, position: u64) {
        self.things.retain(|thing| thing.position != position);
    }
}

impl Thing {
    /// Somebody is about to look at it.
    pub(super) fn glance(&mut self, resource: &Resource, by: By) -> Glance {
        // A list that is begun anew knows nothing of what is gone.
        if by == By::List && self.gone {
            self.listed = false;
        }
        let Self { gone, sights, reads, listed, .. } = *self;
        let at_rest = resource.states.is_none() || sights >= FIRST_SIGHTS;
        self.reads = if by != By::Read || !at_rest { 0 } else { reads + 1 };
        self.listed = by != By::Read && (!gone || listed);
        Glance { by, gone, sights, reads, listed, reads_alone: resource.read.is_some() }
    }

    /// It was changed: who reads it now does not read the same again.
    pub(super) fn touch(&mut self) -> &mut Self {
        self.reads = 0;
        self
    }

    /// Somebody looks at it: from the second look on it has come out of its first state.
    pub(super) fn look(&mut self, states: Option<&States>) -> &Value {
        self.sights = self.sights.saturating_add(1);
        if let Some(states) = states.filter(|_| self.sights > FIRST_SIGHTS)
            && let Some(settled) = states.settled.first()
            && self.members.get(&states.member).and_then(Value::as_str) == Some(&states.initial)
        {
            self.set(&states.member, settled.as_str());
        }
        &self.members
    }

    /// Sets one member.
    pub(super) fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.members[member] = value.into();
    }

    /// Whether it has the identifiers that an input gives, be they all or only those of a parent.
    pub(super) fn is_under(&self, identifiers: &[String], given: &Given<'_>) -> bool {
        identifiers.iter().all(|identifier| {
            let wanted = given.identifier(identifier).and_then(|part| part.value);
            wanted.is_none_or(|wanted| self.members.get(identifier) == Some(wanted))
        })
    }
}

/// Which thing an input is about.
enum Sought<'i> {
    /// The one with these identifiers.
    Identified(Vec<(&'i str, &'i Value)>),
    /// The one that shows this text, for operations that name it by something else: an ARN.
    Showing(&'i Value),
    Nothing,
}

impl<'i> Sought<'i> {
    fn new(operation: &Operation, resource: &'i Resource, given: &Given<'i>) -> Self {
        let identified = resource
            .identifiers
            .iter()
            .map(|identifier| Some((identifier.as_str(), given.identifier(identifier)?.value?)));
        let identified: Option<Vec<_>> = identified.collect();
        match identified.filter(|identifiers| !identifiers.is_empty()) {
            Some(identifiers) => Self::Identified(identifiers),
            None => about(operation, given).map_or(Self::Nothing, Self::Showing),
        }
    }

    fn is(&self, thing: &Value) -> bool {
        match self {
            Self::Identified(identifiers) => {
                identifiers.iter().all(|(name, value)| thing.get(name) == Some(value))
            }
            Self::Showing(text) => {
                thing.as_object().is_some_and(|members| members.values().any(|value| value == *text))
            }
            Self::Nothing => false,
        }
    }
}

/// What an operation is about: the last label of its path, else the first text that was given.
fn about<'i>(operation: &Operation, given: &Given<'i>) -> Option<&'i Value> {
    let mut parts = given.parts();
    match operation.label() {
        Some(label) => parts.find(|part| part.name == label)?.value,
        None => parts.find(|part| part.schema.kind() == Kind::Text && part.value.is_some())?.value,
    }
}
