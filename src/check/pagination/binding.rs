//! What a token is bound to, and what it is not: PG-T19, PG-T20, PG-T22 and PG-T25.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{ACCESS_OR_LOAD, Check, Reading, Ruling, Seen, Verdict};
use super::walk::{canonical, query};
use super::{by_token, each_token_walk, problem};
use crate::contract::{Level, Operation, Pagination, at_path, region};

const CLAUSE: &str = "Smithy 2.0, @paginated, service behavior <https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait>";

/// Why a token says nothing.
const UNSEEN: &str = "the token may have been handed out before the recording";

pub(in crate::check) const OTHER_SIZE: Check = Check {
    id: "PG-T19",
    name: "pagination.other-size",
    level: Level::Must,
    says: "a client may ask for another page size in the middle of a walk",
    documented: "Smithy 2.0, @paginated: clients may change presentation parameters <https://smithy.io/2.0/spec/behavior-traits.html#pagination-behavior>; AIP-158, page_size <https://google.aip.dev/158>",
    applies: |contract, operation| {
        let sized = operation.pagination.as_ref().is_some_and(|pagination| pagination.page_size.is_some());
        sized && by_token(contract, operation)
    },
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let last = walk.pages.last()?;
            if let Some((refused, size)) = walk.refused_size.filter(|(_, size)| *size != last.size) {
                if !is_valid(session, refused) {
                    return None;
                }
                let size = size.map_or("no size".to_owned(), |size| format!("size {size}"));
                let status = session.observations[refused].exchange.response.status;
                let texts = ("request page size", format!("a page for {size}"), status.to_string());
                return Some(Ruling::Fail(problem(walk, check.level, texts, walk.indices())));
            }
            let changed = walk.pages.windows(2).any(|pair| pair[0].size != pair[1].size);
            changed.then_some(Ruling::Pass)
        })
    },
};

pub(in crate::check) const OTHER_FILTER: Check = Check {
    id: "PG-T20",
    name: "pagination.other-filter",
    level: Level::Must,
    says: "a token that comes with another filter than it was handed out for is refused",
    documented: CLAUSE,
    applies: |contract, operation| !operation.filters.is_empty() && by_token(contract, operation),
    judge: |check, session| {
        each_stray(check, session, Stray::OtherQuery, |seen| {
            (!seen.operation.filters.is_empty()).then_some("a client error, for the filter has changed")
        })
    },
};

pub(in crate::check) const OTHER_OPERATION: Check = Check {
    id: "PG-T22",
    name: "pagination.other-operation",
    level: Level::Must,
    says: "a token that another operation handed out is refused",
    documented: CLAUSE,
    applies: |contract, operation| {
        let mut others = contract.operations.iter().filter(|other| other.name != operation.name);
        by_token(contract, operation) && others.any(|other| by_token(contract, other))
    },
    judge: |check, session| {
        each_stray(check, session, Stray::OtherOperation, |_| {
            Some("a client error, for the token is another operation's")
        })
    },
};

pub(in crate::check) const OPAQUE: Check = Check {
    id: "PG-T25",
    name: "pagination.opaque",
    level: Level::Should,
    says: "a token is more than a count of what was shown",
    documented: "Smithy 2.0, @paginated, opaque tokens <https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait>; AIP-158, opacity <https://google.aip.dev/158>",
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let mut shown = 0;
            // Of longer tokens a recording keeps only which are the same.
            let mut counts = walk.pages.iter().filter_map(|page| {
                shown += page.items.len();
                let next = page.next.as_ref()?;
                let text = next.as_str().map_or_else(|| next.to_string(), str::to_owned);
                Some((page, text.parse() == Ok(shown), text))
            });
            let Some((page, counts_items, token)) = counts.next() else {
                return Some(Ruling::NotTestable("every walk had a single page"));
            };
            if !counts_items || !counts.all(|(_, counts, _)| counts) {
                return Some(Ruling::Pass);
            }
            let expected = "a token that says nothing to clients".to_owned();
            let texts = ("response body token", expected, format!("{token}, the number of items shown"));
            Some(Ruling::Fail(problem(walk, check.level, texts, vec![page.index])))
        })
    },
};

