//! LD-02 and LD-04: what is said of one thing in several places is the same.

use super::super::shape::shown;
use super::super::{Check, Reading, Ruling};
use super::compare::{Compared, Difference, Extent, given};
use super::life::{Act, Event, Life};
use super::{LIFECYCLE, each_life, owner, problem};
use crate::contract::{Kind, Level, Operation};

pub(in crate::check) const AS_CREATED: Check = Check {
    id: "LD-04",
    name: "lifecycle.as-created",
    level: Level::Must,
    says: "a thing is shown as its creation answered, and with what it was created with",
    documented: LIFECYCLE,
    applies: |contract, operation| {
        owner(contract, operation, |it| &it.create)
            .is_some_and(|resource| resource.read.is_some() || resource.list.is_some())
    },
    judge: |check, session| each_life(check, session, |life| as_created(session, life)),
};

fn as_created<'s>(session: &'s Reading<'_, '_>, life: &'s Life<'s, '_>) -> Option<(&'s Operation, Ruling)> {
    let birth = life.birth()?;
    let ruling = |ruling| Some((birth.operation, ruling));
    let Some(look) = life.looks().find(|look| look.index > birth.index) else {
        return ruling(Ruling::NotTestable("what was created was not looked at"));
    };
    if session.lives().changed_between(session, life, birth.index, look.index) {
        return ruling(Ruling::NotTestable("it was changed before it was looked at"));
    }
    let shown = look.shown.as_ref()?;
    let compared = Compared::new(session.contract, life, Extent::Settable);
    let answered = birth.shown.as_ref().map(|answered| compared.disagreement(answered, shown));
    let (one, difference) = answered.unwrap_or_default();
    if let Some(difference) = difference {
        let found = finding(
            look,
            Level::Must,
            "as its creation answered",
            &difference,
            vec![birth.index, look.index],
        );
        return ruling(Ruling::Fail(found));
    }
    let input = session.observations.get(birth.index)?.input.as_ref()?;
    let (other, difference) = compared.lost(given(birth.operation.payload(), input), shown);
    if let Some(difference) = difference {
        let found = finding(look, Level::Should, "as it was set", &difference, vec![birth.index, look.index]);
        return ruling(Ruling::Fail(found));
    }
    match one || other {
        true => ruling(Ruling::Pass),
        false => ruling(Ruling::NotTestable("nothing that was set is shown")),
    }
}

pub(in crate::check) const AS_LISTED: Check = Check {
    id: "LD-02",
    name: "lifecycle.as-listed",
    level: Level::Must,
    says: "an item of a list is what the operation that shows it alone says of it",
    documented: LIFECYCLE,
    applies: |contract, operation| {
        let listed =
            owner(contract, operation, |it| &it.list).is_some_and(|resource| resource.read.is_some());
        let items = operation.pagination.as_ref().and_then(|paging| paging.items.as_ref());
        let item = items.and_then(|path| contract.output(operation).path(path)?.items());
        listed && item.is_some_and(|item| matches!(item.kind(), Kind::Structure | Kind::Choice))
    },
    judge: |check, session| {
        let pairs =
            session.lives().all.iter().flat_map(|life| pairs(life).into_iter().map(move |pair| (life, pair)));
        let rulings = pairs.filter_map(|(life, (listed, read))| {
            let ruling = as_listed(session, life, listed, read)?;
            Some(check.verdict(listed.operation, ruling))
        });
        rulings.collect()
    },
};

/// Each look at a thing with the nearest one of the other kind before it.
fn pairs<'l, 's, 'c>(life: &'l Life<'s, 'c>) -> Vec<(&'l Event<'s, 'c>, &'l Event<'s, 'c>)> {
    let (mut listed, mut read) = (None, None);
    let mut pairs = Vec::new();
    for event in &life.events {
        match event.act {
            Act::Listed if event.shown.is_some() => {
                pairs.extend(read.take().map(|read| (event, read)));
                listed = Some(event);
            }
            Act::Read => {
                pairs.extend(listed.take().map(|listed| (listed, event)));
                read = Some(event);
            }
            _ => {}
        }
    }
    pairs
}

fn as_listed(
    session: &Reading<'_, '_>,
    life: &Life<'_, '_>,
    listed: &Event<'_, '_>,
    read: &Event<'_, '_>,
) -> Option<Ruling> {
    let (first, last) = (listed.index.min(read.index), listed.index.max(read.index));
    if session.lives().changed_between(session, life, first, last) {
        return Some(Ruling::NotTestable("it was changed between the looks"));
    }
    let at_rest =
        life.state(listed) == life.state(read) && life.is_settled(read) && life.state(read).is_some();
    let extent = if at_rest { Extent::All } else { Extent::Settable };
    let compared = Compared::new(session.contract, life, extent);
    match compared.disagreement(listed.shown.as_ref()?, read.shown.as_ref()?) {
        (_, Some(difference)) => {
            let found =
                finding(listed, Level::Must, "as it is shown alone", &swapped(difference), vec![first, last]);
            Some(session.difference(found))
        }
        (true, None) => Some(Ruling::Pass),
        (false, None) => Some(Ruling::NotTestable("nothing but its name is shown in both")),
    }
}

/// The list is what is wrong, if one of them has to be.
fn swapped(difference: Difference<'_>) -> Difference<'_> {
    match difference.other {
        Some(other) => Difference { one: other, other: Some(difference.one), ..difference },
        None => difference,
    }
}

pub(super) fn finding(
    event: &Event<'_, '_>,
    level: Level,
    how: &str,
    difference: &Difference<'_>,
    evidence: Vec<usize>,
) -> super::Problem {
    let texts = (
        format!("response body {}", difference.place),
        format!("{}, {how}", shown(Some(difference.one))),
        shown(difference.other),
    );
    problem(event, level, texts, evidence)
}
