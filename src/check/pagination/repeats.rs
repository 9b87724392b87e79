//! Laws about what is asked for twice: PG-T24, PG-T39 and PG-T42.

use std::collections::HashMap;

use serde_json::Value;

use super::super::reading::realm;
use super::super::{ACCESS_OR_LOAD, Check, Reading, Ruling, Seen, Verdict};
use super::change::{Change, between, change};
use super::walk::{Walk, canonical, changes, identity};
use super::{BEHAVIOR_CLAUSE, by_token, paginated, problem};
use crate::contract::{Level, Pagination, Safety, at_path};

/// Why two looks at one list say nothing.
const LATE: &str = "a list may lag behind what was made just before";

pub(in crate::check) const SAME_PAGE: Check = Check {
    id: "PG-T24",
    name: "pagination.same-page",
    level: Level::Should,
    says: "a token that is followed twice leads to the same page twice",
    documented: BEHAVIOR_CLAUSE,
    applies: by_token,
    judge: same_page,
};

pub(in crate::check) const STABLE_ORDER: Check = Check {
    id: "PG-T39",
    name: "pagination.stable-order",
    level: Level::Should,
    says: "two equal walks show their items in the same order",
    documented: "JSON:API cursor pagination profile, total order <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>; AIP-132, ordering <https://google.aip.dev/132>",
    applies: paginated,
    judge: |check, session| {
        each_repeat(check, session, |change| match change {
            Change::None => Some(None),
            Change::Order => Some(Some("another order")),
            Change::Late | Change::Items => None,
        })
    },
};

pub(in crate::check) const REPEATABLE: Check = Check {
    id: "PG-T42",
    name: "pagination.repeatable",
    level: Level::Should,
    says: "a list that is asked for again, with nothing changed, has the same items",
    documented: "Smithy 2.0, @readonly <https://smithy.io/2.0/spec/behavior-traits.html#readonly-trait>",
    applies: |contract, operation| paginated(contract, operation) && operation.safety == Safety::Read,
    judge: |check, session| {
        each_repeat(check, session, |change| match change {
            Change::None | Change::Order => Some(None),
            Change::Items => Some(Some("other items")),
            Change::Late => None,
        })
    },
};

/// Judges each ended walk and the last one like it before, with nothing but that list asked for
/// in between. `rule` gives what is odd about a difference, or nothing where that is another law's
/// matter.
fn each_repeat(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(Change) -> Option<Option<&'static str>>,
) -> Vec<Verdict> {
    let mut latest: HashMap<_, &Walk<'_>> = HashMap::new();
    let mut verdicts = Vec::new();
    for walk in session.walks.iter().filter(|walk| walk.ended()) {
        let Some(epoch) = walk.epoch else { continue };
        let first = &session.observations[walk.span().0];
        let sizes: Vec<_> = walk.pages.iter().take(1).map(|page| page.size).collect();
        let key = (walk.operation.name.as_str(), canonical(&walk.query), sizes, epoch, realm(first));
        let Some(before) = latest.insert(key, walk) else { continue };
        if !only_lists_between(session, before, walk) {
            continue;
        }
        let ruling = match rule(change(session, before, walk)) {
            Some(None) => Ruling::Pass,
            Some(Some(odd)) => {
                let expected = format!("the {} items of the first walk, in their order", before.ids.len());
                let texts = ("response body items", expected, format!("{} items: {odd}", walk.ids.len()));
                let mut evidence = [before.indices(), walk.indices()].concat();
                evidence.sort_unstable();
                session.difference(problem(walk, check.level, texts, evidence))
            }
            None => Ruling::NotTestable(LATE),
        };
        verdicts.push(check.verdict(walk.operation, ruling));
    }
    verdicts
}

/// What another operation does in between is its own affair, even if it only reads.
fn only_lists_between(session: &Reading<'_, '_>, before: &Walk<'_>, after: &Walk<'_>) -> bool {
    let range = before.span().1 + 1..after.span().0;
    let mut between = session.observations.get(range).into_iter().flatten();
    before.span().1 < after.span().0
        && between.all(|seen| seen.operation.is_some_and(|it| it.name == after.operation.name))
}

fn same_page(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let changes = changes(session);
    let mut latest: HashMap<_, Seen<'_, '_>> = HashMap::new();
    let mut verdicts = Vec::new();
    for seen in session.known() {
        let Some(pagination) = seen.operation.pagination.as_ref() else { continue };
        let Some(input) = seen.observation.input.as_ref() else { continue };
        let token = at_path(input, &pagination.input_token).and_then(Value::as_str);
        if pagination.output_token().is_none() || token.is_none_or(str::is_empty) {
            continue;
        }
        let realm = realm(seen.observation);
        let key = (seen.operation.name.as_str(), canonical(input), changes[seen.index], realm);
        if let Some(before) = latest.get(&key) {
            let ruling = compared(check, session, pagination, before, &seen);
            verdicts.extend(ruling.map(|ruling| check.verdict(seen.operation, ruling)));
        } else if seen.observation.output().is_some() {
            latest.insert(key, seen);
        }
    }
    verdicts
}

fn compared(
    check: &Check,
    session: &Reading<'_, '_>,
    pagination: &Pagination,
    before: &Seen<'_, '_>,
    again: &Seen<'_, '_>,
) -> Option<Ruling> {
    if again.refused_for_access_or_load() {
        return Some(Ruling::NotTestable(ACCESS_OR_LOAD));
    }
    let fails = |actual: String| {
        let place = format!("request {}", pagination.input_token);
        let mut problem = again.problem(check.level, place, "the page that it led to before", actual);
        problem.evidence = vec![before.index, again.index];
        Some(session.difference(problem))
    };
    let status = again.observation.exchange.response.status;
    let Some(ids) = ids(pagination, again) else {
        return if (400..500).contains(&status) { fails(status.to_string()) } else { None };
    };
    match between(session, &self::ids(pagination, before)?, &ids, before.index) {
        Change::None => Some(Ruling::Pass),
        Change::Late => Some(Ruling::NotTestable(LATE)),
        Change::Order => fails("the same items in another order".to_owned()),
        Change::Items => fails(format!("a page with {} items, others", ids.len())),
    }
}

/// The identities of a page's items.
fn ids(pagination: &Pagination, seen: &Seen<'_, '_>) -> Option<Vec<String>> {
    let resource = seen.contract.resource_of(&seen.operation.name);
    let output = seen.observation.output()?;
    let items = pagination.items.as_ref().and_then(|path| at_path(output, path)?.as_array());
    let items = items.into_iter().flatten();
    Some(items.map(|item| identity(pagination, resource, item)).collect())
}
