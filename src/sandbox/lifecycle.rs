//! What an operation does to the things of its resource.

use serde_json::{Map, Value};

use super::coined::Coinage;
use super::fault::lifecycle::bend;
use super::fault::{Deed, Faults, Making, Sight};
use super::given::{Given, holds_members};
use super::history::{Before, History};
use super::listing::{Item, Listing};
use super::mint::Mint;
use super::part::{Part, not_found};
use super::project::{View, payload};
use super::refusal::{Refusal, Trace};
use super::retry::{self, Answered, Recall};
use super::ruled::keep_rules;
use super::store::{By, Store, Thing};
use crate::contract::{Contract, Operation, Resource, Schema, Violation, tags};

/// Everything that lasts from request to request.
#[derive(Debug)]
pub(super) struct State {
    store: Store,
    mint: Mint,
    answered: Answered,
    pub(super) history: History,
}

impl State {
    /// Nothing yet. `purpose` makes the generated values differ between contracts.
    pub(super) fn new(purpose: String) -> Self {
        let (store, answered, history) = (Store::default(), Answered::default(), History::default());
        Self { store, mint: Mint::new(purpose), answered, history }
    }
}

/// One call with a valid input.
pub(super) struct Call<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) input: &'a Value,
    /// The region that the request was signed for.
    pub(super) region: Option<&'a str>,
    pub(super) faults: &'a Faults,
    /// What was asked before.
    pub(super) before: &'a Before,
}

impl<'a> Call<'a> {
    /// Does it, unless it was done already, and gives the output.
    pub(super) fn perform(&self, state: &mut State) -> Result<Value, Refusal> {
        let given = self.given();
        match self.faults.recall(state.answered.recall(self.operation, &given, self.input)) {
            Recall::New => {}
            Recall::Same(output) => return Ok(output),
            Recall::Other { member, .. } => return Err(retry::taken(self.operation, member)),
        }
        let mut output = self.act(state)?;
        keep_rules(self.contract, &self.operation.answer.shape, self.region, &mut output);
        state.answered.keep(self.operation, &given, self.input, &output);
        Ok(output)
    }

    fn making<'m>(&'m self, resource: &'m Resource) -> Making<'m> {
        let shape = self.shape_of(resource);
        let shape = shape.and_then(|shape| self.contract.resource_shape(resource, shape));
        Making { operation: self.operation, resource, given: self.given(), shape }
    }

    /// It is refused, and a fault may do something of it all the same.
    pub(super) fn refuse(&self, state: &mut State, violations: &[Violation]) {
        let Some((resource, part)) = self.part(state) else { return };
        match part {
            Part::Create if self.faults.does(Deed::RefusedCreate) => {
                let mut input = self.input.clone();
                for violation in violations {
                    take(self.operation.payload(), &mut input, &violation.pointer);
                }
                // What cannot be made of the rest is not made.
                let _ = Call { input: &input, ..*self }.create(resource, state);
            }
            Part::Update if self.faults.does(Deed::RefusedUpdate) => {
                let making = self.making(resource);
                if let Ok(thing) = self.thing(resource, state)
                    && let Value::Object(members) = &mut thing.members
                {
                    bend(&making, making.given.parts(), members);
                }
            }
            _ => {}
        }
    }

    fn act(&self, state: &mut State) -> Result<Value, Refusal> {
        let Some((resource, part)) = self.part(state) else {
            let output = self.plausible(&Value::Object(self.given().members()));
            return self.listing(self.operation).of_nothing(output);
        };
        match part {
            Part::Create => self.create(resource, state),
            Part::Read => self.read(resource, state),
            Part::Update => self.update(resource, state),
            Part::Delete => self.delete(resource, state),
            Part::List => self.list(resource, state),
            Part::Tag => self.tag(resource, state),
            Part::Untag => self.untag(resource, state),
            Part::ListTags => self.tags(resource, state),
            Part::Use => self.uses(resource, state),
        }
    }

