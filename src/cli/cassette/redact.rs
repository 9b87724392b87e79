//! `onrecord cassette redact`

use std::path::PathBuf;

use onrecord::cassette::Cassette;
use onrecord::exchange::Exchange;
use onrecord::record::{Describe as _, Ruled};
use onrecord::redact::{Leak, RULES_VERSION, Redacted, Redactor};

use super::{load, report_recovered};
use crate::cli::config::Place;
use crate::cli::context::Context;
use crate::cli::contracts::{self, Overlays};
use crate::cli::failure::{End, Failure};

/// Apply today's redaction rules, and those of onrecord.toml, to an old cassette.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord cassette redact cassettes/msk/story-moto.json --output redacted.json\n\
    A cassette in which nothing changes stays the same to the byte. One in which a secret would be left is\n\
    not written; the exit code is 1."
)]
pub(super) struct Args {
    /// The cassette
    #[arg(value_name = "FILE")]
    cassette: PathBuf,
    /// Write the result here, and leave the cassette as it is
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A built-in contract (msk), or a file; taken from the cassette if it names a built-in one
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    #[command(flatten)]
    config: Place,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let config = args.config.read()?;
    report_recovered(&args.cassette, context)?;
    let held = load(&args.cassette)?;
    let overlays = args.overlays.and(&config.overlays);
    let named = if args.contracts.is_empty() { &config.contracts } else { &args.contracts };
    let contracts = contracts::of_cassettes(named, &overlays, std::slice::from_ref(&held), context)?;
    config.vet_members(&contracts)?;
    let redactor = Redactor::with(config.rules.clone());
    let redacted = redacted(&held, &Ruled { contracts, rules: config.rules }, &redactor)
        .map_err(|leak| Failure::Found(format!("{}: {leak}", args.cassette.display())))?;
    let changed = held.exchanges.iter().zip(&redacted.exchanges).filter(|(old, new)| old != new).count();
    let output = args.output.as_ref().unwrap_or(&args.cassette);
    if redacted != held || output != &args.cassette {
        redacted.save(output)?;
    }
    context.tell(&format!(
        "onrecord: {changed} of {} exchanges changed in {}",
        held.exchanges.len(),
        output.display()
    ));
    Ok(End::Well)
}

/// All exchanges as today's rules let them pass; or which one they do not.
fn redacted(held: &Cassette, ruled: &Ruled, redactor: &Redactor) -> Result<Cassette, String> {
    let named = |index: usize, leak: &Leak| format!("exchanges[{index}]: {leak}");
    held.exchanges.iter().for_each(|exchange| redactor.resume(exchange));
    let once = |(index, exchange): (usize, &Redacted<Exchange>)| {
        let passed = redactor.exchange(exchange, &ruled.describe(exchange).declared);
        passed.map_err(|leak| named(index, &leak))
    };
    let passed = held.exchanges.iter().enumerate().map(once).collect::<Result<Vec<_>, _>>()?;
    // Once more, for what was only learned later.
    let again = |(index, exchange): (usize, &Redacted<Exchange>)| {
        redactor.again(exchange).map_err(|leak| named(index, &leak))
    };
    let exchanges = passed.iter().enumerate().map(again).collect::<Result<_, _>>()?;
    let mut header = held.header.clone();
    header.redaction = header.redaction.max(RULES_VERSION);
    Ok(Cassette { header, exchanges })
}
