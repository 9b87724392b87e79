mod faults;
mod fetching;
mod log;
mod maker;
mod matching;
mod opening;
mod serving;
mod sharing;
mod signatures;
mod strictness;
mod told;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use onrecord::net::{Entrance, Ports, Running, Signals};
use onrecord::replay::sessions::Sessions;

use self::fetching::Fetching;
use self::log::Logging;
use self::matching::Matching;
use crate::cli::config::{Limiting, Place};
use crate::cli::context::Context;
use crate::cli::contracts::Overlays;
use crate::cli::failure::{End, Failure};
use crate::cli::format::Format;
use crate::cli::proxy::{Forward, Others};
use crate::cli::wrapped::{self, Environment, Listening};
use maker::Maker;
use serving::Serving;
use sharing::Sharing;

/// Serve a cassette back, without any network.
#[derive(Debug, Default, clap::Args)]
#[command(
    after_help = "Example: onrecord replay --cassette cassettes/msk/story-moto.json -- python3 tests/e2e/story.py\n\n\
    The command finds us through AWS_ENDPOINT_URL and ONRECORD_URL; with --proxy it keeps the real host names, \
    and finds us through HTTPS_PROXY and HTTP_PROXY. A request that the cassette does not answer is refused \
    with a 400 that SDKs do not retry, explained on stderr, and makes the exit code 1."
)]
pub(super) struct Args {
    /// The recorded exchanges, a file or s3://BUCKET/KEY; several are one sequence
    #[arg(long = "cassette", value_name = "FILE", required_unless_present_any = ["sessions", "admin", "faults"])]
    pub(super) cassettes: Vec<PathBuf>,
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document; taken from the cassette if it names a built-in one
    #[arg(long = "contract", value_name = "C")]
    pub(super) contracts: Vec<String>,
    #[command(flatten)]
    pub(super) overlays: Overlays,
    #[command(flatten)]
    pub(super) listening: Listening,
    /// Fail if an exchange is left unused; sessions of the admin API are strict too unless they say otherwise
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) fetching: Fetching,
    #[command(flatten)]
    pub(super) matching: Matching,
    #[command(flatten)]
    pub(super) logging: Logging,
    #[command(flatten)]
    pub(super) serving: Serving,
    #[command(flatten)]
    pub(super) faults: faults::Faults,
    #[command(flatten)]
    pub(super) strictness: strictness::Strictness,
    #[command(flatten)]
    pub(super) verifying: signatures::Verifying,
    #[command(flatten)]
    pub(super) config: Place,
    #[command(flatten)]
    pub(super) forward: Forward,
    #[command(flatten)]
    pub(super) limiting: Limiting,
    #[command(flatten)]
    pub(super) sharing: Sharing,
    /// With json, standard output says in its first line that we are ready and where, and in its last how it ended
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
    /// How `record` was to reach the provider, if it was it that was called
    #[arg(skip)]
    pub(super) way: Option<String>,
    /// What to run against the replay; without it, we serve until SIGINT or SIGTERM
    #[arg(last = true, value_name = "CMD")]
    pub(super) command: Vec<OsString>,
}

impl Args {
    /// What `record` does when there is nothing to record.
    pub(super) fn once(cassette: PathBuf) -> Self {
        Self { cassettes: vec![cassette], ..Self::default() }
    }
}

pub(super) fn run(args: Args, context: &Context) -> Result<End, Failure> {
    if args.faults.ask_for_list() {
        context.say(&faults::list());
        return Ok(End::Well);
    }
    if args.cassettes.is_empty() && !args.sharing.is_used() {
        return Err(Failure::Input("--fault: nothing is replayed: name a --cassette too".to_owned()));
    }
    let config = args.config.read()?;
    let limits = args.limiting.limits(&config.limits);
    let door = args.forward.door(&[], &config, Others::Unrecorded);
    let mut maker = Maker::new(&args, config, context)?;
    let default = match args.cassettes.as_slice() {
        [] => None,
        cassettes => Some(maker.open(cassettes)?),
    };
    maker.planted = args.faults.planted(default.as_ref(), context)?;
    // Other sessions may hold what this one has not.
    if let Some(library) = default.as_ref().filter(|_| !args.sharing.is_used()) {
        args.faults.tell_idle(&maker.planted, library, args.serving.after_last, context);
        args.serving.tell_idle(library, context);
    }
    let log = maker.log.clone();
    let door = door.on_refused(move |host| log.refused(host));
    let log = maker.log.clone();
    let sessions = Sessions::new(maker, args.sharing.max_sessions).on_astray(move |astray| {
        Context::shout(&astray.to_string());
        log.astray(astray);
    });
    let sessions = match default {
        None => sessions,
        Some(library) if args.strict => sessions.with_strict_default(library),
        Some(library) => sessions.with_default(library),
    };
    let sessions = Arc::new(sessions);
    args.sharing.open(&sessions, args.strict)?;
    let known = sessions.clone();
    let gate = match args.forward.proxy {
        false => None,
        true => Some(door.and_if(move |host| known.know(host)).open(context)?),
    };
    let entrance = gate.as_ref().map_or(Entrance::Reverse, |gate| gate.entrance.clone());
    wrapped::allow_connections(&limits);
    let running = Running::serve_at(args.listening.addr, entrance.clone(), sessions.clone(), limits.clone())?;
    let mut signals = Signals::catch(running.runtime())?;
    sessions.listen_at(Ports::new(running.runtime(), running.local_addr(), entrance, limits));
    let administration = args.sharing.administer(sessions.clone(), running.url(), args.strict)?;
    told::ready(args.format, &running.url(), &sessions, administration.as_ref(), context);
    let environment = Environment::of(gate.as_ref(), &running.url(), context);
    let environment = administration.iter().fold(environment, |environment, it| {
        let named = environment.and("ONRECORD_ADMIN_URL", it.running.url());
        named.and("ONRECORD_ADMIN_TOKEN", it.token.clone())
    });
    let command = wrapped::command(args.command, environment, gate.as_ref(), context);
    let code = wrapped::until_over(&running, &mut signals, command.as_ref())?;
    drop(administration);
    running.stop();

    let refused = gate.as_ref().map(|gate| gate.away.refused()).unwrap_or_default();
    told::end(args.format, &sessions, &refused, context);
    let totals = sessions.totals();
    let refused_here = totals.missed + totals.invalid + totals.missigned;
    let nothing_came = command.is_some() && totals.served + totals.faulty + refused_here == 0;
    if nothing_came {
        context.tell(wrapped::nothing_came(gate.as_ref()));
    }
    let broken = nothing_came || !refused.is_empty() || refused_here > 0 || totals.unused > 0;
    let end = if broken { End::Found } else { End::Well };
    Ok(code.map_or(end, |code| end.with_command(code)))
}
