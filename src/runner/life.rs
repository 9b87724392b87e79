//! A thing from its creation to its end, with everything between that may be done to it.

use serde_json::{Value, json};

use super::channel::ChannelError;
use super::plan::{Changes, Stage};
use super::scene::Scene;
use super::thing::{Thing, unprotect};
use crate::check::Observation;
use crate::contract::{Kind, Level, Operation, Wait, Waiter, tags};
use crate::generate::{
    Reason, Strategy as _, TestRunner, ValueTree as _, simplest, valid, violations, with_count,
};

/// How often one asks for what is waited for.
const POLLS: usize = 12;

/// How many inputs are drawn for an update that changes something.
const DRAWS: usize = 8;

/// How many tags are put on.
const TAGS: usize = 2;

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    Settled,
    Gone,
}

impl<'a> Stage<'a> {
    /// What is done to a thing: values for its updates.
    pub(super) fn changes(&self, runner: &mut TestRunner) -> Result<Changes, Reason> {
        let update = self.may(self.resource.and_then(|resource| resource.update.as_ref()));
        let Some(update) = update.map(|update| self.at(update)) else { return Ok(Changes::default()) };
        let plain = simplest(self.contract, update.operation, &update.known());
        let inputs = valid(self.contract, update.operation, &update.known());
        let mut good = inputs.new_tree(runner)?.current();
        // One that changes nothing shows nothing.
        for _ in 0..DRAWS {
            if plain.as_ref() != Some(&good) {
                break;
            }
            good = inputs.new_tree(runner)?.current();
        }
        Ok(Changes { update: Some(good), refused: update.wrong(runner)? })
    }

    /// An input of the operation with one mistake, not in what names the thing.
    pub(super) fn wrong(&self, runner: &mut TestRunner) -> Result<Option<Value>, Reason> {
        let unique = self.unique().unwrap_or_default().replace('.', "/");
        let names = self.stand_ins();
        let is_name = |pointer: &str| {
            let pointer = pointer.trim_start_matches('/');
            names.contains_key(pointer) || (!unique.is_empty() && pointer == unique)
        };
        let found = violations(self.contract, self.operation).reachable.into_iter();
        let plain = found.filter(|it| it.level == Level::Must && !is_name(&it.pointer));
        let plain: Vec<_> = plain.filter(|it| it.rule != "required").collect();
        // A value of another type may be refused before anybody looks at the others, above all where
        // it is the whole body.
        let by_value = plain.iter().find(|it| it.rule != "type" && it.rule != "anyOf");
        let inside = || plain.iter().find(|it| it.pointer.matches('/').count() > 1);
        let Some(first) = by_value.or_else(inside) else { return Ok(None) };
        let broken = first.strategy(self.contract, self.operation, &self.known()).new_tree(runner)?;
        Ok(Some(broken.current().input))
    }

    /// A life: each step is left out that may not be done.
    pub(super) fn live(&self, changes: &Changes, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(thing) = self.create(1, scene)?.pop() else { return Ok(()) };
        self.wait(&thing, Aim::Settled, scene)?;
        self.look(&thing, scene)?;
        self.list(scene)?;
        self.look(&thing, scene)?;
        self.tag(&thing, scene)?;
        self.update(&thing, changes, scene)?;
        self.end(&thing, scene)
    }

    /// A creation that is refused, and what is listed then.
    pub(super) fn refused(&self, input: &Value, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let input = scene.fill(self.operation, input.clone());
        scene.call(self.operation, &input)?;
        self.list(scene).map(drop)
    }

    fn tag(&self, thing: &Thing<'a>, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(tagging) = thing.resource.tagging.as_ref() else { return Ok(()) };
        let (tag, untag) = (self.may(Some(&tagging.tag)), self.may(Some(&tagging.untag)));
        let Some(list) = self.may(Some(&tagging.list)) else { return Ok(()) };
        self.about_it(list, thing, scene)?;
        let mut keys = Vec::new();
        if let Some(tag) = tag {
            let given = self.knowing(thing.names_for(self.contract, tag));
            let input = with_count(self.contract, tag, TAGS, &given);
            if let Some(input) = input.or_else(|| simplest(self.contract, tag, &given)) {
                scene.call(tag, &input)?;
                self.about_it(list, thing, scene)?;
                self.look(thing, scene)?;
                keys = input
                    .as_object()
                    .into_iter()
                    .flat_map(|it| it.values())
                    .find_map(keys_of)
                    .unwrap_or_default();
            }
        }
        if let (Some(untag), Some(key)) = (untag, keys.first()) {
            let mut given = thing.names_for(self.contract, untag);
            let mut members = self.contract.input(untag).members();
            let list_of_keys = members.find(|member| member.schema.kind() == Kind::List);
            given.extend(list_of_keys.map(|member| (member.name.to_owned(), json!([key]))));
            scene.call(untag, &Value::Object(given))?;
            self.about_it(list, thing, scene)?;
        }
        Ok(())
    }

