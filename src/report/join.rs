//! The runs of different contracts, made one.

use serde::{Deserialize, Serialize};

use super::merge::{MergeError, add_new, both, span};
use super::notes::uncalled;
use super::{ContractInfo, Finding, Known, Run, Target};
use crate::encoding::digest;

/// One contract of a run that has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the run")]
pub struct Part {
    pub contract: ContractInfo,
    pub target: Target,
    pub seed: u64,
    pub exchanges: u64,
    pub succeeded: u64,
    pub refused: u64,
}

/// What something of a contract is called where there are several: `msk:ListClusters`.
pub fn qualified(contract: &str, name: &str) -> String {
    format!("{contract}:{name}")
}

impl Known {
    /// As one of several contracts has it.
    #[must_use]
    pub fn of(self, contract: &str) -> Self {
        let name = |text: String| qualified(contract, &text);
        Self { operation: name(self.operation), case: self.case.map(name), ..self }
    }
}

impl Part {
    fn of(run: &Run) -> Self {
        Self {
            contract: run.contract.clone(),
            target: run.target.clone(),
            seed: run.seed,
            exchanges: run.exchanges,
            succeeded: run.succeeded,
            refused: run.refused,
        }
    }

    /// Whether an operation, or a case, is of this contract.
    pub(super) fn has(&self, name: &str) -> bool {
        name.strip_prefix(&self.contract.id).is_some_and(|rest| rest.starts_with(':'))
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.succeeded += other.succeeded;
        self.refused += other.refused;
    }
}

impl Run {
    /// Makes the runs of different contracts one, in their order. What is of a contract has its name
    /// before it then. One run alone stays as it is.
    ///
    /// # Errors
    /// When there is none, or a contract is in several of them.
    pub fn join(runs: Vec<Self>) -> Result<Self, MergeError> {
        match runs.len() {
            1 => runs.into_iter().next().ok_or(MergeError::Empty),
            _ => Self::of_several(runs),
        }
    }

    /// The same for a command that names several contracts, though a filter may have left one of them:
    /// names begin with that of the contract all the same.
    ///
    /// # Errors
    /// As there.
    pub fn of_several(runs: Vec<Self>) -> Result<Self, MergeError> {
        let (started, duration_ms) = span(&runs);
        let shards = runs.iter().flat_map(|run| run.shards.iter().copied()).collect();
        let mut runs = runs.into_iter().map(Self::apart);
        let mut joined = runs.next().ok_or(MergeError::Empty)?;
        for run in runs {
            joined.exchanges += run.exchanges;
            joined.succeeded += run.succeeded;
            joined.refused += run.refused;
            joined.partial = joined.partial.or(run.partial);
            joined.selection = both(joined.selection, run.selection);
            add_new(&mut joined.checks, run.checks, |check| check.id.clone());
            joined.parts.extend(run.parts);
            joined.known.extend(run.known);
            joined.notes.extend(run.notes);
            joined.coverage.operations.extend(run.coverage.operations);
            joined.coverage.resources.extend(run.coverage.resources);
            joined.cases.extend(run.cases);
            joined.matrix.extend(run.matrix);
            joined.findings.extend(run.findings);
        }
        (joined.started, joined.duration_ms, joined.shards) = (started, duration_ms, shards);
        joined.shards.sort();
        joined.shards.dedup();
        joined.name_parts()?;
        joined.sort();
        Ok(joined)
    }

    /// As a part of a run of several contracts.
    fn apart(mut self) -> Self {
        if !self.parts.is_empty() {
            return self;
        }
        self.parts = vec![Part::of(&self)];
        let id = self.contract.id.clone();
        let name = |text: &mut String| *text = qualified(&id, text);
        let name_known = |known: &mut Known| *known = known.clone().of(&id);
        let name_finding = |finding: &mut Finding| {
            name(&mut finding.operation);
            name(&mut finding.case);
            finding.known.iter_mut().for_each(name_known);
        };
        self.contract.operations.iter_mut().for_each(name);
        self.cases.iter_mut().for_each(|case| name(&mut case.name));
        self.matrix.iter_mut().for_each(|cell| name(&mut cell.operation));
        self.coverage.operations.iter_mut().for_each(|it| name(&mut it.operation));
        self.coverage.resources.iter_mut().for_each(|it| name(&mut it.resource));
        self.findings.iter_mut().for_each(name_finding);
        self.known.iter_mut().for_each(name_known);
        for note in &mut self.notes {
            *note = match uncalled(note) {
                Some(_) => qualified(&id, note),
                None => format!("{id}: {note}"),
            };
        }
        self.partial = self.partial.map(|why| format!("{id}: {why}"));
        self
    }

