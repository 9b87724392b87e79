//! What becomes of a cassette that is there already.

use std::fs;
use std::path::Path;

use onrecord::cassette::Cassette;

use crate::support::{Ended, PAGE, Server, folder, json, onrecord, provider, recorder, run, saying};

fn ask(path: &Path, mode: &str, upstream: &str, targets: &[&str]) -> Ended {
    let mut command = onrecord("record --contract msk --upstream");
    let server = Server::start(command.arg(upstream).args(["--mode", mode]).arg("--cassette").arg(path));
    for target in targets {
        // An answer that breaks off is told in the summary.
        let _ = server.get(target);
    }
    server.stop()
}

fn targets(path: &Path) -> Vec<String> {
    let held = Cassette::load(path).unwrap();
    held.exchanges.iter().map(|exchange| exchange.request.target.to_string()).collect()
}

#[test]
fn new_asks_only_for_what_is_not_there() {
    let folder = folder();
    let path = folder.path().join("a.json");
    ask(&path, "new", &saying(PAGE), &["/v1/clusters"]).with(0, &["1 exchanges recorded into"]);
    let other = saying(r#"{"clusterInfoList":[],"nextToken":"later"}"#);
    ask(&path, "new", &other, &["/v1/clusters", "/v1/clusters?maxResults=2"])
        .with(0, &["1 exchanges recorded into", "1 ListClusters"]);
    assert_eq!(targets(&path), ["/v1/clusters", "/v1/clusters?maxResults=2"]);
    // Nothing is asked: the provider is down.
    let nowhere = crate::support::nowhere();
    ask(&path, "new", &nowhere, &["/v1/clusters", "/v1/clusters?maxResults=2"])
        .with(0, &["0 exchanges recorded\n"]);
    assert_eq!(targets(&path).len(), 2);
    // A command whose every request is known has asked something.
    let mut record = onrecord("record --contract msk --mode new --upstream");
    record.arg(&nowhere).arg("--cassette").arg(&path).args(["--", "bash", "-c"]);
    let asked = "exec 3<>/dev/tcp/127.0.0.1/${ONRECORD_URL##*:}; \
        printf 'GET /v1/clusters HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n' >&3; cat <&3";
    run(record.arg(asked)).with(0, &["0 exchanges recorded\n", "1 answered by the cassette as it was"]);
}

#[test]
fn a_miss_of_a_recording_that_replays_advises_what_was_given() {
    let folder = folder();
    let path = folder.path().join("a.json");
    ask(&path, "new", &saying(PAGE), &["/v1/clusters"]).with(0, &[]);
    let mut command = onrecord("record --contract msk --upstream http://kafka.example");
    command.args(["--connect-to", "kafka.example:80:127.0.0.1:9", "--origin", "moto@5.2.5", "--cassette"]);
    let server = Server::start(command.arg(&path));
    let _ = server.get("/v1/clusters?maxResults=2");
    let told = "--upstream http://kafka.example --origin moto@5.2.5 \
                --connect-to kafka.example:80:127.0.0.1:9 --mode new -- COMMAND";
    server.stop().with(1, &[told]);
}

#[test]
fn whatever_replays_knows_the_secrets_of_the_environment_as_the_recorder_did() {
    const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzFALCON77a1";
    // Within base64 nothing of the cassette shows that something is hidden.
    let target =
        "/v1/clusters?clusterNameFilter=dXNlcjp3SmFsclhVdG5GRU1JSzdNREVOR2JQeFJmaUNZenpGQUxDT043N2Ex";
    let folder = folder();
    let path = folder.path().join("a.json");
    let started = |words: &str| {
        let mut command = onrecord(words);
        command.env("AWS_ACCESS_KEY_ID", "AKIAQ3EGOVXJ5LQ7TZ2W").env("AWS_SECRET_ACCESS_KEY", SECRET);
        Server::start(command.arg("--cassette").arg(&path))
    };
    let record = format!("record --contract msk --upstream {}", saying(PAGE));
    let server = started(&record);
    server.get(target).unwrap();
    server.stop().with(0, &["1 exchanges recorded into"]);
    assert_ne!(targets(&path), [target]);
    let nowhere = format!("record --contract msk --mode new --upstream {}", crate::support::nowhere());
    for (words, told) in [
        ("replay --contract msk", "1 served, 0 missed"),
        (&record, "1 served, 0 missed"),
        (&nowhere, "1 answered by the cassette as it was"),
    ] {
        let server = started(words);
        server.get(target).unwrap();
        server.stop().with(0, &[told]);
    }
    let server = started("replay --contract msk");
    server.get(&format!("/v1/clusters?nextToken={SECRET}")).unwrap();
    let ended = server.stop().with(1, &["miss: no recorded answer for ListClusters"]);
    assert!(!ended.err.contains(SECRET), "{}", ended.err);
}

#[test]
fn all_replaces_and_tells_what_has_changed() {
    let folder = folder();
    let path = folder.path().join("a.json");
    recorded(&path, &saying(PAGE));
    let later = provider(|_| json(r#"{"clusterInfoList":[],"nextToken":"later"}"#));
    let ended =
        ask(&path, "all", &later, &["/v1/clusters?maxResults=3"]).with(0, &["1 exchanges recorded into"]);
    assert!(ended.err.contains("compared with the recording before:\n"), "{}", ended.err);
    assert!(ended.err.contains("ListClusters: ") && ended.err.contains("nextToken"), "{}", ended.err);
    assert_eq!(targets(&path), ["/v1/clusters?maxResults=3"]);
    let ended = ask(&path, "all", &later, &["/v1/clusters?maxResults=3"]);
    assert!(ended.err.contains("no drift: "), "{}", ended.err);
}

#[test]
fn all_keeps_the_old_cassette_where_the_run_does_not_end_well() {
    let folder = folder();
    let path = folder.path().join("a.json");
    recorded(&path, &saying(PAGE));
    let before = fs::read(&path).unwrap();
    let asked = "exec 3<>/dev/tcp/127.0.0.1/${ONRECORD_URL##*:}; \
        printf 'GET /v1/clusters?maxResults=9 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n' >&3; cat <&3";
    let mut record = onrecord("record --contract msk --mode all --upstream");
    record.arg(saying(PAGE)).arg("--cassette").arg(&path);
    record.args(["--", "bash", "-c", &format!("({asked}); exit 5")]);
    run(&mut record).with(
        5,
        &[
            "1 exchanges recorded into ",
            "a.json.partial; ",
            "a.json stays as it was, for the command failed: mend it and run it again; to have it in its place: mv ",
        ],
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(targets(&folder.path().join("a.json.partial")), ["/v1/clusters?maxResults=9"]);

    ask(&path, "all", &crate::support::nowhere(), &["/v1/clusters"])
        .with(3, &["0 exchanges recorded; ", "stays as it was", "gave no answer"]);
    ask(&path, "all", &saying(PAGE), &[]).with(0, &["0 exchanges recorded; ", "stays as it was"]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// The first recording is the story only if its command ends well.
#[test]
fn a_command_that_failed_makes_no_cassette_but_what_it_did_can_be_kept() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let partial = folder.path().join("a.json.partial");
    let asked = "exec 3<>/dev/tcp/127.0.0.1/${ONRECORD_URL##*:}; \
        printf 'GET /v1/clusters HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n' >&3; cat <&3";
    let attempt = |script: &str| {
        let mut record = onrecord("record --contract msk --upstream");
        record.arg(saying(PAGE)).arg("--cassette").arg(&path);
        run(record.args(["--", "bash", "-c", script]))
    };
    let keep = format!("mv {} {}", partial.display(), path.display());
    attempt(&format!("({asked}); ({asked}); exit 5")).with(
        5,
        &[
            "2 exchanges recorded into ",
            "a.json.partial; for the command failed: mend it and run it again; to keep it as it is: ",
            &keep,
        ],
    );
    assert!(!path.exists());
    // It is not replayed; what an earlier run recorded is not lost.
    let told = ["1 exchanges recorded into ", "what earlier runs recorded is kept, from ", "partial.1 on"];
    attempt(&format!("({asked}); exit 5")).with(5, &told);
    assert_eq!((targets(&partial).len(), targets(&folder.path().join("a.json.partial.1")).len()), (1, 2));
    attempt(&format!("({asked})")).with(0, &["1 exchanges recorded into "]);
    assert_eq!(targets(&path).len(), 1);

    // As it was told.
    fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("sh").args(["-c", &keep]).status().unwrap().success());
    attempt(&format!("({asked})")).with(0, &["is there, so it is replayed", "1 served, 0 missed"]);
}

#[test]
fn what_a_kill_left_of_the_first_recording_is_not_replayed() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recorder(&path, &saying(PAGE));
    server.get("/v1/clusters?maxResults=4").unwrap();
    server.signal(rustix::process::Signal::KILL);
    server.end();
    let partial = folder.path().join("a.json.partial");
    let keep = format!("; to keep it as it is: mv {} {}", partial.display(), path.display());
    ask(&path, "once", &saying(PAGE), &["/v1/clusters"])
        .with(0, &["recovered 1 exchanges", &keep, "1 exchanges recorded into"]);
    assert_eq!((targets(&path), targets(&partial).len()), (vec!["/v1/clusters".to_owned()], 1));
}

#[test]
fn what_is_no_cassette_is_not_replaced() {
    let folder = folder();
    let path = folder.path().join("a.json");
    for text in ["{\"name\": \"mine\"}", "[]", "{\"format\": 99}"] {
        fs::write(&path, text).unwrap();
        let told =
            if text.contains("99") { "upgrade onrecord" } else { "what is no cassette is not replaced" };
        ask_in_vain(&path).with(2, &[told]);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_damaged_cassette_is_replaced_once_a_run_ends_well() {
    let folder = folder();
    let path = folder.path().join("a.json");
    recorded(&path, &saying(&format!("\"{}\"", "x".repeat(300_000))));
    let whole = fs::read(&path).unwrap();
    let bodies = || folder.path().join("a.json.bodies").read_dir().map_or(0, Iterator::count);
    for length in [whole.len() / 2, 3, 0] {
        fs::write(&path, &whole[..length]).unwrap();
        let held = bodies();
        let told = ["a.json:", "; it stays until this run ends well, and is replaced then"];
        ask(&path, "all", &crate::support::nowhere(), &["/v1/clusters"]).with(3, &told);
        let asked = "exec 3<>/dev/tcp/127.0.0.1/${ONRECORD_URL##*:}; \
            printf 'GET /v1/clusters HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n' >&3; cat <&3";
        let mut failing = onrecord("record --mode all --upstream");
        failing.arg(saying(PAGE)).arg("--cassette").arg(&path);
        failing.args(["--", "bash", "-c", &format!("({asked}); exit 5")]);
        run(&mut failing).with(5, &["a.json.partial; ", "a.json stays as it was"]);
        assert_eq!((fs::read(&path).unwrap(), bodies()), (whole[..length].to_vec(), held));
        ask(&path, "all", &saying(PAGE), &["/v1/clusters"]).with(0, &told);
        assert_eq!(targets(&path), ["/v1/clusters"]);
    }
}

fn ask_in_vain(path: &Path) -> Ended {
    let mut record = onrecord("record --mode all --upstream http://127.0.0.1:1 --cassette");
    run(record.arg(path).args(["--", "true"]))
}

fn recorded(path: &Path, upstream: &str) {
    let server = recorder(path, upstream);
    server.get("/v1/clusters").unwrap();
    server.stop().with(0, &["1 exchanges recorded"]);
}

#[test]
fn the_summary_is_there_for_programs() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut command = onrecord("record --contract msk --format json --verify --upstream");
    let server = Server::start(command.arg(saying(r#"{"clusterInfoList":5}"#)).arg("--cassette").arg(&path));
    server.get("/v1/clusters").unwrap();
    server.get("/v1/nothing").unwrap();
    let ended = server.stop().with(0, &[]);
    let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["cassette"], path.display().to_string());
    assert_eq!((&told["recorded"], &told["unknown"]), (&2.into(), &1.into()));
    assert_eq!(told["operations"]["ListClusters"], 1);
    assert_eq!(told["unmatched"], serde_json::json!([]));
    assert_eq!(told["findings"][0]["operation"], "ListClusters");
    assert_eq!(told["findings"][0]["count"], 1);
}

/// A torso is not the story, whoever made it one.
#[test]
fn where_not_all_was_recorded_no_cassette_is_made() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let broken = provider(|head| if head.contains("maxResults=2") { Vec::new() } else { json(PAGE) });
    let both = ["/v1/clusters?maxResults=1", "/v1/clusters?maxResults=2"];
    let partial = folder.path().join("a.json.partial");
    let keep = format!("; to keep it as it is: mv {} {}", partial.display(), path.display());
    let told = ["1 exchanges recorded into ", "a.json.partial; for not all could be recorded: ", &keep];
    ask(&path, "once", &broken, &both).with(1, &told);
    assert!(!path.exists() && targets(&partial).len() == 1);
    ask(&path, "once", &saying(PAGE), &both).with(0, &["2 exchanges recorded into "]);
    // As it was told, where the cassette is there and both have big bodies.
    let (big, bigger) = (format!("\"{}\"", "x".repeat(300_000)), format!("\"{}\"", "y".repeat(300_000)));
    ask(&path, "all", &saying(&big), &["/v1/clusters?maxResults=1"]).with(0, &[]);
    let broken = provider(move |head| if head.contains("maxResults=2") { Vec::new() } else { json(&bigger) });
    let ended = ask(&path, "all", &broken, &both)
        .with(1, &["stays as it was, for not all could be recorded: mend it and run it again; to have it"]);
    let moves =
        ended.err.split_once("to have it in its place: ").unwrap().1.split([';', '\n']).next().unwrap();
    assert!(std::process::Command::new("sh").args(["-c", moves]).status().unwrap().success(), "{moves}");
    assert!(Cassette::load(&path).unwrap().exchanges[0].response.body.as_bytes().starts_with(b"\"yyy"));
}

/// It may be last week's summary, but nothing that was recorded, and is known before the run.
#[test]
fn a_summary_is_written_over_nothing_that_was_recorded() {
    let folder = folder();
    let path = folder.path().join("a.json");
    recorded(&path, &saying(PAGE));
    let before = fs::read(&path).unwrap();
    let other = folder.path().join("other.json");
    fs::copy(&path, &other).unwrap();
    let record = |summary: &Path| {
        let mut record = onrecord("record --contract msk --mode all --upstream");
        record.arg(saying(PAGE)).arg("--cassette").arg(&path).arg("--summary").arg(summary);
        run(record.args(["--", "true"]))
    };
    for summary in ["a.json", "a.json.journal", "a.json.partial", "other.json"] {
        record(&folder.path().join(summary)).with(2, &[" is what is recorded; name another file"]);
    }
    record(folder.path()).with(2, &[" is a folder; name a file in it"]);
    record(&path.join("a.sum")).with(2, &["cannot make the folder of --summary "]);
    assert_eq!((fs::read(&path).unwrap(), fs::read(&other).unwrap()), (before.clone(), before));
    let summary = folder.path().join("new/a.sum");
    for _ in 0..2 {
        record(&summary).with(1, &["no request reached us"]);
        fs::read(&summary).unwrap();
    }
}

/// The wording of it all.
#[test]
fn the_summary_says_what_was_recorded_and_what_was_not() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let upstream = provider(|head| match head {
        _ if head.contains("maxResults=1") => json(r#"{"clusterInfoList":5}"#),
        _ if head.contains("maxResults=2") => Vec::new(),
        _ => json(r#"{"clusterInfoList":[],"password":"hunter22222"}"#),
    });
    let targets = ["/v1/clusters", "/v1/clusters?maxResults=1", "/v1/clusters?maxResults=2", "/v1/nothing"];
    let ended = ask(&path, "once", &upstream, &targets).with(1, &[]);
    let told = ended.err.replace(&path.display().to_string(), "a.json");
    let told = told.replace(upstream.strip_prefix("http://").unwrap(), "127.0.0.1:PORT");
    let told = told.split_once('\n').unwrap().1;
    insta::assert_snapshot!(told, @r"
    onrecord: 3 exchanges recorded into a.json.partial; for not all could be recorded: mend it and run it again; to keep it as it is: mv a.json.partial a.json
           2 ListClusters
           1 of no operation that a contract documents
    onrecord: redacted: 3 hosts, 2 secrets
    onrecord: 1 not recorded: 127.0.0.1:PORT gave no answer: connection closed before message completed
    onrecord: for information, what is not as msk documents it (see `onrecord check --contract msk --cassette a.json.partial`):
           1 RS-03 ListClusters, response body /clusterInfoList: expected a list, got 5
           1 RS-03 ListClusters, response body /password: expected a documented member, got an undocumented one
    ");
}
