//! JUnit XML, as CI systems read it: a suite for each operation, a test case for each case.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::operation_of;
use super::visible::{counted, one_line, visible};
use super::{Case, Finding, Overall, Run, Strictness};

/// The run as JUnit XML. A finding that breaks the run is a failure of the case that shows it
/// best; any other finding is told in that case's output.
pub fn render(run: &Run, strictness: Strictness) -> String {
    let mut report = Report::new(name(run));
    report.set_time(Duration::from_millis(run.duration_ms));
    for operation in operations(run) {
        report.add_test_suite(suite(run, operation, strictness));
    }
    if run.verdict(strictness) == Overall::NothingTested {
        report.add_test_suite(of_run("something is tested", &run.about_nothing()));
    }
    for known in run.stale() {
        let why = format!("it is not found any more: take it out of the baseline ({})", known.reason);
        report.add_test_suite(of_run(&format!("the known finding {} is found", known.what()), &why));
    }
    if let Some(why) = &run.partial {
        report.add_test_suite(of_run("every case is run", &format!("the run is partial: {why}")));
    }
    report.to_string().expect("a report is written to memory")
}

fn name(run: &Run) -> String {
    format!("{} against {}", one_line(&run.contract.id), one_line(&run.target.to_string()))
}

/// In the contract's order; what only cases or findings name comes last.
fn operations(run: &Run) -> Vec<&str> {
    let named = run.cases.iter().map(Case::operation).chain(run.findings.iter().map(suite_of));
    let named: Vec<&str> = named.collect();
    let documented = run.contract.operations.iter().map(String::as_str);
    let mut all: Vec<&str> = documented.filter(|operation| named.contains(operation)).collect();
    for operation in named {
        if !all.contains(&operation) {
            all.push(operation);
        }
    }
    all
}

fn suite_of(finding: &Finding) -> &str {
    operation_of(&finding.case)
}

fn suite(run: &Run, operation: &str, strictness: Strictness) -> TestSuite {
    let mut suite = TestSuite::new(one_line(operation).as_ref());
    for case in run.cases.iter().filter(|case| case.operation() == operation) {
        let own = run.findings.iter().filter(|finding| finding.case == case.name);
        suite.add_test_case(test_case(case, &own.collect::<Vec<_>>(), strictness));
    }
    // A finding must not get lost because its case is not listed.
    let listed = |finding: &Finding| run.cases.iter().any(|case| case.name == finding.case);
    for finding in run.findings.iter().filter(|finding| suite_of(finding) == operation) {
        if !listed(finding) {
            suite.add_test_case(found(&finding.case, operation, &[finding], strictness));
        }
    }
    suite
}

fn test_case(case: &Case, own: &[&Finding], strictness: Strictness) -> TestCase {
    match (&case.broken, &case.skipped) {
        (Some(reason), _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(one_line(reason).as_ref());
            titled(&case.name, case.operation(), status)
        }
        (None, Some(reason)) if own.is_empty() => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(reason).as_ref());
            titled(&case.name, case.operation(), status)
        }
        _ => found(&case.name, case.operation(), own, strictness),
    }
}

fn found(name: &str, operation: &str, own: &[&Finding], strictness: Strictness) -> TestCase {
    let breaks = |finding: &&&Finding| finding.breaks(strictness);
    let breaking: Vec<&Finding> = own.iter().filter(breaks).copied().collect();
    let others: Vec<&Finding> = own.iter().filter(|finding| !breaks(finding)).copied().collect();
    let status = match breaking.as_slice() {
        [] => TestCaseStatus::success(),
        [first, ..] => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(one_line(&first.name).as_ref());
            status.set_message(message(&breaking));
            status.set_description(bodies(&breaking));
            status
        }
    };
    let mut case = titled(name, operation, status);
    if !others.is_empty() {
        case.set_system_out(bodies(&others));
    }
    case
}

fn titled(name: &str, operation: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(one_line(name).as_ref(), status);
    case.set_classname(one_line(operation).as_ref());
    case
}

fn message(findings: &[&Finding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let Finding { check, name, place, expected, actual, .. } = first;
    let more = match findings.len() - 1 {
        0 => String::new(),
        more => format!(" (and {})", counted(more as u64, "more finding")),
    };
    let message = format!("{check} {name}: {place}: expected {expected}, actual {actual}{more}");
    one_line(&message).into_owned()
}

fn bodies(findings: &[&Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let Finding { check, name, level, place, expected, actual, documented, again, curl, .. } = finding;
        let seen = counted(finding.count, "time");
        if let Some(known) = &finding.known {
            let _ = write!(out, "\nknown until {}: {}", known.expires, known.reason);
        }
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\n{level} {check} {name}, seen {seen}\nplace: {place}\nexpected: {expected}\nactual: {actual}\n\
             documented: {documented}\nagain: {again}\n\n{curl}\n"
        );
    }
    visible(&out).into_owned()
}

/// What is wrong with the run as a whole: an empty report counts as green nearly everywhere.
fn of_run(demand: &str, why: &str) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(one_line(why).as_ref());
    let mut suite = TestSuite::new("run");
    suite.add_test_case(titled(&one_line(demand), "run", status));
    suite
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::super::example;
    use super::*;

    #[test]
    fn findings_are_failures_of_their_cases() {
        let mut run = example::moto();
        run.cases.drain(3..90);
        run.cases.drain(5..);
        run.cases[0].name.clone_from(&run.findings[5].case);
        run.findings =
            vec![run.findings.swap_remove(5), run.findings.pop().unwrap(), run.findings.swap_remove(0)];
        insta::assert_snapshot!(render(&run, Strictness::Normal));
    }

    #[test]
    fn what_does_not_break_the_run_is_no_failure() {
        let run = example::moto();
        let failures = |strictness| render(&run, strictness).matches("<failure").count();
        assert_eq!(failures(Strictness::Strict), failures(Strictness::Normal) + 1);
        assert!(!render(&example::clean(), Strictness::Strict).contains("<failure"));
    }

    #[test]
    fn nothing_tested_is_an_error() {
        insta::assert_snapshot!(render(&example::nothing(), Strictness::Normal), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="msk against http://127.0.0.1:5000" tests="1" skipped="0" failures="0" errors="1" time="8.449">
            <testsuite name="run" tests="1" skipped="0" errors="1" failures="0">
                <testcase name="something is tested" classname="run">
                    <error message="nothing was tested: this run says nothing about the provider"/>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_text_makes_xml(text in any::<String>()) {
            let xml = render(&example::filled(&text), Strictness::Normal);
            Report::deserialize_from_str(&xml).unwrap();
        }
    }
}
