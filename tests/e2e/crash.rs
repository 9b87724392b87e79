use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use onrecord::cassette::Cassette;

use crate::parts::{Moto, folder, onrecord, python, ready, succeeded, with_credentials};

/// How often the recorder is killed.
const KILLS: u64 = 50;

#[test]
fn a_killed_recorder_loses_nothing_that_a_client_has_seen() {
    if !ready() {
        return;
    }
    let moto = Moto::start();
    let dir = tempfile::tempdir().expect("a folder");
    let mut recovered = 0;
    for kill in 0..KILLS {
        let cassette = dir.path().join(format!("{kill}.json"));
        let seen = dir.path().join(format!("{kill}.seen"));
        fs::write(&seen, "").expect("a diary");
        let (mut recorder, url) = start(&moto, &cassette);
        let mut traffic = traffic(&url, &seen);
        wait_for_lines(&seen, &mut traffic, instant(kill));
        recorder.kill().expect("kill -9");
        recorder.wait().expect("it is gone");
        traffic.wait().expect("the traffic ends when its server is gone");
        recovered += every_answer_is_recorded(&cassette, &seen);
    }
    assert!(recovered > KILLS * 10, "there was something to recover: {recovered}");
}

/// After how many answers the recorder is killed: spread over the kills, the same in every run.
fn instant(kill: u64) -> usize {
    let mixed = kill.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    usize::try_from(mixed % 120).expect("small") + 1
}

fn start(moto: &Moto, cassette: &std::path::Path) -> (Child, String) {
    let mut child = onrecord()
        .args(["record", "--contract", "msk", "--upstream", &moto.url, "--cassette"])
        .arg(cassette)
        .stderr(Stdio::piped())
        .spawn()
        .expect("record starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let line = lines.next().expect("a line").expect("text");
    let url = line.strip_prefix("onrecord: recording at ").expect("it says where").to_owned();
    // Nobody reads the rest; it is little.
    std::thread::spawn(move || lines.count());
    (child, url)
}

fn traffic(url: &str, seen: &std::path::Path) -> Child {
    let mut command = Command::new(python());
    command.arg(folder().join("traffic.py")).args(["--workers", "3", "--seen"]).arg(seen);
    with_credentials(&mut command);
    command.env("AWS_ENDPOINT_URL", url).spawn().expect("traffic starts")
}

/// Waits for the diary to have so many lines: the file is asked, not the clock.
fn wait_for_lines(seen: &std::path::Path, traffic: &mut Child, lines: usize) {
    loop {
        let text = fs::read_to_string(seen).expect("the diary is text");
        if text.lines().count() >= lines {
            return;
        }
        assert!(traffic.try_wait().expect("traffic is asked").is_none(), "the traffic ended early");
        std::thread::yield_now();
    }
}

/// What was left is recovered; every line of the diary has its exchange.
fn every_answer_is_recorded(cassette: &std::path::Path, seen: &std::path::Path) -> u64 {
    let output = onrecord().args(["cassette", "recover"]).arg(cassette).output().expect("recover runs");
    succeeded(&output);
    let cassette = Cassette::load(cassette).expect("the recovered cassette is whole");
    let mut held = BTreeSet::new();
    for exchange in &cassette.exchanges {
        let request =
            format!("{} {}", exchange.request.target, exchange.request.body.text().unwrap_or_default());
        let text = format!("{request} {}", exchange.response.body.text().unwrap_or_default());
        let operation = exchange.operation.clone().unwrap_or_default();
        held.extend(names(&text).map(|name| format!("{operation} {name}")));
    }
    let diary = fs::read_to_string(seen).expect("the diary is text");
    for line in diary.lines() {
        assert!(held.contains(line), "`{line}` was seen and is not in the cassette");
    }
    diary.lines().count() as u64
}

/// The names of the traffic in a text.
fn names(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("traffic-").map(|(at, _)| {
        text[at..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect()
    })
}