    pub(super) fn given(&self) -> Given<'a> {
        Given::new(self.contract, self.operation, self.input)
    }

    /// The resource and the operation's part in it. Several resources may share an operation that
    /// tags: then the one that has the thing counts.
    fn part(&self, state: &mut State) -> Option<(&'a Resource, Part)> {
        let given = self.given();
        let part = |resource| Part::of(resource, self.operation, &given).map(|part| (resource, part));
        let mut parts: Vec<_> = self.contract.resources.iter().filter_map(part).collect();
        // What else has the same identifiers only looks on.
        if parts.iter().any(|(_, part)| *part != Part::Use) {
            parts.retain(|(_, part)| *part != Part::Use);
        }
        let holds =
            |(resource, _): &&(&Resource, Part)| state.store.find(self.operation, resource, &given).is_some();
        match parts.as_slice() {
            [] | [_] => parts.first().copied(),
            _ => parts.iter().find(holds).or(parts.first()).copied(),
        }
    }

    fn create(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        self.find_parents(resource, state)?;
        let given = Value::Object(self.given().members());
        let mut members = self.defaulted(&given);
        if let Some(states) = &resource.states {
            members.insert(states.member.clone(), states.initial.clone().into());
        }
        if let Some(tagging) = &resource.tagging {
            let given = members.get(&tagging.property).and_then(tags::to_map);
            members.insert(tagging.property.clone(), Value::Object(given.unwrap_or_default()));
        }
        for identifier in &resource.identifiers {
            let chosen = self.given().identifier(identifier).and_then(|part| part.value.cloned());
            members.extend(chosen.map(|chosen| (identifier.clone(), chosen)));
        }
        if let Some(taken) = taken(resource, &members, state) {
            return Err(taken);
        }
        if let Some(shape) = self.shape_of(resource) {
            state.mint.add_generated(shape, self.region, &mut members);
        }
        let coinage = Coinage { contract: self.contract, resource, region: self.region };
        coinage.add(&mut state.mint, &mut members);
        self.faults.made(&self.making(resource), &mut members);
        let output = self.show(&Value::Object(members.clone()));
        state.store.add(resource, members);
        Ok(output)
    }

    /// What was given, with the documented values of what was not.
    fn defaulted(&self, given: &Value) -> Map<String, Value> {
        let view = View { thing: &Value::Null };
        let value = |part: super::given::Part<'_>| {
            let own = given.get(part.name).map(|value| view.fit(part.schema, value));
            Some((part.name.to_owned(), own.or_else(|| super::plausible::default(part.schema))?))
        };
        self.given().parts().filter_map(value).collect()
    }

    /// Where the contract says what a thing looks like: the output of the operation that reads it,
    /// else the items of the list, else what its creation answers.
    fn shape_of(&self, resource: &Resource) -> Option<Schema<'a>> {
        let contract = self.contract;
        let operation = |name: &Option<String>| contract.operation(name.as_ref()?);
        let output = |operation: &'a Operation| match payload(contract, operation) {
            Some((_, payload)) if holds_members(payload) => payload,
            _ => contract.output(operation),
        };
        let item = |list| self.listing(list).item().filter(|item| holds_members(*item));
        let read = operation(&resource.read).map(output);
        read.or_else(|| operation(&resource.list).and_then(item))
            .or_else(|| operation(&resource.create).map(output))
    }

    fn read(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        match self.faults.sight(&thing.glance(resource, By::Read)) {
            Sight::Nothing => Err(self.missing(resource, Trace::Left)),
            Sight::Refused => Err(Refusal::Invalid(Vec::new())),
            sight => Ok(self.show(&seen(thing, resource, sight))),
        }
    }

    /// What was given is laid over the thing.
    fn update(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?.touch();
        for part in self.given().parts().filter(|part| !resource.identifiers.iter().any(|it| it == part.name))
        {
            if part.value == Some(&Value::Null)
                && let Value::Object(members) = &mut thing.members
            {
                members.shift_remove(part.name);
            }
        }
        let mut given = self.given().members();
        given.retain(|name, _| !resource.identifiers.contains(name));
        if let Some(tags) = given.get_mut(property(resource)) {
            *tags = Value::Object(tags::to_map(tags).unwrap_or_default());
        }
        lay(&mut thing.members, Value::Object(given));
        Ok(self.plausible(thing.look(resource.states.as_ref())))
    }

    fn delete(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        let mut last = thing.members.clone();
        if let Some(states) = &resource.states
            && let Some(deleting) = &states.deleting
        {
            last[&states.member] = deleting.as_str().into();
        }
        let output = self.show(&last);
        let position = thing.position;
        match (self.faults.does(Deed::Delete), self.faults.are_there()) {
            (false, _) => {}
            (true, true) => (thing.gone, thing.members) = (true, last),
            (true, false) => state.store.remove(position),
        }
        Ok(output)
    }

    fn list(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let listing = self.listing(self.operation);
        let (given, schema) = (self.given(), listing.item());
        let things =
            state.store.all_mut(resource).filter(|thing| thing.is_under(&resource.identifiers, &given));
        let by = if listing.goes_on() { By::LaterPage } else { By::List };
        let item = |thing: &mut Thing| {
            let members = match self.faults.sight(&thing.glance(resource, by)) {
                Sight::Nothing => return None,
                sight => seen(thing, resource, sight),
            };
            let members = &members;
            let shown = match schema.filter(|schema| holds_members(*schema)) {
                Some(schema) => View { thing: members }.structure(schema),
                None => members.get(resource.identifiers.last()?)?.clone(),
            };
            Some(Item { place: thing.position, shown })
        };
        listing.output(&things.filter_map(item).collect::<Vec<_>>())
    }

    /// What else is done with a thing: the answer shows the thing, and what was given.
    fn uses(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let mut known = self.given().members();
        let thing = self.thing(resource, state)?;
        known.extend(thing.look(resource.states.as_ref()).as_object().cloned().unwrap_or_default());
        self.listing(self.operation).of_nothing(self.plausible(&Value::Object(known)))
    }

    pub(super) fn thing<'s>(
        &self,
        resource: &Resource,
        state: &'s mut State,
    ) -> Result<&'s mut Thing, Refusal> {
        let given = self.given();
        let trace = state.store.trace(self.operation, resource, &given);
        let found = state.store.find(self.operation, resource, &given);
        found.ok_or_else(|| self.missing(resource, trace))
    }

    fn missing(&self, resource: &Resource, trace: Trace) -> Refusal {
        let error = not_found(resource, self.operation).or(resource.not_found.as_deref());
        Refusal::Missing { resource: resource.name.clone(), trace, error: error.map(str::to_owned) }
    }

    /// The things that a new one is a part of have to be there: those of resources that are
    /// identified by some of its identifiers.
    fn find_parents(&self, resource: &Resource, state: &State) -> Result<(), Refusal> {
        let given = self.given();
        for parent in self.contract.resources.iter().filter(|parent| is_parent(parent, resource)) {
            if !state.store.all(parent).any(|thing| thing.is_under(&parent.identifiers, &given)) {
                return Err(self.missing(parent, Trace::Left));
            }
        }
        Ok(())
    }

    pub(super) fn listing(&self, operation: &'a Operation) -> Listing<'a> {
        let Self { contract, input, faults, before, .. } = *self;
        Listing { contract, operation, input, faults, before }
    }

    pub(super) fn show(&self, thing: &Value) -> Value {
        View { thing }.output(self.contract, self.operation)
    }

    /// An output that shows what is known, and beside it what the provider makes up for this one
    /// call. The same call always gets the same.
    fn plausible(&self, known: &Value) -> Value {
        let Self { contract, operation, .. } = *self;
        let mut members = known.as_object().cloned().unwrap_or_default();
        let schema = payload(contract, operation).map_or(contract.output(operation), |(_, payload)| payload);
        let mut mint = Mint::new(format!("{} {} {}", contract.id, operation.name, self.input));
        mint.add_generated(schema.items().unwrap_or(schema), self.region, &mut members);
        let known = Value::Object(members);
        let mut output = self.show(&known);
        if let Some(((name, _), items)) = payload(contract, operation).zip(schema.items()) {
            output[name] = Value::Array(vec![View { thing: &known }.structure(items)]);
        }
        output
    }
}

