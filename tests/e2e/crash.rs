//! A recorder that is killed, at any instant.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use onrecord::exchange::{Ending, Method, Request, Target};
use onrecord::net::{Client, Limits, Upstream};

use crate::diary::{Recorder, Traffic, recovered};
use crate::parts::{Moto, first_line, onrecord, ready};

/// How many connections the recorder serves when it is killed.
const CONNECTIONS: u32 = 32;

/// One kill in so many comes while the recorder ends: it was asked to, and folds its journal.
const WHILE_ENDING: u64 = 4;

#[test]
fn a_killed_recorder_loses_nothing_that_a_client_has_seen() {
    if !ready() {
        return;
    }
    let kills = setting("ONRECORD_KILLS").unwrap_or(50);
    let seed = seed();
    println!("ONRECORD_SEED={seed} repeats these instants"); // Shown where the test fails.
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let mut instants = Instants(seed);
    let mut seen = 0;
    for kill in 0..kills {
        let cassette = dir.path().join(format!("{kill}.json"));
        let recorder = Recorder::start(&moto.url, &cassette);
        let mut traffic = Traffic::start(&recorder.url, cassette.with_extension("seen"), CONNECTIONS);
        traffic.wait_for_lines(usize::try_from(1 + instants.below(120)).expect("small"));
        if instants.below(WHILE_ENDING) == 0 {
            recorder.ask_to_end();
            instants.pass(60_000);
        } else {
            instants.pass(5_000);
        }
        recorder.kill();
        let diary = traffic.ended();
        recovered(&cassette, &diary);
        nothing_torn_is_served(&cassette, &diary);
        seen += diary.len() as u64;
    }
    assert!(seen > kills * 10, "there was something to recover: {seen}");
}

/// What clients saw of `ListClusters` is asked for again, without the server.
fn nothing_torn_is_served(cassette: &Path, diary: &[String]) {
    let mut command = onrecord();
    command.args(["replay", "--contract", "msk", "--cassette"]).arg(cassette);
    let mut child = command.stderr(Stdio::piped()).spawn().expect("replay starts");
    let line = first_line(child.stderr.take().expect("piped"));
    let url = line.rsplit(' ').next().expect("it says where");
    let client = Client::new(&Upstream::parse(url).expect("a URL"), Limits::default()).expect("a client");
    for line in diary {
        let Some(name) = line.strip_prefix("ListClusters ") else { continue };
        let request =
            Request::new(Method::Get, Target::new(format!("/v1/clusters?clusterNameFilter={name}")));
        let (response, ending, _) = client.send(&request).expect("an answer");
        assert_eq!((response.status, ending), (200, Ending::Complete), "{name}");
        let listed = response.body.json().expect("whole JSON");
        assert_eq!(listed["clusterInfoList"][0]["clusterName"], name);
    }
    child.kill().expect("it is there to be ended");
    child.wait().expect("it is gone");
}

/// The seed of the instants, another one each time.
pub(crate) fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
    setting("ONRECORD_SEED").unwrap_or_else(|| u64::try_from(now()).expect("before 586524"))
}

/// A number from the environment.
pub(crate) fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// A walk through the instants of a seed: splitmix64.
pub(crate) struct Instants(pub(crate) u64);

impl Instants {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Lets some of `most` microseconds pass: the instant itself is what varies here.
    pub(crate) fn pass(&mut self, most: u64) {
        std::thread::sleep(Duration::from_micros(self.below(most)));
    }
}
