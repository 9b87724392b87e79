//! What standard output is, and that nobody needs to read it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{cassette, onrecord};

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let recorded = cassette().display().to_string();
    for words in [
        "--help",
        "check --help",
        "check --contract msk --sandbox --list",
        "check --contract msk --sandbox --cases 1",
        "check --contract msk --sandbox --cases 1 --format json",
        "sandbox --contract msk --fault list",
        &format!("cassette show {recorded}"),
        &format!("check --contract msk --cassette {recorded}"),
    ] {
        let mut child = onrecord(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*told), (Some(0), ""), "{words}");
    }
}

#[test]
fn a_terminal_has_colours_unless_the_environment_says_otherwise() {
    let check = || onrecord("check --contract msk --sandbox --cases 1 --fault pagination.cycle ListClusters");
    assert!(on_terminal(&mut check()).contains("\u{1b}["), "a terminal has colours");
    assert!(!on_terminal(check().env("NO_COLOR", "1")).contains('\u{1b}'), "NO_COLOR has none");
    assert!(!on_terminal(check().env("CI", "true")).contains('\u{1b}'), "CI has none");
    let piped = String::from_utf8(check().output().unwrap().stdout).unwrap();
    assert!(piped.contains("MUST") && !piped.contains('\u{1b}'), "{piped}");
}

#[test]
fn a_wrapped_command_has_the_terminal() {
    let mut command = onrecord("replay --cassette");
    command.arg(cassette()).args(["--", "sh", "-c", "test -t 1 && echo it is a terminal"]);
    assert!(on_terminal(&mut command).contains("it is a terminal"));
}

/// What a command prints where its standard output is a terminal.
fn on_terminal(command: &mut Command) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs: OwnedFd = File::options().read(true).write(true).open(name).unwrap().into();
    let mut child = command.stdin(Stdio::null()).stdout(theirs).spawn().unwrap();
    // The command keeps its end in `command`; ours ends when that is closed as well.
    command.stdout(Stdio::null());
    let mut ours = File::from(ours);
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    // Linux ends a terminal with an error.
    while let Ok(count @ 1..) = ours.read(&mut buffer) {
        text.extend_from_slice(&buffer[..count]);
    }
    child.wait().unwrap();
    String::from_utf8(text).unwrap()
}
