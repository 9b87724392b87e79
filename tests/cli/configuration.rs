//! `onrecord.toml`

use std::fs;

use onrecord::cassette::Cassette;

use crate::support::{Server, folder, json, onrecord, provider, run};

#[test]
fn it_is_found_upwards_and_its_rules_are_heeded() {
    let folder = folder();
    let inside = folder.path().join("a/b");
    fs::create_dir_all(&inside).unwrap();
    let told = r#"
contracts = ["msk"]

[limits]
answer_timeout = "30s"

[redact]
headers = ["x-team"]
patterns = ["internal-([a-z]+)-plan"]
ids = ["project-falcon"]
"#;
    fs::write(folder.path().join("onrecord.toml"), told).unwrap();
    let body =
        r#"{"clusterInfoList":[],"nextToken":null,"note":"internal-secretive-plan of project-falcon"}"#;
    let answering = provider(move |_| {
        let plain = String::from_utf8(json(body)).unwrap();
        plain.replacen("\r\n", "\r\nx-team: rocketeers\r\n", 1).into_bytes()
    });
    let mut record = onrecord("record --cassette a.json --upstream");
    let server = Server::start(record.arg(&answering).current_dir(&inside));
    server.get("/v1/clusters").unwrap();
    server.stop().with(0, &["1 ListClusters"]);
    let written = fs::read_to_string(inside.join("a.json")).unwrap();
    for gone in ["rocketeers", "secretive", "falcon"] {
        assert!(!written.contains(gone), "{gone} is in {written}");
    }
    assert_eq!(Cassette::load(&inside.join("a.json")).unwrap().header.contract.unwrap().id, "msk");

    // A flag wins, and another file may be named.
    let mut record = onrecord("record --contract eks --config /dev/null --cassette b.json --upstream");
    let server = Server::start(record.arg(&answering).current_dir(&inside));
    server.get("/v1/clusters").unwrap();
    server.stop().with(0, &["1 of no operation"]);
    assert!(fs::read_to_string(inside.join("b.json")).unwrap().contains("rocketeers"));
}

#[test]
fn what_it_says_wrongly_is_told_with_its_place() {
    let folder = folder();
    for (text, named) in [
        ("[limits]\nmax_body = 12\n", "onrecord.toml:2:12: "),
        (
            "allowed_hosts = []\n",
            "onrecord.toml:1:1: unknown field `allowed_hosts`, expected one of `contracts`",
        ),
        ("[redact]\nkeep = [\"a\"]\npatterns = [\"(\"]\n", "onrecord.toml:3:13: "),
        ("\nconnect_to = [\"here\"]\n", "onrecord.toml:2:14: `here` does not lead anywhere"),
        ("contracts = [\"mks\"]\n", "onrecord.toml:1:14: contract `mks` is no file, and none of "),
        ("redact = true\n", "onrecord.toml:1:10: invalid type: boolean `true`, expected a table of rules"),
        ("[redact]\nids = [\"a\"]\n", "onrecord.toml:2:8: id `a`: it has less than 4 letters and digits"),
        (
            "[redact]\nmembers = [\"token\", \"CreateClutser.clusterName\"]\n",
            "onrecord.toml:2:21: member `CreateClutser.clusterName`: no contract has an operation \
             CreateClutser; did you mean CreateCluster?",
        ),
        (
            "[redact]\nmembers = [\"CreateCluster.brokerNodeGroupInfo.clientSubnet\"]\n",
            "member brokerNodeGroupInfo.clientSubnet; did you mean clientSubnets?",
        ),
    ] {
        fs::write(folder.path().join("onrecord.toml"), text).unwrap();
        let mut record = onrecord("record --cassette a.json --proxy");
        run(record.current_dir(folder.path())).with(2, &[named]);
    }
}

/// A rule for another contract that is built in is no mistake where that contract is not loaded.
#[test]
fn a_rule_for_what_is_not_loaded_is_none_that_nobody_knows() {
    let folder = folder();
    let members =
        ["CreateCluster.brokerNodeGroupInfo.clientSubnets", "ListClusters.clusterInfoList.tags.any"];
    fs::write(folder.path().join("onrecord.toml"), format!("[redact]\nmembers = {members:?}\n")).unwrap();
    for contract in ["msk", "astronomer"] {
        let mut record = onrecord("record --cassette a.json --proxy --connect-to nonsense --contract");
        run(record.arg(contract).current_dir(folder.path())).with(2, &["`nonsense` does not lead anywhere"]);
    }
}

/// The example in the documentation is one.
#[test]
fn the_documented_example_is_understood() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md")).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = folder();
    fs::write(folder.path().join("onrecord.toml"), example).unwrap();
    let mut record = onrecord("record --cassette a.json --proxy --connect-to nonsense");
    run(record.current_dir(folder.path())).with(2, &["`nonsense` does not lead anywhere"]);
}
