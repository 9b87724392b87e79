//! `onrecord record`

mod afterwards;
pub(super) mod outward;
pub(super) mod redactor;
mod summary;

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use onrecord::cassette::{Cassette, CassetteError, Durability, Header, recover, recover_beside};
use onrecord::contract::{BUILT_IN, Contract};
use onrecord::encoding::shell_word;
use onrecord::net::{Entrance, Upstream};
use onrecord::record::{Onto, Recording, Ruled, Settings, Unwritten};
use onrecord::replay::{Known, Replayer};

use self::outward::Outward;
use self::summary::{Account, Ran, Stakes};
use super::config::{Config, Limiting, Place};
use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::format::Format;
use super::origin::{Source, Whereabouts};
use super::proxy::{Forward, Gate, Others};
use super::wrapped::{Environment, Listening};
use super::{cassette, contracts, origin, replay, wrapped};

/// Record what a client and a provider say to each other into a cassette.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("way").required(true).multiple(true).args(["upstream", "proxy"]), after_help = "\
Examples:
  onrecord record --cassette story.json --contract msk --upstream http://127.0.0.1:5000 -- python3 story.py
  onrecord record --cassette story.json --contract msk --proxy -- aws kafka list-clusters

A cassette is made, or replaced, by a command that ends well and of which all was recorded. What another one recorded goes to FILE.partial, \
and we say how to keep it.

With --upstream, clients address us as if we were the provider: the command finds us through \
AWS_ENDPOINT_URL and ONRECORD_URL. With --proxy, they keep the real host names and come through us: the \
command finds us through HTTPS_PROXY and HTTP_PROXY, and trusts a certificate made for this run. With both, \
one port does both. Without a command we record until SIGINT or SIGTERM. What a killed recorder left is \
recovered at the next start, into FILE.partial if there is no cassette to add it to.")]
pub(super) struct Args {
    /// The file to record into
    #[arg(long, value_name = "FILE")]
    cassette: PathBuf,
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document; with --proxy alone, all that are built in
    #[arg(long = "contract", value_name = "C")]
    contracts: Vec<String>,
    #[command(flatten)]
    overlays: Overlays,
    /// The provider, for clients that address us as if we were it
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// What to do if the cassette is there already
    #[arg(long, value_enum, default_value_t = Mode::Once)]
    mode: Mode,
    /// What answers, as the cassette will say: account, sandbox, or the name of an emulator, moto@5.2.5
    #[arg(long, value_name = "WHAT")]
    origin: Option<Source>,
    #[command(flatten)]
    listening: Listening,
    /// Replay the cassette to its own requests afterwards, and fail if one is not answered by its own exchange
    #[arg(long)]
    verify: bool,
    /// Have each exchange on the disk before its client sees the end of the answer, so that not even a power cut loses it
    #[arg(long)]
    durable: bool,
    /// What becomes of traffic that cannot be written down, mostly because the disk is full
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = OnWriteError::Fail)]
    on_write_error: OnWriteError,
    /// How the summary is printed: for people on stderr, or as JSON on stdout, behind what the command prints there
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// A file for the summary as JSON, whatever is printed
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    #[command(flatten)]
    config: Place,
    #[command(flatten)]
    forward: Forward,
    /// Let hosts that are not let in pass untouched and unseen, instead of refusing them
    #[arg(long, requires = "proxy", help_heading = "Forward proxy")]
    passthrough: bool,
    #[command(flatten)]
    outward: Outward,
    #[command(flatten)]
    limiting: Limiting,
    /// What to run; without it, we record until SIGINT or SIGTERM
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// What happens to a cassette that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Replay it; record only if it is not there
    Once,
    /// Replay what it holds, and record the rest into it
    New,
    /// Record afresh, and replace it if the run ends well
    All,
}

/// What becomes of traffic that cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnWriteError {
    /// Clients see a broken answer, and the recording stops
    Fail,
    /// It goes on, unrecorded
    Pass,
}

pub(super) fn run(args: Args, context: &Context) -> Result<End, Failure> {
    let config = args.config.read()?;
    args.summary.as_deref().map_or(Ok(()), |summary| vet_summary(summary, &args.cassette))?;
    // What was killed is a part of the story: only --mode new goes on from a part.
    let recovered = match args.mode {
        Mode::New => recover(&args.cassette)?,
        Mode::Once | Mode::All => recover_beside(&args.cassette)?,
    };
    recovered.iter().for_each(|recovered| cassette::tell_recovered(&args.cassette, recovered, context));
    if args.mode == Mode::Once && args.cassette.exists() {
        context.tell(&format!(
            "onrecord: {} is there, so it is replayed (--mode new adds to it, --mode all records afresh)",
            args.cassette.display()
        ));
        if args.verify || args.summary.is_some() {
            context.tell(
                "onrecord: nothing is recorded, so --verify does nothing, and --summary writes nothing",
            );
        }
        let way = Some(args.way());
        let Args { cassette, contracts, overlays, listening, config, forward, limiting, command, .. } = args;
        let once = replay::Args::once(cassette);
        let args =
            replay::Args { contracts, overlays, listening, config, forward, limiting, way, command, ..once };
        return replay::run(args, context);
    }
    Session::new(args, config, context)?.run()
}

