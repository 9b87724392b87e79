//! `onrecord cassette verify`

use std::path::{Path, PathBuf};

use onrecord::redact::{RULES_VERSION, suspicions};

use super::load;
use crate::cli::context::Context;
use crate::cli::failure::{End, Failure};

/// Search cassettes for what looks like a secret.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord cassette verify cassettes/msk/story-moto.json\n\
    Tells the exchange, the place and the kind of what looks like a secret, never the value, and makes the\n\
    exit code 1. A cassette that is damaged, or whose bodies are not what was recorded, is 2.")]
pub(super) struct Args {
    /// The cassettes
    #[arg(value_name = "FILE", required = true)]
    cassettes: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let counts = args.cassettes.iter().map(|path| verify(path, context)).collect::<Result<Vec<_>, _>>()?;
    Ok(if counts.iter().all(|count| *count == 0) { End::Well } else { End::Found })
}

/// How much in it looks like a secret.
fn verify(path: &Path, context: &Context) -> Result<usize, Failure> {
    let cassette = load(path)?;
    let name = path.display();
    let mut count = 0;
    for (index, exchange) in cassette.exchanges.iter().enumerate() {
        let operation = exchange.operation.as_deref().unwrap_or("-");
        for suspicion in suspicions(exchange) {
            context.say(&format!("{name}: exchanges[{index}] {operation}: {suspicion}"));
            count += 1;
        }
    }
    let verdict = match count {
        0 => "nothing looks like a secret".to_owned(),
        1 => "1 place looks like a secret".to_owned(),
        count => format!("{count} places look like secrets"),
    };
    context.say(&format!("{name}: {} exchanges, {verdict}", cassette.exchanges.len()));
    let version = cassette.header.redaction;
    if version < RULES_VERSION {
        context.tell(&format!(
            "onrecord: {name} was redacted by rules {version}, and today's are {RULES_VERSION}: apply them with `onrecord cassette redact {name}`"
        ));
    }
    if count > 0 {
        context.tell(&format!(
            "onrecord: if they are secrets, change them at the provider, then run `onrecord cassette redact {name}`"
        ));
    }
    Ok(count)
}
