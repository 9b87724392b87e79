//! FL-01 and FL-02: a prefix filter lists what starts with it, and nothing else.

use std::collections::HashMap;

use serde_json::Value;

use super::pagination::{Epoch, Walk, canonical};
use super::{Check, Problem, Reading, Ruling};
use crate::contract::{Contract, Filter, Level, Operation};

const CLAUSE: &str = "the contract's onrecord#filter; metamorphic relation \"subset\", Segura et al., TSE 2018 <https://doi.org/10.1109/TSE.2017.2764464>";

pub(super) const SOUND: Check = Check {
    id: "FL-01",
    name: "filter.sound",
    level: Level::Must,
    says: "every item of a filtered list starts with the filter",
    documented: CLAUSE,
    applies: filtered,
    judge: |check, session| {
        each_filtered(session, |walk, filter, prefix| {
            let odd =
                walk.items().find(|item| !text(item, filter).is_some_and(|name| name.starts_with(prefix)));
            Some(match odd {
                None if walk.items().next().is_none() => Ruling::NotTestable("a filtered list was empty"),
                None => Ruling::Pass,
                Some(item) => {
                    let name = text(item, filter).map_or("none".to_owned(), |name| format!("{name:?}"));
                    let expected = format!("a {} that starts with {prefix:?}", filter.item);
                    Ruling::Fail(problem(check, walk, filter, (expected, name), walk.indices()))
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
    says: "a filtered list leaves out nothing that starts with the filter",
    documented: CLAUSE,
    applies: filtered,
    judge: |check, session| {
        let whole_lists = whole_lists(&session.walks);
        each_filtered(session, |walk, filter, prefix| {
            let whole = whole_lists.get(&listed(walk)?)?;
            let matching = |item: &Value| text(item, filter).is_some_and(|name| name.starts_with(prefix));
            let mut items = whole.items().zip(&whole.ids);
            let missing = items.find(|(item, id)| matching(item) && !walk.distinct.contains(*id));
            Some(match missing {
                None => Ruling::Pass,
                Some((item, _)) => {
                    let expected = format!(
                        "{:?}, which the unfiltered list has",
                        text(item, filter).unwrap_or_default()
                    );
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

/// Calls `rule` with every ended walk that has a filter, and the filter's value.
fn each_filtered<'c>(
    session: &Reading<'_, 'c>,
    rule: impl Fn(&Walk<'_>, &Filter, &str) -> Option<Ruling>,
) -> Vec<(&'c Operation, Ruling)> {
    let mut rulings = Vec::new();
    for walk in session.walks.iter().filter(|walk| walk.ended()) {
        let Some(operation) = session.contract.operation(&walk.operation.name) else { continue };
        for filter in &operation.filters {
            let prefix =
                walk.query.get(&filter.member).and_then(Value::as_str).filter(|prefix| !prefix.is_empty());
            rulings.extend(
                prefix.and_then(|prefix| rule(walk, filter, prefix)).map(|ruling| (operation, ruling)),
            );
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

fn text<'v>(item: &'v Value, filter: &Filter) -> Option<&'v str> {
    item.get(&filter.item)?.as_str()
}

fn problem(
    check: &Check,
    walk: &Walk<'_>,
    filter: &Filter,
    texts: (String, String),
    evidence: Vec<usize>,
) -> Problem {
    let (expected, actual) = texts;
    Problem {
        place: format!("response body items, filter {}", filter.member),
        expected,
        actual,
        level: check.level,
        source: filter.source.clone().or_else(|| walk.operation.source.clone()),
        evidence,
    }
}
