//! What of its contract a run has seen.

use super::Run;
use super::visible::grouped;
use crate::check::{Covered, Share};

impl Run {
    /// Adds what another shard has seen.
    pub(super) fn add_coverage(&mut self, other: Covered) {
        let Covered { operations, resources } = &mut self.coverage;
        for it in other.operations {
            match operations.iter_mut().find(|own| own.operation == it.operation) {
                Some(own) => {
                    own.calls += it.calls;
                    own.statuses.add(&it.statuses);
                    own.errors.add(&it.errors);
                    own.members.add(&it.members);
                }
                // A shard of no case lists nothing.
                None => operations.push(it),
            }
        }
        for it in other.resources {
            match resources.iter_mut().find(|own| own.resource == it.resource) {
                Some(own) => {
                    own.states.add(&it.states);
                    own.transitions.add(&it.transitions);
                }
                None => resources.push(it),
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

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use crate::check::{CoveredOperation, CoveredResource};

    #[test]
    fn what_a_shard_of_no_case_has_not_seen_another_one_has() {
        let share = || Share { seen: vec!["200".to_owned()], unseen: vec!["404".to_owned()] };
        let operation = CoveredOperation {
            operation: "ListClusters".to_owned(),
            calls: 2,
            statuses: share(),
            errors: Share::default(),
            members: Share::default(),
        };
        let resource = CoveredResource {
            resource: "Cluster".to_owned(),
            states: share(),
            transitions: Share::default(),
        };
        let seen = Covered { operations: vec![operation], resources: vec![resource] };
        let told = Some("1 of 1 operations, 1 of 2 documented statuses, 1 of 2 states".to_owned());
        for (own, other) in [(Covered::default(), seen.clone()), (seen, Covered::default())] {
            let mut run = Run { coverage: own, ..example::nothing() };
            run.add_coverage(other);
            assert_eq!(run.covered(), told);
        }
    }
}
