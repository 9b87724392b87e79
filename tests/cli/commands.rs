//! Wrapped commands, and how they end.

use std::io::Write as _;
use std::process::Stdio;

use onrecord::cassette::Cassette;

use crate::support::{PAGE, cassette, folder, nowhere, onrecord, run, saying};

/// A request by what bash has of its own.
fn asks(target: &str) -> String {
    format!(
        "exec 3<>/dev/tcp/127.0.0.1/${{ONRECORD_URL##*:}}; \
         printf 'GET {target} HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n' >&3; cat <&3"
    )
}

#[test]
fn a_command_that_cannot_be_run_is_named_and_leaves_nothing_behind() {
    let folder = folder();
    let told = ["cannot run `/no/such/program`: No such file", "name a program that is installed"];
    let mut record = onrecord("record --upstream http://127.0.0.1:1 --cassette");
    record.arg(folder.path().join("a.json")).args(["--", "/no/such/program"]);
    run(&mut record).with(3, &told);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "no journal is left behind");
    run(onrecord("replay --cassette").arg(cassette()).args(["--", "/no/such/program"])).with(3, &told);
}

#[test]
fn the_commands_own_code_is_ours_unless_no_request_came() {
    let folder = folder();
    for (script, code) in [("exit 0", 1), ("exit 7", 7), ("kill -KILL $$", 128 + 9)] {
        let mut replay = onrecord("replay --cassette");
        run(replay.arg(cassette()).args(["--", "sh", "-c", script]))
            .with(code, &["0 missed", "no request reached us"]);
        let mut record = onrecord("record --upstream http://127.0.0.1:1 --cassette");
        record.arg(folder.path().join("a.json")).args(["--", "sh", "-c", script]);
        run(&mut record).with(code, &["0 exchanges recorded", "no request reached us"]);
    }
}

#[test]
fn a_command_that_is_content_does_not_hide_what_we_found() {
    let folder = folder();
    let asked = asks("/v1/no-such-thing");
    let mut replay = onrecord("replay --contract msk --cassette");
    let ended = run(replay.arg(cassette()).args(["--", "bash", "-c", &asked])).with(1, &["1 missed"]);
    assert!(ended.out.starts_with("HTTP/1.1 400 "), "{}", ended.out);
    let name = cassette().display().to_string();
    assert!(ended.err.contains(&name), "the miss names the file: {}", ended.err);

    let mut record = onrecord("record --contract msk --cassette");
    record.arg(folder.path().join("a.json")).arg("--upstream").arg(nowhere());
    let ended = run(record.args(["--", "bash", "-c", &asked])).with(3, &["1 not recorded: cannot connect"]);
    assert!(ended.out.starts_with("HTTP/1.1 502 "), "{}", ended.out);

    let mut replay = onrecord("replay --contract msk --cassette");
    replay.arg(cassette()).args(["--", "bash", "-c", &format!("({asked}); exit 7")]);
    run(&mut replay).with(7, &["1 missed"]);
}

#[test]
fn what_a_failing_command_has_seen_is_recorded() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut record = onrecord("record --contract msk --cassette");
    record.arg(&path).arg("--upstream").arg(saying(PAGE));
    let script = format!("({}); exit 7", asks("/v1/clusters"));
    let ended = run(record.args(["--", "bash", "-c", &script])).with(7, &["1 ListClusters"]);
    assert!(ended.out.ends_with(PAGE), "{}", ended.out);
    assert_eq!(Cassette::load(&folder.path().join("a.json.partial")).unwrap().exchanges.len(), 1);
}

#[test]
fn what_is_piped_into_us_is_the_commands_and_nothing_is_taken_of_what_it_says() {
    let mut command = onrecord("replay --proxy --cassette");
    command.arg(cassette()).args(["--", "sh", "-c", "cat; printf 'no line' >&2"]);
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"one\ntwo");
    assert!(String::from_utf8(output.stderr).unwrap().contains("no line"));
}
