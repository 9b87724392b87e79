//! `onrecord cassette export`

use std::path::PathBuf;

use onrecord::interchange::export;

use super::{left, load, vet_output};
use crate::cli::context::Context;
use crate::cli::failure::{End, Failure};

/// Write a cassette in the format of other tools.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord cassette export cassettes/msk/story-moto.json --to har --output story.har\n\
    onrecord cassette export story.json --to wiremock --output mappings/story.json\n\
    What the format cannot hold is listed on stderr."
)]
pub(super) struct Args {
    /// The cassette
    #[arg(value_name = "FILE")]
    cassette: PathBuf,
    /// The format
    #[arg(long, value_enum)]
    to: To,
    /// Write it here, where nothing is yet; without it, to standard output
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum To {
    /// HAR 1.2
    Har,
    /// Stub mappings of WireMock 3
    Wiremock,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    args.output.as_deref().map_or(Ok(()), vet_output)?;
    let cassette = load(&args.cassette)?;
    let (document, left) = match args.to {
        To::Har => export::har(&cassette),
        To::Wiremock => export::wiremock(&cassette),
    };
    let text = format!("{document:#}\n");
    match &args.output {
        None => context.say(&text),
        Some(path) => {
            let failed = |error| Failure::Environment(format!("cannot write {}: {error}", path.display()));
            std::fs::write(path, text).map_err(failed)?;
            let count = cassette.exchanges.len();
            context.tell(&format!("onrecord: {count} exchanges exported to {}", path.display()));
        }
    }
    left::tell(&left, context);
    Ok(End::Well)
}
