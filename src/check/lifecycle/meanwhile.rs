//! PG-T36 and PG-T38: what is deleted while somebody goes from page to page.

use super::super::pagination::Walk;
use super::super::{Check, Reading, Ruling};
use super::life::{Act, Event, Life};
use super::presence::{lists_it, whole_lists};
use super::{each_life, owner, problem};
use crate::contract::{Contract, Level, Operation};

pub(in crate::check) const NO_GHOSTS: Check = Check {
    id: "PG-T36",
    name: "pagination.no-ghosts",
    level: Level::Should,
    says: "what is gone since a walk began is on none of its later pages",
    documented: "Smithy 2.0, @paginated, pagination behavior: deleted items <https://smithy.io/2.0/spec/behavior-traits.html#pagination-behavior>",
    applies: shrinks,
    judge: |check, session| each_life(check, session, |life| ghost(check, session, life)),
};

pub(in crate::check) const STABLE_SET: Check = Check {
    id: "PG-T38",
    name: "pagination.stable-set",
    level: Level::Should,
    says: "a walk shows what stays, whatever else is deleted meanwhile",
    documented: "JSON:API cursor pagination profile <https://jsonapi.org/profiles/ethanresnick/cursor-pagination/>",
    applies: shrinks,
    judge: |check, session| each_life(check, session, |life| stays(check, session, life)),
};

/// A list by tokens of what is created, deleted, and then seen to be gone by those who ask for it.
fn shrinks(contract: &Contract, operation: &Operation) -> bool {
    let by_token = operation.pagination.as_ref().is_some_and(|paged| paged.output_token().is_some());
    let resource = owner(contract, operation, |it| &it.list);
    by_token
        && resource.is_some_and(|it| [&it.create, &it.read, &it.delete].iter().all(|name| name.is_some()))
}

fn ghost<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let end = life.end()?;
    let gone = life.acts(Act::Missing).find(|event| event.index > end.index)?;
    let over = |walk: &&Walk<'_>| walk.span().0 < end.index && gone.index < walk.span().1;
    let walk = by_token(session, life).find(over)?;
    let mut later = walk.pages.iter().filter(|page| page.index > gone.index);
    let ghost = later.find(|page| life.acts(Act::Listed).any(|event| event.index == page.index));
    let ruling = ghost.map_or(Ruling::Pass, |page| {
        let texts = (
            "response body items".to_owned(),
            "nothing that was found to be gone before the page".to_owned(),
            "it is there".to_owned(),
        );
        session.difference(problem(end, check.level, texts, vec![end.index, gone.index, page.index]))
    });
    Some((walk.operation, ruling))
}

fn stays<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let deletion = |walk: &Walk<'_>| {
        let within = |event: &Event<'_, '_>| event.index > walk.span().0 && event.index < walk.span().1;
        let alike =
            |other: &&Life<'_, '_>| other.resource.name == life.resource.name && other.is_in(life.realm());
        let mut ends = session.lives().all.iter().filter(alike).filter_map(Life::end);
        ends.find(|event| within(event)).map(|event| event.index)
    };
    let (walk, deletion) = by_token(session, life).find_map(|walk| Some((walk, deletion(walk)?)))?;
    let (first, last) = walk.span();
    let before = life.acts(Act::Listed).find(|event| event.index < first)?;
    let goes = |event: &Event<'_, '_>| matches!(event.act, Act::Deleted | Act::Missing) && event.index < last;
    if life.events.iter().any(goes) {
        return None;
    }
    let ruling = match lists_it(life, walk) {
        true => Ruling::Pass,
        false => {
            let texts = (
                "response body items".to_owned(),
                "what was listed before, and stays".to_owned(),
                "it is missing".to_owned(),
            );
            let pages = walk.pages.iter().map(|page| page.index);
            let mut evidence: Vec<_> = pages.chain([before.index, deletion]).collect();
            evidence.sort_unstable();
            session.difference(problem(before, check.level, texts, evidence))
        }
    };
    Some((walk.operation, ruling))
}

/// The walks of several pages, by tokens, that have to show a thing while it is there.
fn by_token<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> impl Iterator<Item = &'s Walk<'s>> {
    whole_lists(session, life).filter(|walk| walk.pages.len() > 1 && walk.pagination.output_token().is_some())
}
