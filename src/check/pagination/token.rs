//! A token that was never handed out.

use std::collections::HashSet;

use serde_json::Value;

use super::super::{ACCESS_OR_LOAD, Check, Observation, Reading, Ruling, Seen, Verdict};
use super::by_token;
use super::walk::{Walk, identity};
use crate::contract::{Level, Pagination, at_path};

pub(in crate::check) const ALTERED_TOKEN: Check = Check {
    id: "PG-T21",
    name: "pagination.altered-token",
    level: Level::Must,
    says: "a token that was never handed out is answered with a client error: not with a server error, not with the first page",
    documented: "Smithy 2.0, @paginated, opaque tokens <https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait>; AIP-158, opacity <https://google.aip.dev/158>",
    applies: by_token,
    judge,
};

const EXPECTED: &str = "a client error for a token that was never handed out";

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut handed_out = HashSet::new();
    let mut verdicts = Vec::new();
    for seen in session.known() {
        let Some(pagination) = &seen.operation.pagination else { continue };
        if pagination.output_token().is_none() {
            continue;
        }
        if let Some(token) = sent(pagination, seen.observation)
            && !handed_out.contains(&Value::from(token))
        {
            verdicts.push(check.verdict(seen.operation, ruling(check, session, &seen, pagination)));
        }
        // Those of other operations are another law's matter.
        handed_out.extend(seen.observation.output().and_then(|output| pagination.token(output)));
    }
    verdicts
}

fn ruling(check: &Check, session: &Reading<'_, '_>, seen: &Seen<'_, '_>, pagination: &Pagination) -> Ruling {
    if !session.is_whole() {
        return Ruling::NotTestable("the token may have been handed out before the recording");
    }
    if seen.refused_for_access_or_load() {
        return Ruling::NotTestable(ACCESS_OR_LOAD);
    }
    let status = seen.observation.exchange.response.status;
    let place = format!("request {}", pagination.input_token);
    let problem = |level, actual: String| Ruling::Fail(seen.problem(level, place.as_str(), EXPECTED, actual));
    match status {
        500.. => problem(check.level, status.to_string()),
        400..500 => Ruling::Pass,
        _ if shows_first_page(session, seen, pagination) => {
            problem(check.level, format!("{status} with the first page"))
        }
        _ => problem(Level::Should, format!("{status} with a page")),
    }
}

/// Whether the page begins with the item that one without a token began with; empty pages are alike.
fn shows_first_page(session: &Reading<'_, '_>, seen: &Seen<'_, '_>, pagination: &Pagination) -> bool {
    let Some(items) = items(pagination, seen.observation) else { return false };
    let resource = seen.contract.resource_of(&seen.operation.name);
    let shown = items.first().map(|item| identity(pagination, resource, item));
    let first = |walk: &Walk<'_>| walk.pages.first().map(|page| (page.index, page.items.is_empty()));
    session.walks.iter().filter(|walk| walk.operation.name == seen.operation.name).any(|walk| {
        first(walk).is_some_and(|(index, empty)| {
            let began = walk.ids.first().filter(|_| !empty);
            index < seen.index && began == shown.as_ref()
        })
    })
}

fn items<'s>(pagination: &Pagination, observation: &'s Observation<'_>) -> Option<&'s Vec<Value>> {
    at_path(observation.output()?, pagination.items.as_ref()?)?.as_array()
}

/// An empty token asks for the first page.
fn sent<'s>(pagination: &Pagination, observation: &'s Observation<'_>) -> Option<&'s str> {
    at_path(observation.input.as_ref()?, &pagination.input_token)?.as_str().filter(|text| !text.is_empty())
}
