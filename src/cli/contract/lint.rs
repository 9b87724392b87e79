use std::collections::BTreeSet;

use onrecord::contract::{Grade, Problem, locate};
use serde::Serialize;

use super::super::context::Context;
use super::super::contracts;
use super::super::failure::{End, Failure};
use super::super::format::{Format, json};
use super::Lint;

/// A problem, for programs.
#[derive(Serialize)]
struct Line<'p> {
    level: &'static str,
    file: &'p str,
    line: Option<usize>,
    column: Option<usize>,
    pointer: &'p str,
    problem: &'p str,
    mend: &'p str,
}

pub(super) fn run(args: &Lint, context: &Context) -> Result<End, Failure> {
    let mut problems = Vec::new();
    for contract in contracts::open_all(&args.contracts, &args.overlays)? {
        let mut found = contract.lint();
        look_up(&mut found);
        problems.extend(found);
    }
    match args.format {
        Format::Human => context.say(&human(&problems)),
        Format::Json => context.say(&json(&problems.iter().map(line).collect::<Vec<_>>())),
    }
    let is_clean = problems.iter().all(|problem| problem.grade == Grade::Note);
    Ok(if is_clean { End::Well } else { End::Found })
}

/// Adds lines and columns. A file that has gone since it was loaded leaves them open.
fn look_up(problems: &mut [Problem]) {
    let files: BTreeSet<_> = problems.iter().map(|problem| problem.file.clone()).collect();
    for file in files {
        let bytes = contracts::text_of(&file).unwrap_or_default();
        let _ = locate(problems, &file, &bytes);
    }
    problems.sort_by(|one, other| {
        let place = |problem: &Problem| (problem.file.clone(), problem.line, problem.column);
        place(one).cmp(&place(other))
    });
}

fn line(problem: &Problem) -> Line<'_> {
    Line {
        level: problem.grade.as_str(),
        file: &problem.file,
        line: problem.line,
        column: problem.column,
        pointer: &problem.pointer,
        problem: &problem.problem,
        mend: &problem.mend,
    }
}

/// As compilers write it, so that editors find the places.
fn human(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        let Problem { file, pointer, problem: what, mend, .. } = problem;
        text += file;
        for number in [problem.line, problem.column].into_iter().flatten() {
            text += &format!(":{number}");
        }
        text += &format!(": {}: {what}\n  at {pointer}\n  help: {mend}\n", problem.grade.as_str());
    }
    let count = |grade| problems.iter().filter(|problem| problem.grade == grade).count();
    let [errors, warnings, notes] = [Grade::Error, Grade::Warning, Grade::Note].map(count);
    text + &format!("{errors} errors, {warnings} warnings, {notes} notes\n")
}
