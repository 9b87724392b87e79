//! What a run comes to: its counts, what it did not test, and whether it breaks a build.

use super::visible::counted;
use super::{Cell, Finding, Run, Tally};
use crate::contract::Level;

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overall {
    /// Something was tested, and nothing that breaks the run was found.
    Clean,
    /// A rule was broken that breaks the run.
    Found,
    /// A finding that is known is not found any more: what is said of it is wrong.
    Stale,
    /// A case could not be judged: the target gave no answer, or a replayed recording had a miss.
    Broken,
    /// Nothing was tested, or nearly everything refused: the run says nothing about the provider.
    NothingTested,
    /// It ended before its last case, and nothing that breaks it was found until then.
    Partial,
}

/// Which findings break a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Those of level MUST.
    #[default]
    Normal,
    /// Those of level MUST or SHOULD.
    Strict,
}

impl Strictness {
    fn breaks(self, level: Level) -> bool {
        level
            >= match self {
                Self::Normal => Level::Must,
                Self::Strict => Level::Should,
            }
    }
}

impl Finding {
    /// Whether it breaks a run.
    pub(super) fn breaks(&self, strictness: Strictness) -> bool {
        self.known.is_none() && strictness.breaks(self.gravity())
    }
}

/// The numbers of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) cases: u64,
    pub(super) skipped: u64,
    pub(super) verdicts: Tally,
    pub(super) must: u64,
    pub(super) should: u64,
    pub(super) advice: u64,
    /// Those that are known, whatever their level; they are in none of the others.
    pub(super) known: u64,
}

/// Something that was not tested, with all that it holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotTested<'r> {
    pub(super) reason: &'r str,
    /// Check and operation.
    pub(super) cells: Vec<(&'r str, &'r str)>,
    /// Cases that did not run.
    pub(super) cases: Vec<&'r str>,
}

impl Run {
    /// What the run comes to.
    pub fn verdict(&self, strictness: Strictness) -> Overall {
        if self.cases.iter().any(|case| case.broken.is_some()) {
            Overall::Broken
        } else if self.findings.iter().any(|finding| finding.breaks(strictness)) {
            Overall::Found
        } else if self.stale().next().is_some() {
            Overall::Stale
        } else if self.counts().verdicts.tested() == 0 || self.says_nothing() || !self.untested().is_empty() {
            Overall::NothingTested
        } else if self.partial.is_some() {
            Overall::Partial
        } else {
            Overall::Clean
        }
    }

    /// A provider that refuses everything, or most of it, shows only how it refuses.
    fn says_nothing(&self) -> bool {
        self.exchanges > 0 && (self.succeeded == 0 || self.refused * 2 > self.exchanges)
    }

    /// What is said of a run in which nothing was tested.
    pub(super) fn about_nothing(&self) -> String {
        match self.untested().as_slice() {
            [] => "nothing was tested: this run says nothing about the provider".to_owned(),
            some => format!("nothing was tested of {}: this run says nothing about it", some.join(", ")),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let skipped = self.cases.iter().filter(|case| case.skipped.is_some()).count() as u64;
        let mut counts = Counts { cases: self.cases.len() as u64 - skipped, skipped, ..Counts::default() };
        for cell in &self.matrix {
            counts.verdicts.add(cell.tally);
        }
        for finding in &self.findings {
            match finding.gravity() {
                _ if finding.known.is_some() => counts.known += 1,
                Level::Must => counts.must += 1,
                Level::Should => counts.should += 1,
                Level::Advisory | Level::Info => counts.advice += 1,
            }
        }
        counts
    }

    /// What was not tested, by reason, in the order of the matrix and then of the cases.
    pub(super) fn not_tested(&self) -> Vec<NotTested<'_>> {
        let mut groups = Vec::new();
        let untested = |cell: &&Cell| cell.tally.not_testable > 0 && cell.tally.tested() == 0;
        for cell in self.matrix.iter().filter(untested) {
            if cell.reasons.is_empty() {
                group(&mut groups, "no reason given").cells.push((&cell.check, &cell.operation));
            }
            for reason in &cell.reasons {
                group(&mut groups, reason).cells.push((&cell.check, &cell.operation));
            }
        }
        for case in &self.cases {
            if let Some(reason) = &case.skipped {
                group(&mut groups, reason).cases.push(&case.name);
            }
        }
        groups
    }
}

