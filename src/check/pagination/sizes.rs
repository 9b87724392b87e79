//! Laws about several walks over the same items: what is listed does not depend on the page size.

use std::collections::{HashMap, HashSet};

use super::super::{Check, Problem, Reading, Ruling, Verdict};
use super::walk::{Epoch, Walk, canonical};
use super::{BEHAVIOR_CLAUSE, by_token, paginated, problem};
use crate::contract::Level;

pub(in crate::check) const COMPLETE: Check = Check {
    id: "PG-T06",
    name: "pagination.complete",
    level: Level::Must,
    says: "the pages of a walk together hold what one large page holds",
    documented: BEHAVIOR_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        compare(check, session, |walk, other| {
            let judged = walk.walk.pages.len() > 1 && other.walk.pages.len() == 1;
            (judged && !either_truncated(walk.walk, other.walk)).then(|| missing_or_extra(walk, other))
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
            let sizes = (walk.walk.size(), other.walk.size());
            let differ = walk.walk.pages.len() > 1 && sizes.0 < sizes.1 && sizes.1.is_some();
            let judged = differ && !either_truncated(walk.walk, other.walk);
            judged.then(|| missing_or_extra(walk, other).or_else(|| reordered(walk, other)))
        })
    },
};

pub(in crate::check) const TRUNCATION: Check = Check {
    id: "PG-T08",
    name: "pagination.truncation",
    level: Level::Must,
    says: "a page that is full, with more items behind it, has a token",
    documented: BEHAVIOR_CLAUSE,
    applies: by_token,
    judge: |check, session| {
        compare(check, session, |walk, other| {
            let (own, all) = (walk.walk.distinct.len(), other.walk.distinct.len());
            walk.walk.pagination.output_token()?;
            let judged = all > usize::try_from(walk.walk.size()?).unwrap_or_default();
            judged.then(|| {
                truncated(walk.walk, other.walk).then(|| {
                    (
                        "a token, for there are more items".to_owned(),
                        format!("{own} of {all} items, and no token"),
                    )
                })
            })
        })
    },
};

/// What a walk should have shown, and what it did.
type Difference = (String, String);

/// A walk with what it shows as numbers: equal for walks that show the same items, or the same
/// items in the same order.
struct Shown<'w, 's> {
    walk: &'w Walk<'s>,
    set: usize,
    order: usize,
}

/// Compares each ended walk with the ended walks over the same items, with nothing changed in
/// between. `rule` gives nothing for pairs that its law is not about. One verdict for each walk.
fn compare(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&Shown<'_, '_>, &Shown<'_, '_>) -> Option<Option<Difference>>,
) -> Vec<Verdict> {
    let walks = shown(&session.walks);
    let mut groups: HashMap<_, Vec<usize>> = HashMap::new();
    for (position, shown) in walks.iter().enumerate() {
        groups.entry(group(shown.walk, position)).or_default().push(position);
    }
    let judge = |(position, shown): (usize, &Shown<'_, '_>)| {
        let others = groups.get(&group(shown.walk, position)).into_iter().flatten();
        let mut judged = others
            .filter(|other| **other != position)
            .map(|other| &walks[*other])
            .filter_map(|other| Some((other.walk, rule(shown, other)?)))
            .peekable();
        let ruling = match judged.peek() {
            None => Ruling::NotTestable("no two walks with different sizes over enough items"),
            Some(_) => match judged.find_map(|(other, difference)| Some((other, difference?))) {
                Some((other, difference)) => session.difference(found(check, shown.walk, other, &difference)),
                None => Ruling::Pass,
            },
        };
        check.verdict(shown.walk.operation, ruling)
    };
    walks.iter().enumerate().map(judge).collect()
}

/// What walks over the same items have in common; a walk during which something changed is alone.
fn group<'w>(walk: &'w Walk<'_>, position: usize) -> (&'w str, String, Result<Epoch, usize>) {
    (&walk.operation.name, canonical(&walk.query), walk.epoch.ok_or(position))
}

/// Repeated items are another law's matter: only the order of first appearances counts.
fn shown<'w, 's>(walks: &'w [Walk<'s>]) -> Vec<Shown<'w, 's>> {
    let (mut sets, mut orders) = (HashMap::new(), HashMap::new());
    let ended = walks.iter().filter(|walk| walk.ended());
    ended
        .map(|walk| {
            let mut seen = HashSet::new();
            let order: Vec<&str> =
                walk.ids.iter().map(String::as_str).filter(|id| seen.insert(*id)).collect();
            let (next_set, next_order) = (sets.len(), orders.len());
            let set = *sets.entry(&walk.distinct).or_insert(next_set);
            Shown { walk, set, order: *orders.entry(order).or_insert(next_order) }
        })
        .collect()
}

fn found(check: &Check, walk: &Walk<'_>, other: &Walk<'_>, (expected, actual): &Difference) -> Problem {
    let mut evidence: Vec<_> = other.indices().into_iter().chain(walk.indices()).collect();
    evidence.sort_unstable();
    problem(walk, check.level, ("response body items", expected.clone(), actual.clone()), evidence)
}

/// Whether the walk stopped at a full page although the other one shows more.
fn truncated(walk: &Walk<'_>, other: &Walk<'_>) -> bool {
    walk.distinct.len() < other.distinct.len()
        && walk.pages.last().is_some_and(|page| page.size == Some(page.items.len() as i64))
}

fn either_truncated(one: &Walk<'_>, other: &Walk<'_>) -> bool {
    truncated(one, other) || truncated(other, one)
}

fn missing_or_extra(shown: &Shown<'_, '_>, others: &Shown<'_, '_>) -> Option<Difference> {
    if shown.set == others.set {
        return None;
    }
    let size = |walk: &Walk<'_>| walk.size().map_or("no size".to_owned(), |size| format!("size {size}"));
    let (own, other) = (&shown.walk.distinct, &others.walk.distinct);
    Some((
        format!("the {} items that {} shows", other.len(), size(others.walk)),
        format!(
            "{} of them, and {} others, with {}",
            own.intersection(other).count(),
            own.difference(other).count(),
            size(shown.walk)
        ),
    ))
}

fn reordered(shown: &Shown<'_, '_>, other: &Shown<'_, '_>) -> Option<Difference> {
    (shown.order != other.order).then(|| {
        let sizes = (shown.walk.size().unwrap_or_default(), other.walk.size().unwrap_or_default());
        (
            "one order for every size".to_owned(),
            format!("different orders with sizes {} and {}", sizes.0, sizes.1),
        )
    })
}
