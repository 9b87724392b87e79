mod faults;
mod opening;
mod strictness;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::exchange::{plain_host, without_port};
use onrecord::net::{Entrance, Running, Signals};
use onrecord::redact::PROVIDER;
use onrecord::replay::{Library, Replayer};

use crate::cli::config::{Limiting, Place};
use crate::cli::context::Context;
use crate::cli::contracts::Overlays;
use crate::cli::failure::{End, Failure};
use crate::cli::proxy::{Forward, Others};
use crate::cli::record::redactor;
use crate::cli::wrapped;
use crate::cli::wrapped::Environment;

/// Serve a cassette back, without any network.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: onrecord replay --cassette cassettes/msk/story-moto.json -- python3 tests/e2e/story.py\n\n\
    The command finds us through AWS_ENDPOINT_URL and ONRECORD_URL; with --proxy it keeps the real host names, \
    and finds us through HTTPS_PROXY and HTTP_PROXY. A request that the cassette does not answer is refused \
    with a 400 that SDKs do not retry, explained on stderr, and makes the exit code 1."
)]
pub(super) struct Args {
    /// The recorded exchanges; several are one sequence
    #[arg(long = "cassette", value_name = "FILE", required = true)]
    pub(super) cassettes: Vec<PathBuf>,
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document; taken from the cassette if it names a built-in one
    #[arg(long = "contract", value_name = "C")]
    pub(super) contracts: Vec<String>,
    #[command(flatten)]
    pub(super) overlays: Overlays,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value_t = wrapped::ANY_PORT)]
    pub(super) listen: SocketAddr,
    /// Fail if an exchange is left unused
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) faults: faults::Faults,
    #[command(flatten)]
    pub(super) strictness: strictness::Strictness,
    #[command(flatten)]
    pub(super) config: Place,
    #[command(flatten)]
    pub(super) forward: Forward,
    #[command(flatten)]
    pub(super) limiting: Limiting,
    /// What to run against the replay; without it, we serve until SIGINT or SIGTERM
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

impl Args {
    /// What `record` does when there is nothing to record.
    pub(super) fn once(cassette: PathBuf) -> Self {
        Self {
            cassettes: vec![cassette],
            contracts: Vec::new(),
            overlays: Overlays::default(),
            listen: wrapped::ANY_PORT,
            strict: false,
            faults: faults::Faults::default(),
            strictness: strictness::Strictness::default(),
            config: Place::default(),
            forward: Forward::default(),
            limiting: Limiting::default(),
            command: Vec::new(),
        }
    }
}

pub(super) fn run(args: Args, context: &Context) -> Result<End, Failure> {
    if args.faults.ask_for_list() {
        context.say(&faults::list());
        return Ok(End::Well);
    }
    let config = args.config.read()?;
    let overlays = args.overlays.and(&config.overlays);
    let named = if args.contracts.is_empty() { &config.contracts } else { &args.contracts };
    let library = opening::library(&args.cassettes, named, &overlays, context)?;
    config.vet_members(library.contracts())?;
    let gate = match args.forward.proxy {
        false => None,
        true => {
            let door = args.forward.door(library.contracts(), &config, Others::Unrecorded);
            Some(door.and(real(&library)).open(context)?)
        }
    };
    let contracts = library.contracts().to_vec();
    let replayer = Replayer::over(library.into())
        .with_rules(config.rules.clone())
        .with_secrets(redactor::secrets(context));
    let replayer = if gate.is_some() { replayer.with_real_hosts() } else { replayer };
    let replayer = Arc::new(replayer.on_miss(|miss| Context::shout(&miss.to_string())));
    let entrance = gate.as_ref().map_or(Entrance::Reverse, |gate| gate.entrance.clone());
    let limits = args.limiting.limits(&config.limits);
    wrapped::allow_connections(&limits);
    let answer = args.faults.before(replayer.clone(), &contracts, context)?;
    let (answer, demanded) = args.strictness.before(answer, &contracts);
    let running = Running::serve_at(args.listen, entrance, answer, limits)?;
    let mut signals = Signals::catch(running.runtime())?;
    context.tell(&format!("onrecord: replaying at {}", running.url()));
    let environment = Environment::of(gate.as_ref(), &running.url(), context);
    let command = wrapped::command(args.command, environment, gate.as_ref(), context);
    let code = wrapped::until_over(&running, &mut signals, command.as_ref())?;
    running.stop();

    let (misses, unused) = (replayer.missed(), replayer.left());
    context.tell(&format!("onrecord: {} served, {misses} missed, {} unused", replayer.served(), unused));
    if args.strict {
        replayer.unused().iter().for_each(|unused| context.tell(&format!("onrecord: unused: {unused}")));
    }
    let was_broken = demanded.was_broken(context);
    let nothing_came = command.is_some() && replayer.served() + misses == 0 && !was_broken;
    if nothing_came {
        context.tell(wrapped::nothing_came(gate.as_ref()));
    }
    let broken = nothing_came || was_broken || misses > 0 || (args.strict && unused > 0);
    let end = if broken { End::Found } else { End::Well };
    Ok(code.map_or(end, |code| end.with_command(code)))
}

/// The hosts that were asked for, where they are real ones.
fn real(library: &Library) -> impl Iterator<Item = String> {
    library.hosts().filter_map(|host| plain_host(without_port(host))).filter(|host| host != PROVIDER)
}
