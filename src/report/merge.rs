//! Runs made one: shards of a run are summed, runs of different contracts are joined.

use std::collections::HashMap;

use super::notes::uncalled;
use super::run::gravity;
use super::{Case, Cell, Finding, Part, Run, Target};
use crate::exchange::Timestamp;

/// Why runs cannot be made one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There was none.
    #[error("no run to merge: give at least one run.json")]
    Empty,
    /// They were held to different texts.
    #[error(
        "run {index} is of contract {other}, the first of {first}: merge only the shards of one run, \
         made with the same contract"
    )]
    Contract {
        /// Which run, counted from 1.
        index: usize,
        /// The first run's contract, `msk (sha256 1a2b3c4d)`.
        first: String,
        /// That run's contract.
        other: String,
    },
    /// They asked different questions.
    #[error(
        "run {index} has the seed {other}, the first {first}: merge only the shards of one run, made \
         with the same seed"
    )]
    Seed {
        /// Which run, counted from 1.
        index: usize,
        /// The first run's seed.
        first: u64,
        /// That run's seed.
        other: u64,
    },
    /// They are parts of different wholes.
    #[error("run {index} is {other}, the first {first}: merge only the shards of one run")]
    Shards {
        /// Which run, counted from 1.
        index: usize,
        /// What the first is, `shard 1/4`.
        first: String,
        /// What that run is.
        other: String,
    },
    /// A contract is in runs with different others.
    #[error("contract {contract} is there twice: give each contract once, or the shards of one run")]
    Again {
        /// The contract.
        contract: String,
    },
    /// One was given twice, and would be counted twice.
    #[error("runs {first} and {second} are the same: give each shard once")]
    Twice {
        /// Which run, counted from 1.
        first: usize,
        /// The one like it.
        second: usize,
    },
}

impl Run {
    /// Makes runs one. Of the shards of a run, cells and counts are summed, and a finding that several
    /// shards found is one finding, with the smallest of their evidence. Different contracts are joined.
    ///
    /// # Errors
    /// When there is none, or some do not belong together.
    pub fn merge(runs: Vec<Self>) -> Result<Self, MergeError> {
        let mut groups: Vec<(Vec<usize>, Vec<Self>)> = Vec::new();
        for (at, run) in runs.into_iter().enumerate() {
            match groups.iter_mut().find(|(_, runs)| runs[0].contract.id == run.contract.id) {
                Some((numbers, runs)) => {
                    numbers.push(at + 1);
                    runs.push(run);
                }
                None => groups.push((vec![at + 1], vec![run])),
            }
        }
        let merged = groups.into_iter().map(|(numbers, runs)| Self::sum(&numbers, runs));
        Self::join(merged.collect::<Result<_, _>>()?)
    }

    /// Sums the shards of one run. Errors call them by these numbers.
    fn sum(numbers: &[usize], runs: Vec<Self>) -> Result<Self, MergeError> {
        refuse(numbers, &runs)?;
        let span = span(&runs);
        let is_one = runs.len() == 1;
        let mut runs = runs.into_iter().map(|run| if is_one { run } else { run.signed() });
        let mut merged = runs.next().ok_or(MergeError::Empty)?;
        let mut targets = vec![merged.target.clone()];
        for run in runs {
            merged.exchanges += run.exchanges;
            merged.succeeded += run.succeeded;
            merged.refused += run.refused;
            merged.partial = merged.partial.or(run.partial);
            merged.shards.extend(run.shards);
            merged.selection = both(merged.selection, run.selection);
            add_new(&mut merged.known, run.known, Clone::clone);
            add_new(&mut merged.checks, run.checks, |check| check.id.clone());
            add_new(&mut merged.notes, run.notes, Clone::clone);
            merged.parts.iter_mut().zip(&run.parts).for_each(|(part, other): (&mut Part, _)| part.add(other));
            if !targets.contains(&run.target) {
                targets.push(run.target);
            }
            merged.add_coverage(run.coverage);
            merged.cases.extend(run.cases);
            merged.matrix.extend(run.matrix);
            merged.findings.extend(run.findings);
        }
        (merged.started, merged.duration_ms) = span;
        if targets.len() > 1 {
            merged.notes.push(format!("the shards had different targets: {}", listed(&targets)));
        }
        merged.settle();
        merged.count_shards();
        merged.mark();
        Ok(merged)
    }

