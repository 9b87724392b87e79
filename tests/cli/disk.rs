//! A disk without room: the limit on the size of files fails as a full disk does.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use onrecord::cassette::Cassette;
use onrecord::exchange::Ending;

use crate::support::{PAGE, Server, folder, onrecord, plain, run, saying};

/// The recorder, with files of 32 blocks at most.
fn cramped(cassette: &Path, upstream: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_onrecord")]);
    command.args(["record", "--contract", "msk", "--upstream", upstream, "--cassette"]).arg(cassette);
    plain(&mut command);
    command
}

#[test]
fn where_the_disk_is_full_nothing_that_a_client_has_seen_is_lost() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = Server::start(&mut cramped(&path, &saying(PAGE)));
    let mut seen = Vec::new();
    loop {
        let target = format!("/v1/clusters?maxResults={}", seen.len() + 1);
        // What is not in the journal is no complete answer: it is cut, or an error of ours.
        match server.get(&target) {
            Ok((response, Ending::Complete)) if response.status == 200 => seen.push(target),
            _ => break,
        }
    }
    assert!(seen.len() > 5, "{seen:?}");
    // It stops by itself: no further exchange could be recorded.
    let count = seen.len();
    server.end().with(
        3,
        &[
            "cannot append to ",
            &format!("; the {count} exchanges before are safe in it: make room, then run `onrecord cassette recover"),
            &format!("recover {}`", path.display()),
        ],
    );
    run(onrecord("cassette recover").arg(&path)).with(0, &[&format!("recovered {count} exchanges")]);
    let cassette = Cassette::load(&path).unwrap();
    let held: Vec<_> = cassette.exchanges.iter().map(|exchange| exchange.request.target.as_str()).collect();
    assert_eq!(held, seen);
    let left: BTreeSet<_> =
        folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_body_that_finds_no_room_is_the_environments_failure_and_the_rest_is_kept() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let big = format!("\"{}\"", "x".repeat(300_000));
    let upstream = crate::support::provider(move |head| {
        crate::support::json(if head.contains("maxResults=2") { &big } else { PAGE })
    });
    let server = Server::start(&mut cramped(&path, &upstream));
    assert_eq!(server.get("/v1/clusters?maxResults=1").unwrap().1, Ending::Complete);
    let refused = server.get("/v1/clusters?maxResults=2");
    assert!(refused.is_err() || refused.is_ok_and(|(_, ending)| ending == Ending::Aborted));
    let told = ["1 exchanges recorded into", "1 not written: cannot write ", "a.json.bodies"];
    server.end().with(3, &told);
    assert!(!path.exists(), "it is not the whole story");
    assert_eq!(Cassette::load(&folder.path().join("a.json.partial")).unwrap().exchanges.len(), 1);
}

#[test]
fn where_the_disk_is_full_traffic_goes_on_if_that_is_asked_for() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let mut command = cramped(&path, &saying(PAGE));
    let server = Server::start(command.args(["--on-write-error", "pass"]));
    for page in 1..=200 {
        let (response, ending) = server.get(&format!("/v1/clusters?maxResults={page}")).unwrap();
        assert_eq!((response.status, ending), (200, Ending::Complete), "page {page}");
    }
    let ended = server.stop().with(3, &["not written: cannot append to "]);
    assert!(!ended.err.contains("not recorded: "), "{ended:?}");
    run(onrecord("cassette recover").arg(&path));
    assert!((5..200).contains(&Cassette::load(&path).unwrap().exchanges.len()));
}
