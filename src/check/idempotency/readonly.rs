//! IT-12: what only reads leaves everything as it was.

use std::collections::HashMap;

use super::super::pagination::{Change, Walk, canonical, change, problem};
use super::super::reading::realm;
use super::super::{Check, Observation, Reading, Ruling, Verdict};
use crate::contract::{Contract, Level, Operation, Safety};

pub(in crate::check) const UNCHANGED: Check = Check {
    id: "IT-12",
    name: "idempotency.readonly",
    level: Level::Must,
    says: "what is listed is the same before and after a call that only reads",
    documented: "Smithy 2.0, @readonly <https://smithy.io/2.0/spec/behavior-traits.html#readonly-trait>; RFC 9110 section 9.2.1 <https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1>",
    applies,
    judge,
};

/// An operation that reads something which another one lists.
fn applies(contract: &Contract, operation: &Operation) -> bool {
    let list = contract.subject(operation).and_then(|resource| resource.list.as_ref());
    let list = list.and_then(|name| contract.operation(name));
    operation.safety == Safety::Read
        && !contract.own_references(operation).is_empty()
        && list.is_some_and(|list| list.pagination.is_some() && list.name != operation.name)
}

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut latest: HashMap<_, &Walk<'_>> = HashMap::new();
    for walk in session.walks.iter().filter(|walk| walk.ended()) {
        let Some(epoch) = walk.epoch else { continue };
        let realm = realm(&session.observations[walk.span().0]);
        let key = (walk.operation.name.as_str(), canonical(&walk.query), epoch, realm);
        if let Some(before) = latest.insert(key, walk)
            && let Some(operation) = only_read_between(session, before, walk)
        {
            let found = match change(session, before, walk) {
                Change::None => Ruling::Pass,
                Change::Late => Ruling::NotTestable("a list may lag behind what was made just before"),
                Change::Order | Change::Items => {
                    let (expected, actual) = (
                        format!("the {} items that were listed before", before.ids.len()),
                        format!("{} items after {}", walk.ids.len(), operation.name),
                    );
                    let evidence = (before.span().0..=walk.span().1).collect();
                    let place = format!("what {} lists", walk.operation.name);
                    session.difference(problem(walk, check.level, (&place, expected, actual), evidence))
                }
            };
            verdicts.push(check.verdict(operation, found));
        }
    }
    verdicts
}

/// The one operation that was called between two walks and answered, other than that which lists.
fn only_read_between<'c>(
    session: &Reading<'_, 'c>,
    before: &Walk<'_>,
    after: &Walk<'_>,
) -> Option<&'c Operation> {
    let between = session.observations.get(before.span().1 + 1..after.span().0)?;
    let called = |seen: &&Observation<'_>| {
        seen.operation.is_none_or(|operation| operation.name != after.operation.name)
    };
    let mut others = between.iter().filter(called).peekable();
    let operation = others.peek()?.operation?;
    let mut answered = false;
    let only = others.all(|seen| {
        answered |= seen.output().is_some();
        seen.operation.is_some_and(|it| it.name == operation.name)
    });
    (only && answered && applies(session.contract, operation)).then_some(operation)
}
