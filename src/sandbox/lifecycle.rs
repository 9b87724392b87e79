//! What an operation does to the things of its resource.

use serde_json::{Map, Value, json};

use super::fault::Faults;
use super::listing::Listing;
use super::mint::Mint;
use super::project::{fit, project};
use super::refusal::Refusal;
use super::store::Store;
use crate::contract::{Contract, Kind, Operation, Resource};

/// Everything that lasts from request to request.
#[derive(Debug)]
pub(super) struct State {
    store: Store,
    mint: Mint,
}

impl State {
    /// Nothing yet. `purpose` makes the generated values differ between contracts.
    pub(super) fn new(purpose: String) -> Self {
        Self { store: Store::default(), mint: Mint::new(purpose) }
    }
}

/// One call with a valid input.
pub(super) struct Call<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) input: &'a Value,
    pub(super) faults: &'a Faults,
}

/// The part that an operation has in the life of a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Create,
    Read,
    Delete,
    List,
    Tag,
    Untag,
    ListTags,
}

impl Part {
    fn of(resource: &Resource, operation: &Operation) -> Option<Self> {
        let tagging = resource.tagging.as_ref();
        let parts = [
            (resource.create.as_ref(), Self::Create),
            (resource.read.as_ref(), Self::Read),
            (resource.delete.as_ref(), Self::Delete),
            (resource.list.as_ref(), Self::List),
            (tagging.map(|tagging| &tagging.tag), Self::Tag),
            (tagging.map(|tagging| &tagging.untag), Self::Untag),
            (tagging.map(|tagging| &tagging.list), Self::ListTags),
        ];
        parts.into_iter().find(|(name, _)| *name == Some(&operation.name)).map(|(_, part)| part)
    }
}

impl Call<'_> {
    /// Does it, and gives the output.
    pub(super) fn perform(&self, state: &mut State) -> Result<Value, Refusal> {
        let (resource, part) = match self.part(state) {
            Some(found) => found,
            // Nothing is known of what it does: what it was given is all that it can show.
            None => return Ok(self.show(self.input)),
        };
        match part {
            Part::Create => self.create(resource, state),
            Part::Read => self.read(resource, state),
            Part::Delete => self.delete(resource, state),
            Part::List => self.list(resource, state),
            Part::Tag => self.tag(resource, state),
            Part::Untag => self.untag(resource, state),
            Part::ListTags => self.tags(resource, state),
        }
    }

    /// The resource and the operation's part in it. Several resources may share an operation that
    /// tags: then the one that has the thing counts.
    fn part(&self, state: &mut State) -> Option<(&Resource, Part)> {
        let part = |resource| Part::of(resource, self.operation).map(|part| (resource, part));
        let parts: Vec<_> = self.contract.resources.iter().filter_map(part).collect();
        let holds = |(resource, _): &&(&Resource, Part)| {
            state.store.find(self.contract, self.operation, resource, self.input).is_some()
        };
        match parts.as_slice() {
            [] | [_] => parts.first().copied(),
            _ => parts.iter().find(holds).or(parts.first()).copied(),
        }
    }

    fn create(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let mut members = self.given();
        if let Some(states) = &resource.states {
            members.insert(states.member.clone(), states.initial.clone().into());
        }
        if let Some(tagging) = &resource.tagging {
            members.entry(&tagging.property).or_insert_with(|| json!({}));
        }
        if let Some(taken) = taken(resource, &members, state) {
            return Err(taken);
        }
        if let Some(read) = resource.read.as_ref().and_then(|read| self.contract.operation(read)) {
            state.mint.add_generated(self.contract.output(read), &mut members);
        }
        for identifier in &resource.identifiers {
            members.entry(identifier).or_insert_with(|| state.mint.uuid().into());
        }
        let output = self.show(&Value::Object(members.clone()));
        state.store.add(resource, members);
        Ok(output)
    }

    /// The documented members of the input; a token that only makes a retry safe is not one of
    /// the thing.
    fn given(&self) -> Map<String, Value> {
        let schema = self.contract.input(self.operation);
        let Value::Object(mut members) = fit(schema, self.input) else { return Map::new() };
        let is_token =
            |name: &str| schema.member(name).is_some_and(|member| member.note("idempotencyToken").is_some());
        members.retain(|name, _| !is_token(name));
        members
    }

    fn read(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        Ok(self.show(thing.look(resource.states.as_ref())))
    }

    fn delete(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        if let Some(states) = &resource.states
            && let Some(deleting) = &states.deleting
        {
            thing.set(&states.member, deleting.as_str());
        }
        let output = self.show(&thing.members);
        let position = thing.position;
        state.store.remove(position);
        Ok(output)
    }

    fn list(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let Self { contract, operation, input, faults } = *self;
        Listing { contract, operation, resource, input, faults }.output(&mut state.store)
    }

    fn tag(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let added = self.member_of(Kind::Map, property(resource));
        self.change_tags(resource, state, |tags| {
            tags.extend(added.and_then(Value::as_object).cloned().unwrap_or_default())
        })
    }

    fn untag(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let keys = self.member_of(Kind::List, "").and_then(Value::as_array);
        let is_named = |key: &str| keys.is_some_and(|keys| keys.iter().any(|named| named == key));
        self.change_tags(resource, state, |tags| tags.retain(|key, _| !is_named(key)))
    }

    fn tags(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        Ok(self.show(&thing.members))
    }

    fn change_tags(
        &self,
        resource: &Resource,
        state: &mut State,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        if let Some(Value::Object(tags)) = thing.members.get_mut(property(resource)) {
            change(tags);
        }
        Ok(self.show(&thing.members))
    }

    /// The input member of that name, else the first of that kind.
    fn member_of(&self, kind: Kind, name: &str) -> Option<&Value> {
        let schema = self.contract.input(self.operation);
        let of_kind = || schema.members().find(|member| member.schema.kind() == kind);
        let name = schema.member(name).map(|_| name).or_else(|| Some(of_kind()?.name))?;
        self.input.get(name)
    }

    fn thing<'s>(
        &self,
        resource: &Resource,
        state: &'s mut State,
    ) -> Result<&'s mut super::store::Thing, Refusal> {
        let found = state.store.find(self.contract, self.operation, resource, self.input);
        found.ok_or_else(|| Refusal::Missing {
            resource: resource.name.clone(),
            error: resource.not_found.clone(),
        })
    }

    fn show(&self, thing: &Value) -> Value {
        project(self.contract.output(self.operation), thing)
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

fn property(resource: &Resource) -> &str {
    resource.tagging.as_ref().map_or("", |tagging| &tagging.property)
}