fn group<'a, 'r>(groups: &'a mut Vec<NotTested<'r>>, reason: &'r str) -> &'a mut NotTested<'r> {
    let at = groups.iter().position(|group| group.reason == reason).unwrap_or_else(|| {
        groups.push(NotTested { reason, cells: Vec::new(), cases: Vec::new() });
        groups.len() - 1
    });
    &mut groups[at]
}

impl NotTested<'_> {
    /// What it holds for, shortly: `PG-T02 on ListClusters; 5 checks on ListTags; 3 cases`.
    pub(super) fn summary(&self) -> String {
        let mut operations: Vec<(&str, Vec<&str>)> = Vec::new();
        for (check, operation) in &self.cells {
            match operations.iter_mut().find(|(known, _)| known == operation) {
                Some((_, checks)) => checks.push(check),
                None => operations.push((operation, vec![check])),
            }
        }
        let mut parts: Vec<String> = operations.iter().map(|(at, checks)| named(checks, at)).collect();
        match self.cases.as_slice() {
            [] => {}
            [one] => parts.push(format!("case {one}")),
            several => parts.push(counted(several.len() as u64, "case")),
        }
        parts.join("; ")
    }
}

fn named(checks: &[&str], operation: &str) -> String {
    if checks.len() <= NAMED {
        return format!("{} on {operation}", checks.join(", "));
    }
    format!("{} checks on {operation}", checks.len())
}

/// How many checks are named in a summary; more are counted.
const NAMED: usize = 3;

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn only_a_must_breaks_a_run_unless_it_is_strict() {
        let mut run = example::moto();
        assert_eq!(run.verdict(Strictness::Normal), Overall::Found);
        run.findings.retain(|finding| finding.level != "MUST");
        assert_eq!(run.verdict(Strictness::Normal), Overall::Clean);
        assert_eq!(run.verdict(Strictness::Strict), Overall::Found);
        run.findings.retain(|finding| finding.level != "SHOULD");
        assert!(!run.findings.is_empty());
        assert_eq!(run.verdict(Strictness::Strict), Overall::Clean);
    }

    #[test]
    fn nothing_tested_is_never_clean() {
        let run = example::nothing();
        assert_eq!(run.verdict(Strictness::Normal), Overall::NothingTested);
        assert_eq!(run.verdict(Strictness::Strict), Overall::NothingTested);
        let mut empty = example::clean();
        empty.matrix.clear();
        assert_eq!(empty.verdict(Strictness::Normal), Overall::NothingTested);
        assert_eq!(example::clean().verdict(Strictness::Strict), Overall::Clean);
    }

    #[test]
    fn a_run_in_which_nothing_succeeded_is_never_clean() {
        let mut run = example::clean();
        run.succeeded = 0;
        assert_eq!(run.verdict(Strictness::Normal), Overall::NothingTested);
        run.succeeded = 1;
        assert_eq!(run.verdict(Strictness::Normal), Overall::Clean);
        run.refused = run.exchanges / 2;
        assert_eq!(run.verdict(Strictness::Normal), Overall::Clean);
        run.refused += 1;
        assert_eq!(run.verdict(Strictness::Normal), Overall::NothingTested);
    }

    #[test]
    fn a_run_that_was_not_run_to_its_end_is_never_clean() {
        let mut run = example::clean();
        run.partial = Some("the budget was spent: --max-requests 5".to_owned());
        assert_eq!(run.verdict(Strictness::Normal), Overall::Partial);
        let mut found = example::moto();
        found.partial = run.partial;
        assert_eq!(found.verdict(Strictness::Normal), Overall::Found);
    }

    #[test]
    fn what_was_not_tested_is_grouped_by_reason() {
        let run = example::moto();
        let groups = run.not_tested();
        let reasons: Vec<_> = groups.iter().map(|group| group.reason).collect();
        assert_eq!(reasons.len(), reasons.iter().collect::<std::collections::HashSet<_>>().len());
        let cells: u64 = run.matrix.iter().filter(|cell| cell.tally.not_testable > 0).count() as u64;
        assert_eq!(groups.iter().map(|group| group.cells.len() as u64).sum::<u64>(), cells);
    }
}