impl Args {
    /// How the provider is reached, as flags.
    fn way(&self) -> String {
        let to = match &self.upstream {
            _ if self.forward.proxy => "--proxy".to_owned(),
            Some(url) => format!("--upstream {}", shell_word(url)),
            None => "--upstream URL".to_owned(),
        };
        let origin =
            self.origin.as_ref().map(|origin| format!("--origin {}", shell_word(&origin.to_string())));
        let flags = iter::once(to).chain(origin).chain(self.outward.flags());
        flags.collect::<Vec<_>>().join(" ")
    }
}

/// A recording, and all that it needs to know.
struct Session<'c> {
    args: Args,
    config: Config,
    names: Vec<String>,
    overlays: Overlays,
    contracts: Vec<Arc<Contract>>,
    context: &'c Context,
}

impl<'c> Session<'c> {
    fn new(args: Args, config: Config, context: &'c Context) -> Result<Self, Failure> {
        let mut names =
            if args.contracts.is_empty() { config.contracts.clone() } else { args.contracts.clone() };
        if names.is_empty() && args.forward.proxy {
            names = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        }
        let overlays = args.overlays.and(&config.overlays);
        let contracts = contracts::load_all(&names, &overlays, context)?;
        config.vet_members(&contracts)?;
        Ok(Self { args, config, names, overlays, contracts, context })
    }

    fn run(self) -> Result<End, Failure> {
        let (args, context) = (&self.args, self.context);
        if context.variable("HTTPS_PROXY").or_else(|| context.variable("https_proxy")).is_some() {
            context.tell("onrecord: HTTPS_PROXY is set and not heeded: we connect to providers directly");
        }
        self.vet_listening()?;
        let redactor = Arc::new(redactor::make(&self.config, context));
        let upstream = args.upstream.as_deref().map(Upstream::parse).transpose()?;
        let header = self.header(upstream.as_ref())?;
        let mut outbound = args.outward.outbound(upstream, &self.config, &redactor, context)?;
        let known = self.known()?;
        if let Some(known) = &known {
            outbound.checkpoints.insert(0, Arc::new(Known(known.clone())));
        }
        let stakes = self.stakes()?;
        let gate = self.gate()?;
        let settings = Settings {
            listen: args.listening.addr,
            entrance: gate.as_ref().map_or(Entrance::Reverse, |gate| gate.entrance.clone()),
            onto: if args.mode == Mode::All { Onto::Nothing } else { Onto::Held },
            limits: args.limiting.limits(&self.config.limits),
            redactor: redactor.clone(),
            durability: if args.durable { Durability::Synced } else { Durability::Grouped },
            unwritten: match args.on_write_error {
                OnWriteError::Fail => Unwritten::Fails,
                OnWriteError::Pass => Unwritten::Passes,
            },
            ..Settings::new(&args.cassette, header, outbound)
        };
        let describe = Ruled { contracts: self.contracts.clone(), rules: self.config.rules.clone() };
        wrapped::allow_connections(&settings.limits);
        let recording = Recording::start(settings, Arc::new(describe))?;
        let mut signals = recording.signals()?;
        context.tell(&format!("onrecord: recording at {}", recording.url()));
        let environment = Environment::of(gate.as_ref(), &recording.url(), context);
        let command = wrapped::command(args.command.clone(), environment, gate.as_ref(), context);
        Context::serve();
        let ran = match &command {
            None => {
                recording.wait(&mut signals);
                Ok(None)
            }
            Some(command) => recording.run(command, &mut signals).map(Some),
        };
        let ran_as = match &ran {
            Ok(None) => Ran::Alone,
            Ok(Some(code)) => Ran::Command(*code),
            Err(_) => Ran::Failed,
        };
        let end = Account {
            session: &self,
            redactor: &redactor,
            gate: gate.as_ref(),
            known: known.as_deref(),
            stakes,
        }
        .settle(recording, ran_as)?;
        Ok(ran?.map_or(end, |code| end.with_command(code)))
    }

    /// Others than this machine may come only where the user says so, and never with credentials.
    fn vet_listening(&self) -> Result<(), Failure> {
        let listen = self.args.listening.addr;
        if listen.ip().is_loopback() {
            return Ok(());
        }
        if self.args.outward.lends() {
            return Err(Failure::Input(format!(
                "--listen {listen} lets others on the network act with your credentials; \
                listen on 127.0.0.1, or leave --resign, --auth-env and --client-cert out"
            )));
        }
        self.context.tell(&format!("onrecord: others on the network can reach us at {listen}"));
        Ok(())
    }

