//! FL-01 and FL-02: a prefix filter lists what starts with it, and nothing else.

use serde_json::Value;

use super::pagination::{Walk, identities, quiescent, walks};
use super::{Check, Problem, Ruling, Session};
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
        let walks = walks(session);
        each_filtered(session, |walk, filter, prefix| {
            let whole = walks.iter().find(|other| is_whole_list(session, walk, other))?;
            let matching = |item: &&Value| text(item, filter).is_some_and(|name| name.starts_with(prefix));
            let shown = identities(session, walk.operation, walk.items());
            let hidden = |item: &&Value| {
                let id = identities(session, walk.operation, std::iter::once(*item));
                !id.iter().all(|id| shown.contains(id))
            };
            let missing = whole.items().filter(matching).find(hidden);
            Some(match missing {
                None => Ruling::Pass,
                Some(item) => {
                    let expected = format!(
                        "{:?}, which the unfiltered list has",
                        text(item, filter).unwrap_or_default()
                    );
                    let mut evidence: Vec<_> = whole.indices().into_iter().chain(walk.indices()).collect();
                    evidence.sort_unstable();
                    let actual = "it is missing".to_owned();
                    Ruling::Fail(problem(check, walk, filter, (expected, actual), evidence))
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
    session: &Session<'c>,
    rule: impl Fn(&Walk<'_>, &Filter, &str) -> Option<Ruling>,
) -> Vec<(&'c Operation, Ruling)> {
    let mut rulings = Vec::new();
    for walk in walks(session).iter().filter(|walk| walk.ended()) {
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

/// Whether `other` lists, without any filter, what `walk` lists with one, at a time without changes.
fn is_whole_list(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> bool {
    let unfiltered = walk.operation.filters.iter().all(|filter| other.query.get(&filter.member).is_none());
    other.ended()
        && unfiltered
        && other.operation.name == walk.operation.name
        && quiescent(session, walk, other)
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