    /// What the whole is called, and whom it asked.
    fn name_parts(&mut self) -> Result<(), MergeError> {
        let ids: Vec<_> = self.parts.iter().map(|part| part.contract.id.clone()).collect();
        if let Some(twice) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)) {
            return Err(MergeError::Again { contract: twice.1.clone() });
        }
        let of_all = |text: fn(&ContractInfo) -> &str, between: &str| {
            self.parts.iter().map(|part| text(&part.contract)).collect::<Vec<_>>().join(between)
        };
        let operations = self
            .parts
            .iter()
            .flat_map(|part| part.contract.operations.iter().map(|name| qualified(&part.contract.id, name)));
        self.contract = ContractInfo {
            id: of_all(|it| &it.id, ", "),
            title: of_all(|it| &it.title, ", "),
            version: self
                .parts
                .first()
                .filter(|_| ids.len() == 1)
                .map_or_else(String::new, |it| it.contract.version.clone()),
            digest: digest(of_all(|it| &it.digest, "\0").as_bytes()),
            operations: operations.collect(),
        };
        let same = self.parts.iter().all(|part| part.target == self.parts[0].target);
        self.target = match same {
            true => self.parts[0].target.clone(),
            false => Target::Each(
                self.parts.iter().map(|it| (it.contract.id.clone(), it.target.clone())).collect(),
            ),
        };
        self.seed = self.parts[0].seed;
        for part in self.parts.iter().filter(|part| part.seed != self.seed) {
            let note = format!("{}: its seed was {}", part.contract.id, part.seed);
            add_new(&mut self.notes, vec![note], Clone::clone);
        }
        Ok(())
    }

    /// The contracts, if there are several, in whose name nothing was tested.
    pub(super) fn untested(&self) -> Vec<&str> {
        let says_nothing = |part: &&Part| {
            let of_cases = self.cases.iter().any(|case| part.has(&case.name));
            let mut own = self.matrix.iter().filter(|cell| part.has(&cell.operation));
            let refused = part.exchanges > 0 && (part.succeeded == 0 || part.refused * 2 > part.exchanges);
            // No case of a contract may fall to a shard.
            (of_cases || self.shards.is_empty()) && (refused || !own.any(|cell| cell.tally.tested() > 0))
        };
        self.parts.iter().filter(says_nothing).map(|part| part.contract.id.as_str()).collect()
    }

    /// A run of several contracts seen from afar: its contracts stand where its operations stood.
    pub(super) fn overview(&self) -> Option<Self> {
        if self.parts.len() < 2 {
            return None;
        }
        let mut far = self.clone();
        far.contract.operations = self.parts.iter().map(|part| part.contract.id.clone()).collect();
        let contract_of = |operation: &mut String| {
            if let Some(part) = self.parts.iter().find(|part| part.has(operation)) {
                operation.clone_from(&part.contract.id);
            }
        };
        far.matrix.iter_mut().for_each(|cell| contract_of(&mut cell.operation));
        far.findings.iter_mut().for_each(|finding| contract_of(&mut finding.operation));
        far.sum_operations();
        Some(far)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Overall, Strictness, example};
    use super::*;

    /// The same run of another contract.
    fn of(mut run: Run, id: &str) -> Run {
        run.contract.id = id.to_owned();
        run.contract.digest = digest(id.as_bytes());
        run
    }

    #[test]
    fn whatever_is_of_a_contract_has_its_name_before_it() {
        let (first, second) = (example::moto(), of(example::moto(), "eks"));
        let joined = Run::join(vec![first.clone(), second.clone()]).unwrap();
        assert_eq!(joined.findings.len(), 2 * first.findings.len());
        let of_eks = joined.findings.iter().filter(|it| it.operation.starts_with("eks:")).count();
        assert_eq!(of_eks, second.findings.len());
        assert!(joined.findings.iter().all(|it| it.operation.split(':').next() == it.case.split(':').next()));
        let anchors: std::collections::HashSet<_> = joined.findings.iter().map(Finding::anchor).collect();
        assert_eq!(anchors.len(), joined.findings.len(), "those of two contracts are two");
        assert_eq!(joined.exchanges, 2 * first.exchanges);
        assert_eq!(joined.counts().verdicts.tested(), 2 * first.counts().verdicts.tested());
        assert!(joined.notes.iter().any(|note| note.starts_with("eks: 3 clusters were created")));
        assert_eq!(Run::join(vec![first.clone()]).unwrap(), first, "one alone stays as it is");
        let text = joined.to_json();
        assert_eq!(Run::from_json("run.json", &text).unwrap(), joined);
    }

    #[test]
    fn joined_bit_by_bit_it_is_the_same() {
        let runs = ["msk", "eks", "dsql"].map(|id| of(example::moto(), id));
        let [first, second, third] = runs.clone();
        let whole = Run::join(runs.into()).unwrap();
        let bit = Run::join(vec![Run::join(vec![first, second.clone()]).unwrap(), third]).unwrap();
        assert_eq!(bit, whole);
        let again = Run::merge(vec![whole, second]).unwrap_err();
        assert_eq!(again, MergeError::Again { contract: "eks".to_owned() });
    }

    #[test]
    fn contracts_are_rows_of_laws() {
        let mut broken = of(example::moto(), "eks");
        broken.findings.clear();
        broken.matrix.retain(|cell| cell.tally.failed == 0);
        let joined = Run::join(vec![example::moto(), broken]).unwrap();
        let overview = joined.overview().unwrap();
        let cell = |contract: &str, check: &str| {
            overview.matrix.iter().find(|cell| cell.operation == contract && cell.check == check).unwrap()
        };
        let failed = |check: &str| ["msk", "eks"].map(|contract| cell(contract, check).tally.failed > 0);
        assert_eq!(failed("ST-02"), [true, false]);
        let grounded = |id: &str| {
            let run = example::moto();
            run.matrix.iter().any(|it| it.check == id && it.tally.not_testable > 0)
        };
        for check in joined.checks.iter().filter(|check| grounded(&check.id)) {
            assert!(
                cell("eks", &check.id).tally.not_testable > 0,
                "{}: what was not tested is told",
                check.id
            );
        }
        assert!(!cell("eks", "PG-T02").reasons.is_empty(), "why it is not testable");
        let sum: u64 =
            example::moto().matrix.iter().filter(|it| it.check == "ST-01").map(|it| it.tally.passed).sum();
        assert_eq!(cell("msk", "ST-01").tally.passed, sum);
        assert_eq!(example::moto().overview(), None);
    }

    #[test]
    fn a_contract_of_which_nothing_was_tested_is_not_green() {
        let green = || of(example::clean(), "msk");
        let mut refused = of(example::clean(), "eks");
        let joined = |other: &Run| Run::join(vec![green(), other.clone()]).unwrap();
        assert_eq!(joined(&refused).verdict(Strictness::Normal), Overall::Clean);
        // Of all exchanges it is a small part.
        refused.exchanges = 9;
        refused.refused = 5;
        let run = joined(&refused);
        assert_eq!(run.verdict(Strictness::Normal), Overall::NothingTested);
        assert_eq!(run.about_nothing(), "nothing was tested of eks: this run says nothing about it");
        // No case of it fell to this shard.
        let mut empty = of(example::nothing(), "eks");
        assert_eq!(joined(&empty).verdict(Strictness::Normal), Overall::NothingTested);
        empty.shards = vec!["1/2".parse().unwrap()];
        let mut sharded = joined(&empty);
        assert_eq!(sharded.shards.len(), 1);
        assert_eq!(sharded.verdict(Strictness::Normal), Overall::Clean);
        sharded.shards.clear();
        assert_eq!(sharded.verdict(Strictness::Normal), Overall::NothingTested);
    }
}
