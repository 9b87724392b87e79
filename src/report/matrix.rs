//! The matrix of operations and checks, as renderings show it.

use std::collections::HashMap;

use super::run::gravity;
use super::{Cell, CheckInfo, Finding, Run};
use crate::contract::Level;

/// Operations as rows, checks as columns.
#[derive(Debug)]
pub(super) struct Matrix<'r> {
    /// The columns, by family.
    pub(super) families: Vec<Family<'r>>,
    pub(super) rows: Vec<Row<'r>>,
    /// Checks that the contract gives no ground for, anywhere.
    pub(super) without_ground: Vec<&'r CheckInfo>,
    /// Checks that no operation was put to.
    pub(super) not_run: Vec<&'r CheckInfo>,
}

/// Checks that belong together.
#[derive(Debug)]
pub(super) struct Family<'r> {
    pub(super) title: String,
    pub(super) checks: Vec<Column<'r>>,
}

/// One check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'r> {
    pub(super) id: &'r str,
    /// What the catalogue says of it; a run of another version may name checks unknown to it.
    pub(super) check: Option<&'r CheckInfo>,
}

/// One operation; a mark for each column of each family.
#[derive(Debug)]
pub(super) struct Row<'r> {
    pub(super) operation: &'r str,
    pub(super) marks: Vec<Vec<Mark<'r>>>,
}

/// What one check said of one operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'r> {
    pub(super) state: State,
    /// How many verdicts of the kind that the state is.
    pub(super) count: u64,
    pub(super) cell: Option<&'r Cell>,
    /// The gravest finding.
    pub(super) finding: Option<&'r Finding>,
}

/// The gravest that one check said of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Must,
    Should,
    Advisory,
    Passed,
    NotTestable,
    NotApplicable,
    NotRun,
}

impl State {
    /// Every state, with what it is called.
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Passed, "passed"),
        (Self::Must, "a MUST is broken"),
        (Self::Should, "a SHOULD is broken"),
        (Self::Advisory, "advisory"),
        (Self::NotTestable, "not testable"),
        (Self::NotApplicable, "not applicable"),
        (Self::NotRun, "not run"),
    ];

    /// A character for it, which says it without colour.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Must => "✕",
            Self::Should => "!",
            Self::Advisory => "i",
            Self::Passed => "✓",
            Self::NotTestable => "?",
            Self::NotApplicable => "",
            Self::NotRun => "·",
        }
    }
}

impl<'r> Matrix<'r> {
    pub(super) fn of(run: &'r Run) -> Self {
        let cells: HashMap<(&str, &str), &Cell> =
            run.matrix.iter().map(|cell| ((cell.operation.as_str(), cell.check.as_str()), cell)).collect();
        let families = families(run);
        let rows = operations(run).into_iter().map(|operation| Row {
            operation,
            marks: families.iter().map(|family| marks(run, &cells, operation, family)).collect(),
        });
        let rows = rows.collect();
        let seen = |check: &&CheckInfo| run.matrix.iter().any(|cell| cell.check == check.id);
        let shown = |check: &&CheckInfo| {
            families.iter().flat_map(|family| &family.checks).any(|column| column.id == check.id)
        };
        let hidden = run.checks.iter().filter(|check| !shown(check));
        let (without_ground, not_run) = hidden.partition(seen);
        Self { families, rows, without_ground, not_run }
    }
}

/// In the contract's order; those that only the matrix names come last.
fn operations(run: &Run) -> Vec<&str> {
    let mut all: Vec<&str> = run.contract.operations.iter().map(String::as_str).collect();
    for cell in &run.matrix {
        if !all.contains(&cell.operation.as_str()) {
            all.push(&cell.operation);
        }
    }
    all
}

/// The checks that have something to say of an operation, in the order of the catalogue.
fn families(run: &Run) -> Vec<Family<'_>> {
    let mut columns: Vec<Column<'_>> =
        run.checks.iter().map(|check| Column { id: &check.id, check: Some(check) }).collect();
    for cell in &run.matrix {
        if !columns.iter().any(|column| column.id == cell.check) {
            columns.push(Column { id: &cell.check, check: None });
        }
    }
    let mut families: Vec<Family<'_>> = Vec::new();
    for column in columns.into_iter().filter(|column| has_ground(run, column.id)) {
        let title = family(column);
        match families.iter_mut().find(|family| family.title == title) {
            Some(family) => family.checks.push(column),
            None => families.push(Family { title, checks: vec![column] }),
        }
    }
    let place = |family: &Family<'_>| FAMILIES.iter().position(|(title, _)| *title == family.title);
    families.sort_by_key(|family| place(family).unwrap_or(FAMILIES.len()));
    families
}

