//! How a list differs from what it was a moment before, with nothing changed in between.

use std::collections::HashSet;

use super::super::{Observation, Reading};
use super::walk::Walk;
use crate::contract::Safety;

/// A difference between two looks at one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::check) enum Change {
    /// The same items in the same order.
    None,
    /// Only such as a list shows that lags behind earlier calls.
    Late,
    /// The same items in another order.
    Order,
    /// Other items.
    Items,
}

/// How a walk differs from an earlier one over the same items.
pub(in crate::check) fn change(session: &Reading<'_, '_>, before: &Walk<'_>, after: &Walk<'_>) -> Change {
    between(session, &before.ids, &after.ids, before.span().0)
}

/// How the identities of items differ; the first were seen at `index`.
pub(in crate::check) fn between(
    session: &Reading<'_, '_>,
    before: &[String],
    after: &[String],
    index: usize,
) -> Change {
    if before == after {
        return Change::None;
    }
    let (ids, again): (HashSet<_>, HashSet<_>) = (before.iter().collect(), after.iter().collect());
    let mut late = false;
    for id in again.difference(&ids) {
        // What was shown before may take its time to be listed.
        if !is_known(session, id, index) {
            return Change::Items;
        }
        late = true;
    }
    if !ids.is_subset(&again) {
        if !deleted_before(session, index) {
            return Change::Items;
        }
        late = true;
    }
    match (late, before.len() == after.len()) {
        (true, _) => Change::Late,
        (false, true) => Change::Order,
        (false, false) => Change::Items,
    }
}

/// Whether all parts of an identity stand in an answer before `index`.
fn is_known(session: &Reading<'_, '_>, id: &str, index: usize) -> bool {
    id.split(' ').all(|part| session.shown_before(part.trim_matches('"'), index))
}

/// Whether anything may be on its way out of the list.
fn deleted_before(session: &Reading<'_, '_>, index: usize) -> bool {
    let is_gone = |seen: &Observation<'_>| {
        let deletes = seen.operation.is_none_or(|operation| operation.safety == Safety::Destroy);
        deletes && seen.exchange.response.is_success()
    };
    session.observations.iter().take(index).any(is_gone)
}
