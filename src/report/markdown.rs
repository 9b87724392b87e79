//! Markdown for a comment on a pull request or the summary of a CI job.

mod escape;

use std::fmt::Write as _;

use self::escape::{block, cell, code, html, sentence};
use super::evidence::{self, Message};
use super::matrix::{Matrix, Row, State};
use super::visible::{counted, duration, grouped};
use super::{Finding, Overall, Run, Strictness};

/// Findings are written in full up to here, and named after it: GitHub takes comments of 65,536
/// characters at most.
const ENOUGH: usize = 50_000;

/// The run as GitHub-flavoured Markdown.
pub fn render(run: &Run) -> String {
    let mut out = String::new();
    write_head(&mut out, run);
    if let Some(covered) = run.covered() {
        let _ = writeln!(out, "Covered {covered}.\n");
    }
    match run.overview() {
        Some(overview) => write_matrix(&mut out, "contract", &Matrix::of(&overview)),
        None => write_matrix(&mut out, "operation", &Matrix::of(run)),
    }
    let (known, new): (Vec<_>, Vec<_>) = run.findings.iter().partition(|finding| finding.known.is_some());
    write_findings(&mut out, &new);
    write_known(&mut out, &known);
    write_not_tested(&mut out, run);
    write_notes(&mut out, run);
    out
}

// Writing to a string cannot fail: the results below are dropped.

fn write_head(out: &mut String, run: &Run) {
    let counts = run.counts();
    let tally = counts.verdicts;
    let title = cell(&run.contract.title);
    let _ = writeln!(out, "## {} {title}: {}\n", sign(run), headline(run));
    let target = code(&run.target.to_string());
    let contract = code(&run.contract.named());
    let _ = writeln!(
        out,
        "Contract {contract} against {target}, seed `{}`, {} in {}.\n",
        run.seed,
        counted(run.exchanges, "exchange"),
        duration(run.duration_ms)
    );
    let _ = writeln!(
        out,
        "| cases | passed | failed | advisory | not testable | not applicable |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: |\n\
         | {} | {} | {} | {} | {} | {} |\n",
        grouped(counts.cases),
        grouped(tally.passed),
        grouped(tally.failed),
        grouped(tally.advisory),
        grouped(tally.not_testable),
        grouped(tally.not_applicable)
    );
}

fn sign(run: &Run) -> &'static str {
    match run.verdict(Strictness::Normal) {
        Overall::Found | Overall::Stale | Overall::Broken => "❌",
        Overall::NothingTested | Overall::Partial => "⚪",
        Overall::Clean if run.findings.is_empty() => "✅",
        Overall::Clean => "⚠️",
    }
}

fn headline(run: &Run) -> String {
    let counts = run.counts();
    if run.verdict(Strictness::Normal) == Overall::NothingTested {
        return "nothing was tested".to_owned();
    }
    let levels = [
        (counts.must, "MUST"),
        (counts.should, "SHOULD"),
        (counts.advice, "advisory"),
        (counts.known, "known"),
    ];
    let found = levels.iter().filter(|(count, _)| *count > 0);
    let found: Vec<String> = found.map(|(count, level)| format!("{} {level}", grouped(*count))).collect();
    match run.findings.len() {
        0 if run.partial.is_some() => "no findings so far, the run is partial".to_owned(),
        0 => "no findings".to_owned(),
        all => format!("{} ({})", counted(all as u64, "finding"), found.join(", ")),
    }
}

fn write_matrix(out: &mut String, rows: &str, matrix: &Matrix<'_>) {
    if matrix.families.is_empty() {
        return;
    }
    let columns: Vec<_> = matrix.families.iter().flat_map(|family| &family.checks).collect();
    let heads: String = columns.iter().map(|column| format!(" {} |", cell(column.id))).collect();
    let _ = writeln!(out, "| {rows} |{heads}\n| --- |{}", " :---: |".repeat(columns.len()));
    for row in &matrix.rows {
        let _ = writeln!(out, "| {} |{}", cell(row.operation), marks(row));
    }
    let _ = writeln!(
        out,
        "\n✅ passed, ❌ a MUST is broken, ⚠️ a SHOULD is broken, ℹ️ advisory, ❔ not testable, \
         – not applicable, blank: not run\n"
    );
}

fn marks(row: &Row<'_>) -> String {
    let mark = |state| match state {
        State::Must => "❌",
        State::Should => "⚠️",
        State::Advisory => "ℹ️",
        State::Passed => "✅",
        State::NotTestable => "❔",
        State::NotApplicable => "–",
        State::NotRun => "",
    };
    row.marks.iter().flatten().map(|each| format!(" {} |", mark(each.state))).collect()
}

