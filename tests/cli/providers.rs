//! The providers that come with the program: each served by the sandbox, judged, recorded, replayed.

use onrecord::contract::{BUILT_IN, Contract};
use serde_json::Value;
use tempfile::tempdir;

use super::support::{onrecord, run};

/// Verdicts of a run on an operation that say something.
fn judged(run: &Value, operation: &str) -> usize {
    let rows = run["matrix"].as_array().unwrap();
    rows.iter()
        .filter(|row| row["operation"] == operation && row["tally"]["passed"].as_u64() > Some(0))
        .count()
}

#[test]
fn every_provider_is_clean_on_the_sandbox_and_in_replay() {
    for (name, _) in BUILT_IN {
        let folder = tempdir().unwrap();
        let file = folder.path().join("run.json");
        let file = file.to_str().unwrap();
        let report = folder.path().join("report");
        let report = report.to_str().unwrap();
        let check = format!("check --contract {name} --sandbox --seed 5 --cases 3");
        let live = run(onrecord(&check).args(["--record", file, "--report", report]));
        let live = live.with(0, &[]);
        let text = std::fs::read_to_string(folder.path().join("report/run.json")).unwrap();
        let judged_run: Value = serde_json::from_str(&text).unwrap();
        let contract = Contract::built_in(name).unwrap().unwrap();
        for operation in &contract.operations {
            assert!(judged(&judged_run, &operation.name) > 0, "{name}: {} is not judged", operation.name);
        }
        let replayed = run(onrecord(&format!("check --contract {name}")).args(["--replay", file]));
        let replayed = replayed.with(0, &[]);
        let verdicts =
            |text: &str| text.lines().find(|line| line.starts_with("verdicts")).map(str::to_owned).unwrap();
        assert_eq!(verdicts(&live.out), verdicts(&replayed.out), "{name}");
        let linted = run(&mut onrecord(&format!("contract lint {name}"))).with(0, &[]);
        assert_eq!(linted.out.trim(), "0 errors, 0 warnings, 0 notes", "{name}");
    }
}
