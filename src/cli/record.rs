use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use onrecord::cassette::Header;
use onrecord::contract::Contract;
use onrecord::net::Upstream;
use onrecord::record::{Onto, Recording, Settings, Summary};

use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::origin::Source;
use super::{cassette, contracts, origin, replay, wrapped};

/// Record what a client and a provider say to each other into a cassette.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord record --cassette story.json --contract msk --upstream http://127.0.0.1:5000 -- python3 story.py\n\
    The command finds us through AWS_ENDPOINT_URL and ONRECORD_URL. Without a command we record until\n\
    SIGINT or SIGTERM. What a killed recorder left is recovered at the next start."
)]
pub(super) struct Args {
    /// The file to record into
    #[arg(long, value_name = "FILE")]
    cassette: PathBuf,
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    /// The provider
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// What to do if the cassette is there already
    #[arg(long, value_enum, default_value_t = Mode::Once)]
    mode: Mode,
    /// What answers, as the cassette will say: account, sandbox, or the name of an emulator, moto@5.2.5
    #[arg(long, value_name = "WHAT")]
    origin: Option<Source>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value_t = wrapped::ANY_PORT)]
    listen: SocketAddr,
    /// What to run; without it, we record until SIGINT or SIGTERM
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// What happens to a cassette that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Replay it; record only if it is not there
    Once,
    /// Record afresh, and replace it at the end
    All,
}

pub(super) fn run(args: Args, context: &Context) -> Result<End, Failure> {
    cassette::report_recovered(&args.cassette, context)?;
    if args.mode == Mode::Once && args.cassette.exists() {
        context.tell(&format!(
            "onrecord: {} is there, so it is replayed (--mode all records afresh)",
            args.cassette.display()
        ));
        return replay::run(
            replay::Args::once(args.cassette, args.contracts, args.overlays, args.listen, args.command),
            context,
        );
    }
    let upstream = Upstream::parse(&args.upstream)?;
    let contracts = contracts::load_all(&args.contracts, &args.overlays, context)?;
    let header = header(&contracts, args.origin.as_ref(), &upstream);
    let settings = Settings {
        listen: args.listen,
        onto: if args.mode == Mode::All { Onto::Nothing } else { Onto::Held },
        ..Settings::new(&args.cassette, header, upstream)
    };
    let recording = Recording::start(settings, Arc::new(contracts))?;
    let mut signals = recording.signals()?;
    context.tell(&format!("onrecord: recording at {}", recording.url()));
    let command = wrapped::command(args.command, &recording.url(), context);
    let ran = match &command {
        None => {
            recording.wait(&mut signals);
            Ok(None)
        }
        Some(command) => recording.run(command, &mut signals).map(Some),
    };
    // However it ran, what was recorded is kept, and told also where it could not be kept.
    let recorder = recording.recorder();
    let finished = recording.finish();
    let summary = recorder.summary();
    let kept = if finished.is_ok() { format!(" into {}", args.cassette.display()) } else { String::new() };
    context.tell(&format!("onrecord: {} exchanges recorded{kept}", summary.recorded()));
    tell(&summary, context);
    finished?;
    let nothing_came = command.is_some() && summary.is_complete() && summary.recorded() == 0;
    let end = if nothing_came {
        context.tell(wrapped::NOTHING_CAME);
        End::Found
    } else {
        end(&summary)?
    };
    Ok(ran?.map_or(end, |code| end.with_command(code)))
}

/// How a recording that is in its cassette ends the command.
fn end(summary: &Summary) -> Result<End, Failure> {
    if !summary.unwritten.is_empty() {
        let count: u64 = summary.unwritten.values().sum();
        return Err(Failure::Environment(format!(
            "{count} exchanges could not be written; their clients saw a broken answer, and all others are recorded"
        )));
    }
    Ok(if summary.is_complete() { End::Well } else { End::Found })
}

fn header(contracts: &[Arc<Contract>], origin: Option<&Source>, upstream: &Upstream) -> Header {
    let contract = contracts.first().map(|contract| contracts::reference(contract));
    Header::new(contract, origin::of(origin, upstream))
}

fn tell(summary: &Summary, context: &Context) {
    for (operation, count) in &summary.operations {
        context.tell(&format!("  {count:>6} {operation}"));
    }
    if summary.unknown > 0 {
        context.tell(&format!("  {:>6} of no operation that a contract documents", summary.unknown));
    }
    let reasons =
        [("not recorded", &summary.lost), ("refused", &summary.refused), ("not written", &summary.unwritten)];
    for (what, reasons) in reasons {
        reasons.iter().for_each(|(why, count)| context.tell(&format!("onrecord: {count} {what}: {why}")));
    }
}
