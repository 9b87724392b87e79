//! SARIF, as other programs read it.

use std::fs;
use std::path::Path;

use crate::support::{folder, onrecord, run};

/// What of SARIF 2.1.0 we write, as the standard has it: sections 3.13 to 3.49.
fn demands() -> serde_json::Value {
    let object = |required: &[&str], properties: serde_json::Value| {
        serde_json::json!({
            "type": "object", "required": required, "properties": properties, "additionalProperties": false
        })
    };
    let text = || serde_json::json!({"type": "string", "minLength": 1});
    let message = || object(&["text"], serde_json::json!({"text": text()}));
    let level = || serde_json::json!({"enum": ["none", "note", "warning", "error"]});
    let list = |of: serde_json::Value| serde_json::json!({"type": "array", "items": of});
    let rule = object(
        &["id"],
        serde_json::json!({
            "id": text(), "name": text(), "shortDescription": message(), "help": message(),
            "helpUri": {"type": "string", "pattern": "^https?://"},
            "defaultConfiguration": object(&[], serde_json::json!({"level": level()})),
        }),
    );
    let artifact = object(&["uri"], serde_json::json!({"uri": {"type": "string", "pattern": "^[!-~]+$"}}));
    let number = || serde_json::json!({"type": "integer", "minimum": 1});
    let region = object(&["startLine"], serde_json::json!({"startLine": number(), "startColumn": number()}));
    let physical = object(
        &["artifactLocation", "region"],
        serde_json::json!({"artifactLocation": artifact, "region": region}),
    );
    let logical = object(&[], serde_json::json!({"fullyQualifiedName": text(), "kind": text()}));
    let location = object(
        &["physicalLocation"],
        serde_json::json!({"physicalLocation": physical, "logicalLocations": list(logical)}),
    );
    let suppression = object(
        &["kind"],
        serde_json::json!({"kind": {"enum": ["inSource", "external"]}, "justification": text()}),
    );
    let result = object(
        &["message", "ruleId", "ruleIndex", "locations"],
        serde_json::json!({
            "ruleId": text(), "ruleIndex": {"type": "integer", "minimum": 0}, "kind": {"const": "fail"},
            "level": level(), "message": message(), "locations": list(location),
            "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
            "occurrenceCount": number(), "suppressions": list(suppression), "properties": {"type": "object"},
        }),
    );
    let notification = object(&["message"], serde_json::json!({"message": message(), "level": level()}));
    let invocation = object(
        &["executionSuccessful"],
        serde_json::json!({
            "executionSuccessful": {"type": "boolean"}, "toolExecutionNotifications": list(notification),
            "startTimeUtc": {"type": "string", "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$"},
        }),
    );
    let driver =
        object(&["name"], serde_json::json!({"name": text(), "version": text(), "rules": list(rule)}));
    let run = object(
        &["tool", "results"],
        serde_json::json!({
            "tool": object(&["driver"], serde_json::json!({"driver": driver})),
            "automationDetails": object(&[], serde_json::json!({"id": text()})),
            "invocations": list(invocation), "results": list(result),
            "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        }),
    );
    object(
        &["version", "runs"],
        serde_json::json!({"$schema": text(), "version": {"const": "2.1.0"}, "runs": list(run)}),
    )
}

#[test]
fn sarif_is_as_its_standard_has_it_and_points_into_the_contracts() {
    let folder = folder();
    let (report, own) = (folder.path().join("report"), folder.path().join("my model.json"));
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/eks.json"), &own).unwrap();
    let mut check = onrecord(
        "check --contract msk --cases 1 --sandbox --fault response.other-status ListClusters/valid --contract",
    );
    run(check.arg("my model.json").arg("--report").arg(&report).current_dir(folder.path())).with(1, &[]);
    let text = fs::read_to_string(report.join("report.sarif")).unwrap();
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&demands()).unwrap();
    let wrong: Vec<_> =
        validator.iter_errors(&log).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
    }
    let physical = |at: usize| &results[at]["locations"][0]["physicalLocation"];
    assert_eq!(physical(0)["artifactLocation"]["uri"], "built-in:msk");
    assert_eq!(physical(1)["artifactLocation"]["uri"], "my%20model.json");
    let line = physical(1)["region"]["startLine"].as_u64().unwrap() as usize;
    let told = fs::read_to_string(&own).unwrap().lines().nth(line - 1).unwrap().to_owned();
    assert!(told.contains("#ListClusters\": {"), "{told}");
    let again = folder.path().join("again.sarif");
    run(onrecord("report").arg(report.join("run.json")).arg("--sarif").arg(&again)).with(1, &[]);
    assert_eq!(fs::read_to_string(again).unwrap(), text);
}