fn write_known(out: &mut String, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    out.push_str(
        "### Known findings\n\n| finding | place | known until | why |\n| --- | --- | --- | --- |\n",
    );
    for (finding, known) in findings.iter().filter_map(|finding| Some((finding, finding.known.as_ref()?))) {
        let Finding { check, name, level, operation, place, .. } = finding;
        let what = cell(&format!("{level} {check} {name}: {operation}"));
        let _ = writeln!(
            out,
            "| {what} | {} | {} | {} |",
            cell(place),
            cell(&known.expires),
            cell(&known.reason)
        );
    }
    out.push('\n');
}

fn write_findings(out: &mut String, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    out.push_str("### Findings\n\n");
    let mut left = findings.iter();
    for finding in left.by_ref() {
        let whole = whole(finding);
        if out.len() + whole.len() > ENOUGH {
            let _ = writeln!(out, "{}\n", summary(finding));
            break;
        }
        out.push_str(&whole);
    }
    let left = left.as_slice();
    if !left.is_empty() {
        let _ = writeln!(out, "{}; `run.json` has all.\n", counted(left.len() as u64, "more finding"));
    }
}

fn summary(finding: &Finding) -> String {
    let Finding { check, name, level, operation, place, .. } = finding;
    let law = format!("{} {}", html(check), html(name));
    format!("<b>{}</b> {law}: <code>{}</code> <code>{}</code>", html(level), html(operation), html(place))
}

fn whole(finding: &Finding) -> String {
    let Finding { expected, actual, documented, count, case, again, curl, .. } = finding;
    let mut out = format!("<details><summary>{}</summary>\n\n", summary(finding));
    let both = format!("expected  {expected}\nactual    {actual}");
    let _ = writeln!(out, "{}\n", block("text", &both));
    let _ = writeln!(out, "Documented: {}\n", sentence(documented));
    let _ = writeln!(out, "Seen {}, shown by {}. Again:\n", counted(*count, "time"), code(case));
    let _ = writeln!(out, "{}\n", block("sh", &format!("{again}\n\n{curl}")));
    if let Some(judged) = finding.evidence.last() {
        let _ = writeln!(out, "{}\n", block("http", &evidence_text(judged)));
    }
    out.push_str("</details>\n\n");
    out
}

fn evidence_text(exchange: &crate::cassette::stored::StoredExchange) -> String {
    let evidence::Shown { request, response } = evidence::shown(exchange, None);
    format!("{}\n\n{}", plain(&request), plain(&response))
}

fn plain(message: &Message) -> String {
    let headers = message.headers.iter().map(|header| format!("\n{}: {}", header.name, header.value));
    let body: Vec<String> = message.lines.iter().map(evidence::Line::text).collect();
    let gap = if body.is_empty() { "" } else { "\n\n" };
    format!("{}{}{gap}{}", message.first_line, headers.collect::<String>(), body.join("\n"))
}

fn write_not_tested(out: &mut String, run: &Run) {
    let groups = run.not_tested();
    if groups.is_empty() {
        return;
    }
    out.push_str("### Not tested\n\n| why | what |\n| --- | --- |\n");
    for group in groups {
        let _ = writeln!(out, "| {} | {} |", cell(group.reason), cell(&group.summary()));
    }
    out.push('\n');
}

fn write_notes(out: &mut String, run: &Run) {
    let notes = run.remarks();
    for note in &notes {
        let _ = writeln!(out, "- {}", cell(note));
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    let _ = writeln!(out, "<sub>{}, {}</sub>", html(&run.program), html(&run.started));
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_summary_for_a_pull_request() {
        let mut run = example::moto();
        run.findings = vec![run.findings.swap_remove(5), run.findings.pop().unwrap()];
        insta::assert_snapshot!(render(&run));
    }

    #[test]
    fn a_clean_run_and_an_empty_one_do_not_look_alike() {
        let title = |run: &Run| render(run).lines().next().unwrap().to_owned();
        insta::assert_snapshot!(title(&example::clean()), @"## ✅ Amazon MSK: no findings");
        insta::assert_snapshot!(title(&example::nothing()), @"## ⚪ Amazon MSK: nothing was tested");
    }

    #[test]
    fn many_findings_fit_in_a_comment() {
        let mut run = example::moto();
        run.findings = (0..40).flat_map(|_| run.findings.clone()).collect();
        let text = render(&run);
        assert!(text.chars().count() < 65_536, "{}", text.chars().count());
        assert!(text.contains("more findings; `run.json` has all."));
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }

    #[test]
    fn values_begin_no_markup() {
        let text = render(&example::filled("</details><script>|\n# x @bob"));
        let mut fenced = false;
        for line in text.lines() {
            fenced ^= line.starts_with("```");
            let outside = line.split('`').step_by(2).any(|part| part.contains("<script"));
            assert!(fenced || !outside && !line.starts_with("# "), "{line}");
        }
        assert!(!fenced);
    }
}