    fn header(&self, upstream: Option<&Upstream>) -> Result<Header, Failure> {
        let reversed = upstream.map(Whereabouts::from);
        let proxied =
            self.args.forward.proxy.then(|| self.args.outward.whereabouts(&self.config)).transpose()?;
        let is_here = reversed.iter().chain(&proxied).all(|place| *place == Whereabouts::Here);
        let whereabouts = if is_here { Whereabouts::Here } else { Whereabouts::Elsewhere };
        // Where all were loaded by default, none was meant.
        let meant = !self.args.contracts.is_empty() || !self.config.contracts.is_empty();
        let contract =
            self.contracts.first().filter(|_| meant).map(|contract| contracts::reference(contract));
        Ok(Header::new(contract, origin::of(self.args.origin.as_ref(), whereabouts)))
    }

    /// What the cassette answers already, where it is to be added to.
    fn known(&self) -> Result<Option<Arc<Replayer>>, Failure> {
        if self.args.mode != Mode::New || !self.args.cassette.exists() {
            return Ok(None);
        }
        let held = cassette::load(&self.args.cassette)?;
        let replayer = Replayer::new(self.contracts.clone(), vec![held])
            .with_rules(self.config.rules.clone())
            .with_secrets(redactor::secrets(self.context));
        Ok(Some(Arc::new(if self.args.forward.proxy { replayer.with_real_hosts() } else { replayer })))
    }

    /// What becomes of the cassette, if all ends well.
    fn stakes(&self) -> Result<Stakes, Failure> {
        match self.args.mode {
            _ if !self.args.cassette.exists() => Ok(Stakes::Made),
            Mode::Once | Mode::New => Ok(Stakes::AddedTo),
            Mode::All => self.replaced().map(Stakes::Replaced),
        }
    }

    /// What will be replaced; nothing where that is damaged, for recording it again is the cure.
    fn replaced(&self) -> Result<Option<Box<Cassette>>, Failure> {
        let path = &self.args.cassette;
        match Cassette::load(path) {
            Ok(old) => Ok(Some(Box::new(old))),
            Err(error @ CassetteError::Newer { .. }) => Err(error.into()),
            Err(error) if begins_as_cassette(path) => {
                self.context.tell(&format!(
                    "onrecord: {error}; it stays until this run ends well, and is replaced then"
                ));
                Ok(None)
            }
            Err(error) => Err(Failure::Input(format!(
                "{error}; what is no cassette is not replaced: take it away first, or name another file"
            ))),
        }
    }

    fn gate(&self) -> Result<Option<Gate>, Failure> {
        if !self.args.forward.proxy {
            return Ok(None);
        }
        let untouched = self.args.passthrough || self.config.passthrough;
        let others = if untouched { Others::Untouched } else { Others::Refused };
        self.args.forward.door(&self.contracts, &self.config, others).open(self.context).map(Some)
    }

    fn cassette(&self) -> &Path {
        &self.args.cassette
    }
}

/// Before the run, which may be long: a summary takes the place of one that is there, but not of what
/// was recorded.
fn vet_summary(summary: &Path, cassette: &Path) -> Result<(), Failure> {
    let name = summary.display();
    let same = |path: &Path| match (std::fs::canonicalize(path), std::fs::canonicalize(summary)) {
        (Ok(one), Ok(other)) => one == other,
        _ => std::path::absolute(path).ok() == std::path::absolute(summary).ok(),
    };
    let partial = PathBuf::from(format!("{}.partial", cassette.display()));
    let is_recorded = [cassette, &cassette::journal_of(cassette), &partial].into_iter().any(same);
    if is_recorded || (summary.is_file() && is_cassette(summary)) {
        return Err(Failure::Input(format!("--summary {name} is what is recorded; name another file")));
    }
    if summary.is_dir() {
        return Err(Failure::Input(format!("--summary {name} is a folder; name a file in it")));
    }
    let folder = summary.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|error| {
        Failure::Input(format!("cannot make the folder of --summary {name}: {error}; name another file"))
    })
}

/// Whether this was a cassette once, or nothing: any other file may be somebody's.
fn begins_as_cassette(path: &Path) -> bool {
    beginning(path).is_some_and(|beginning| BEGINNING.starts_with(&beginning))
}

/// Whether this is one, whole or not.
fn is_cassette(path: &Path) -> bool {
    beginning(path).is_some_and(|beginning| beginning == BEGINNING)
}

const BEGINNING: &[u8] = br#"{"format":"#;

fn beginning(path: &Path) -> Option<Vec<u8>> {
    let mut beginning = Vec::new();
    File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning)).ok()?;
    beginning.retain(|byte| !byte.is_ascii_whitespace());
    beginning.truncate(BEGINNING.len());
    Some(beginning)
}