/// Takes the outermost member away in which something is wrong.
fn take(payload: Option<&str>, input: &mut Value, pointer: &str) {
    let mut steps = pointer.split('/').skip(1);
    let first = steps.next().unwrap_or_default();
    let (holder, name) = match steps.next().filter(|_| payload == Some(first)) {
        Some(inside) => (input.get_mut(first), inside),
        None => (Some(input), first),
    };
    if let Some(Value::Object(members)) = holder {
        members.shift_remove(name);
    }
}

/// A thing as it is seen.
fn seen(thing: &mut Thing, resource: &Resource, sight: Sight) -> Value {
    let mut members = thing.look(resource.states.as_ref()).clone();
    if let (Sight::AtFirst, Some(states)) = (sight, &resource.states) {
        members[&states.member] = states.initial.clone().into();
    }
    members
}

/// Whether a resource is identified by some, and not all, identifiers of another.
fn is_parent(parent: &Resource, of: &Resource) -> bool {
    !parent.identifiers.is_empty()
        && parent.identifiers.len() < of.identifiers.len()
        && parent.identifiers.iter().all(|identifier| of.identifiers.contains(identifier))
}

/// Lays a value over another: objects member by member, everything else as a whole.
fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                match under.get_mut(&name) {
                    Some(known) => lay(known, value),
                    None => {
                        under.insert(name, value);
                    }
                }
            }
        }
        (under, over) => *under = over,
    }
}

/// Whether there is a thing already with the member that no two share, or with all the identifiers
/// that the client chose.
fn taken(resource: &Resource, members: &Map<String, Value>, state: &State) -> Option<Refusal> {
    let same =
        |thing: &Value, name: &String| members.contains_key(name) && thing.get(name) == members.get(name);
    let any = |fits: &dyn Fn(&Value) -> bool| state.store.all(resource).any(|thing| fits(&thing.members));
    if let Some(unique) = resource.unique.as_ref().filter(|unique| any(&|thing| same(thing, &unique.member)))
    {
        return Some(Refusal::Taken { member: unique.member.clone(), error: Some(unique.error.clone()) });
    }
    let last = resource.identifiers.last()?;
    let twin = any(&|thing| resource.identifiers.iter().all(|name| same(thing, name)));
    twin.then(|| Refusal::Taken { member: last.clone(), error: None })
}

/// The member that holds a resource's tags.
pub(super) fn property(resource: &Resource) -> &str {
    resource.tagging.as_ref().map_or("", |tagging| &tagging.property)
}
