//! What looks like a secret in a cassette, and how it is taken out.

use std::fs;

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
