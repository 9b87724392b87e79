//! The command line: one file for each subcommand. It sees only the library's public interface.

mod authority;
mod baseline;
mod cassette;
mod check;
mod clean_up;
mod config;
mod context;
mod contract;
mod contracts;
mod costs;
mod demo;
mod failure;
mod format;
mod interrupts;
mod ledgers;
mod origin;
mod progress;
mod proxy;
mod record;
mod replay;
mod report;
mod sandbox;
mod trials;
mod voice;
mod wrapped;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use context::Context;

/// Put a cloud provider's HTTP API on record, play it back in CI, and hold it to its contract.
#[derive(Debug, Parser)]
#[command(name = "onrecord", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all well; 1 something was found (a finding, a miss, an exchange not recorded);
2 wrong usage or bad input; 3 the environment failed (port taken, upstream unreachable).
With a wrapped command, its own exit code unless ours is worse.

Start here: onrecord demo";

#[derive(Debug, Subcommand)]
enum Command {
    /// The whole story on the sandbox, in under a minute: record, replay, check, report
    Demo(demo::Args),
    /// Record what a client and a provider say to each other into a cassette
    Record(record::Args),
    /// Serve a cassette back, without any network
    Replay(replay::Args),
    /// Make a certificate authority that lasts, for `--proxy`
    Ca(authority::Args),
    /// Look at cassettes, search them for secrets, redact or recover them
    Cassette(cassette::Args),
    /// Hold a provider, or a cassette, to its contract
    Check(check::Args),
    /// Render runs as HTML, JUnit, Markdown, SARIF or text
    Report(report::Args),
    /// Look into a contract, or have it examined
    Contract(contract::Args),
    /// Serve a contract from memory
    Sandbox(sandbox::Args),
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let context = Context::capture();
    let end = match arguments.command {
        Command::Demo(args) => demo::run(&args, &context),
        Command::Record(args) => record::run(args, &context),
        Command::Replay(args) => replay::run(args, &context),
        Command::Ca(args) => authority::run(&args, &context),
        Command::Cassette(args) => cassette::run(&args, &context),
        Command::Check(args) => check::run(&args, &context),
        Command::Report(args) => report::run(&args, &context),
        Command::Contract(args) => contract::run(&args, &context),
        Command::Sandbox(args) => sandbox::run(&args, &context),
    };
    let code = end.map_or_else(
        |failure| {
            context.complain(&failure.to_string());
            failure.into()
        },
        ExitCode::from,
    );
    Context::finish();
    code
}
