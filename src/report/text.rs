//! What a terminal shows at the end of a run.

mod laws;
mod palette;

pub use palette::Palette;

use self::palette::Ink;
use super::visible::{counted, duration, grouped, one_line, visible};
use super::{Finding, Overall, Run, Strictness};
use crate::contract::Level;

/// How many findings, the gravest, a terminal shows in full.
const IN_FULL: usize = 12;

/// The run as text: its findings, then one block of counts, what was not tested, and notes.
pub fn render(run: &Run, palette: Palette) -> String {
    let mut out = String::new();
    let (known, new): (Vec<&Finding>, Vec<_>) = run.findings.iter().partition(|it| it.known.is_some());
    let (shown, others) = new.split_at(new.len().min(IN_FULL));
    for finding in shown {
        write_finding(&mut out, finding, palette);
        out.push('\n');
    }
    for group in others.chunk_by(is_alike) {
        write_group(&mut out, group, palette);
    }
    if !others.is_empty() {
        line(
            &mut out,
            &format!("({} more in these lines; a report has them in full: --report DIR)\n", others.len()),
        );
    }
    for finding in known {
        write_known(&mut out, finding, palette);
    }
    laws::write(&mut out, run, palette);
    write_counts(&mut out, run, palette);
    out
}

/// A finding that is known, with its reason.
fn write_known(out: &mut String, finding: &Finding, palette: Palette) {
    let Some(known) = &finding.known else { return };
    write_head(out, finding, palette);
    let why = format!("until {}: {}", known.expires, known.reason);
    write_field(out, "known", &why, palette);
    out.push('\n');
}

fn write_finding(out: &mut String, finding: &Finding, palette: Palette) {
    write_head(out, finding, palette);
    for (name, value) in [
        ("expected", &finding.expected),
        ("actual", &finding.actual),
        ("documented", &finding.documented),
        ("case", &finding.case),
        ("again", &finding.again),
        ("curl", &finding.curl),
    ] {
        write_field(out, name, value, palette);
    }
}

/// Whether two findings are of one law on one operation.
fn is_alike(one: &&Finding, other: &&Finding) -> bool {
    (&one.check, &one.operation, &one.level) == (&other.check, &other.operation, &other.level)
}

/// The findings of one law on one operation in a line: the first, and how many places more.
fn write_group(out: &mut String, group: &[&Finding], palette: Palette) {
    let Some(first) = group.first() else { return };
    write_head(out, first, palette);
    if group.len() > 1 {
        out.pop();
        line(out, &format!(", and {} more places", group.len() - 1));
    }
}

fn write_head(out: &mut String, finding: &Finding, palette: Palette) {
    let ink = match finding.gravity() {
        Level::Must => Ink::Bad,
        Level::Should => Ink::Doubtful,
        Level::Advisory | Level::Info => Ink::Plain,
    };
    let law = format!("{} {}", one_line(&finding.check), one_line(&finding.name));
    let seen = if finding.count == 1 { String::new() } else { format!("  {} times", grouped(finding.count)) };
    let level = palette.paint(ink, &format!("{:<6}", one_line(&finding.level)));
    let (operation, place) = (one_line(&finding.operation), one_line(&finding.place));
    line(out, &format!("{level}  {}  {operation}  {place}{seen}", palette.paint(Ink::Strong, &law)));
}

/// A name and its value; further lines of the value stand below its first.
fn write_field(out: &mut String, name: &str, value: &str, palette: Palette) {
    let value = visible(value);
    let mut lines = value.lines();
    let name = palette.paint(Ink::Faint, &format!("{name:<10}"));
    line(out, &format!("        {name}  {}", lines.next().unwrap_or("-")));
    for more in lines {
        line(out, &format!("{:20}{more}", ""));
    }
}

fn write_counts(out: &mut String, run: &Run, palette: Palette) {
    let counts = run.counts();
    let tally = counts.verdicts;
    let (contract, target) = (run.contract.named(), run.target.to_string());
    let (ran, exchanges) = (counted(counts.cases, "case"), counted(run.exchanges, "exchange"));
    line(out, &format!("{} against {}", one_line(&contract), one_line(&target)));
    line(out, &format!("{ran}, {exchanges}, seed {}, {}", run.seed, duration(run.duration_ms)));
    write_part(
        out,
        "verdicts",
        &format!(
            "{} passed, {} failed, {} advisory, {} not applicable, {} not testable",
            grouped(tally.passed),
            grouped(tally.failed),
            grouped(tally.advisory),
            grouped(tally.not_applicable),
            grouped(tally.not_testable)
        ),
    );
    if let Some(covered) = run.covered() {
        write_part(out, "covered", &covered);
    }
    write_part(out, "findings", &verdict(run, palette));
    for group in run.not_tested() {
        let what = format!("{} ({})", group.reason, group.summary());
        write_part(out, "not tested", &one_line(&what));
    }
    for note in run.remarks() {
        write_part(out, "note", &one_line(&note));
    }
}

/// The value is on one line already.
fn write_part(out: &mut String, name: &str, value: &str) {
    line(out, &format!("{name:<12}{value}"));
}

