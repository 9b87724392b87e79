//! Signals end a command in order.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use onrecord::cassette::Cassette;
use onrecord::exchange::{Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{PAGE, Server, cassette, folder, onrecord, recorder, replay, run, saying};

#[test]
fn a_signal_ends_a_recording_with_its_cassette_complete() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let folder = folder();
        let path = folder.path().join("a.json");
        let server = recorder(&path, &saying(PAGE));
        for page in 0..20 {
            server.get(&format!("/v1/clusters?maxResults={page}")).unwrap();
        }
        server.signal(signal);
        server.end().with(0, &["20 exchanges recorded into", "20 ListClusters"]);
        assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 20);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "the cassette alone is left");
    }
}

#[test]
fn more_signals_do_not_cut_the_end_short() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recorder(&path, &saying(PAGE));
    server.get("/v1/clusters").unwrap();
    for signal in [Signal::INT, Signal::INT, Signal::TERM, Signal::INT] {
        server.signal(signal);
    }
    server.end().with(0, &["1 exchanges recorded"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges.len(), 1);
}

/// The address is told when signals are heeded already, and not before.
#[test]
fn a_signal_in_the_first_instant_is_heeded() {
    let folder = folder();
    for round in 0..20 {
        let server = recorder(&folder.path().join(format!("{round}.json")), "http://127.0.0.1:1");
        server.stop().with(0, &["0 exchanges recorded"]);
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "no journal is left behind");
}

#[test]
fn a_replay_and_a_sandbox_end_well_and_the_replay_counts() {
    let server = replay(&cassette());
    assert_eq!(server.get("/v1/clusters/never-recorded").unwrap().0.status, 400);
    server.stop().with(1, &["miss: ", "onrecord: 0 served, 1 missed, "]);
    for signal in [Signal::INT, Signal::TERM] {
        let server = replay(&cassette());
        server.signal(signal);
        server.end().with(0, &["onrecord: 0 served, 0 missed, "]);
        let server = Server::start(&mut onrecord("sandbox --contract msk --listen 127.0.0.1:0"));
        assert_eq!(server.get("/v1/clusters").unwrap().0.status, 200);
        server.signal(signal);
        server.end().with(0, &[]);
    }
}

/// It says so, and leaves nothing behind.
#[test]
fn a_signal_ends_a_check_after_the_case_under_way() {
    let server = Server::start(&mut onrecord("sandbox --contract msk --listen 127.0.0.1:0"));
    let mut command =
        onrecord("check --contract msk --cases 500 --allow CreateCluster,DeleteCluster,TagResource");
    command.arg("--target").arg(&server.url).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut check = command.spawn().unwrap();
    let mut lines = BufReader::new(check.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "test TagResource/valid/0 ... ok"), "it makes clusters by now");
    let pid = Pid::from_raw(i32::try_from(check.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let rest: Vec<_> = lines.collect();
    let ended = check.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "it is not green");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("onrecord: interrupted"));
    assert!(rest.iter().any(|line| line.ends_with("0 left over")), "{rest:?}");
    let listed = server.get("/v1/clusters").unwrap().0;
    assert_eq!(listed.body.json().unwrap()["clusterInfoList"].as_array().unwrap().len(), 0);
    server.stop().with(0, &[]);
}

/// Waits for a signal, but not for ever: one that does not come is told by the exit code.
pub(crate) const IN_VAIN: &str = "i=0; while [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; exit 99";

/// `$PPID` is us: the signal reaches the command by way of us, and what it does then is its own.
#[test]
fn a_signal_is_the_wrapped_commands_to_heed() {
    let folder = folder();
    let upstream = saying(PAGE);
    for (index, (script, code)) in [
        ("trap 'exit 0' TERM; kill -TERM $PPID", 1),
        ("trap 'exit 42' INT; kill -INT $PPID", 42),
        ("kill -TERM $PPID", 128 + 15),
        ("trap 'exit 43' HUP; kill -HUP $PPID", 43),
        ("trap 'exit 44' QUIT; kill -QUIT $PPID", 44),
        ("trap 'exit 45' USR1; kill -USR1 $PPID", 45),
        ("trap 'exit 46' USR2; kill -USR2 $PPID", 46),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path().join(format!("{index}.json"));
        let mut command = onrecord("record --contract msk --upstream");
        command.arg(&upstream).arg("--cassette").arg(&path).args(["--", "sh", "-c"]);
        run(command.arg(format!("{script}; {IN_VAIN}"))).with(code, &["0 exchanges recorded"]);
        assert!(!path.with_extension("json.journal").exists(), "no journal is left behind");
    }
}

/// Whoever starts a replay may read its standard error when it has ended, or never.
#[test]
fn a_signal_ends_a_replay_whose_explanations_nobody_reads() {
    let recorded = cassette();
    let mut command = onrecord("replay --strict --format json --cassette");
    let streams = command.arg(&recorded).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    let _unread = child.stderr.take();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready: serde_json::Value = serde_json::from_str(&out.next().unwrap().unwrap()).unwrap();
    let client = Client::new(&Upstream::parse(ready["url"].as_str().unwrap()).unwrap(), Limits::default());
    let client = client.unwrap();
    for page in 0..200 {
        let request = Request::new(Method::Get, Target::new(format!("/v1/clusters?nextToken={page}")));
        assert_eq!(client.send(&request).unwrap().0.status, 400);
    }
    let start = Instant::now();
    kill_process(i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap(), Signal::TERM).unwrap();
    let end: serde_json::Value = serde_json::from_str(&out.next().unwrap().unwrap()).unwrap();
    assert_eq!(end["missed"], 200);
    let code = loop {
        match child.try_wait().unwrap() {
            Some(code) => break code.code(),
            None if start.elapsed() > Duration::from_secs(30) => {
                child.kill().unwrap();
                panic!("it does not end");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(code, Some(1));
}
