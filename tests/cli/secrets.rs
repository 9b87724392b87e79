//! What looks like a secret in a cassette, and how it is taken out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{cassette, folder, onrecord, run};

/// What looks like an access key of AWS, though nobody has it.
const KEY: &str = "AKIAQ3EGOVXJ5LQ7TZ2W";

#[test]
fn what_looks_like_a_secret_is_found_told_without_its_value_and_redacted() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let clean = fs::read_to_string(cassette()).unwrap();
    let at = clean.find("\"clusterName\": \"").unwrap() + "\"clusterName\": \"".len();
    fs::write(&path, format!("{}{KEY} {}", &clean[..at], &clean[at..])).unwrap();

    let found = run(onrecord("cassette verify").arg(&path)).with(1, &["change them at the provider"]);
    assert!(found.out.contains("a.json: exchanges[0] CreateCluster: "), "{}", found.out);
    assert!(!found.out.contains(KEY) && !found.err.contains(KEY), "{found:?}");

    let output = folder.path().join("b.json");
    run(onrecord("cassette redact").arg(&path).arg("--output").arg(&output))
        .with(0, &[" exchanges changed in "]);
    assert!(!fs::read_to_string(&output).unwrap().contains(KEY));
    run(onrecord("cassette verify").arg(&output)).with(0, &[]);
    assert!(fs::read_to_string(&path).unwrap().contains(KEY), "the old one is left as it is");
}

#[test]
fn the_cassettes_of_this_repository_hold_none_and_redacting_them_again_changes_nothing() {
    let folder = folder();
    for name in ["story-moto.json", "story-sandbox.json"] {
        let recorded = cassette().with_file_name(name);
        let ended = run(onrecord("cassette verify").arg(&recorded)).with(0, &[]);
        assert!(ended.out.contains(" exchanges, nothing looks like a secret"), "{}", ended.out);
        let once = folder.path().join(name);
        fs::copy(&recorded, &once).unwrap();
        run(onrecord("cassette redact").arg(&once)).with(0, &["onrecord: 0 of "]);
        let before = fs::read(&once).unwrap();
        run(onrecord("cassette redact").arg(&once)).with(0, &["onrecord: 0 of "]);
        assert_eq!(fs::read(&once).unwrap(), before, "byte for byte");
    }
}

#[test]
fn what_a_rule_names_is_found_until_it_is_redacted() {
    let folder = folder();
    let rules = folder.path().join("rules.toml");
    let output = folder.path().join("b.json");
    for (rule, kind, place) in [
        ("pointers = [\"/clusterName\"]", "what a rule calls a secret", "request body"),
        ("patterns = ['orders-(\\d)']", "what a rule calls a secret", "request body"),
        ("headers = [\"user-agent\"]", "a credential", "`user-agent`"),
        ("ids = [\"orders-1\"]", "a name that a rule has replaced", "request body"),
        ("id_patterns = ['orders-\\d']", "a name that a rule has replaced", "request body"),
        ("members = [\"CreateCluster.clusterName\"]", "what the contract calls a secret", "request body"),
    ] {
        fs::write(&rules, format!("[redact]\n{rule}\n")).unwrap();
        let verify = |path: &Path| {
            run(onrecord("cassette verify --format json").arg(path).arg("--config").arg(&rules))
        };
        let found = verify(&cassette()).with(1, &["change them at the provider"]);
        let looked: Value = serde_json::from_str(&found.out).unwrap();
        let first = &looked[0]["found"][0];
        assert_eq!((&first["exchange"], &first["operation"]), (&json!(0), &json!("CreateCluster")), "{rule}");
        assert_eq!(first["kind"], kind, "{rule}");
        assert!(first["place"].as_str().unwrap().contains(place), "{rule}: {first}");
        assert!(!found.out.contains("orders-1"), "{}", found.out);

        let redact = ["cassette redact --output", output.to_str().unwrap()].join(" ");
        run(onrecord(&redact).arg(cassette()).arg("--config").arg(&rules))
            .with(0, &[" exchanges changed in "]);
        let found = verify(&output).with(0, &[]);
        let looked: Value = serde_json::from_str(&found.out).unwrap();
        assert_eq!(looked[0]["found"], json!([]), "{rule}");
        fs::remove_file(&output).unwrap();
    }
}
