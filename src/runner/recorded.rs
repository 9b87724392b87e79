//! All laws of one contract over exchanges that were recorded.

use std::collections::HashMap;
use std::sync::Arc;

use super::findings::{Acquaintance, Book, Found, evidence, sentence};
use super::suite::{Outcome, Settings};
use crate::cassette::Cassette;
use crate::check::{CHECKS, Coverage, Covered, Gathered, Ruling, Session, Verdict};
use crate::contract::{Contract, Operation};
use crate::exchange::Timestamp;
use crate::report::{self, Known, Run, curl};

/// The verdicts over a cassette, told case by case: one case for each operation and law.
pub struct RecordedSuite {
    contract: Arc<Contract>,
    settings: Settings,
    started: Timestamp,
    exchanges: u64,
    succeeded: u64,
    refused: u64,
    unknown: usize,
    cases: Vec<String>,
    pub(super) verdicts: Vec<Verdict>,
    /// Which of them are of one operation and law.
    of_case: HashMap<String, Vec<usize>>,
    book: Book,
    covered: Covered,
    known: Acquaintance,
}

impl RecordedSuite {
    /// Judges a cassette by the cases that `takes` selects by their names.
    pub fn new(
        contract: Arc<Contract>,
        cassette: Cassette,
        settings: Settings,
        takes: impl Fn(&str) -> bool,
    ) -> Self {
        let started = Timestamp::now();
        let exchanges = cassette.exchanges.len() as u64;
        let session = Session::new(&contract, cassette.exchanges, Coverage::Excerpt);
        let succeeded = session.succeeded();
        let refused = session.refusals().count() as u64;
        let unknown = session.observations.iter().filter(|seen| seen.operation.is_none()).count();
        let mut gathered = Gathered::default();
        let mut verdicts = session.judge_and_note(&mut gathered);
        let covered = gathered.covered(&contract);
        verdicts.retain(|verdict| takes(&case_of(verdict)));
        let mut cases = all_cases(&contract);
        cases.retain(|case| takes(case));
        let mut book = Book::default();
        book.enter(&verdicts);
        for verdict in &verdicts {
            let Some((key, problem)) = verdict.finding() else { continue };
            if !book.count(&key) {
                let case = case_of(verdict);
                let evidence = evidence(&session, problem);
                book.note(key, Found { problem: problem.clone(), evidence, case, count: 1 });
            }
        }
        drop(session);
        let mut of_case: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, verdict) in verdicts.iter().enumerate() {
            of_case.entry(case_of(verdict)).or_default().push(index);
        }
        Self {
            contract,
            settings,
            started,
            exchanges,
            succeeded,
            refused,
            unknown,
            cases,
            verdicts,
            of_case,
            book,
            covered,
            known: Acquaintance::default(),
        }
    }

    /// The same with findings that are expected, and break no case.
    #[must_use]
    pub fn knowing(self, known: Vec<Known>) -> Self {
        let known = Acquaintance::of(known, self.started);
        Self { known, ..self }
    }

    /// The names of all cases that a contract gives ground for: one for each operation and law.
    pub fn all_cases(contract: &Contract) -> Vec<String> {
        all_cases(contract)
    }

    /// The names of the cases.
    pub fn cases(&self) -> &[String] {
        &self.cases
    }

    /// What the recording says of one case.
    pub fn outcome(&self, case: &str) -> Outcome {
        let own: Vec<_> = self.of(case).collect();
        let is_new =
            |verdict: &&&Verdict| matches!(verdict.ruling, Ruling::Fail(_)) && !self.known.is_with(verdict);
        let fails = own.iter().filter(is_new);
        let grave =
            fails.filter_map(|verdict| sentence(verdict)).filter(|(level, _)| *level >= self.settings.breaks);
        let sentences: Vec<_> = grave.map(|(_, sentence)| sentence).collect();
        let tested = own.iter().any(|verdict| !matches!(verdict.ruling, Ruling::NotTestable(_)));
        match () {
            () if !sentences.is_empty() => Outcome::Found(sentences),
            () if tested => Outcome::Passed,
            () => Outcome::Skipped(match own.first().map(|verdict| &verdict.ruling) {
                Some(Ruling::NotTestable(reason)) => (*reason).to_owned(),
                _ => "no recorded exchange shows it".to_owned(),
            }),
        }
    }

    /// The report.
    pub fn finish(&self) -> Run {
        let cases = self.cases.iter().cloned().map(|name| {
            let mut book = Book::default();
            let skipped = match self.outcome(&name) {
                Outcome::Skipped(reason) => Some(reason),
                _ => None,
            };
            report::Case { exchanges: 0, tally: book.enter(self.of(&name)), skipped, broken: None, name }
        });
        let cases = cases.collect();
        let Self { contract, settings, started, exchanges, succeeded, refused, unknown, book, .. } = self;
        let notes = (*unknown > 0)
            .then(|| format!("{unknown} exchanges are of no operation that the contract documents"));
        Run {
            started: started.to_string(),
            exchanges: *exchanges,
            succeeded: *succeeded,
            refused: *refused,
            cases,
            coverage: self.covered.clone(),
            matrix: book.matrix(contract),
            findings: book.findings(|found| {
                let curl = curl::script(&found.evidence, &settings.base_url, settings.signing.as_ref());
                (curl, format!("{}{}", settings.again, found.case))
            }),
            notes: notes.into_iter().collect(),
            ..Run::new(contract, settings.target.clone(), settings.seed)
        }
        .knowing(self.known.all())
    }

    fn of<'s>(&'s self, case: &str) -> impl Iterator<Item = &'s Verdict> {
        let own = self.of_case.get(case).into_iter().flatten();
        own.map(|index| &self.verdicts[*index])
    }
}

/// The name of the case that a verdict is of.
fn case_of(verdict: &Verdict) -> String {
    format!("{}/{}", verdict.operation, verdict.check)
}

/// One case for each operation and law that the contract gives ground for.
fn all_cases(contract: &Contract) -> Vec<String> {
    let of_operation = |operation: &Operation| {
        let checks = CHECKS.iter().filter(|check| (check.applies)(contract, operation));
        checks.map(|check| format!("{}/{}", operation.name, check.id)).collect::<Vec<_>>()
    };
    contract.operations.iter().flat_map(of_operation).collect()
}
