//! LD-01, LD-03, LD-09, LD-10, WT-05 and WT-11: a thing is there from its creation to its end, for
//! those who ask for it and for those who list.

use serde_json::Value;

use super::super::pagination::{Page, Walk};
use super::super::{Check, Observation, Reading, Ruling, Verdict};
use super::life::{Act, Event, Life, Realm};
use super::{LIFECYCLE, each_life, is_soon, owner, problem};
use crate::contract::{Contract, Level, Operation, Outcome, Resource};

const CONSISTENCY: &str =
    "AIP-216, states: a resource is in one state for all who look <https://google.aip.dev/216>";

pub(in crate::check) const DESCRIBED: Check = Check {
    id: "LD-01",
    name: "lifecycle.listed-is-found",
    level: Level::Must,
    says: "what a list shows is found when it is asked for",
    documented: LIFECYCLE,
    applies: |contract, operation| {
        owner(contract, operation, |it| &it.read).is_some_and(|resource| resource.list.is_some())
    },
    judge: |check, session| after_looks(check, session, Act::Listed),
};

pub(in crate::check) const NO_FLAP: Check = Check {
    id: "WT-05",
    name: "lifecycle.no-flap",
    level: Level::Must,
    says: "what was found once is found until it is deleted",
    documented: CONSISTENCY,
    applies: |contract, operation| owner(contract, operation, |it| &it.read).is_some(),
    judge: |check, session| after_looks(check, session, Act::Read),
};

/// Of each read, what it says if the last look before it was one of this kind.
fn after_looks(check: &Check, session: &Reading<'_, '_>, kind: Act) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for life in &session.lives().all {
        let looks = life.events.iter().filter(|it| matches!(it.act, Act::Listed | Act::Read | Act::Missing));
        let looks: Vec<_> = looks.collect();
        for pair in looks.windows(2) {
            let [before, read] = pair else { continue };
            if before.act != kind || read.act == Act::Listed || life.is_leaving(before) {
                continue;
            }
            if session.lives().changed_between(session, life, before.index, read.index) {
                continue;
            }
            let ruling = match read.act {
                Act::Read => Ruling::Pass,
                _ => missing(session, life, before, read),
            };
            verdicts.push(check.verdict(read.operation, ruling));
        }
    }
    verdicts
}

fn missing(
    session: &Reading<'_, '_>,
    life: &Life<'_, '_>,
    before: &Event<'_, '_>,
    read: &Event<'_, '_>,
) -> Ruling {
    let comes_back = life.acts(Act::Read).any(|later| later.index > read.index);
    if !session.is_whole() && !comes_back {
        return Ruling::NotTestable("somebody else may have deleted it");
    }
    let texts = (
        "response status".to_owned(),
        "a success: it was shown before, and nobody deleted it".to_owned(),
        "there is no such thing".to_owned(),
    );
    session.difference(problem(read, Level::Must, texts, vec![before.index, read.index]))
}

pub(in crate::check) const APPEARS: Check = Check {
    id: "LD-03",
    name: "lifecycle.created-is-listed",
    level: Level::Must,
    says: "what was created is in the list",
    documented: LIFECYCLE,
    applies: lists,
    judge: |check, session| each_life(check, session, |life| appears(session, life)),
};

fn appears<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> Option<(&'s Operation, Ruling)> {
    let birth = life.birth()?;
    let until = life.events.iter().find(|event| matches!(event.act, Act::Deleted | Act::Missing));
    let until = until.map_or(usize::MAX, |event| event.index);
    let visible = life.acts(Act::Read).find(|look| life.is_settled(look)).map(|look| look.index);
    let walks = whole_lists(session, life).filter(|walk| !may_be_cut(walk));
    let walks = walks.filter(|walk| walk.span().0 > birth.index && walk.span().1 < until);
    let walks: Vec<_> = walks.collect();
    let last = walks.last()?;
    // Where nothing shows it alone, it has to come within three lists.
    let is_due = match visible {
        Some(visible) => visible < last.span().0,
        None => life.resource.read.is_none() && walks.len() >= 3,
    };
    let found = lists_it(life, last);
    let operation = last.operation;
    Some((
        operation,
        match found {
            true => Ruling::Pass,
            false if !is_due || is_soon(session, birth.index, last.span().0) => {
                Ruling::NotTestable("no list was read once it was settled")
            }
            false => {
                let texts = (
                    "response body items".to_owned(),
                    "what was created before".to_owned(),
                    "it is missing".to_owned(),
                );
                let evidence = last.indices().into_iter().chain([birth.index]).chain(visible).collect();
                session.difference(problem(birth, Level::Must, texts, evidence))
            }
        },
    ))
}

