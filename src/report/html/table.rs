//! The matrix and its legend, as the template wants them.

use serde::Serialize;

use super::findings::{Link, documented};
use crate::report::CheckInfo;
use crate::report::matrix::{Column, Family, Mark, Matrix, Row, State};
use crate::report::visible::{counted, one_line};

/// The matrix.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    families: Vec<Heads>,
    rows: Vec<Line>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    without_ground: Vec<(String, String)>,
    not_run: Vec<(String, String)>,
}

/// The column heads of a family.
#[derive(Debug, Serialize)]
struct Heads {
    title: String,
    checks: Vec<Head>,
}

/// One column.
#[derive(Debug, Serialize)]
struct Head {
    id: String,
    name: String,
    level: String,
    says: String,
    documented: Vec<Link>,
}

/// One operation.
#[derive(Debug, Serialize)]
struct Line {
    operation: String,
    cells: Vec<Tile>,
}

/// One cell.
#[derive(Debug, Serialize)]
struct Tile {
    class: &'static str,
    symbol: &'static str,
    /// How often, where that matters.
    count: Option<u64>,
    /// In words, for a pointer and for a screen reader.
    words: String,
    /// The anchor of the gravest finding.
    link: Option<String>,
    /// Whether a family begins here.
    first: bool,
}

impl Table {
    pub(super) fn of(matrix: &Matrix<'_>) -> Self {
        let name =
            |check: &&CheckInfo| (one_line(&check.id).into_owned(), one_line(&check.name).into_owned());
        Self {
            families: matrix.families.iter().map(heads).collect(),
            rows: matrix.rows.iter().map(|row| line(matrix, row)).collect(),
            legend: State::ALL.map(|(state, name)| (class(state), state.symbol(), name)).into(),
            without_ground: matrix.without_ground.iter().map(name).collect(),
            not_run: matrix.not_run.iter().map(name).collect(),
        }
    }
}

impl Table {
    /// The same where its findings have no place of their own.
    pub(super) fn without_links(mut self) -> Self {
        self.rows.iter_mut().flat_map(|row| &mut row.cells).for_each(|tile| tile.link = None);
        self
    }
}

pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Must => "must",
        State::Should => "should",
        State::Advisory => "advisory",
        State::Passed => "passed",
        State::NotTestable => "untestable",
        State::NotApplicable => "blank",
        State::NotRun => "unrun",
    }
}

fn heads(family: &Family<'_>) -> Heads {
    let title = one_line(&family.title).into_owned();
    Heads { title, checks: family.checks.iter().map(head).collect() }
}

fn head(column: &Column<'_>) -> Head {
    let text = |value: fn(&CheckInfo) -> &String| {
        column.check.map(|check| one_line(value(check)).into_owned()).unwrap_or_default()
    };
    Head {
        id: one_line(column.id).into_owned(),
        name: text(|check| &check.name),
        level: text(|check| &check.level),
        says: text(|check| &check.says),
        documented: column.check.map(|check| documented(&check.documented)).unwrap_or_default(),
    }
}

fn line(matrix: &Matrix<'_>, row: &Row<'_>) -> Line {
    let mut cells = Vec::new();
    for (family, marks) in matrix.families.iter().zip(&row.marks) {
        for (at, (column, mark)) in family.checks.iter().zip(marks).enumerate() {
            cells.push(tile(row.operation, column.id, mark, at == 0));
        }
    }
    Line { operation: one_line(row.operation).into_owned(), cells }
}

fn tile(operation: &str, check: &str, mark: &Mark<'_>, first: bool) -> Tile {
    let broken = matches!(mark.state, State::Must | State::Should | State::Advisory);
    Tile {
        class: class(mark.state),
        symbol: mark.state.symbol(),
        count: broken.then_some(mark.count),
        words: one_line(&format!("{check} on {operation}: {}", words(mark))).into_owned(),
        link: mark.finding.filter(|_| broken).map(|finding| finding.anchor()),
        first,
    }
}

fn words(mark: &Mark<'_>) -> String {
    let Some(cell) = mark.cell else { return "not run".to_owned() };
    let tally = cell.tally;
    let all = [
        (tally.failed, "failed"),
        (tally.advisory, "advisory"),
        (tally.passed, "passed"),
        (tally.not_testable, "not testable"),
    ];
    let said = all.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, name)| format!("{name} {}", counted(*count, "time"))).collect();
    let said = if said.is_empty() { "not applicable".to_owned() } else { said.join(", ") };
    if cell.reasons.is_empty() { said } else { format!("{said} ({})", cell.reasons.join("; ")) }
}