/// Whether nothing else is wrong with a request.
fn is_valid(session: &Reading<'_, '_>, index: usize) -> bool {
    let seen = &session.observations[index];
    let region = region(&seen.exchange.request);
    seen.operation.zip(seen.input.as_ref()).is_some_and(|(operation, input)| {
        session.contract.input_violations(operation, input, region.as_deref()).is_empty()
    })
}

/// How a token strays from what it was handed out for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stray {
    OtherQuery,
    OtherOperation,
}

/// Judges each token that was handed out, but not for what it is sent for. `rule` says what is
/// expected then, where the law holds.
fn each_stray(
    check: &Check,
    session: &Reading<'_, '_>,
    stray: Stray,
    rule: impl Fn(&Seen<'_, '_>) -> Option<&'static str>,
) -> Vec<Verdict> {
    if !session.contract.operations.iter().any(|operation| (check.applies)(session.contract, operation)) {
        return Vec::new();
    }
    // By token, who handed it out, and for which query.
    let mut handed_out: HashMap<Value, Vec<(&Operation, String, usize)>> = HashMap::new();
    let mut verdicts = Vec::new();
    for seen in session.known() {
        let Some(pagination) = seen.operation.pagination.as_ref() else { continue };
        let Some(input) = &seen.observation.input else { continue };
        if pagination.output_token().is_none() {
            continue;
        }
        let asked = canonical(&query(pagination, input));
        if let Some(givers) = sent(pagination, input).and_then(|token| handed_out.get(&Value::from(token))) {
            let own = givers.iter().any(|(operation, ..)| operation.name == seen.operation.name);
            let same = |(operation, query, _): &&(&Operation, String, usize)| {
                operation.name == seen.operation.name && *query == asked
            };
            let strays = if own { Stray::OtherQuery } else { Stray::OtherOperation };
            if strays == stray
                && !givers.iter().any(|giver| same(&giver))
                && let Some(expected) = rule(&seen)
                && let Some((.., giver)) = givers.last()
            {
                verdicts.push(check.verdict(seen.operation, ruling(check, session, &seen, *giver, expected)));
            }
        }
        if let Some(token) = seen.observation.output().and_then(|output| pagination.token(output)) {
            let givers = handed_out.entry(token).or_default();
            let known =
                givers.iter().any(|(giver, query, _)| giver.name == seen.operation.name && *query == asked);
            if !known {
                givers.push((seen.operation, asked, seen.index));
            }
        }
    }
    verdicts
}

fn ruling(
    check: &Check,
    session: &Reading<'_, '_>,
    seen: &Seen<'_, '_>,
    giver: usize,
    expected: &'static str,
) -> Ruling {
    if !session.is_whole() {
        return Ruling::NotTestable(UNSEEN);
    }
    if seen.refused_for_access_or_load() {
        return Ruling::NotTestable(ACCESS_OR_LOAD);
    }
    let place = seen.operation.pagination.as_ref().map(|it| it.input_token.as_str()).unwrap_or_default();
    match seen.observation.exchange.response.status {
        500.. => Ruling::NotTestable("the provider failed, which is another law's matter"),
        400..500 => Ruling::Pass,
        status => {
            let actual = format!("{status} with a page");
            let mut problem = seen.problem(check.level, format!("request {place}"), expected, actual);
            problem.evidence = vec![giver, seen.index];
            Ruling::Fail(problem)
        }
    }
}

fn sent<'v>(pagination: &Pagination, input: &'v Value) -> Option<&'v str> {
    at_path(input, &pagination.input_token)?.as_str().filter(|text| !text.is_empty())
}
