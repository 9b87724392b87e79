//! Words that the command line does not know, and those that its help gives.

use crate::support::{cassette, onrecord, run};

/// Every command.
const COMMANDS: &[&str] = &[
    "",
    "demo",
    "record",
    "replay",
    "ca",
    "cassette",
    "cassette verify",
    "cassette redact",
    "cassette show",
    "cassette recover",
    "check",
    "report",
    "contract",
    "contract list",
    "contract show",
    "contract lint",
    "sandbox",
];

#[test]
fn what_nobody_knows_is_wrong_usage() {
    for (words, named) in [
        ("", "Usage: onrecord <COMMAND>"),
        ("rewind", "unrecognized subcommand 'rewind'"),
        ("check --contract msk --sandbox --loud", "unexpected argument '--loud'"),
        ("record --upstream http://127.0.0.1:1", "--cassette <FILE>"),
        ("record --cassette a.json", "--upstream <URL>"),
        ("replay", "--cassette <FILE>"),
        ("check --sandbox", "no contract: name one with --contract, or in onrecord.toml"),
        (
            "check --contract msk",
            "<--target <[NAME=]URL>|--cassette <FILE>|--sandbox|--replay <FILE>|--clean-up [<LEDGER>]>",
        ),
        ("check --contract msk --sandbox --target http://127.0.0.1:1", "cannot be used with"),
        ("check --contract msk --target http://127.0.0.1:1 --fault x", "cannot be used with"),
        ("sandbox", "--contract <C>"),
        ("sandbox --contract msk --listen nowhere", "invalid value 'nowhere' for '--listen <ADDR>'"),
        ("sandbox --contract msk --fault no.such", "there is no fault no.such; there are:\n  "),
        ("check --contract msk --sandbox --fault no.such", "there is no fault no.such; there are:\n  "),
        ("check --contract msk --sandbox --allow Fly", "--allow Fly: no such operation; there are "),
        ("check --contract msk --sandbox NoSuchCase", "no case has that in its name; --list names them all"),
        ("check --contract msk --sandbox --exact ListClusters", "no case has that in its name"),
        ("check --contract msk --target localhost:1", "it does not start with http:// or https://"),
        ("record --cassette a.json --upstream http://127.0.0.1:1 --allow-host a", "--proxy"),
        ("record --cassette a.json --upstream http://127.0.0.1:1 --passthrough", "--proxy"),
        ("record --cassette a.json --proxy --allow-host a:443", "`a:443` has a port; write the host alone"),
        ("record --cassette a.json --proxy --connect-to a:443", "it does not say where to connect instead"),
        ("record --cassette a.json --proxy --client-cert a.pem", "--client-key <FILE>"),
        ("record --cassette a.json --proxy --upstream-ca no.pem", "--upstream-ca no.pem: No such file"),
        ("record --cassette a.json --proxy --resign", "--upstream"),
        (
            "record --cassette a.json --upstream http://127.0.0.1:1 --resign --listen 0.0.0.0:0",
            "lets others on the network act with your credentials",
        ),
        ("record --cassette a.json --upstream http://127.0.0.1:1 --profile x", "--resign"),
        (
            "record --cassette a.json --upstream http://127.0.0.1:1 --auth-env NO_SUCH_VARIABLE",
            "the variable is not set; export it",
        ),
        ("record --cassette a.json --proxy --max-body lots", "`lots` is no size; write a number with B, KiB"),
        ("record --cassette a.json --proxy --answer-timeout 5", "`5` is no time; write a number with ms, s,"),
        ("record --cassette a.json --proxy --mode some", "[possible values: once, new, all]"),
        ("replay --cassette a.json --allow-host a", "--proxy"),
        ("replay --cassette a.json --config no.toml", "cannot read no.toml: No such file"),
        ("ca --path --renew", "cannot be used with"),
        ("cassette verify", "<FILE>..."),
        ("report no-such-run.json", "cannot read no-such-run.json: No such file"),
        ("cassette", "Usage: onrecord cassette <COMMAND>"),
        ("contract", "Usage: onrecord contract <COMMAND>"),
        ("contract show nothing.json", "nothing.json: the file cannot be read: No such file"),
    ] {
        let ended = run(&mut onrecord(words)).with(2, &[named]);
        assert_eq!(ended.out, "", "{words}");
    }
    let mut check = onrecord("check --contract msk NoSuchCase --cassette");
    run(check.arg(cassette())).with(2, &["no case has that in its name"]);
}

#[test]
fn every_help_ends_well_and_its_examples_are_understood() {
    for command in COMMANDS {
        let help = run(&mut onrecord(&format!("{command} --help"))).with(0, &[]);
        assert!(help.out.contains("Usage: onrecord"), "{}", help.out);
        let mut examples = 0;
        // A long example goes on in the next line.
        for (at, _) in help.out.match_indices("onrecord ").filter(|(at, _)| is_example(&help.out, *at)) {
            let line = help.out[at..].split_inclusive('\n').next().unwrap();
            let words = line.split_once(" --\n").or(line.split_once(" -- ")).map_or(line, |(own, _)| own);
            let words = words.strip_prefix("onrecord ").unwrap();
            run(&mut onrecord(&format!("{words} --help"))).with(0, &[]);
            examples += 1;
        }
        let is_leaf = !matches!(*command, "cassette show" | "cassette recover");
        assert!(examples > 0 || !is_leaf, "{command} has an example");
    }
}

/// Whether a command line begins here: after a colon, or alone on its line.
fn is_example(help: &str, at: usize) -> bool {
    let before = help[..at].lines().last().unwrap_or_default();
    let starts_line = help[..at].ends_with('\n') || before.trim().is_empty();
    (before.trim_end().ends_with(':') && !before.starts_with("Usage")) || (starts_line && !before.is_empty())
}

#[test]
fn lists_are_lists() {
    let faults = run(&mut onrecord("sandbox --contract msk --fault list")).with(0, &[]).out;
    assert!(faults.contains("pagination.cycle"), "{faults}");
    let mut check = onrecord("check --contract msk --sandbox --fault list");
    assert_eq!(run(&mut check).with(0, &[]).out, faults);
    let cases = run(&mut onrecord("check --contract msk --sandbox --list")).with(0, &[]).out;
    let some = run(&mut onrecord("check --contract msk --sandbox --list ListClusters")).with(0, &[]).out;
    assert!(cases.lines().count() > some.lines().count() && some.lines().count() > 1, "{some}");
    assert!(some.lines().all(|name| name.contains("ListClusters")), "{some}");
}
