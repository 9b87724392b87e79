//! `onrecord cassette import`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use onrecord::cassette::{Cassette, Header, Origin};
use onrecord::exchange::Exchange;
use onrecord::interchange::{self, Imported, Left};
use onrecord::net::Upstream;
use onrecord::record::{Describe as _, Ruled, pass};
use onrecord::redact::PROVIDER;

use super::ruling::Ruling;
use super::{left, report_recovered, vet_output};
use crate::cli::context::Context;
use crate::cli::contracts;
use crate::cli::failure::{End, Failure};
use crate::cli::origin::Source;
use crate::cli::record::redactor;

/// Make a cassette of what other tools recorded.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord cassette import browser.har --output story.json --contract msk --origin account\n\
    All of it is redacted as a recording is. What a cassette cannot hold is listed on stderr; the exit code is\n\
    1 if exchanges were left out."
)]
pub(super) struct Args {
    /// What was recorded; several files follow one another
    #[arg(value_name = "FILE", required = true)]
    recordings: Vec<PathBuf>,
    /// The cassette, which must not be there yet
    #[arg(long, value_name = "CASSETTE")]
    output: PathBuf,
    /// What wrote the files; without it, their content tells
    #[arg(long, value_enum)]
    from: Option<From>,
    /// What answered: account, sandbox, or an emulator (moto@5.2.5); without it, an unnamed emulator
    #[arg(long, value_name = "WHAT")]
    origin: Option<Source>,
    #[command(flatten)]
    ruling: Ruling,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum From {
    /// HAR 1.2: browsers, mitmproxy
    Har,
    /// vcrpy, go-vcr
    Vcr,
    /// Simulations of Hoverfly
    Hoverfly,
}

impl From {
    fn format(self) -> interchange::Format {
        match self {
            Self::Har => interchange::Format::Har,
            Self::Vcr => interchange::Format::Vcr,
            Self::Hoverfly => interchange::Format::Hoverfly,
        }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    let given = args.ruling.read()?;
    let output = args.output.display();
    report_recovered(&args.output, context)?;
    vet_output(&args.output)?;
    let (mut exchanges, formats, left) = read_all(args)?;
    let hosts: BTreeSet<_> = exchanges.iter().filter_map(|it| it.request.headers.get("host")).collect();
    let contracts = contracts::named_or_serving(&given.names, &given.overlays, &hosts, context)?;
    given.config.vet_members(&contracts)?;
    let redactor = redactor::make(&given.config, context);
    hosts.iter().filter(|host| is_here(host)).for_each(|host| redactor.host(host, PROVIDER));
    let header = header(args, &exchanges, formats, contracts.first().map(|it| contracts::reference(it)));
    let ruled = Ruled { contracts, rules: given.config.rules };
    exchanges.iter_mut().for_each(|it| it.operation = ruled.describe(it).operation);
    let exchanges = pass(&exchanges, &ruled, &redactor)
        .map_err(|held| Failure::Found(format!("{held}; nothing is written, see docs/configuration.md")))?;
    let count = exchanges.len();
    Cassette { header, exchanges }.save(&args.output)?;
    context.tell(&format!("onrecord: {count} exchanges imported into {output}"));
    if args.origin.is_none() {
        context.tell("onrecord: nothing says what answered, so it counts as an unnamed emulator; --origin says otherwise");
    }
    left::tell(&left, context);
    Ok(if left.exchanges.is_empty() { End::Well } else { End::Found })
}

/// What all files hold, and which formats they have.
fn read_all(args: &Args) -> Result<(Vec<Exchange>, BTreeSet<&'static str>, Left), Failure> {
    let (mut exchanges, mut formats, mut left) = (Vec::new(), BTreeSet::new(), Left::default());
    for path in &args.recordings {
        let imported = read(path, args.from)?;
        formats.insert(imported.format.name());
        left.add(&imported.left);
        exchanges.extend(imported.exchanges);
    }
    if exchanges.is_empty() {
        let why: Vec<_> = left.exchanges.keys().copied().collect();
        let why = if why.is_empty() { String::new() } else { format!(", only {}", why.join(", ")) };
        return Err(Failure::Input(format!("there is no exchange in these files{why}; name others")));
    }
    Ok((exchanges, formats, left))
}

fn read(path: &Path, from: Option<From>) -> Result<Imported, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Input(format!("{name}: {error}; name a file that can be read")))?;
    interchange::import(&name, &bytes, from.map(From::format))
        .map_err(|error| Failure::Input(error.to_string()))
}

fn is_here(host: &str) -> bool {
    Upstream::parse(&format!("http://{host}")).is_ok_and(|upstream| upstream.is_loopback())
}

fn header(
    args: &Args,
    exchanges: &[Exchange],
    formats: BTreeSet<&'static str>,
    contract: Option<onrecord::cassette::ContractRef>,
) -> Header {
    let unnamed = Origin::Emulator { name: "unnamed".to_owned(), version: None };
    let origin = args.origin.as_ref().map_or(unnamed, Source::origin);
    let mut header = Header::new(contract, origin);
    let formats = formats.into_iter().collect::<Vec<_>>().join(" and ");
    header.recorder = format!("{}, from {formats}", header.recorder);
    if let Some(first) = exchanges.iter().map(|exchange| exchange.timing.started).min() {
        header.recorded = first;
    }
    header
}