fn verdict(run: &Run, palette: Palette) -> String {
    let counts = run.counts();
    match run.verdict(Strictness::Normal) {
        Overall::NothingTested => palette.paint(Ink::Bad, &one_line(&run.about_nothing())),
        Overall::Stale => {
            let stale = counted(run.stale().count() as u64, "known finding");
            palette.paint(Ink::Bad, &format!("{stale} not found any more: see the notes"))
        }
        Overall::Partial if run.findings.is_empty() => {
            palette.paint(Ink::Doubtful, "none so far: the run is partial")
        }
        Overall::Clean if run.findings.is_empty() => palette.paint(Ink::Good, "none"),
        overall => {
            let ink = if overall == Overall::Found { Ink::Bad } else { Ink::Doubtful };
            let (must, should, advice) = (counts.must, counts.should, counts.advice);
            let known = if counts.known > 0 { format!(", {} known", counts.known) } else { String::new() };
            palette.paint(ink, &format!("{must} MUST, {should} SHOULD, {advice} advisory{known}"))
        }
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_finding_has_all_that_it_takes_to_see_it_again() {
        let mut run = example::moto();
        run.findings = vec![run.findings.swap_remove(1), run.findings.pop().unwrap()];
        insta::assert_snapshot!(render(&run, Palette::Plain), @r#"
        MUST    SH-03 shape.timestamps  ListClusters  response body /clusterInfoList/2/creationTime  9 times
                expected    a date-time with an offset, as 2026-03-14T09:26:53.118Z
                actual      "2026-03-14T09:26:53.118302"
                documented  Amazon MSK API Reference: Clusters, GET <https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html#clustersget>
                case        ListClusters/timestamps
                again       onrecord check --contract msk --target http://127.0.0.1:5000 --seed 7 ListClusters/timestamps
                curl        curl -sS -o /dev/null -X POST 'http://127.0.0.1:5000/v1/clusters' -H 'content-type: application/json' --data-raw '{"clusterName":"orders","kafkaVersion":"3.6.0","numberOfBrokerNodes":3,"brokerNodeGroupInfo":{"clientSubnets":["subnet-0a1b2c3d","subnet-4e5f6071","subnet-8293a4b5"],"instanceType":"kafka.m5.large"}}' --aws-sigv4 aws:amz:us-east-1:kafka --user "${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}" ${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}
                            curl -sS -i -X GET 'http://127.0.0.1:5000/v1/clusters' --aws-sigv4 aws:amz:us-east-1:kafka --user "${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}" ${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}

        SHOULD  CT-01 content-type.documented  CreateCluster  response header content-type  9 times
                expected    application/json
                actual      text/html; charset=utf-8
                documented  Amazon MSK API Reference: Clusters, GET <https://docs.aws.amazon.com/msk/1.0/apireference/clusters.html#clustersget>
                case        CreateCluster/documented
                again       onrecord check --contract msk --target http://127.0.0.1:5000 --seed 7 CreateCluster/documented
                curl        curl -sS -i -X POST 'http://127.0.0.1:5000/v1/clusters' -H 'content-type: application/json' --data-raw '{"clusterName":"orders","kafkaVersion":"3.6.0","numberOfBrokerNodes":3,"brokerNodeGroupInfo":{"clientSubnets":["subnet-0a1b2c3d","subnet-4e5f6071","subnet-8293a4b5"],"instanceType":"kafka.m5.large"}}' --aws-sigv4 aws:amz:us-east-1:kafka --user "${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}" ${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}

        msk 2018-11-14 against http://127.0.0.1:5000
        309 cases, 772 exchanges, seed 7, 8.4 s
        verdicts    2,512 passed, 72 failed, 1 advisory, 1,759 not applicable, 42 not testable
        findings    1 MUST, 1 SHOULD, 0 advisory
        not tested  the list fits on one page: no token was handed out (PG-T02, PG-T05 on ListClusters; 5 checks on ListTagsForResource)
        not tested  every error came as text/html, which says nothing to read (4 checks on DescribeCluster; ER-14 on ListTagsForResource; ER-14 on TagResource; ER-14 on UntagResource)
        not tested  no cluster was left to delete (3 cases)
        note        4 operations create or change things and were run because of --allow
        note        3 clusters were created, 3 deleted; the ledger is empty
        "#);
    }

    #[test]
    fn a_clean_run_and_an_empty_one_do_not_look_alike() {
        let part = |run: &Run| {
            let text = render(run, Palette::Plain);
            text.lines().find(|line| line.starts_with("findings")).unwrap().to_owned()
        };
        insta::assert_snapshot!(part(&example::clean()), @"findings    none");
        insta::assert_snapshot!(part(&example::nothing()), @"findings    nothing was tested: this run says nothing about the provider");
    }

    #[test]
    fn colour_only_adds_to_the_text() {
        let run = example::moto();
        let plain = render(&run, Palette::Plain);
        let mut painted = render(&run, Palette::Colour);
        assert!(!plain.contains('\u{1b}'));
        for code in ["1", "2", "31", "33", "0"] {
            assert!(painted.contains(&format!("\u{1b}[{code}m")), "{code}");
            painted = painted.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(
            painted.split_whitespace().collect::<Vec<_>>(),
            plain.split_whitespace().collect::<Vec<_>>()
        );
    }

    #[test]
    fn no_value_steers_the_terminal() {
        let text = render(&example::filled("\u{1b}]0;owned\u{7}\r\n\u{202e}"), Palette::Plain);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']));
    }
}
