//! `onrecord cassette redact`

use std::path::PathBuf;

use onrecord::cassette::Cassette;
use onrecord::record::pass;
use onrecord::redact::{RULES_VERSION, Redactor};

use super::ruling::Ruling;
use super::{load, report_recovered, vet_output};
use crate::cli::context::Context;
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
    /// Write the result here, where nothing is yet, and leave the cassette as it is
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    ruling: Ruling,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let given = args.ruling.read()?;
    args.output.as_deref().map_or(Ok(()), vet_output)?;
    report_recovered(&args.cassette, context)?;
    let held = load(&args.cassette)?;
    let redactor = Redactor::with(given.config.rules.clone());
    held.exchanges.iter().for_each(|exchange| redactor.resume(exchange));
    let exchanges = pass(held.exchanges.iter().map(|it| &**it), &given.of(&held, context)?, &redactor)
        .map_err(|held| Failure::Found(format!("{}: {held}", args.cassette.display())))?;
    let mut header = held.header.clone();
    header.redaction = header.redaction.max(RULES_VERSION);
    let redacted = Cassette { header, exchanges };
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
