//! WT-06: who polls as documented is not thrown off.

use super::super::{Check, Observation, Reading, Ruling};
use super::each_life;
use super::life::{Act, Event, Life};
use super::problem;
use crate::contract::{Level, Operation, Wait, Waiter};

pub(in crate::check) const WAITS: Check = Check {
    id: "WT-06",
    name: "state.waits-end",
    level: Level::Should,
    says: "a wait that goes on is not broken off by an error that no waiter expects",
    documented: "Smithy 2.0, waiter workflow <https://smithy.io/2.0/additional-specs/waiters.html#waiter-workflow>",
    applies: |contract, operation| {
        let reads = super::owner(contract, operation, |it| &it.read).is_some();
        reads && !operation.waiters.is_empty()
    },
    judge: |check, session| each_life(check, session, |life| waits(check, session, life)),
};

fn waits<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let polls = life.events.iter().filter(|event| {
        let is_poll = matches!(event.act, Act::Read | Act::Missing | Act::Refused);
        is_poll && life.resource.read.as_ref() == Some(&event.operation.name)
    });
    let polls: Vec<_> = polls.collect();
    let (first, waiters) = (polls.first()?, &polls.first()?.operation.waiters);
    let mut tested = false;
    for pair in polls.windows(2) {
        let [before, after] = pair else { continue };
        if session.lives().changed_between(session, life, before.index, after.index) {
            continue;
        }
        let means =
            |event: &Event<'_, '_>, waiter: &Waiter| judged(session.observations.get(event.index)?, waiter);
        let mut waiting =
            waiters.iter().filter(|waiter| means(before, waiter) == Some(Wait::Goes)).peekable();
        if waiting.peek().is_none() {
            continue;
        }
        tested = true;
        // That it is gone has a law of its own.
        if after.act == Act::Refused && waiting.all(|waiter| means(after, waiter).is_none()) {
            let texts = (
                "response status".to_owned(),
                "an answer that a waiter goes on with, or ends with".to_owned(),
                "an error that is none".to_owned(),
            );
            let found = problem(after, check.level, texts, vec![before.index, after.index]);
            return Some((after.operation, Ruling::Fail(found)));
        }
    }
    let ruling = if tested { Ruling::Pass } else { Ruling::NotTestable("nobody had to wait") };
    Some((first.operation, ruling))
}

fn judged(seen: &Observation<'_>, waiter: &Waiter) -> Option<Wait> {
    waiter.judge(seen.outcome.as_ref()?)
}
