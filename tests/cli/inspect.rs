//! `onrecord contract`, and overlays wherever a contract is named.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{folder, onrecord, run};

/// A folder with a small model of the service that `docs/contracts.md` takes as its example.
fn registries() -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("schemas.json");
    fs::write(&path, include_str!("registries.json")).unwrap();
    (folder, path)
}

/// The overlay in `docs/contracts.md`, as a reader would copy it.
fn documented() -> &'static str {
    let page = include_str!("../../docs/contracts.md");
    let start = page.split_once("```yaml\n").unwrap().1;
    start.split_once("```").unwrap().0
}

fn json(words: &str, path: &Path) -> Value {
    let ended = run(onrecord(words).arg(path).args(["--format", "json"])).with(0, &[]);
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn the_documented_overlay_does_what_the_page_says() {
    let (folder, model) = registries();
    fs::write(folder.path().join("schemas.overlay.yaml"), documented()).unwrap();
    let linted = run(onrecord("contract lint").arg(&model)).with(0, &[]);
    assert!(linted.out.ends_with("0 errors, 0 warnings, 1 notes\n"), "{}", linted.out);

    let shown = run(onrecord("contract show").arg(&model).arg("ListRegistries")).with(0, &[]).out;
    for part in [
        "ListRegistries  GET /v1/registries  read",
        "items are told apart by RegistryArn",
        "filter RegistryNamePrefix: RegistryName starts with it",
        "unique      RegistryName, else ConflictException",
        "documented in EventBridge Schema Registry API Reference: registries, GET <",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }

    let mut check = onrecord("check --sandbox --contract");
    let checked = run(check.arg(&model).arg("Registr")).with(0, &[]).out;
    assert!(checked.contains("ListRegistries/filter/RegistryNamePrefix"), "{checked}");
    assert!(!checked.contains(" 0 resources created"), "{checked}");
}

#[test]
fn every_command_takes_overlays() {
    let (folder, model) = registries();
    let wrong = folder.path().join("wrong.yaml");
    fs::write(&wrong, "operations:\n  ListRegistries:\n    pageSize: {maximum: many}\n").unwrap();
    let cassette = crate::support::cassette();
    let replay = format!("replay --cassette {} --listen 127.0.0.1:0 --contract", cassette.display());
    for words in [
        "contract show",
        "contract lint",
        "check --sandbox --contract",
        "sandbox --listen 127.0.0.1:0 --contract",
        "record --cassette /no/such/folder/a.json --upstream http://127.0.0.1:1 --contract",
        &replay,
    ] {
        let mut command = onrecord(words);
        let told = [
            "wrong.yaml:3:16: the value must be an integer (at /operations/ListRegistries/pageSize/maximum)",
        ];
        run(command.arg(&model).arg("--overlay").arg(&wrong)).with(2, &told);
    }
}

#[test]
fn an_overlay_is_for_the_contract_that_it_names() {
    let (folder, model) = registries();
    let other = folder.path().join("other.yaml");
    fs::write(&other, "contract: kafka\nservice: {}\n").unwrap();
    let named = ["other.yaml: it is for the contract kafka, and given are schemas"];
    run(onrecord("contract lint").arg(&model).arg("--overlay").arg(&other)).with(2, &named);

    fs::write(&other, "contract: msk\noperations: {ListClusters: {identity: gone}}\n").unwrap();
    let linted = run(onrecord("contract lint msk").arg(&model).arg("--overlay").arg(&other)).with(1, &[]).out;
    assert!(linted.contains("other.yaml:2:29: error: identity names gone"), "{linted}");
    assert!(linted.contains("\n  at /operations/ListClusters/identity\n  help: "), "{linted}");
}

#[test]
fn lint_tells_places_for_programs_too() {
    let (_folder, model) = registries();
    let text = fs::read_to_string(&model).unwrap();
    fs::write(&model, text.replace("\"items\": \"Registries\"", "\"items\": \"Gone\"")).unwrap();
    let ended = run(onrecord("contract lint --format json").arg(&model)).with(1, &[]);
    let problems: Value = serde_json::from_str(&ended.out).unwrap();
    // The nearest thing around it: the model says it in a trait of Smithy's own.
    let operation = text.find("\"x#ListRegistries\": {").unwrap();
    let traits = operation + text[operation..].find("\"traits\"").unwrap();
    let line = text[..traits].lines().count();
    assert_eq!(problems[0]["level"], "error");
    assert_eq!(problems[0]["line"], line);
    assert_eq!(problems[0]["pointer"], "/shapes/x#ListRegistries/traits/onrecord#paginated");
    assert_eq!(problems.as_array().unwrap().len(), 1);
}

#[test]
fn what_is_shown_is_there_for_programs() {
    let (_folder, model) = registries();
    let view = json("contract show", &model);
    assert_eq!(view["id"], "schemas");
    assert_eq!(view["protocols"][0]["name"], "restJson1");
    assert_eq!(view["protocols"][0]["judges_bodies"], true);
    let names: Vec<_> = view["operations"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names.len(), 5);
    let list =
        view["operations"].as_array().unwrap().iter().find(|it| it["name"] == "ListRegistries").unwrap();
    assert_eq!(list["pagination"]["items"], "Registries");
    assert_eq!(list["roles"]["request"]["/NextToken"], "cursor");
    assert_eq!(view["shapes"]["RegistrySummary"]["members"][0]["name"], "RegistryArn");
    let roles = json("contract show --roles", &model);
    assert_eq!(roles.as_array().unwrap().len(), 5);
}

#[test]
fn built_in_contracts_are_listed_and_sound() {
    let lines: Value =
        serde_json::from_str(&run(&mut onrecord("contract list --format json")).with(0, &[]).out).unwrap();
    for line in lines.as_array().unwrap() {
        let id = line["id"].as_str().unwrap();
        let linted = run(&mut onrecord(&format!("contract lint {id}"))).with(0, &[]).out;
        assert!(linted.ends_with("0 errors, 0 warnings, 0 notes\n"), "{linted}");
        let shown = run(&mut onrecord(&format!("contract show {id}"))).with(0, &[]).out;
        assert!(shown.starts_with(&format!("{id}: {}", line["title"].as_str().unwrap())), "{shown}");
    }
    run(&mut onrecord("contract show msk ListCluster"))
        .with(2, &["msk has no operation ListCluster; there are ListClusters"]);
}

#[test]
fn bodies_that_are_not_judged_are_told() {
    let (_folder, model) = registries();
    let text = fs::read_to_string(&model).unwrap();
    fs::write(&model, text.replace("aws.protocols#restJson1", "aws.protocols#restXml")).unwrap();
    let ended = run(onrecord("check --sandbox --list --contract").arg(&model));
    assert!(ended.err.contains("schemas speaks restXml, whose bodies are not judged"), "{ended:#?}");
    let shown = run(onrecord("contract show").arg(&model)).with(0, &[]).out;
    assert!(shown.contains("restXml (bodies are not judged)"), "{shown}");
}
