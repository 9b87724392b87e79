//! What a run gathers: verdicts by operation and law, and findings by their cause.

use std::collections::BTreeMap;

use crate::cassette::stored::StoredExchange;
use crate::check::{CHECKS, Check, FindingKey, Problem, Ruling, Session, Verdict};
use crate::contract::{Contract, Level, Safety};
use crate::exchange::Timestamp;
use crate::report::{Cell, Finding, Known, Tally, UNSEEN};

/// Everything said about a contract so far.
#[derive(Debug, Default)]
pub(super) struct Book {
    cells: BTreeMap<(String, &'static str), Entry>,
    found: BTreeMap<FindingKey, Found>,
}

#[derive(Debug, Default)]
struct Entry {
    tally: Tally,
    reasons: Vec<String>,
}

/// A finding with the best evidence so far.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) problem: Problem,
    pub(super) evidence: Vec<StoredExchange>,
    pub(super) case: String,
    pub(super) count: u64,
}

impl Book {
    /// Counts verdicts.
    pub(super) fn enter<'v>(&mut self, verdicts: impl IntoIterator<Item = &'v Verdict>) -> Tally {
        let mut sum = Tally::default();
        for verdict in verdicts {
            let entry = self.cells.entry((verdict.operation.clone(), verdict.check)).or_default();
            for tally in [&mut entry.tally, &mut sum] {
                match &verdict.ruling {
                    Ruling::Pass => tally.passed += 1,
                    Ruling::Fail(_) => tally.failed += 1,
                    Ruling::Advisory(_) => tally.advisory += 1,
                    Ruling::NotTestable(_) => tally.not_testable += 1,
                }
            }
            if let Ruling::NotTestable(reason) = &verdict.ruling
                && !entry.reasons.iter().any(|known| known == reason)
            {
                entry.reasons.push((*reason).to_owned());
            }
        }
        sum
    }

    /// Counts a finding that is known; whether it is.
    pub(super) fn count(&mut self, key: &FindingKey) -> bool {
        self.found.get_mut(key).map(|found| found.count += 1).is_some()
    }

    /// Notes a finding that is new.
    pub(super) fn note(&mut self, key: FindingKey, found: Found) {
        self.found.insert(key, found);
    }

    /// One cell for each operation and law, with what was not said told apart from what was.
    pub(super) fn matrix(&self, contract: &Contract) -> Vec<Cell> {
        let pairs = contract
            .operations
            .iter()
            .flat_map(|operation| CHECKS.iter().map(move |check| (operation, check)));
        pairs
            .map(|(operation, check)| {
                let mut cell = Cell {
                    operation: operation.name.clone(),
                    check: check.id.to_owned(),
                    tally: Tally::default(),
                    reasons: Vec::new(),
                };
                match self.cells.get(&(operation.name.clone(), check.id)) {
                    Some(entry) => {
                        cell.tally = entry.tally;
                        // In an order that no other case has a part in: shards are merged.
                        cell.reasons.clone_from(&entry.reasons);
                        cell.reasons.sort();
                    }
                    None if !(check.applies)(contract, operation) => cell.tally.not_applicable = 1,
                    None => {
                        cell.tally.not_testable = 1;
                        cell.reasons.push(UNSEEN.to_owned());
                    }
                }
                cell
            })
            .collect()
    }

    /// The findings, gravest first; `tell` gives what only the run knows: `curl` and `again`.
    pub(super) fn findings(&self, tell: impl Fn(&Found) -> (String, String)) -> Vec<Finding> {
        let mut found: Vec<_> = self.found.iter().collect();
        found.sort_by_key(|(key, found)| {
            (std::cmp::Reverse(found.problem.level), order(key.check), (*key).clone())
        });
        found.into_iter().filter_map(|(key, found)| finding(key, found, &tell)).collect()
    }
}

/// What findings are expected.
#[derive(Debug, Default)]
pub(super) struct Acquaintance {
    known: Vec<Known>,
    /// The day of the run.
    day: String,
}

impl Acquaintance {
    pub(super) fn of(known: Vec<Known>, started: Timestamp) -> Self {
        let day = started.to_string().chars().take(10).collect();
        Self { known, day }
    }

    /// Whether a finding is expected, so that it breaks nothing.
    pub(super) fn is_with(&self, verdict: &Verdict) -> bool {
        let Some((FindingKey { check, operation, place }, _)) = verdict.finding() else { return false };
        self.known.iter().any(|known| known.is_about(check, &operation, &place) && known.holds_on(&self.day))
    }

    pub(super) fn all(&self) -> Vec<Known> {
        self.known.clone()
    }
}

fn finding(key: &FindingKey, found: &Found, tell: impl Fn(&Found) -> (String, String)) -> Option<Finding> {
    let check = Check::by_id(key.check)?;
    let (curl, again) = tell(found);
    let clause = check.documented.to_owned();
    let documented = match &found.problem.source {
        Some(source) => format!("{source}; {clause}"),
        None => clause,
    };
    Some(Finding {
        check: check.id.to_owned(),
        name: check.name.to_owned(),
        operation: key.operation.clone(),
        level: found.problem.level.as_str().to_owned(),
        place: found.problem.place.clone(),
        expected: found.problem.expected.clone(),
        actual: found.problem.actual.clone(),
        documented,
        count: found.count,
        case: found.case.clone(),
        evidence: found.evidence.clone(),
        curl,
        again,
        known: None,
    })
}

fn order(id: &str) -> Option<usize> {
    CHECKS.iter().position(|check| check.id == id)
}

/// The exchanges that show a problem, with those before them that made what they are about.
pub(super) fn evidence(session: &Session<'_>, problem: &Problem) -> Vec<StoredExchange> {
    let last = problem.evidence.iter().max().copied().unwrap_or_default();
    let seen = session.observations.iter().enumerate().take(last + 1);
    seen.filter(|(index, seen)| {
        let changes = seen.operation.is_some_and(|operation| operation.safety != Safety::Read);
        problem.evidence.contains(index) || (changes && seen.exchange.response.is_success())
    })
    .map(|(_, seen)| StoredExchange::from(&*seen.exchange))
    .collect()
}

/// A finding in one line.
pub(super) fn sentence(verdict: &Verdict) -> Option<(Level, String)> {
    let (key, problem) = verdict.finding()?;
    let name = Check::by_id(key.check).map_or("", |check| check.name);
    let Problem { level, place, expected, actual, .. } = problem;
    Some((*level, format!("{level} {} {name}, {place}: expected {expected}, got {actual}", key.check)))
}