/// Titles, and the first words of the names of their checks.
const FAMILIES: [(&str, &[&str]); 5] = [
    ("response", &["status", "content-type", "shape"]),
    ("errors", &["error", "errors"]),
    ("input", &["input"]),
    ("pagination", &["pagination", "offset"]),
    ("filter", &["filter"]),
];

fn family(column: Column<'_>) -> String {
    let name = column.check.map_or("other", |check| &check.name);
    let word = name.split('.').next().unwrap_or(name);
    let known = FAMILIES.iter().find(|(_, words)| words.contains(&word));
    known.map_or(word, |(title, _)| title).to_owned()
}

fn has_ground(run: &Run, check: &str) -> bool {
    let mut cells = run.matrix.iter().filter(|cell| cell.check == check);
    cells.any(|cell| cell.tally.tested() + cell.tally.not_testable > 0)
}

fn marks<'r>(
    run: &'r Run,
    cells: &HashMap<(&str, &str), &'r Cell>,
    operation: &str,
    family: &Family<'r>,
) -> Vec<Mark<'r>> {
    let cell = |column: &Column<'_>| cells.get(&(operation, column.id)).copied();
    family.checks.iter().map(|column| mark(run, cell(column))).collect()
}

fn mark<'r>(run: &'r Run, cell: Option<&'r Cell>) -> Mark<'r> {
    let Some(found) = cell else {
        return Mark { state: State::NotRun, count: 0, cell, finding: None };
    };
    let of_cell = run.findings.iter().filter(|f| f.operation == found.operation && f.check == found.check);
    let finding = of_cell.rev().max_by_key(|finding| finding.gravity());
    let tally = found.tally;
    let (state, count) = if tally.failed > 0 {
        (broken(run, found, finding), tally.failed)
    } else if tally.advisory > 0 {
        (State::Advisory, tally.advisory)
    } else if tally.passed > 0 {
        (State::Passed, tally.passed)
    } else if tally.not_testable > 0 {
        (State::NotTestable, tally.not_testable)
    } else if tally.not_applicable > 0 {
        (State::NotApplicable, tally.not_applicable)
    } else {
        (State::NotRun, 0)
    };
    Mark { state, count, cell, finding }
}

/// How grave a broken law is: as its finding says, or else as the catalogue does.
fn broken(run: &Run, cell: &Cell, finding: Option<&Finding>) -> State {
    let check = run.checks.iter().find(|check| check.id == cell.check);
    let level = match (finding, check) {
        (Some(finding), _) => finding.gravity(),
        (None, Some(check)) => gravity(&check.level),
        (None, None) => Level::Must,
    };
    match level {
        Level::Must => State::Must,
        Level::Should => State::Should,
        Level::Advisory | Level::Info => State::Advisory,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn the_matrix_shows_every_cell_once_by_family() {
        let run = example::moto();
        let matrix = Matrix::of(&run);
        let titles: Vec<_> = matrix.families.iter().map(|family| family.title.as_str()).collect();
        assert_eq!(titles, ["response", "errors", "input", "pagination", "filter"]);
        let states = matrix.rows.iter().map(|row| {
            let symbol =
                |mark: &Mark<'_>| if mark.state.symbol().is_empty() { "." } else { mark.state.symbol() };
            let marks = row.marks.iter().map(|marks| marks.iter().map(symbol).collect::<String>());
            format!("{:20}{}", row.operation, marks.collect::<Vec<_>>().join(" "))
        });
        insta::assert_snapshot!(states.collect::<Vec<_>>().join("\n"), @r"
        ListClusters        ✓✓✓✓✓✕✓ ✓✓✓✓. ✓✓✓ ✓??✕✕ ✓
        CreateCluster       ✓✓!✓✓✓✓ ✓✓✓✓. ✓✕i ..... .
        DescribeCluster     ✓✕✓✓✓✓✓ ???✕✕ ✓✓? ..... .
        DeleteCluster       ✓✓✓✓✓.✓ ✓✓✓✓✓ ✓.. ..... .
        ListTagsForResource ✓✓✓.... ✓✓✓✓? ✓.. ????? .
        TagResource         ✓✓✓.... ✓✓✓✓? ✓.. ..... .
        UntagResource       ✓✓✓.... ✓✓✓✓? ✓.. ..... .
        OptionsClusters     ······· ····· ··· ····· ·
        ");
        let ids = |checks: &[&CheckInfo]| checks.iter().map(|check| check.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&matrix.without_ground), ["OF-01"]);
        assert!(matrix.not_run.is_empty());
    }

    #[test]
    fn what_no_catalogue_knows_is_shown_as_well() {
        let mut run = example::moto();
        run.checks.clear();
        run.contract.operations.clear();
        let matrix = Matrix::of(&run);
        assert_eq!(matrix.families.len(), 1);
        assert_eq!(matrix.families[0].checks.len(), 21);
        assert_eq!(matrix.rows.len(), 8 - 1);
    }
}
