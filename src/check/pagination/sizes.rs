//! Laws about several walks over the same items: what is listed does not depend on the page size.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::{Check, Problem, Ruling, Session, Verdict};
use super::walk::{Walk, identities, walks};
use super::{BEHAVIOR_CLAUSE, paginated, problem};
use crate::contract::{Level, Safety};

pub(in crate::check) const COMPLETE: Check = Check {
    id: "PG-T06",
    name: "pagination.complete",
    level: Level::Must,
    says: "the pages of a walk together hold what one large page holds",
    documented: BEHAVIOR_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        compare(check, session, |walk, other| {
            let judged = walk.pages.len() > 1 && other.pages.len() == 1;
            let cut = truncated(session, walk, other) || truncated(session, other, walk);
            (judged && !cut).then(|| missing_or_extra(session, walk, other))
        })
    },
};

pub(in crate::check) const ANY_SIZE: Check = Check {
    id: "PG-T07",
    name: "pagination.any-size",
    level: Level::Must,
    says: "walks with different page sizes hold the same items in the same order",
    documented: BEHAVIOR_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        compare(check, session, |walk, other| {
            let sizes_differ = walk.pages.len() > 1 && walk.size() < other.size() && other.size().is_some();
            let judged = sizes_differ && !truncated(session, walk, other) && !truncated(session, other, walk);
            judged.then(|| missing_or_extra(session, walk, other).or_else(|| reordered(session, walk, other)))
        })
    },
};

pub(in crate::check) const TRUNCATION: Check = Check {
    id: "PG-T08",
    name: "pagination.truncation",
    level: Level::Must,
    says: "a page that is full, with more items behind it, has a token",
    documented: BEHAVIOR_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        compare(check, session, |walk, other| {
            let judged = walk.size().is_some() && ids(session, other).len() > walk.size()? as usize;
            judged.then(|| {
                truncated(session, walk, other).then(|| {
                    let all = ids(session, other).len();
                    (
                        "a token, for there are more items".to_owned(),
                        format!("{} of {all} items, and no token", ids(session, walk).len()),
                    )
                })
            })
        })
    },
};

/// What a walk should have shown, and what it did.
type Difference = (String, String);

/// Compares each ended walk with the ended walks over the same items, with nothing changed in
/// between. `rule` gives nothing for pairs that its law is not about. One verdict for each walk.
fn compare(
    check: &Check,
    session: &Session<'_>,
    rule: impl Fn(&Walk<'_>, &Walk<'_>) -> Option<Option<Difference>>,
) -> Vec<Verdict> {
    let walks: Vec<_> = walks(session).into_iter().filter(Walk::ended).collect();
    let mut verdicts = Vec::new();
    for (position, walk) in walks.iter().enumerate() {
        let others = walks.iter().enumerate().filter(|(other, _)| *other != position).map(|(_, other)| other);
        let comparable = others.filter(|other| same_items(session, walk, other));
        let judged: Vec<_> = comparable.filter_map(|other| Some((other, rule(walk, other)?))).collect();
        let ruling = match judged.iter().find_map(|(other, difference)| Some((other, difference.as_ref()?))) {
            Some((other, difference)) => Ruling::Fail(found(check, walk, other, difference)),
            None if judged.is_empty() => {
                Ruling::NotTestable("no two walks with different sizes over enough items")
            }
            None => Ruling::Pass,
        };
        verdicts.push(check.verdict(walk.operation, ruling));
    }
    verdicts
}

fn found(check: &Check, walk: &Walk<'_>, other: &Walk<'_>, (expected, actual): &Difference) -> Problem {
    let mut evidence: Vec<_> = other.indices().into_iter().chain(walk.indices()).collect();
    evidence.sort_unstable();
    problem(walk, check.level, ("response body items", expected.clone(), actual.clone()), evidence)
}

/// Whether two walks list the same things, and nothing changed them from the first to the last page.
fn same_items(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> bool {
    walk.operation.name == other.operation.name
        && walk.query == other.query
        && quiescent(session, walk, other)
}

/// Whether nothing but reads happened from the first to the last page of both.
pub(in crate::check) fn quiescent(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> bool {
    let (from, to) = (walk.span().0.min(other.span().0), walk.span().1.max(other.span().1));
    let between = &session.observations[from..=to];
    between.iter().all(|seen| seen.operation.is_some_and(|operation| operation.safety == Safety::Read))
}

/// Whether the walk stopped at a full page although the other one shows more.
fn truncated(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> bool {
    let full = walk.pages.last().is_some_and(|page| page.size == Some(page.items.len() as i64));
    full && ids(session, walk).len() < ids(session, other).len()
}

fn ids(session: &Session<'_>, walk: &Walk<'_>) -> BTreeSet<String> {
    identities(session, walk.operation, walk.items()).into_iter().map(Value::to_string).collect()
}

fn missing_or_extra(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> Option<Difference> {
    let (own, others) = (ids(session, walk), ids(session, other));
    let size = |walk: &Walk<'_>| walk.size().map_or("no size".to_owned(), |size| format!("size {size}"));
    if own == others {
        return None;
    }
    let expected = format!("the {} items that {} shows", others.len(), size(other));
    Some((
        expected,
        format!(
            "{} of them, and {} others, with {}",
            own.intersection(&others).count(),
            own.difference(&others).count(),
            size(walk)
        ),
    ))
}

/// Repeated items are another law's matter: only the order of first appearances counts.
fn reordered(session: &Session<'_>, walk: &Walk<'_>, other: &Walk<'_>) -> Option<Difference> {
    let order = |walk: &Walk<'_>| {
        let mut seen = BTreeSet::new();
        let mut ids: Vec<String> =
            identities(session, walk.operation, walk.items()).into_iter().map(Value::to_string).collect();
        ids.retain(|id| seen.insert(id.clone()));
        ids
    };
    (order(walk) != order(other)).then(|| {
        let sizes = (walk.size().unwrap_or_default(), other.size().unwrap_or_default());
        (
            "one order for every size".to_owned(),
            format!("different orders with sizes {} and {}", sizes.0, sizes.1),
        )
    })
}
