//! `onrecord cassette`

mod export;
mod import;
mod left;
mod redact;
mod ruling;
mod verify;

use std::path::{Path, PathBuf};

use onrecord::cassette::{Cassette, CassetteError, Recovered, recover};
use onrecord::encoding::shell_word;
use onrecord::exchange::Ending;

use super::context::Context;
use super::failure::{End, Failure};

/// Look at cassettes, search them for secrets, redact or recover them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord cassette verify cassettes/msk/story-moto.json cassettes/msk/story-sandbox.json"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say what a cassette was recorded from, and name its exchanges
    Show {
        /// The cassette
        #[arg(value_name = "FILE")]
        cassette: PathBuf,
    },
    /// Search cassettes for what looks like a secret; exit code 1 if there is something
    Verify(verify::Args),
    /// Apply today's redaction rules, and those of onrecord.toml, to an old cassette
    Redact(redact::Args),
    /// Make a cassette of what other tools recorded: HAR, vcrpy, go-vcr, Hoverfly
    Import(import::Args),
    /// Write a cassette in the format of other tools: HAR, WireMock
    Export(export::Args),
    /// Fold what a killed recorder left behind into its cassette
    Recover {
        /// The cassette that was being recorded
        #[arg(value_name = "FILE")]
        cassette: PathBuf,
    },
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    match &args.what {
        What::Show { cassette } => show(cassette, context)?,
        What::Verify(args) => return verify::run(args, context),
        What::Redact(args) => return redact::run(args, context),
        What::Import(args) => return import::run(args, context),
        What::Export(args) => return export::run(args, context),
        What::Recover { cassette } => {
            if !report_recovered(cassette, context)? {
                context.tell(&format!("onrecord: nothing to recover for {}", cassette.display()));
            }
        }
    }
    Ok(End::Well)
}

/// Folds what a killed recorder left behind into its cassette; whether there was anything.
pub(super) fn report_recovered(cassette: &Path, context: &Context) -> Result<bool, Failure> {
    let recovered = recover(cassette)?;
    recovered.iter().for_each(|recovered| tell_recovered(cassette, recovered, context));
    Ok(recovered.is_some())
}

/// Says what became of what a killed recorder left.
pub(super) fn tell_recovered(cassette: &Path, recovered: &Recovered, context: &Context) {
    let torn = if recovered.torn { "; one was cut short and is lost" } else { "" };
    let Some(into) = &recovered.into else {
        context.tell(&format!("onrecord: a killed recording left nothing to recover{torn}"));
        return;
    };
    context.tell(&format!(
        "onrecord: recovered {} exchanges of a killed recording into {}{torn}{}",
        recovered.exchanges,
        into.display(),
        how_to_keep(into, cassette)
    ));
}

/// What makes a cassette of what lies beside it: nothing does it unasked, for it is not the whole story.
pub(super) fn how_to_keep(aside: &Path, cassette: &Path) -> String {
    // What lies beside a cassette lies beside the file that a link leads to.
    let cassette = if cassette.is_symlink() { aside.with_extension("") } else { cassette.to_owned() };
    if aside.extension() != Some("partial".as_ref()) || aside == cassette {
        return String::new();
    }
    let bodies = |path: &Path| PathBuf::from(format!("{}.bodies", path.display()));
    let word = |path: &Path| shell_word(&path.display().to_string()).into_owned();
    let mut moves = format!("mv {} {}", word(aside), word(&cassette));
    let (from, to) = (bodies(aside), bodies(&cassette));
    // They are named by what they hold, so none takes the place of another.
    match (from.exists(), to.exists()) {
        (false, _) => {}
        (true, false) => moves += &format!(" && mv {} {}", word(&from), word(&to)),
        (true, true) => moves += &format!(" && mv {}/* {}", word(&from), word(&to)),
    }
    match cassette.exists() {
        true => format!("; to have it in its place: {moves}"),
        false => format!("; to keep it as it is: {moves}"),
    }
}

/// Nothing that is there is written over.
pub(super) fn vet_output(output: &Path) -> Result<(), Failure> {
    let name = output.display();
    match std::fs::metadata(output) {
        Ok(there) if there.is_dir() => Err(Failure::Input(format!("{name} is a folder; name a file in it"))),
        Ok(there) if there.is_file() => {
            Err(Failure::Input(format!("{name} is there already; name another --output")))
        }
        _ => Ok(()),
    }
}

/// Reads a cassette. One that cannot be read is bad input, whatever the reason.
pub(super) fn load(path: &Path) -> Result<Cassette, Failure> {
    Cassette::load(path).map_err(|error| unreadable(path, &error))
}

/// Why a cassette cannot be read, and what to do.
pub(super) fn unreadable(path: &Path, error: &CassetteError) -> Failure {
    let cure = match error {
        CassetteError::Io { .. } if journal_of(path).exists() => {
            format!("; a recording was killed: onrecord cassette recover {}", path.display())
        }
        CassetteError::Io { .. } => "; name a cassette that can be read".to_owned(),
        _ => String::new(),
    };
    Failure::Input(format!("{error}{cure}"))
}

/// Where a recording into this cassette is while it runs.
pub(super) fn journal_of(cassette: &Path) -> PathBuf {
    let mut name = cassette.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}

fn show(path: &Path, context: &Context) -> Result<(), Failure> {
    let Cassette { header, exchanges } = load(path)?;
    let contract = header.contract.map_or("no contract".to_owned(), |contract| contract.id);
    let mut text = format!(
        "{}: {} exchanges, {contract}, recorded from {} at {} by {}\n",
        path.display(),
        exchanges.len(),
        header.origin,
        header.recorded,
        header.recorder
    );
    for (index, exchange) in exchanges.iter().enumerate() {
        let operation = exchange.operation.as_deref().unwrap_or("-");
        let ending = if exchange.ending == Ending::Aborted { "  cut short" } else { "" };
        let (request, status) = (&exchange.request, exchange.response.status);
        text += &format!(
            "{index:>5}  {status}  {operation:<20}  {} {}{ending}\n",
            request.method, request.target
        );
    }
    context.say(&text);
    Ok(())
}
