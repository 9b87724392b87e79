//! Lives of resources: LD-01 to LD-14 and WT-01 to WT-13 of the catalogue, and what of IT and
//! PG is about single things.
//!
//! The laws are about [`life::Life`]: what a session shows of one thing, from its creation over
//! looks, changes and lists to its end.

mod again;
mod agreement;
mod compare;
mod constancy;
mod life;
mod meanwhile;
mod naming;
mod presence;
mod states;
mod tags;
mod updates;
mod waiting;

pub(super) use again::ENDED_AGAIN;
pub(super) use agreement::{AS_CREATED, AS_LISTED};
pub(super) use constancy::{CONSTANT, NOT_IN_FUTURE};
pub(super) use life::Lives;
pub(super) use meanwhile::{NO_GHOSTS, STABLE_SET};
pub(super) use naming::ARN;
pub(super) use presence::{APPEARS, DESCRIBED, GONE, NO_FLAP, NO_LEAK, UNLISTED};
pub(super) use states::{FIRST, KNOWN, STEPS};
pub(super) use tags::TAGS;
pub(super) use updates::UPDATE;
pub(super) use waiting::WAITS;

use std::time::Duration;

use self::life::{Event, Life, started};
use super::{Check, Problem, Reading, Ruling, Verdict};
use crate::contract::{Contract, Level, Operation, Resource};

const LIFECYCLE: &str = "Smithy 2.0, resource lifecycle operations <https://smithy.io/2.0/spec/service-types.html#lifecycle-operations>";

/// How long a provider may take until all its parts know of a change, where nobody waited for it.
const WINDOW: Duration = Duration::from_secs(30);

/// The resource that an operation has this part in.
fn owner<'c>(
    contract: &'c Contract,
    operation: &Operation,
    part: fn(&Resource) -> &Option<String>,
) -> Option<&'c Resource> {
    contract.resources.iter().find(|resource| part(resource).as_ref() == Some(&operation.name))
}

/// The resource that an operation shows: by itself, or, where nothing does that, in a list.
fn shown_by<'c>(contract: &'c Contract, operation: &Operation) -> Option<&'c Resource> {
    owner(contract, operation, |it| &it.read)
        .or_else(|| owner(contract, operation, |it| &it.list).filter(|it| it.read.is_none()))
}

/// Judges every life by itself; the verdict is about the operation that comes with the ruling.
fn each_life<'r, 's, 'c>(
    check: &Check,
    session: &'r Reading<'s, 'c>,
    rule: impl Fn(&'r Life<'s, 'c>) -> Option<(&'r Operation, Ruling)>,
) -> Vec<Verdict> {
    let rulings = session.lives().all.iter().filter_map(rule);
    rulings.map(|(operation, ruling)| check.verdict(operation, ruling)).collect()
}

/// A finding at the answer of an event.
fn problem(
    event: &Event<'_, '_>,
    level: Level,
    (place, expected, actual): (String, String, String),
    mut evidence: Vec<usize>,
) -> Problem {
    evidence.sort_unstable();
    evidence.dedup();
    Problem { place, expected, actual, level, source: event.operation.source.clone(), evidence }
}

/// Whether less time than [`WINDOW`] went by between two exchanges of a session that nobody planned.
fn is_soon(session: &Reading<'_, '_>, first: usize, last: usize) -> bool {
    let at = |index: usize| session.observations.get(index).map(started);
    let (Some(first), Some(last)) = (at(first), at(last)) else { return true };
    !session.is_whole() && last < first.plus(WINDOW)
}
