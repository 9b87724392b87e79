//! What of its contract a run has seen.

use super::Run;
use super::visible::grouped;
use crate::check::{Covered, Share};

impl Run {
    /// Adds what another shard has seen.
    pub(super) fn add_coverage(&mut self, other: Covered) {
        for own in &mut self.coverage.operations {
            for it in other.operations.iter().filter(|it| it.operation == own.operation) {
                own.calls += it.calls;
                own.statuses.add(&it.statuses);
                own.errors.add(&it.errors);
                own.members.add(&it.members);
            }
        }
        for own in &mut self.coverage.resources {
            for it in other.resources.iter().filter(|it| it.resource == own.resource) {
                own.states.add(&it.states);
                own.transitions.add(&it.transitions);
            }
        }
    }

    /// How much of the contract was seen, in a line; `None` if nobody has counted.
    pub(super) fn covered(&self) -> Option<String> {
        let Covered { operations, resources } = &self.coverage;
        if operations.is_empty() {
            return None;
        }
        let called = operations.iter().filter(|operation| operation.calls > 0).count() as u64;
        let sum = |shares: &mut dyn Iterator<Item = &Share>| {
            shares.map(Share::counts).fold((0, 0), |(seen, all), (one, more)| (seen + one, all + more))
        };
        let all = [
            ((called, operations.len() as u64), "operations"),
            (sum(&mut operations.iter().map(|it| &it.statuses)), "documented statuses"),
            (sum(&mut operations.iter().map(|it| &it.errors)), "errors"),
            (sum(&mut operations.iter().map(|it| &it.members)), "members"),
            (sum(&mut resources.iter().map(|it| &it.states)), "states"),
            (sum(&mut resources.iter().map(|it| &it.transitions)), "transitions"),
        ];
        let some = all.into_iter().filter(|((_, all), _)| *all > 0);
        let told = some.map(|((seen, all), noun)| format!("{} of {} {noun}", grouped(seen), grouped(all)));
        Some(told.collect::<Vec<_>>().join(", "))
    }
}
