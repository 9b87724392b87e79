//! IT-11: what is gone may be deleted again.

use super::super::errors::not_found;
use super::super::{Check, Reading, Ruling};
use super::life::{Act, Life};
use super::{each_life, owner, problem};
use crate::contract::{Level, Operation, Outcome};

pub(in crate::check) const ENDED_AGAIN: Check = Check {
    id: "IT-11",
    name: "idempotency.deleted-again",
    level: Level::Should,
    says: "what is gone is answered, when it is deleted again, with success or as what is not there",
    documented: "RFC 9110 section 9.2.2, idempotent methods <https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2>; Smithy 2.0, @idempotent <https://smithy.io/2.0/spec/behavior-traits.html#idempotent-trait>",
    applies: |contract, operation| {
        owner(contract, operation, |it| &it.delete).is_some_and(|resource| resource.read.is_some())
    },
    judge: |check, session| each_life(check, session, |life| ended_again(check, session, life)),
};

/// Only what was seen to be gone: while it goes, it may be refused for that.
fn ended_again<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let end = life.end()?;
    let gone = life.acts(Act::Missing).find(|event| event.index > end.index)?;
    let is_again = |index: usize, name: &str| index > gone.index && name == end.operation.name;
    let again = life.events.iter().find(|event| is_again(event.index, &event.operation.name))?;
    let seen = session.known().find(|seen| seen.index == again.index)?;
    let Outcome::Error { identity, .. } = seen.observation.outcome.as_ref()? else {
        return Some((again.operation, Ruling::Pass));
    };
    let status = seen.observation.exchange.response.status;
    // What is wrong with the request, or with the server, says nothing of the thing.
    if status >= 500 || seen.refused_for_access_or_load() || !seen.broken_constraints().is_empty() {
        return None;
    }
    let missing = not_found(session.contract, again.operation);
    let is_missing = missing.is_none_or(|error| identity.name() == Some(&error.name));
    if matches!(status, 404 | 410) || ((400..500).contains(&status) && is_missing) {
        return Some((again.operation, Ruling::Pass));
    }
    let expected = missing.map_or("a client error", |error| error.name.as_str());
    let texts = (
        "answer to the second deletion".to_owned(),
        format!("success, or {expected}"),
        identity.name().map_or_else(|| status.to_string(), str::to_owned),
    );
    let found = problem(again, check.level, texts, vec![end.index, gone.index, again.index]);
    Some((again.operation, session.difference(found)))
}
