//! What a run gathers: verdicts by operation and law, and findings by their cause.

use std::collections::{BTreeMap, BTreeSet};

use crate::cassette::stored::StoredExchange;
use crate::check::{CHECKS, Check, FindingKey, Observation, Problem, Ruling, Session, Verdict};
use crate::contract::{Contract, Level, Safety, at_path};
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
        stands: None,
        evidence: found.evidence.clone(),
        curl,
        again,
        known: None,
    })
}

fn order(id: &str) -> Option<usize> {
    CHECKS.iter().position(|check| check.id == id)
}

/// The exchanges that show a problem, with those before them that made what they are about, and the
/// pages that handed out their tokens.
pub(super) fn evidence(session: &Session<'_>, problem: &Problem) -> Vec<StoredExchange> {
    let mut shown: BTreeSet<usize> = problem.evidence.iter().copied().collect();
    let mut open: Vec<usize> = problem.evidence.clone();
    while let Some(index) = open.pop() {
        open.extend(page_before(session, index).filter(|page| shown.insert(*page)));
    }
    let last = problem.evidence.iter().max().copied().unwrap_or_default();
    let seen = session.observations.iter().enumerate().take(last + 1);
    seen.filter(|(index, seen)| shown.contains(index) || may_have_changed(seen))
        .map(|(_, seen)| StoredExchange::from(&*seen.exchange))
        .collect()
}

/// Whether an exchange has changed something. A server that fails may have done it before.
fn may_have_changed(seen: &Observation<'_>) -> bool {
    let changes = seen.operation.is_some_and(|operation| operation.safety != Safety::Read);
    let response = &seen.exchange.response;
    changes && (response.is_success() || response.status >= 500)
}

/// The last page before a request that handed out the token which it carries.
fn page_before(session: &Session<'_>, index: usize) -> Option<usize> {
    let seen = session.observations.get(index)?;
    let pagination = seen.operation?.pagination.as_ref()?;
    let token = at_path(seen.input.as_ref()?, &pagination.input_token)?;
    let hands_out = |other: &Observation<'_>| {
        let (Some(operation), Some(input), Some(output)) = (other.operation, &other.input, other.output())
        else {
            return false;
        };
        let by_token = operation.pagination.as_ref().filter(|it| it.output_token().is_some());
        by_token.and_then(|pagination| pagination.next(input, output)).as_ref() == Some(token)
    };
    session.observations.get(..index)?.iter().rposition(hands_out)
}

/// A finding in one line.
pub(super) fn sentence(verdict: &Verdict) -> Option<(Level, String)> {
    let (key, problem) = verdict.finding()?;
    let name = Check::by_id(key.check).map_or("", |check| check.name);
    let Problem { level, place, expected, actual, .. } = problem;
    Some((*level, format!("{level} {} {name}, {place}: expected {expected}, got {actual}", key.check)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::check::Coverage;
    use crate::exchange::Response;
    use crate::runner::{Channel, Live};
    use crate::sandbox::Sandbox;

    #[test]
    fn what_shows_a_problem_comes_with_what_made_it_and_the_pages_before_it() {
        let msk = Arc::new(Contract::built_in("msk").unwrap().unwrap());
        let sandbox = Sandbox::new(msk.clone(), &[]);
        let mut channel = Live::new(sandbox, msk.clone(), "127.0.0.1:4566", None);
        let mut exchanges = Vec::new();
        let mut call = |name: &str, input: Value| {
            let request = msk.encode(msk.operation(name).unwrap(), &input).unwrap();
            let exchange = channel.exchange(&request).unwrap();
            exchanges.push(exchange.clone());
            exchange.response.body.json().unwrap_or_default()
        };
        let mut example = msk.operation("CreateCluster").unwrap().examples[0].clone();
        for name in ["one", "two", "three"] {
            example["clusterName"] = name.into();
            call("CreateCluster", example.clone());
        }
        call("ListClusters", json!({}));
        let mut page = call("ListClusters", json!({"maxResults": 1}));
        for _ in 0..2 {
            page = call("ListClusters", json!({"maxResults": 1, "nextToken": page["nextToken"]}));
        }
        let shown = |exchanges: Vec<_>| {
            let session = Session::new(&msk, exchanges, Coverage::Whole);
            let problem = Problem {
                place: String::new(),
                expected: String::new(),
                actual: String::new(),
                level: Level::Must,
                source: None,
                evidence: vec![session.observations.len() - 1],
            };
            evidence(&session, &problem).len()
        };
        assert_eq!(shown(exchanges.clone()), 6, "three clusters and three pages, without the whole list");

        let failed: Vec<_> = exchanges
            .iter()
            .map(|exchange| {
                let mut exchange = (**exchange).clone();
                if exchange.operation.as_deref() == Some("CreateCluster") {
                    exchange.response = Response { status: 500, ..exchange.response };
                }
                crate::redact::Redactor::new()
                    .exchange(&exchange, &crate::contract::Declared::default())
                    .unwrap()
            })
            .collect();
        assert_eq!(shown(failed), 6, "a server that fails may have made something");
    }
}
