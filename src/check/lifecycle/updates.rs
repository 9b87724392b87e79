//! LD-05: an update changes what it names, a refused one nothing.

use super::super::rule::keeps_rules;
use super::super::{Check, Reading, Ruling, Verdict};
use super::agreement::finding;
use super::compare::{Compared, Extent, given};
use super::life::{Act, Event, Life};
use super::{LIFECYCLE, owner};
use crate::contract::Level;

pub(in crate::check) const UPDATE: Check = Check {
    id: "LD-05",
    name: "lifecycle.update",
    level: Level::Must,
    says: "an update that is refused changes nothing; one that is not, what it names",
    documented: LIFECYCLE,
    applies: |contract, operation| owner(contract, operation, |it| &it.update).is_some(),
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for life in &session.lives().all {
        let updates = life.events.iter().filter(|event| {
            let is_update = life.resource.update.as_ref() == Some(&event.operation.name);
            is_update && matches!(event.act, Act::Updated | Act::Refused)
        });
        for update in updates {
            if let Some(ruling) = ruling(session, life, update) {
                verdicts.push(check.verdict(update.operation, ruling));
            }
        }
    }
    verdicts
}

fn ruling(session: &Reading<'_, '_>, life: &Life<'_, '_>, update: &Event<'_, '_>) -> Option<Ruling> {
    let before = life.looks().rfind(|look| look.index < update.index && life.is_settled(look));
    let after = life.looks().find(|look| look.index > update.index && life.is_settled(look));
    let (Some(before), Some(after)) = (before, after) else {
        return Some(Ruling::NotTestable("it was not looked at before and after the update, at rest"));
    };
    let changed = |first, last| session.lives().changed_between(session, life, first, last);
    if changed(before.index, update.index) || changed(update.index, after.index) {
        return Some(Ruling::NotTestable("it was changed otherwise as well"));
    }
    let evidence = || vec![before.index, update.index, after.index];
    let compared = Compared::new(session.contract, life, Extent::Settable);
    let input = session.observations.get(update.index)?.input.as_ref();
    let (was, is) = (before.shown.as_ref()?, after.shown.as_ref()?);
    if update.act == Act::Refused {
        return Some(match compared.disagreement(was, is) {
            (_, Some(difference)) => {
                let how = "for the update was refused";
                session.difference(finding(after, Level::Must, how, &difference, evidence()))
            }
            (true, None) => Ruling::Pass,
            (false, None) => Ruling::NotTestable("nothing that can be set is shown"),
        });
    }
    if !keeps_rules(session.contract, session.observations.get(after.index)?) {
        return Some(Ruling::NotTestable("what is shown breaks a rule, which RS-04 tells"));
    }
    let (tested, difference) = compared.lost(given(update.operation.payload(), input?), is);
    // What is missing may not be shown of such a thing.
    Some(match difference.filter(|difference| difference.other.is_some()) {
        Some(difference) => {
            let how = "as the update set it";
            session.difference(finding(after, Level::Should, how, &difference, evidence()))
        }
        None if tested => Ruling::Pass,
        None => Ruling::NotTestable("nothing that was set is shown"),
    })
}
