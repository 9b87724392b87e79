//! Pagination: the families PG-T and PG-O of the catalogue.
//!
//! The laws are about *walks*: the pages that follow from one first request by its tokens, or that
//! a client counts. They are read off the session, so that any cassette with a walk in it can be
//! judged.

mod binding;
mod bounds;
mod change;
mod counting;
mod laws;
mod links;
mod pages;
mod repeats;
mod sizes;
#[cfg(test)]
mod tests;
mod token;
mod walk;
mod windows;

pub(super) use bounds::{BEYOND, DOCUMENTED_SIZE, NO_CRASH};
pub(super) use change::{Change, change};
pub(super) use walk::Page;
pub use walk::Walk;
pub(super) use walk::{Epoch, canonical, changes, walks};

use super::{Check, Reading, Ruling, Verdict};
use crate::contract::{Contract, Level, Operation};

pub(super) use binding::{OPAQUE, OTHER_FILTER, OTHER_OPERATION, OTHER_SIZE};
pub(super) use counting::{ECHO, TOTAL, WINDOW};
pub(super) use laws::{DEFAULT_SIZE, END_SIGNAL, NO_CYCLE, NO_DUPLICATES, PAGE_SIZE, TERMINATES};
pub use links::next_page;
pub(super) use links::{LINK_KEEPS, NEXT_LINK};
pub(super) use pages::{
    BESIDE, EMPTY_STREAK, EXACT_BOUNDARY, HAS_NEXT, ITEMS, SHORT_PAGE, TOTAL_COUNT, TRUNCATED_FLAG,
};
pub(super) use repeats::{REPEATABLE, SAME_PAGE, STABLE_ORDER};
pub(super) use sizes::{ANY_SIZE, COMPLETE, TRUNCATION};
pub(super) use token::ALTERED_TOKEN;
pub(super) use windows::{ADDITIVE, DISJOINT, OVERLAP};

const CLIENT_CLAUSE: &str = "Smithy 2.0, @paginated, client behavior <https://smithy.io/2.0/spec/behavior-traits.html#client-behavior>";
const BEHAVIOR_CLAUSE: &str = "Smithy 2.0, @paginated, pagination behavior <https://smithy.io/2.0/spec/behavior-traits.html#pagination-behavior>";

fn paginated(_: &Contract, operation: &Operation) -> bool {
    operation.pagination.is_some()
}

/// Whether pages are led to by tokens.
fn by_token(_: &Contract, operation: &Operation) -> bool {
    operation.pagination.as_ref().is_some_and(|pagination| pagination.output_token().is_some())
}

/// Whether the client counts items or pages.
fn counted(contract: &Contract, operation: &Operation) -> bool {
    paginated(contract, operation) && !by_token(contract, operation)
}

/// Judges every walk by itself.
fn each_walk(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&Walk<'_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    let walks = session.walks.iter();
    walks.filter_map(|walk| rule(walk).map(|ruling| check.verdict(walk.operation, ruling))).collect()
}

/// The same, of walks by tokens.
fn each_token_walk(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&Walk<'_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    let is_by_token = |walk: &Walk<'_>| walk.pagination.output_token().is_some();
    each_walk(check, session, |walk| rule(walk).filter(|_| is_by_token(walk)))
}

pub(super) fn problem(
    walk: &Walk<'_>,
    level: Level,
    (place, expected, actual): (&str, String, String),
    evidence: Vec<usize>,
) -> super::Problem {
    super::Problem {
        place: place.to_owned(),
        expected,
        actual,
        level,
        source: walk.operation.source.clone(),
        evidence,
    }
}
