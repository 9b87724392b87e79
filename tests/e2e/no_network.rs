//! A replay connects to nothing, whatever it is asked: seen by a trace of its system calls, and in
//! a network namespace that has nothing but loopback.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::parts::{onrecord, skipped};

/// A hit, a miss, a host that is not let in, once through a tunnel and once without, and a session
/// that is not there: what each is told.
const STORY: &str = r#"
ask() { curl --silent --output /dev/null --write-out '%{http_code} %{http_connect}\n' "$@"; }
ask 'https://kafka.us-east-1.amazonaws.com/v1/clusters?maxResults=2'
ask 'https://kafka.us-east-1.amazonaws.com/v1/clusters?maxResults=3'
ask https://example.com/
ask http://example.com/
ask --header 'x-onrecord-session: none' https://kafka.us-east-1.amazonaws.com/v1/clusters
true
"#;

const TOLD: &str = "200 200\n400 200\n000 403\n403 000\n400 200\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program and its words, run under others.
fn under(words: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(words[0]);
    outer.args(&words[1..]).arg(command.get_program()).args(command.get_args()).current_dir(root());
    outer
}

fn replay() -> Command {
    let mut command = onrecord();
    let flags = ["replay", "--proxy", "--admin", "127.0.0.1:0", "--cassette"];
    command.args(flags).arg("cassettes/msk/story-sandbox.json");
    command.args(["--", "sh", "-c", STORY]);
    command
}

#[track_caller]
fn told_the_story(output: &Output) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), TOLD, "{err}");
    // Two misses.
    assert_eq!(output.status.code(), Some(1), "{err}");
}

fn works(words: &[&str]) -> bool {
    let output = Command::new(words[0]).args(&words[1..]).arg("true").output();
    output.is_ok_and(|output| output.status.success())
}

/// A command under a trace, and the addresses that it and its children connected or sent to.
fn traced(command: &Command, folder: &Path) -> (Output, Vec<String>) {
    let trace = folder.join("trace");
    let calls = "trace=connect,sendto,sendmsg,sendmmsg";
    let words = ["strace", "-f", "-qq", "-e", calls, "-o", trace.to_str().expect("a path")];
    let output = under(&words, command).output().expect("strace runs");
    let text = fs::read_to_string(&trace).expect("a trace");
    let addresses = text.lines().filter(|line| line.contains("sa_family=AF_INET")).map(str::to_owned);
    (output, addresses.collect())
}

fn is_own(call: &str) -> bool {
    call.contains("inet_addr(\"127.0.0.1\")")
}

#[test]
fn no_system_call_leads_out() {
    if !works(&["strace", "-f", "-o", "/dev/null"]) {
        return skipped("strace is not installed, or may not trace");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (output, calls) = traced(&replay(), folder.path());
    told_the_story(&output);
    assert!(calls.len() >= 5, "the client's own connections are in the trace: {calls:?}");
    let outside: Vec<_> = calls.iter().filter(|call| !is_own(call)).collect();
    assert!(outside.is_empty(), "{outside:?}");

    // The trace would have shown it, be it only tried.
    let mut other = Command::new("curl");
    other.args(["--silent", "--noproxy", "*", "http://127.0.0.2:9/"]);
    let (_, calls) = traced(&other, folder.path());
    assert!(calls.iter().any(|call| !is_own(call)), "{calls:?}");
}

#[test]
fn nothing_is_missing_where_there_is_no_network() {
    let apart = ["unshare", "--user", "--map-root-user", "--net"];
    if !works(&apart) {
        // Containers often forbid it; the trace shows the same.
        assert!(works(&["strace", "-f", "-o", "/dev/null"]), "neither strace nor unshare can be used");
        return;
    }
    let up: PathBuf = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .unwrap_or("ip".into());
    let script = format!("{} link set lo up && exec \"$@\"", up.display());
    let words = [&apart[..], &["sh", "-c", &script, "sh"]].concat();
    told_the_story(&under(&words, &replay()).output().expect("unshare runs"));
    // There really is no way out.
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--noproxy", "*", "http://192.0.2.1/"]);
    assert_eq!(under(&words, &curl).output().expect("curl runs").status.code(), Some(7));
}