/// Whether a list is as long as was asked for, and no more: what is missing then, was left out.
fn may_be_cut(walk: &Walk<'_>) -> bool {
    let full = |page: &Page<'_>| page.size.is_some_and(|size| page.items.len() as i64 >= size);
    matches!(walk.pages.as_slice(), [only] if full(only))
}

pub(in crate::check) const GONE: Check = Check {
    id: "LD-09",
    name: "lifecycle.deleted-is-gone",
    level: Level::Must,
    says: "what was deleted is not found any more",
    documented: LIFECYCLE,
    applies: |contract, operation| {
        super::shown_by(contract, operation).is_some_and(|resource| resource.delete.is_some())
    },
    judge: |check, session| each_life(check, session, |life| gone(session, life)),
};

fn gone<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> Option<(&'s Operation, Ruling)> {
    let end = life.end()?;
    let by_list = life.resource.read.is_none();
    let later = life.events.iter().filter(|event| event.index > end.index);
    let mut looks =
        later.filter(|it| matches!(it.act, Act::Read | Act::Missing) || (by_list && it.act == Act::Listed));
    let Some(last) = looks.next_back() else {
        let unlisted =
            by_list.then(|| whole_lists(session, life).find(|walk| walk.span().0 > end.index)).flatten();
        return unlisted.map(|walk| (walk.operation, Ruling::Pass));
    };
    Some((
        last.operation,
        match last.act {
            Act::Missing => Ruling::Pass,
            _ if life.is_leaving(last) => {
                Ruling::NotTestable("it was still being deleted when it was last looked at")
            }
            _ if is_soon(session, end.index, last.index) => {
                Ruling::NotTestable("it was looked at too soon after its deletion")
            }
            _ => {
                let state = life.state(last).map(|state| format!(", {state}")).unwrap_or_default();
                let texts = (
                    "response status".to_owned(),
                    "an error: it was deleted before".to_owned(),
                    format!("it is shown{state}"),
                );
                session.difference(problem(last, Level::Must, texts, vec![end.index, last.index]))
            }
        },
    ))
}

pub(in crate::check) const UNLISTED: Check = Check {
    id: "WT-11",
    name: "lifecycle.gone-is-unlisted",
    level: Level::Must,
    says: "what is deleted, and not found any more, is in no list",
    documented: LIFECYCLE,
    applies: |contract, operation| {
        let resource = owner(contract, operation, |it| &it.list);
        lists(contract, operation) && resource.is_some_and(|it| it.delete.is_some() && it.read.is_some())
    },
    judge: |check, session| each_life(check, session, |life| unlisted(session, life)),
};

fn unlisted<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> Option<(&'s Operation, Ruling)> {
    let end = life.end()?;
    let gone = life.acts(Act::Missing).find(|event| event.index > end.index)?;
    let last = whole_lists(session, life).filter(|walk| walk.span().0 > gone.index).last()?;
    Some((
        last.operation,
        match lists_it(life, last) {
            false => Ruling::Pass,
            true if is_soon(session, end.index, last.span().0) => {
                Ruling::NotTestable("the list was read too soon after the deletion")
            }
            true => {
                let texts = (
                    "response body items".to_owned(),
                    "nothing that was deleted".to_owned(),
                    "it is there".to_owned(),
                );
                let evidence = last.indices().into_iter().chain([end.index, gone.index]).collect();
                session.difference(problem(end, Level::Must, texts, evidence))
            }
        },
    ))
}

pub(in crate::check) const NO_LEAK: Check = Check {
    id: "LD-10",
    name: "lifecycle.refused-leaves-nothing",
    level: Level::Must,
    says: "a creation that is refused leaves nothing behind",
    documented: "RESTler, leakage rule, Atlidakis et al., ICST 2020 <https://doi.org/10.1109/ICST46399.2020.00024>",
    applies: |contract, operation| {
        let resource = owner(contract, operation, |it| &it.create);
        resource.is_some_and(|resource| {
            let list = resource.list.as_ref().and_then(|name| contract.operation(name));
            chosen_name(resource).is_some() && list.is_some_and(|list| lists(contract, list))
        })
    },
    judge: |check, session| {
        let seen = session.known().filter(|seen| (check.applies)(seen.contract, seen.operation));
        let refused = seen.filter(|seen| matches!(seen.observation.outcome, Some(Outcome::Error { .. })));
        let rulings = refused.filter_map(|seen| {
            let ruling = leak(session, seen.index, seen.operation)?;
            Some(check.verdict(seen.operation, ruling))
        });
        rulings.collect()
    },
};

