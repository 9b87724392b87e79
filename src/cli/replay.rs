use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::net::{Limits, Running, Signals};
use onrecord::replay::Replayer;

use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::{cassette, contracts, wrapped};

/// Serve a cassette back, without any network.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord replay --cassette cassettes/msk/story-moto.json -- python3 tests/e2e/story.py\n\
    The command finds us through AWS_ENDPOINT_URL and ONRECORD_URL. A request that the cassette does\n\
    not answer is refused with a 400 that SDKs do not retry, explained on stderr, and makes the exit code 1."
)]
pub(super) struct Args {
    /// The recorded exchanges; several are one sequence
    #[arg(long = "cassette", value_name = "FILE", required = true)]
    cassettes: Vec<PathBuf>,
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document; taken from the cassette if it names a built-in one
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value_t = wrapped::ANY_PORT)]
    listen: SocketAddr,
    /// Fail if an exchange is left unused
    #[arg(long)]
    strict: bool,
    /// What to run against the replay; without it, we serve until SIGINT or SIGTERM
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Args {
    /// What `record` does when there is nothing to record.
    pub(super) fn once(
        cassette: PathBuf,
        contracts: Vec<String>,
        overlays: Overlays,
        listen: SocketAddr,
        command: Vec<OsString>,
    ) -> Self {
        Self { cassettes: vec![cassette], contracts, overlays, listen, strict: false, command }
    }
}

pub(super) fn run(args: Args, context: &Context) -> Result<End, Failure> {
    let cassettes: Vec<_> =
        args.cassettes.iter().map(|path| cassette::load(path)).collect::<Result<_, _>>()?;
    let contracts = contracts::of_cassettes(&args.contracts, &args.overlays, &cassettes, context)?;
    let names = args.cassettes.iter().map(|path| path.display().to_string());
    let replayer = Replayer::new(contracts, cassettes).named(names);
    let replayer = Arc::new(replayer.on_miss(|miss| Context::shout(&miss.to_string())));
    let running = Running::serve(args.listen, replayer.clone(), Limits::default())?;
    let mut signals = Signals::catch(running.runtime())?;
    context.tell(&format!("onrecord: replaying at {}", running.url()));
    let command = wrapped::command(args.command, &running.url(), context);
    let code = wrapped::until_over(&running, &mut signals, command.as_ref())?;
    running.stop();

    let (misses, unused) = (replayer.missed(), replayer.unused());
    context.tell(&format!(
        "onrecord: {} served, {misses} missed, {} unused",
        replayer.served(),
        unused.len()
    ));
    if args.strict {
        unused.iter().for_each(|unused| context.tell(&format!("onrecord: unused: {unused}")));
    }
    let nothing_came = command.is_some() && replayer.served() + misses == 0;
    if nothing_came {
        context.tell(wrapped::NOTHING_CAME);
    }
    let broken = nothing_came || misses > 0 || (args.strict && !unused.is_empty());
    let end = if broken { End::Found } else { End::Well };
    Ok(code.map_or(end, |code| end.with_command(code)))
}