    fn update(
        &self,
        thing: &Thing<'a>,
        changes: &Changes,
        scene: &mut Scene<'a, '_>,
    ) -> Result<(), ChannelError> {
        let Some(update) = self.may(thing.resource.update.as_ref()) else { return Ok(()) };
        for input in [&changes.refused, &changes.update].into_iter().flatten() {
            self.wait(thing, Aim::Settled, scene)?;
            let mut input = scene.fill(update, self.at(update).about(thing, input.clone()));
            unprotect(&mut input);
            scene.call(update, &input)?;
            self.wait(thing, Aim::Settled, scene)?;
        }
        Ok(())
    }

    fn end(&self, thing: &Thing<'a>, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(delete) = self.may(thing.resource.delete.as_ref()) else { return Ok(()) };
        if self.leave(thing, scene)? {
            self.about_it(delete, thing, scene)?;
            self.list(scene)?;
        }
        Ok(())
    }

    /// Deletes a thing and waits until it is gone; says whether it was deleted.
    pub(super) fn leave(&self, thing: &Thing<'a>, scene: &mut Scene<'a, '_>) -> Result<bool, ChannelError> {
        let Some(delete) = self.may(thing.resource.delete.as_ref()) else { return Ok(false) };
        let is_deleted = self.about_it(delete, thing, scene)?.exchange.response.is_success();
        if is_deleted {
            self.wait(thing, Aim::Gone, scene)?;
        }
        Ok(is_deleted)
    }

    /// Asks until what is waited for is there, as often as anybody would, with the documented time
    /// between.
    pub(super) fn wait(
        &self,
        thing: &Thing<'a>,
        aim: Aim,
        scene: &mut Scene<'a, '_>,
    ) -> Result<(), ChannelError> {
        let read = self.may(thing.resource.read.as_ref());
        let waiters = read.map(|read| read.waiters.as_slice()).unwrap_or_default();
        let delay = waiters.iter().map(|waiter| waiter.delay).min();
        for _ in 0..POLLS {
            let is_there = match read {
                Some(read) => is_reached(aim, waiters, &self.about_it(read, thing, scene)?),
                None => self.is_listed_so(thing, aim, scene)?,
            };
            if is_there {
                break;
            }
            scene.wait(delay.unwrap_or(crate::contract::DELAY));
        }
        Ok(())
    }

    /// Where nothing shows a thing alone, the list does.
    fn is_listed_so(
        &self,
        thing: &Thing<'a>,
        aim: Aim,
        scene: &mut Scene<'a, '_>,
    ) -> Result<bool, ChannelError> {
        let items = self.list(scene)?;
        let own = thing.resource.identifiers.last().and_then(|name| Some((name, thing.name(name)?)));
        let Some((name, own)) = own else { return Ok(true) };
        let item = items.iter().find(|item| thing.resource.shown(name, item) == Some(own));
        Ok(match (aim, item, &thing.resource.states) {
            (Aim::Gone, item, _) => item.is_none(),
            (Aim::Settled, None, _) => false,
            (Aim::Settled, Some(_), None) => true,
            (Aim::Settled, Some(item), Some(states)) => {
                let state = item.get(&states.member).and_then(Value::as_str);
                state.is_none_or(|state| states.settled.iter().any(|settled| settled == state))
            }
        })
    }

    fn look(&self, thing: &Thing<'a>, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        match self.may(thing.resource.read.as_ref()) {
            Some(read) => self.about_it(read, thing, scene).map(drop),
            None => self.list(scene).map(drop),
        }
    }

    /// Reads the list to its end.
    fn list(&self, scene: &mut Scene<'a, '_>) -> Result<Vec<Value>, ChannelError> {
        let list = self.resource.and_then(|resource| resource.list.as_ref());
        let Some(list) = self.may(list) else { return Ok(Vec::new()) };
        let base = simplest(self.contract, list, &self.knowing(self.parents()));
        base.map_or(Ok(Vec::new()), |base| self.at(list).walk(&base, None, 0, scene))
    }

    /// Calls an operation with the plainest input that names the thing.
    fn about_it(
        &self,
        operation: &'a Operation,
        thing: &Thing<'a>,
        scene: &mut Scene<'a, '_>,
    ) -> Result<Observation<'a>, ChannelError> {
        let given = thing.names_for(self.contract, operation);
        let input = simplest(self.contract, operation, &self.knowing(given.clone()));
        let input = scene.fill(operation, input.unwrap_or(Value::Object(given)));
        scene.call(operation, &input)
    }
}

fn is_reached(aim: Aim, waiters: &[Waiter], answer: &Observation<'_>) -> bool {
    if aim == Aim::Gone {
        return (400..500).contains(&answer.exchange.response.status);
    }
    let Some(outcome) = &answer.outcome else { return false };
    let judged: Vec<_> = waiters.iter().map(|waiter| waiter.judge(outcome)).collect();
    answer.output().is_some()
        && (judged.contains(&Some(Wait::Succeeds)) || !judged.contains(&Some(Wait::Goes)))
}

/// The keys of a value that holds tags.
fn keys_of(value: &Value) -> Option<Vec<String>> {
    let tags = tags::to_map(value).filter(|tags| !tags.is_empty())?;
    Some(tags.into_iter().map(|(key, _)| key).collect())
}
