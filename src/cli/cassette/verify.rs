//! `onrecord cassette verify`

use std::fmt;
use std::path::{Path, PathBuf};

use onrecord::record::Describe as _;
use onrecord::redact::{RULES_VERSION, Suspicion, suspicions};
use serde::Serialize;

use super::load;
use super::ruling::{Given, Ruling};
use crate::cli::context::Context;
use crate::cli::failure::{End, Failure};
use crate::cli::format::{Format, json};

/// Search cassettes for what looks like a secret.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord cassette verify cassettes/msk/story-moto.json\n\
    Tells the exchange, the place and the kind of what looks like a secret, or is one by the rules of\n\
    onrecord.toml or by the contract, never the value, and makes the exit code 1. A cassette that is damaged,\n\
    or whose bodies are not what was recorded, is 2.")]
pub(super) struct Args {
    /// The cassettes
    #[arg(value_name = "FILE", required = true)]
    cassettes: Vec<PathBuf>,
    #[command(flatten)]
    ruling: Ruling,
    /// How what is found is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What was looked through, and found.
#[derive(Serialize)]
struct Looked {
    cassette: String,
    exchanges: usize,
    /// The version of the rules that redacted it, and today's.
    redaction: u32,
    rules: u32,
    found: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    /// The exchange, counted from 0.
    exchange: usize,
    operation: Option<String>,
    place: String,
    kind: &'static str,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let given = args.ruling.read()?;
    // One that cannot be read hides nothing of the others.
    let mut failures = Vec::new();
    let looked = args.cassettes.iter().map(|path| look(path, &given, context));
    let looked: Vec<_> = looked.filter_map(|it| it.map_err(|error| failures.push(error)).ok()).collect();
    match args.format {
        Format::Human => looked.iter().for_each(|looked| context.say(&looked.to_string())),
        Format::Json => context.say(&json(&looked)),
    }
    looked.iter().for_each(|looked| looked.advise(context));
    if let Some(last) = failures.pop() {
        failures.iter().for_each(|failure| context.complain(&failure.to_string()));
        return Err(last);
    }
    Ok(if looked.iter().all(|looked| looked.found.is_empty()) { End::Well } else { End::Found })
}

fn look(path: &Path, given: &Given, context: &Context) -> Result<Looked, Failure> {
    let cassette = load(path)?;
    let ruled = given.of(&cassette, context)?;
    let mut found = Vec::new();
    for (index, exchange) in cassette.exchanges.iter().enumerate() {
        let suspicions = suspicions(exchange, &ruled.rules, &ruled.describe(exchange).declared).into_iter();
        found.extend(suspicions.map(|Suspicion { place, kind }| Found {
            exchange: index,
            operation: exchange.operation.clone(),
            place,
            kind,
        }));
    }
    Ok(Looked {
        cassette: path.display().to_string(),
        exchanges: cassette.exchanges.len(),
        redaction: cassette.header.redaction,
        rules: RULES_VERSION,
        found,
    })
}

impl Looked {
    /// What to do about it.
    fn advise(&self, context: &Context) {
        let Self { cassette, redaction, rules, .. } = self;
        if redaction < rules {
            context.tell(&format!(
                "onrecord: {cassette} was redacted by rules {redaction}, and today's are {rules}: apply them with `onrecord cassette redact {cassette}`"
            ));
        }
        if !self.found.is_empty() {
            context.tell(&format!(
                "onrecord: if they are secrets, change them at the provider, then run `onrecord cassette redact {cassette}`"
            ));
        }
    }
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cassette, exchanges, found, .. } = self;
        for Found { exchange, operation, place, kind } in found {
            let operation = operation.as_deref().unwrap_or("-");
            writeln!(f, "{cassette}: exchanges[{exchange}] {operation}: {kind} in the {place}")?;
        }
        write!(f, "{cassette}: {exchanges} exchanges, ")?;
        match found.len() {
            0 => write!(f, "nothing looks like a secret"),
            1 => write!(f, "1 place looks like a secret"),
            count => write!(f, "{count} places look like secrets"),
        }
    }
}
