//! WT-01, WT-02 and WT-04: a thing is in documented states, and goes from one to the next as
//! documented.

use super::super::{Check, Reading, Ruling};
use super::life::{Act, Life, Lives};
use super::{each_life, owner, problem, shown_by};
use crate::contract::{Contract, Level, Operation, Resource, Schema};

impl<'s, 'c> Lives<'s, 'c> {
    /// The states that each thing was seen in, in order.
    pub(in crate::check) fn states(&self) -> impl Iterator<Item = (&'c Resource, Vec<&'s str>)> {
        let seen = |life: &Life<'s, 'c>| life.events.iter().filter_map(|event| life.state(event)).collect();
        self.all.iter().map(move |life| (life.resource, seen(life)))
    }
}

const STATES: &str = "AIP-216, states <https://google.aip.dev/216>";

pub(in crate::check) const KNOWN: Check = Check {
    id: "WT-01",
    name: "state.known",
    level: Level::Info,
    says: "a state is one of those that are documented",
    documented: "Smithy 2.0, enum shapes are open <https://smithy.io/2.0/spec/simple-types.html#enum>",
    applies: |contract, operation| {
        let resource = shown_by(contract, operation);
        resource.is_some_and(|resource| state_of(contract, operation, resource).is_some_and(is_listed))
    },
    judge: |check, session| {
        each_life(check, session, |life| {
            let member = &life.resource.states.as_ref()?.member;
            let listed = |event: &&super::Event<'_, '_>| {
                let schema = event.shown.as_ref().and_then(|shown| shown.member(member));
                schema.is_some_and(is_listed)
            };
            let mut looks = life.looks().filter(listed).filter(|look| life.state(look).is_some()).peekable();
            let first = *looks.peek()?;
            let odd = looks.find(|look| {
                let schema = look.shown.as_ref().and_then(|shown| shown.member(member));
                let values = schema.and_then(|schema| schema.keyword("enum")?.as_array());
                let state = life.state(look);
                values.is_some_and(|values| !values.iter().any(|value| value.as_str() == state))
            });
            Some(match odd {
                None => (first.operation, Ruling::Pass),
                Some(look) => {
                    let state = life.state(look).unwrap_or_default().to_owned();
                    let texts = (format!("response body /{member}"), "a documented state".to_owned(), state);
                    (look.operation, Ruling::Advisory(problem(look, check.level, texts, vec![look.index])))
                }
            })
        })
    },
};

fn state_of<'c>(contract: &'c Contract, operation: &Operation, resource: &Resource) -> Option<Schema<'c>> {
    let states = resource.states.as_ref()?;
    contract.resource_shape(resource, contract.output(operation))?.member(&states.member)
}

fn is_listed(schema: Schema<'_>) -> bool {
    schema.keyword("enum").is_some()
}

pub(in crate::check) const STEPS: Check = Check {
    id: "WT-02",
    name: "state.steps",
    level: Level::Should,
    says: "from the state that was seen last, documented steps lead to the next one",
    documented: STATES,
    applies: |contract, operation| {
        let states = shown_by(contract, operation).and_then(|resource| resource.states.as_ref());
        states.is_some_and(|states| !states.transitions.is_empty())
    },
    judge: |check, session| each_life(check, session, |life| steps(session, life)),
};

/// What follows on a deletion has a law of its own.
fn steps<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> Option<(&'s Operation, Ruling)> {
    let states = life.resource.states.as_ref().filter(|states| !states.transitions.is_empty())?;
    let until = life.end().map_or(usize::MAX, |end| end.index);
    let seen = life.events.iter().filter(|event| event.index < until);
    let seen: Vec<_> = seen.filter_map(|event| Some((event, life.state(event)?))).collect();
    let shows = |event: &super::Event<'_, '_>| shown_by(session.contract, event.operation).is_some();
    let last = seen.iter().rfind(|(event, _)| shows(event))?.0;
    let known = |state: &str| states.knows(state);
    let steps = seen.windows(2).filter_map(|pair| match pair {
        [before, after] if before.1 != after.1 && known(before.1) && known(after.1) => Some((before, after)),
        _ => None,
    });
    let mut steps = steps.peekable();
    if steps.peek().is_none() {
        return Some((last.operation, Ruling::NotTestable("it was only seen in one state")));
    }
    let odd = steps.find(|(before, after)| !states.leads(before.1, after.1));
    Some(match odd {
        None => (last.operation, Ruling::Pass),
        Some(((before, was), (after, is))) => {
            let texts = (
                format!("response body /{}", states.member),
                format!("a state that documented steps lead to from {was}"),
                (*is).to_owned(),
            );
            let found = problem(after, Level::Should, texts, vec![before.index, after.index]);
            (last.operation, session.difference(found))
        }
    })
}

pub(in crate::check) const FIRST: Check = Check {
    id: "WT-04",
    name: "state.first",
    level: Level::Should,
    says: "the answer to a creation names what was created, and shows the documented first state",
    documented: STATES,
    applies: |contract, operation| {
        let resource = owner(contract, operation, |it| &it.create);
        resource.is_some_and(|resource| state_of(contract, operation, resource).is_some())
    },
    judge: |check, session| {
        each_life(check, session, |life| {
            let birth = life.acts(Act::Created).next()?;
            let states = life.resource.states.as_ref()?;
            let named = life.resource.identifiers.iter().all(|name| life.name(name).is_some());
            let at = |place: String, expected: String, actual: String| {
                let found = problem(birth, check.level, (place, expected, actual), vec![birth.index]);
                (birth.operation, Ruling::Fail(found))
            };
            if !named {
                let names = life.resource.identifiers.join(" and ");
                return Some(at("response body".to_owned(), names, "an answer without".to_owned()));
            }
            let state = life.state(birth)?;
            let place = format!("response body /{}", states.member);
            Some(match state == states.initial {
                true => (birth.operation, Ruling::Pass),
                false => at(place, states.initial.clone(), state.to_owned()),
            })
        })
    },
};