/// The member by which what a client makes is known to it.
fn chosen_name(resource: &Resource) -> Option<&str> {
    resource.unique.as_ref().map(|unique| unique.member.as_str())
}

fn leak(session: &Reading<'_, '_>, index: usize, operation: &Operation) -> Option<Ruling> {
    let refused = session.observations.get(index)?;
    let status = refused.exchange.response.status;
    let resource = owner(session.contract, operation, |it| &it.create)?;
    let input = refused.input.as_ref()?;
    let name = resource.shown(chosen_name(resource)?, input).filter(|name| *name != "")?;
    // Who is refused because another one has the name finds that one.
    if !(400..500).contains(&status) || is_conflict(resource, refused) {
        return None;
    }
    if refused.refused_for_access_or_load(session.contract) {
        return None;
    }
    let realm = Realm::of(&refused.exchange.request);
    let walks = session.walks.iter().filter(|walk| is_whole_list(session, resource, walk, &realm));
    let walk = walks.filter(|walk| walk.span().0 > index).last()?;
    let member = chosen_name(resource)?;
    let is_of_name = |item: &Value| item == name || resource.shown(member, item) == Some(name);
    if !walk.items().any(is_of_name) {
        return Some(Ruling::Pass);
    }
    // Somebody has it, and the creation was refused for that.
    let known = session.lives().all.iter().any(|life| {
        let first = life.events.first().map(|event| event.index);
        let made = life.birth().is_some() || first.is_some_and(|first| first < index);
        made && life.name(member) == Some(name)
    });
    if known || !session.is_whole() {
        return Some(Ruling::NotTestable("another one has the name"));
    }
    let texts =
        ("response body items".to_owned(), "nothing of that name".to_owned(), format!("{name} is listed"));
    let evidence = walk.indices().into_iter().chain([index]).collect();
    let found = super::Problem {
        place: texts.0,
        expected: texts.1,
        actual: texts.2,
        level: Level::Must,
        source: operation.source.clone(),
        evidence,
    };
    Some(Ruling::Fail(found))
}

fn is_conflict(resource: &Resource, refused: &Observation<'_>) -> bool {
    let error = resource.unique.as_ref().map(|unique| unique.error.as_str());
    let named = match &refused.outcome {
        Some(Outcome::Error { identity, .. }) => identity.all().any(|name| Some(name) == error),
        _ => false,
    };
    named || refused.exchange.response.status == 409
}

fn lists(contract: &Contract, operation: &Operation) -> bool {
    let items = operation.pagination.as_ref().is_some_and(|paging| paging.items.is_some());
    items && owner(contract, operation, |it| &it.list).is_some_and(|resource| resource.create.is_some())
}

/// The lists, read to their end and narrowed by nothing, that have to show a thing while it is there.
pub(super) fn whole_lists<'s>(
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> impl Iterator<Item = &'s Walk<'s>> {
    session.walks.iter().filter(move |walk| {
        let lies_there = walk.query.as_object().is_none_or(|query| {
            query.iter().all(|(member, value)| life.name(member).is_none_or(|own| own == value))
        });
        is_whole_list(session, life.resource, walk, life.realm()) && lies_there
    })
}

fn is_whole_list(session: &Reading<'_, '_>, resource: &Resource, walk: &Walk<'_>, realm: &Realm) -> bool {
    let parents = session.contract.parents(resource);
    let narrows = |member: &String, value: &Value| !parents.contains(member) && !is_nothing(value);
    let narrowed =
        walk.query.as_object().is_some_and(|query| query.iter().any(|(name, value)| narrows(name, value)));
    let first = walk.pages.first().and_then(|page| session.observations.get(page.index));
    resource.list.as_ref() == Some(&walk.operation.name)
        && walk.ended()
        && !narrowed
        && first.is_some_and(|first| Realm::of(&first.exchange.request) == *realm)
}

/// A value that asks for nothing.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || *value == "" || value.as_array().is_some_and(Vec::is_empty)
}

pub(super) fn lists_it(life: &Life<'_, '_>, walk: &Walk<'_>) -> bool {
    let pages = walk.indices();
    life.acts(Act::Listed).any(|event| pages.contains(&event.index))
}