    /// With its shard in its notes: what two shards say is said twice.
    fn signed(mut self) -> Self {
        if !self.shards.is_empty() {
            let shard = part(&self);
            let own = self.notes.iter_mut().filter(|note| uncalled(note).is_none());
            own.for_each(|note| *note = format!("{shard}: {note}"));
        }
        self
    }

    /// With all of its shards a run is whole; without, it is told which are missing.
    fn count_shards(&mut self) {
        self.shards.sort();
        let Some(first) = self.shards.first() else { return };
        let missing = first.all().filter(|shard| !self.shards.contains(shard));
        let missing: Vec<_> = missing.map(|shard| shard.to_string()).collect();
        if missing.is_empty() {
            self.shards.clear();
        } else {
            let why = format!("not all shards are here, without {}", missing.join(", "));
            self.notes.push(format!("the run is partial: {why}"));
            self.partial.get_or_insert(why);
        }
    }

    /// Sums what is there twice, and brings all into the order of a report.
    fn settle(&mut self) {
        self.cases = summed(std::mem::take(&mut self.cases), |case| case.name.clone(), add_case);
        self.sum_cells();
        let finding = |finding: &Finding| {
            let (check, operation, place) = finding.key();
            (check.to_owned(), operation.to_owned(), place)
        };
        self.findings = summed(std::mem::take(&mut self.findings), finding, add_finding);
        // What one shard left out another one may have called.
        let called = |operation: &str| {
            self.cases.iter().any(|case| case.operation() == operation && case.exchanges > 0)
        };
        self.notes.retain(|note| !uncalled(note).is_some_and(called));
        self.sort();
    }

    /// One cell for each operation and check.
    pub(super) fn sum_cells(&mut self) {
        let cell = |cell: &Cell| (cell.operation.clone(), cell.check.clone());
        self.matrix = summed(std::mem::take(&mut self.matrix), cell, add_cell);
    }

    /// The same, where cells of different operations come together.
    pub(super) fn sum_operations(&mut self) {
        let cell = |cell: &Cell| (cell.operation.clone(), cell.check.clone());
        self.matrix = summed(std::mem::take(&mut self.matrix), cell, add_operation);
    }

    /// Cells by operation and then check, findings gravest first and then as cells.
    pub(super) fn sort(&mut self) {
        let at = |all: &[String], name: &str| all.iter().position(|one| one == name).unwrap_or(all.len());
        let operations = &self.contract.operations;
        let checks: Vec<String> = self.checks.iter().map(|check| check.id.clone()).collect();
        self.matrix.sort_by_cached_key(|cell| {
            let place = (at(operations, &cell.operation), at(&checks, &cell.check));
            (place, cell.operation.clone(), cell.check.clone())
        });
        self.findings.sort_by_cached_key(|finding| {
            let place = (at(operations, &finding.operation), at(&checks, &finding.check));
            let (check, operation, at) = finding.key();
            (std::cmp::Reverse(finding.gravity()), place, check.to_owned(), operation.to_owned(), at)
        });
    }
}

fn refuse(numbers: &[usize], runs: &[Run]) -> Result<(), MergeError> {
    for (at, (run, index)) in runs.iter().zip(numbers.iter().copied()).enumerate() {
        let first = &runs[0];
        if run.contract.digest != first.contract.digest {
            let (first, other) = (contract(first), contract(run));
            return Err(MergeError::Contract { index, first, other });
        }
        if run.seed != first.seed {
            return Err(MergeError::Seed { index, first: first.seed, other: run.seed });
        }
        // Two shards that both ran nothing look alike without being one.
        let ran = run.exchanges > 0;
        let is_same = |other: &Run| other.shards.iter().any(|shard| run.shards.contains(shard));
        if let Some(same) = runs[..at].iter().position(|other| (ran && other == run) || is_same(other)) {
            return Err(MergeError::Twice { first: numbers[same], second: index });
        }
        let count = |run: &Run| run.shards.first().map(|shard| shard.count());
        if count(run) != count(first) {
            return Err(MergeError::Shards { index, first: part(first), other: part(run) });
        }
    }
    Ok(())
}

