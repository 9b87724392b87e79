//! The whole page, as the template wants it.

use serde::Serialize;

use super::findings::Item;
use super::table::Table;
use crate::report::matrix::Matrix;
use crate::report::overall::Counts;
use crate::report::visible::{counted, duration, grouped, one_line};
use crate::report::{Case, Overall, Run, Strictness};

/// Everything on the page.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    title: String,
    provider: String,
    program: String,
    banner: Banner,
    facts: Vec<Fact>,
    counts: Vec<Count>,
    /// Contracts as rows, if there are several.
    overview: Option<Table>,
    table: Table,
    findings: Vec<Item>,
    levels: Vec<(&'static str, String, usize)>,
    not_tested: Vec<NotTested>,
    cases: Vec<Row>,
    cases_summary: String,
    notes: Vec<String>,
}

/// The run in one sentence.
#[derive(Debug, Serialize)]
struct Banner {
    class: &'static str,
    sentence: String,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
    code: Option<String>,
}

#[derive(Debug, Serialize)]
struct Count {
    class: &'static str,
    number: String,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct NotTested {
    reason: String,
    operations: Vec<(String, Vec<String>)>,
    cases: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    exchanges: String,
    skipped: Option<String>,
    /// Passed, failed, advisory, not testable, not applicable; empty for none.
    numbers: Vec<(&'static str, String)>,
}

impl Page {
    pub(super) fn of(run: &Run) -> Self {
        let counts = run.counts();
        let matrix = Matrix::of(run);
        Self {
            title: title(run, counts),
            provider: one_line(&run.contract.title).into_owned(),
            program: one_line(&run.program).into_owned(),
            banner: banner(run, counts, &matrix),
            facts: facts(run),
            counts: numbers(run, counts),
            findings: Item::all(run),
            levels: levels(counts),
            not_tested: not_tested(run),
            cases: run.cases.iter().map(row).collect(),
            cases_summary: cases_summary(counts),
            notes: run.remarks().iter().map(|note| one_line(note).into_owned()).collect(),
            overview: run.overview().map(|overview| Table::of(&Matrix::of(&overview)).without_links()),
            table: Table::of(&matrix),
        }
    }
}

fn title(run: &Run, counts: Counts) -> String {
    let said = match (run.verdict(Strictness::Normal), run.findings.len() as u64) {
        (Overall::NothingTested, _) => "nothing tested".to_owned(),
        (Overall::Partial, 0) => "no findings so far".to_owned(),
        (_, 0) => "no findings".to_owned(),
        (_, findings) => format!("{}, {} MUST", counted(findings, "finding"), grouped(counts.must)),
    };
    format!("{}: {said}, seed {}", one_line(&run.contract.title), run.seed)
}

fn banner(run: &Run, counts: Counts, matrix: &Matrix<'_>) -> Banner {
    let tested = |row: &&crate::report::matrix::Row<'_>| {
        row.marks.iter().flatten().filter_map(|mark| mark.cell).any(|cell| cell.tally.tested() > 0)
    };
    let operations = counted(matrix.rows.len() as u64, "operation");
    let tested = format!("{} of {operations} tested", matrix.rows.iter().filter(tested).count());
    let mut levels = Vec::new();
    let by_level = [
        (counts.must, "MUST"),
        (counts.should, "SHOULD"),
        (counts.advice, "advisory"),
        (counts.known, "known"),
    ];
    for (count, level) in by_level {
        if count > 0 {
            levels.push(format!("{} {level}", grouped(count)));
        }
    }
    let findings = format!("{} ({})", counted(run.findings.len() as u64, "finding"), levels.join(", "));
    let (class, sentence) = match run.verdict(Strictness::Normal) {
        Overall::Found => ("must", format!("The provider breaks its contract: {findings}, {tested}.")),
        Overall::Broken => {
            let broken = run.cases.iter().filter(|case| case.broken.is_some()).count() as u64;
            (
                "must",
                format!(
                    "{} could not be judged: see the notes. Else {findings}, {tested}.",
                    counted(broken, "case")
                ),
            )
        }
        Overall::NothingTested => {
            let said = run.about_nothing();
            ("none", format!("Nothing{}.", one_line(said.strip_prefix("nothing").unwrap_or(&said))))
        }
        Overall::Stale => {
            let stale = counted(run.stale().count() as u64, "known finding");
            ("must", format!("{stale} not found any more: see the notes. Else {findings}, {tested}."))
        }
        Overall::Partial => {
            let why = one_line(run.partial.as_deref().unwrap_or_default());
            let findings = if run.findings.is_empty() { "nothing found so far".to_owned() } else { findings };
            ("none", format!("The run is partial ({why}): {findings}, {tested}."))
        }
        Overall::Clean if run.findings.is_empty() => {
            let passed = counted(counts.verdicts.passed, "verdict");
            let untestable = match counts.verdicts.not_testable {
                0 => String::new(),
                count => format!("{} not testable, ", grouped(count)),
            };
            ("passed", format!("Nothing found: {passed} passed, {untestable}{tested}."))
        }
        Overall::Clean => ("should", format!("No MUST is broken: {findings}, {tested}.")),
    };
    Banner { class, sentence }
}

fn facts(run: &Run) -> Vec<Fact> {
    let contract = &run.contract;
    let digest: String = contract.digest.chars().take(12).collect();
    let fact = |name, value: &str, code: Option<&str>| Fact {
        name,
        value: one_line(value).into_owned(),
        code: code.map(|code| one_line(code).into_owned()),
    };
    let mut facts = vec![
        fact("Contract", &contract.named(), Some(&digest)),
        fact("Target", &run.target.to_string(), None),
        fact("Seed", &run.seed.to_string(), None),
        fact("Started", &moment(&run.started), None),
        fact("Took", &duration(run.duration_ms), None),
    ];
    facts.extend(run.covered().map(|covered| fact("Covered", &covered, None)));
    facts
}

/// `2026-03-14 09:26:53 UTC`, or the text as it is if it is no time.
fn moment(text: &str) -> String {
    let Some(at) = crate::exchange::Timestamp::parse(text) else { return text.to_owned() };
    let text = at.to_string().replace('T', " ");
    format!("{} UTC", text.split('.').next().unwrap_or(&text))
}

fn numbers(run: &Run, counts: Counts) -> Vec<Count> {
    let tally = counts.verdicts;
    let all = [
        ("", counts.cases, "cases"),
        ("", run.exchanges, "exchanges"),
        ("passed", tally.passed, "verdicts passed"),
        ("must", tally.failed, "verdicts failed"),
        ("advisory", tally.advisory, "advisory"),
        ("untestable", tally.not_testable, "not testable"),
        ("", tally.not_applicable, "not applicable"),
    ];
    let colour = |class, number| if number == 0 { "" } else { class };
    let count = |(class, number, name)| Count { class: colour(class, number), number: grouped(number), name };
    all.map(count).into()
}

fn levels(counts: Counts) -> Vec<(&'static str, String, usize)> {
    let all = [
        ("must", counts.must, "MUST"),
        ("should", counts.should, "SHOULD"),
        ("advisory", counts.advice, "Advisory"),
        ("known", counts.known, "Known"),
    ];
    let present = all.into_iter().filter(|(_, count, _)| *count > 0);
    present.map(|(class, count, name)| (class, name.to_owned(), count as usize)).collect()
}

fn not_tested(run: &Run) -> Vec<NotTested> {
    let groups = run.not_tested().into_iter().map(|group| {
        let mut operations: Vec<(String, Vec<String>)> = Vec::new();
        for (check, operation) in group.cells {
            let (check, operation) = (one_line(check).into_owned(), one_line(operation).into_owned());
            match operations.iter_mut().find(|(known, _)| *known == operation) {
                Some((_, checks)) => checks.push(check),
                None => operations.push((operation, vec![check])),
            }
        }
        NotTested {
            reason: one_line(group.reason).into_owned(),
            operations,
            cases: group.cases.into_iter().map(|case| one_line(case).into_owned()).collect(),
        }
    });
    groups.collect()
}

fn cases_summary(counts: Counts) -> String {
    let skipped = if counts.skipped == 0 { String::new() } else { format!(", {} skipped", counts.skipped) };
    format!("{}{skipped}", counted(counts.cases, "case"))
}

fn row(case: &Case) -> Row {
    let tally = case.tally;
    let all = [
        ("passed", tally.passed),
        ("must", tally.failed),
        ("advisory", tally.advisory),
        ("untestable", tally.not_testable),
        ("", tally.not_applicable),
    ];
    let number = |(class, count)| match count {
        0 => ("", String::new()),
        count => (class, grouped(count)),
    };
    Row {
        name: one_line(&case.name).into_owned(),
        exchanges: grouped(case.exchanges),
        skipped: case.skipped.as_deref().map(|reason| one_line(reason).into_owned()),
        numbers: all.map(number).into(),
    }
}
