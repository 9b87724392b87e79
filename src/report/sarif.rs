//! SARIF 2.1.0, as code hosts and editors read it: every finding points into the contract's file.

use serde_json::{Map, Value, json};

use super::links::{Piece, pieces};
use super::visible::{one_line, visible};
use super::{CheckInfo, Finding, Overall, Run, Strictness};
use crate::contract::{Level, Location};
use crate::encoding::percent_encode_path;

/// Where the format is described, for editors.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The run as SARIF.
pub fn render(run: &Run, strictness: Strictness) -> String {
    let (name, version) = run.program.split_once(' ').unwrap_or((&run.program, ""));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": one_line(name),
                "version": one_line(version),
                "rules": run.checks.iter().map(rule).collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": one_line(&format!("onrecord/{}/", run.contract.id))},
            "invocations": [invocation(run)],
            "columnKind": "unicodeCodePoints",
            "results": run.findings.iter().map(|finding| result(run, finding, strictness)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// A law.
fn rule(check: &CheckInfo) -> Value {
    let mut rule = json!({
        "id": one_line(&check.id),
        "name": one_line(&check.name),
        "shortDescription": {"text": text(&check.says)},
        "help": {"text": text(&check.documented)},
        "defaultConfiguration": {"level": level(gravity(&check.level), Strictness::Normal)},
    });
    let link = pieces(&check.documented).into_iter().find_map(|piece| match piece {
        Piece::Link { url, .. } => Some(url),
        Piece::Text(_) => None,
    });
    if let Some(url) = link {
        rule["helpUri"] = one_line(url).into();
    }
    rule
}

/// How the run went: what a reader must know of it.
fn invocation(run: &Run) -> Value {
    let notes =
        run.remarks().into_iter().map(|note| json!({"message": {"text": text(&note)}, "level": "note"}));
    let says_something = !matches!(run.verdict(Strictness::Normal), Overall::Broken | Overall::NothingTested);
    let complete = says_something && run.partial.is_none();
    let mut invocation =
        json!({"executionSuccessful": complete, "toolExecutionNotifications": notes.collect::<Vec<_>>()});
    if crate::exchange::Timestamp::parse(&run.started).is_some() {
        invocation["startTimeUtc"] = run.started.as_str().into();
    }
    invocation
}

fn result(run: &Run, finding: &Finding, strictness: Strictness) -> Value {
    let Finding { check, operation, place, expected, actual, count, case, again, .. } = finding;
    let said = format!("{operation}, {place}: expected {expected}, got {actual}");
    let mut result = json!({
        "ruleId": one_line(check),
        "kind": "fail",
        "level": level(finding.gravity(), strictness),
        "message": {"text": text(&said)},
        "locations": [location(finding)],
        "partialFingerprints": {"finding/v1": finding.anchor()},
        "occurrenceCount": (*count).max(1),
        "properties": {
            "place": visible(place), "case": visible(case), "again": visible(again),
            "documented": visible(&finding.documented),
        },
    });
    if let Some(index) = run.checks.iter().position(|known| known.id == *check) {
        result["ruleIndex"] = index.into();
    }
    result["suppressions"] = match &finding.known {
        Some(known) => json!([{"kind": "external", "justification": text(&known.reason)}]),
        None => json!([]),
    };
    result
}

/// Where the contract speaks of it.
fn location(finding: &Finding) -> Value {
    let mut location = Map::new();
    if let Some(Location { file, line, column, .. }) = &finding.stands {
        let mut region = json!({"startLine": line.unwrap_or(1)});
        if let (Some(_), Some(column)) = (line, column) {
            region["startColumn"] = (*column).into();
        }
        let physical = json!({"artifactLocation": {"uri": uri(file)}, "region": region});
        location.insert("physicalLocation".to_owned(), physical);
    }
    let logical = json!([{"fullyQualifiedName": one_line(&finding.operation), "kind": "function"}]);
    location.insert("logicalLocations".to_owned(), logical);
    location.into()
}

/// A file as a URI: a relative one stays relative.
fn uri(file: &str) -> String {
    let path = percent_encode_path(&file.replace('\\', "/")).replace(':', "%3A");
    match file.strip_prefix("built-in:") {
        Some(name) => format!("built-in:{}", percent_encode_path(name)),
        None if path.starts_with('/') => format!("file://{path}"),
        None => path,
    }
}

/// How grave SARIF calls it. Whatever breaks the run is an error.
fn level(level: Level, strictness: Strictness) -> &'static str {
    match (level, strictness) {
        (Level::Must, _) | (Level::Should, Strictness::Strict) => "error",
        (Level::Should, Strictness::Normal) => "warning",
        (Level::Advisory | Level::Info, _) => "note",
    }
}

fn gravity(level: &str) -> Level {
    super::run::gravity(level)
}

/// A message may not be empty.
fn text(value: &str) -> String {
    if value.is_empty() { "-".to_owned() } else { visible(value).into_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};

    use super::super::example;
    use super::*;

    fn parsed(run: &Run, strictness: Strictness) -> Value {
        serde_json::from_str(&render(run, strictness)).unwrap()
    }

    #[test]
    fn a_finding_is_a_result_of_its_rule_that_points_into_the_contract() {
        let mut run = example::moto();
        let stands = |file: &str, line| Location {
            file: file.to_owned(),
            pointer: "/shapes".to_owned(),
            line,
            column: line,
        };
        run.findings[0].stands = Some(stands("contracts/my model.json", Some(12)));
        run.findings[1].stands = Some(stands("/srv/a:b.json", None));
        let log = parsed(&run, Strictness::Normal);
        let run_log = &log["runs"][0];
        for (finding, result) in run.findings.iter().zip(run_log["results"].as_array().unwrap()) {
            let rule = &run_log["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
            assert_eq!(rule["id"], finding.check);
        }
        let physical = |at: usize| &run_log["results"][at]["locations"][0]["physicalLocation"];
        assert_eq!(physical(0)["artifactLocation"]["uri"], "contracts/my%20model.json");
        assert_eq!(physical(0)["region"], json!({"startLine": 12, "startColumn": 12}));
        assert_eq!(physical(1)["artifactLocation"]["uri"], "file:///srv/a%3Ab.json");
        assert_eq!(physical(1)["region"], json!({"startLine": 1}));
        assert_eq!(uri("built-in:msk"), "built-in:msk");
    }

    #[test]
    fn levels_follow_from_what_breaks_the_run_and_what_is_known_is_suppressed() {
        let mut run = example::moto();
        let of = |run: &Run, strictness| {
            let log = parsed(run, strictness);
            let levels = log["runs"][0]["results"].as_array().unwrap().iter();
            levels.map(|result| result["level"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let errors = |levels: Vec<String>| levels.iter().filter(|level| *level == "error").count();
        assert_eq!(errors(of(&run, Strictness::Normal)), 7);
        assert_eq!(errors(of(&run, Strictness::Strict)), 8);
        run = example::filled("issue 12");
        let log = parsed(&run, Strictness::Normal);
        let suppressed = |at: usize| &log["runs"][0]["results"][at]["suppressions"];
        assert_eq!(*suppressed(2), json!([{"kind": "external", "justification": "issue 12"}]));
        assert_eq!(*suppressed(3), json!([]));
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_uri_has_no_letter_that_none_may_have(file in any::<String>()) {
            let uri = uri(&file);
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)), "{uri}");
        }
    }
}