fn contract(run: &Run) -> String {
    let digest: String = run.contract.digest.chars().take(8).collect();
    format!("{} (sha256 {digest})", run.contract.id)
}

fn part(run: &Run) -> String {
    let shards: Vec<_> = run.shards.iter().map(ToString::to_string).collect();
    if shards.is_empty() { "no shard".to_owned() } else { format!("shard {}", shards.join(" and ")) }
}

/// What two selections take together: a run of all cases takes those of the other too.
pub(super) fn both(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one?, other?) {
        (one, other) if one == other => Some(one),
        (one, other) => Some(format!("{one}; {other}")),
    }
}

/// From the first start to the last end, whatever the shards' order.
pub(super) fn span(runs: &[Run]) -> (String, u64) {
    let millis = |at: Timestamp| (at.epoch_seconds() * 1e3).round() as u64;
    let times: Option<Vec<(u64, &Run)>> =
        runs.iter().map(|run| Some((millis(Timestamp::parse(&run.started)?), run))).collect();
    let first = times.as_deref().and_then(|times| times.iter().min_by_key(|(start, _)| *start));
    let (Some(times), Some((start, run))) = (&times, first) else {
        let longest = runs.iter().map(|run| run.duration_ms).max().unwrap_or_default();
        return (runs.first().map(|run| run.started.clone()).unwrap_or_default(), longest);
    };
    let end = times.iter().map(|(start, run)| start + run.duration_ms).max().unwrap_or(*start);
    (run.started.clone(), end - start)
}

