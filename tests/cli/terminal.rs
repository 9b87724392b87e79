//! Signals where there is a terminal, which sends some of its own.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::signals::IN_VAIN;
use crate::support::{cassette, plain};

/// What a program prints and how it ends on a terminal of its own, where `typed` is typed once it has
/// printed `ready`.
fn on_own_terminal(words: &[&str], typed: &[u8]) -> (Option<i32>, String) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs: OwnedFd = File::options().read(true).write(true).open(name).unwrap().into();
    let mut command = Command::new("setsid");
    plain(command.args(["--ctty", "--wait"]).args(words));
    command.stdin(theirs.try_clone().unwrap()).stdout(theirs.try_clone().unwrap()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    // It keeps their end, and ours ends when that is closed as well.
    drop(command);
    let mut ours = File::from(ours);
    let (mut text, mut typed) = (String::new(), Some(typed));
    let mut buffer = [0; 4096];
    // Linux ends a terminal with an error.
    while let Ok(count @ 1..) = ours.read(&mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        if text.contains("ready")
            && let Some(typed) = typed.take()
        {
            ours.write_all(typed).unwrap();
        }
    }
    (child.wait().unwrap().code(), text)
}

/// The words of a replay of some command.
fn wrapping(script: &str) -> Vec<String> {
    let recorded = cassette().display().to_string();
    let words =
        [env!("CARGO_BIN_EXE_onrecord"), "replay", "--cassette", &recorded, "--", "bash", "-c", script];
    words.map(str::to_owned).to_vec()
}

#[test]
fn what_is_typed_reaches_the_command_once() {
    let script = "n=0; trap 'n=$((n+1))' INT; echo ready; \
        for i in {1..100}; do sleep 0.1 & wait $!; [ $n = 0 ] || break; done; \
        for i in {1..5}; do sleep 0.1 & wait $!; done; exit $((40+n))";
    let words = wrapping(script);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let (code, text) = on_own_terminal(&words, b"\x03");
    assert_eq!(code, Some(41), "{text}");
}

/// There the terminal sends it nothing, and whoever signals us means the command.
#[test]
fn in_the_background_a_signal_is_passed_on() {
    for (signal, code) in [("INT", 42), ("QUIT", 43)] {
        let script = format!("trap 'exit {code}' {signal}; kill -{signal} $PPID; {IN_VAIN}");
        let own = wrapping(&script);
        let mut words = vec!["bash", "-c", "set -m; \"$0\" \"$@\" & wait $!; echo \"code $?\""];
        words.extend(own.iter().map(String::as_str));
        let (_, text) = on_own_terminal(&words, b"");
        assert!(text.contains(&format!("code {code}")), "{text}");
    }
}

/// Where the lines of the cases go elsewhere, one line says how far the run is.
#[test]
fn a_terminal_is_told_how_far_a_run_is() {
    let check = "\"$0\" check --contract msk --sandbox --cases 1 ListClusters/valid >";
    let on_terminal = |check: &str| {
        let words = ["sh", "-c", check, env!("CARGO_BIN_EXE_onrecord")];
        let (code, text) = on_own_terminal(&words, b"");
        assert_eq!(code, Some(0), "{text}");
        text
    };
    let told = on_terminal(&format!("{check} /dev/null"));
    assert_eq!(told, "\r\u{1b}[2K0/1 cases, 0 failed: ListClusters/valid/0\r\u{1b}[2K");
    assert_eq!(on_terminal(&format!("CI=true {check} /dev/null")), "");
    assert!(!on_terminal(check.trim_end_matches(" >")).contains("0/1 cases"));
}
