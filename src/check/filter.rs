//! FL-01 and FL-02: a filter lists what fits it, and nothing else.

use std::collections::HashMap;

use serde_json::Value;

use super::pagination::{Epoch, Walk, canonical};
use super::shape::shown;
use super::{Check, Problem, Reading, Ruling};
use crate::contract::{Contract, Filter, FilterKind, Level, Operation, States, at_path};

const CLAUSE: &str = "the contract's onrecord#filter; metamorphic relation \"subset\", Segura et al., TSE 2018 <https://doi.org/10.1109/TSE.2017.2764464>";

pub(super) const SOUND: Check = Check {
    id: "FL-01",
    name: "filter.sound",
    level: Level::Must,
    says: "every item of a filtered list fits the filter",
    documented: CLAUSE,
    applies: filtered,
    judge: |check, session| {
        each_filtered(session, |walk, filter, value| {
            let odd = walk.items().find(|item| !filter.fits(value, item));
            Some(match odd {
                None if walk.items().next().is_none() => Ruling::NotTestable("a filtered list was empty"),
                None => Ruling::Pass,
                Some(item) => {
                    let expected = match filter.kind {
                        FilterKind::Prefix => format!("{} that starts with {value}", named(filter)),
                        FilterKind::OneOf => format!("{} that is among {value}", named(filter)),
                    };
                    let actual = shown(at_path(item, &filter.item));
                    Ruling::Fail(problem(check, walk, filter, (expected, actual), walk.indices()))
                }
            })
        })
        .into_iter()
        .map(|(operation, ruling)| check.verdict(operation, ruling))
        .collect()
    },
};

pub(super) const COMPLETE: Check = Check {
    id: "FL-02",
    name: "filter.complete",
    level: Level::Must,
    says: "a filtered list leaves out nothing that fits the filter",
    documented: CLAUSE,
    applies: filtered,
    judge: |check, session| {
        let whole_lists = whole_lists(&session.walks);
        each_filtered(session, |walk, filter, _| {
            let whole = whole_lists.get(&listed(walk)?)?;
            let mut items = whole.items().zip(&whole.ids);
            let states = session.contract.resource_of(&walk.operation.name).and_then(|it| it.states.as_ref());
            let missing = items.find(|(item, id)| {
                fits_all(walk, item) && rests(states, filter, item) && !walk.distinct.contains(*id)
            });
            Some(match missing {
                None => Ruling::Pass,
                Some((item, _)) => {
                    let name = shown(at_path(item, &filter.item));
                    let expected = format!("{name}, which the unfiltered list has");
                    let mut evidence: Vec<_> = whole.indices().into_iter().chain(walk.indices()).collect();
                    evidence.sort_unstable();
                    let actual = "it is missing".to_owned();
                    session.difference(problem(check, walk, filter, (expected, actual), evidence))
                }
            })
        })
        .into_iter()
        .map(|(operation, ruling)| check.verdict(operation, ruling))
        .collect()
    },
};

fn filtered(_: &Contract, operation: &Operation) -> bool {
    !operation.filters.is_empty()
}

/// Calls `rule` with every ended walk that has a filter, and the filter's value. An empty one
/// filters nothing.
fn each_filtered<'c>(
    session: &Reading<'_, 'c>,
    rule: impl Fn(&Walk<'_>, &Filter, &Value) -> Option<Ruling>,
) -> Vec<(&'c Operation, Ruling)> {
    let mut rulings = Vec::new();
    for walk in session.walks.iter().filter(|walk| walk.ended()) {
        let Some(operation) = session.contract.operation(&walk.operation.name) else { continue };
        for filter in &operation.filters {
            let value = filter.of(&walk.query).filter(|value| !is_empty(value));
            let ruling = value.and_then(|value| rule(walk, filter, value));
            rulings.extend(ruling.map(|ruling| (operation, ruling)));
        }
    }
    rulings
}

/// What a walk lists, but for filters, and when; `None` if something changed meanwhile.
fn listed<'w>(walk: &'w Walk<'_>) -> Option<(&'w str, String, Epoch)> {
    let mut query = walk.query.clone();
    if let Some(members) = query.as_object_mut() {
        members.retain(|name, _| !is_filter(walk.operation, name));
    }
    Some((&walk.operation.name, canonical(&query), walk.epoch?))
}

/// The first walk without any filter over each list, as long as nothing changed.
fn whole_lists<'w, 's>(walks: &'w [Walk<'s>]) -> HashMap<(&'w str, String, Epoch), &'w Walk<'s>> {
    let mut whole = HashMap::new();
    for walk in walks.iter().filter(|walk| walk.ended() && !has_filter(walk)) {
        if let Some(listed) = listed(walk) {
            whole.entry(listed).or_insert(walk);
        }
    }
    whole
}

fn has_filter(walk: &Walk<'_>) -> bool {
    walk.query.as_object().is_some_and(|members| members.keys().any(|name| is_filter(walk.operation, name)))
}

fn is_filter(operation: &Operation, name: &str) -> bool {
    operation.filters.iter().any(|filter| filter.member == name)
}

/// Whether an item fits all filters of a walk; of a filter that the contract does not describe,
/// nobody knows.
fn fits_all(walk: &Walk<'_>, item: &Value) -> bool {
    let filters = &walk.operation.filters;
    let is_described = |member: &str, key: &str| {
        filters.iter().any(|filter| filter.member == member && filter.key.as_deref() == Some(key))
    };
    let by_key = filters.iter().filter(|filter| filter.key.is_some());
    let keys =
        by_key.filter_map(|filter| Some((&filter.member, walk.query.get(&filter.member)?.as_object()?)));
    let described = keys.into_iter().all(|(member, map)| map.keys().all(|key| is_described(member, key)));
    let fits = |filter: &Filter| {
        let value = filter.of(&walk.query).filter(|value| !is_empty(value));
        value.is_none_or(|value| filter.fits(value, item))
    };
    described && filters.iter().all(fits)
}

/// Whether what a filter looks at stays as it is: a state goes on by itself until it is settled.
fn rests(states: Option<&States>, filter: &Filter, item: &Value) -> bool {
    let Some(states) = states.filter(|states| states.member == filter.item) else { return true };
    let state = at_path(item, &filter.item).and_then(Value::as_str);
    state.is_some_and(|state| states.settled.iter().any(|settled| settled == state))
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || *value == "" || value.as_array().is_some_and(Vec::is_empty)
}

/// What a filter looks at, with an article.
fn named(filter: &Filter) -> String {
    if filter.item.is_empty() { "an item".to_owned() } else { format!("a {}", filter.item) }
}

fn problem(
    check: &Check,
    walk: &Walk<'_>,
    filter: &Filter,
    texts: (String, String),
    evidence: Vec<usize>,
) -> Problem {
    let (expected, actual) = texts;
    let key = filter.key.as_ref().map(|key| format!(".{key}")).unwrap_or_default();
    Problem {
        place: format!("response body items, filter {}{key}", filter.member),
        expected,
        actual,
        level: check.level,
        source: filter.source.clone().or_else(|| walk.operation.source.clone()),
        evidence,
    }
}