fn listed(targets: &[Target]) -> String {
    targets.iter().map(Target::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn add_new<T, K: PartialEq>(all: &mut Vec<T>, new: Vec<T>, key: impl Fn(&T) -> K) {
    for item in new {
        if !all.iter().any(|known| key(known) == key(&item)) {
            all.push(item);
        }
    }
}

/// One item per key, in order of the first.
fn summed<T, K: Eq + std::hash::Hash>(
    items: Vec<T>,
    key: impl Fn(&T) -> K,
    add: impl Fn(&mut T, T),
) -> Vec<T> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut sums: Vec<T> = Vec::new();
    for item in items {
        match places.get(&key(&item)) {
            Some(&at) => add(&mut sums[at], item),
            None => {
                places.insert(key(&item), sums.len());
                sums.push(item);
            }
        }
    }
    sums
}

fn add_case(case: &mut Case, other: Case) {
    case.exchanges += other.exchanges;
    case.tally.add(other.tally);
    // It is skipped only if no shard ran it.
    case.skipped = case.skipped.take().filter(|_| other.skipped.is_some());
    case.broken = case.broken.take().or(other.broken);
}

/// That a shard has nothing to say, or that the contract gives no ground, is no second answer.
fn add_cell(cell: &mut Cell, other: Cell) {
    if cell.is_unseen() {
        *cell = other;
    } else if !other.is_unseen() {
        let not_applicable = cell.tally.not_applicable.max(other.tally.not_applicable);
        cell.tally.add(other.tally);
        cell.tally.not_applicable = not_applicable;
        add_new(&mut cell.reasons, other.reasons, Clone::clone);
        cell.reasons.sort();
    }
}

/// Of two operations each has its own answer.
fn add_operation(cell: &mut Cell, other: Cell) {
    cell.tally.add(other.tally);
    add_new(&mut cell.reasons, other.reasons, Clone::clone);
    cell.reasons.sort();
}

fn add_finding(finding: &mut Finding, other: Finding) {
    let count = finding.count + other.count;
    let size = |finding: &Finding| (std::cmp::Reverse(gravity(&finding.level)), finding.evidence.len());
    if size(&other) < size(finding) {
        *finding = other;
    }
    finding.count = count;
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::super::{Strictness, Tally};
    use super::*;

    /// One run, dealt out to two shards by case, cell and finding.
    fn shards() -> (Run, Vec<Run>) {
        let mut whole = example::moto();
        whole.sort();
        let mut shards = vec![whole.clone(), whole.clone()];
        for (shard, run) in shards.iter_mut().enumerate() {
            run.cases = every_other(&whole.cases, shard);
            run.matrix = every_other(&whole.matrix, shard);
            run.findings = every_other(&whole.findings, shard);
            run.exchanges = run.cases.iter().map(|case| case.exchanges).sum();
            run.succeeded = run.exchanges;
        }
        whole.exchanges = shards.iter().map(|run| run.exchanges).sum();
        whole.succeeded = whole.exchanges;
        (whole, shards)
    }

    fn every_other<T: Clone>(all: &[T], from: usize) -> Vec<T> {
        all.iter().skip(from).step_by(2).cloned().collect()
    }

    #[test]
    fn shards_make_the_whole_in_any_order() {
        let (mut whole, mut shards) = shards();
        let mut merged = Run::merge(shards.clone()).unwrap();
        shards.reverse();
        let mut reversed = Run::merge(shards).unwrap();
        for run in [&mut whole, &mut merged, &mut reversed] {
            run.cases.sort_by(|a, b| a.name.cmp(&b.name));
        }
        assert_eq!(merged, whole);
        assert_eq!(reversed, whole);
    }

    #[test]
    fn one_finding_of_two_shards_is_one_with_the_smaller_evidence() {
        let first = example::moto();
        let mut second = first.clone();
        second.started = "2026-03-14T09:26:55.000Z".to_owned();
        let paging = |run: &Run| run.findings.iter().position(|f| f.check == "PG-T08").unwrap();
        let at = paging(&second);
        second.findings[at].evidence.truncate(1);
        second.findings[at].case = "ListClusters/smaller".to_owned();
        let merged = Run::merge(vec![first.clone(), second]).unwrap();
        assert_eq!(merged.findings.len(), first.findings.len());
        let finding = &merged.findings[paging(&merged)];
        assert_eq!(
            (finding.count, finding.case.as_str()),
            (first.findings[at].count * 2, "ListClusters/smaller")
        );
        assert_eq!(merged.counts().verdicts.passed, first.counts().verdicts.passed * 2);
        assert_eq!(merged.duration_ms, first.duration_ms + 2_000);
        assert_eq!(merged.verdict(Strictness::Normal), first.verdict(Strictness::Normal));
    }

    #[test]
    fn a_case_that_one_shard_ran_was_not_skipped() {
        let mut ran = example::nothing();
        let mut skipped = ran.clone();
        for (run, reason) in [(&mut ran, None), (&mut skipped, Some("another shard".to_owned()))] {
            run.cases = vec![Case {
                name: "ListClusters/valid/1".to_owned(),
                exchanges: 1,
                tally: Tally::default(),
                skipped: reason,
                broken: None,
            }];
        }
        for runs in [vec![ran.clone(), skipped.clone()], vec![skipped, ran]] {
            assert_eq!(Run::merge(runs).unwrap().cases[0].skipped, None);
        }
    }

    #[test]
    fn what_is_no_shard_of_this_run_is_refused() {
        let run = example::moto();
        let (mut seed, mut contract) = (run.clone(), run.clone());
        seed.seed = 8;
        contract.contract.digest = "feedfacecafe".to_owned();
        let refused = |runs| Run::merge(runs).unwrap_err().to_string();
        insta::assert_snapshot!(refused(vec![]), @"no run to merge: give at least one run.json");
        insta::assert_snapshot!(refused(vec![run.clone(), seed]), @"run 2 has the seed 8, the first 7: merge only the shards of one run, made with the same seed");
        insta::assert_snapshot!(refused(vec![run.clone(), contract]), @"run 2 is of contract msk (sha256 feedface), the first of msk (sha256 3f1c9a52): merge only the shards of one run, made with the same contract");
        insta::assert_snapshot!(refused(vec![run.clone(), run]), @"runs 1 and 2 are the same: give each shard once");
    }
}
