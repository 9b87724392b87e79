//! What sessions are made of: cassettes, their contracts, and a replay as the flags want it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onrecord::contract::Contract;
use onrecord::replay::sessions::{Making, MakingError, Reach, Sessions};
use onrecord::replay::{Library, Replayer};

use super::faults::Planted;
use super::fetching::Fetching;
use super::log::Log;
use super::matching::Matching;
use super::opening;
use super::serving::Serving;
use super::signatures::Signatures;
use super::strictness::Strictness;
use crate::cli::config::Config;
use crate::cli::context::Context;
use crate::cli::contracts::{self, Overlays};
use crate::cli::failure::Failure;
use crate::cli::record::redactor;
use crate::cli::replay;

/// So many misses of a session are told.
const TOLD: usize = 100;

pub(super) struct Maker {
    config: Config,
    /// The contracts that were named, if any were.
    named: Vec<String>,
    overlays: Overlays,
    names_are_real: bool,
    way: Option<String>,
    fetching: Fetching,
    matching: Matching,
    serving: Serving,
    strictness: Strictness,
    signatures: Option<Signatures>,
    pub(super) planted: Planted,
    pub(super) log: Arc<Log>,
    context: Context,
    /// Contracts that were read, by what they are called.
    read: Mutex<HashMap<Vec<String>, Vec<Arc<Contract>>>>,
}

impl Maker {
    pub(super) fn new(args: &replay::Args, config: Config, context: &Context) -> Result<Self, Failure> {
        let named = if args.contracts.is_empty() { &config.contracts } else { &args.contracts };
        Ok(Self {
            named: named.clone(),
            overlays: args.overlays.and(&config.overlays),
            config,
            names_are_real: args.forward.proxy,
            way: args.way.clone(),
            fetching: args.fetching.clone(),
            matching: args.matching.clone(),
            serving: args.serving.clone(),
            strictness: args.strictness.clone(),
            signatures: args.verifying.signatures(context)?,
            planted: Planted::default(),
            log: Arc::new(args.logging.open()?),
            context: context.clone(),
            read: Mutex::default(),
        })
    }

    /// Reads cassettes, and the contracts that they go by.
    pub(super) fn open(&self, cassettes: &[PathBuf]) -> Result<Library, Failure> {
        let local = self.fetching.local(cassettes, &self.context)?;
        let library = opening::library(&local, &self.named, |names| self.contracts(names))?;
        // In words they are called what the user calls them.
        let library = library.named(cassettes.iter().map(|path| path.display().to_string()));
        self.strictness.vet(&library)?;
        let library = self.matching.loosen(library, &self.context)?;
        self.config.vet_members(library.contracts())?;
        Ok(library)
    }

    fn contracts(&self, names: Vec<String>) -> Result<Vec<Arc<Contract>>, Failure> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(contracts) = read.get(&names) {
            return Ok(contracts.clone());
        }
        let contracts = contracts::load_all(&names, &self.overlays, &self.context)?;
        read.insert(names, contracts.clone());
        Ok(contracts)
    }
}

impl Making for Maker {
    fn library(&self, cassettes: &[PathBuf]) -> Result<Library, MakingError> {
        Ok(self.open(cassettes)?)
    }

    fn replayer(&self, session: &Reach, library: Arc<Library>) -> Replayer {
        let replayer = Replayer::over(library)
            .with_rules(self.config.rules.clone())
            .with_secrets(redactor::secrets(&self.context));
        let replayer = self.planted.of(self.serving.of(replayer));
        let replayer = if self.names_are_real { replayer.with_real_hosts() } else { replayer };
        let replayer = self.way.iter().fold(replayer, |replayer, way| replayer.with_way(way));
        let log = Arc::new(self.log.of(&session.name));
        let replayer = match &self.signatures {
            None => replayer,
            Some(signatures) => signatures.of(replayer, session, &log),
        };
        let of_session = match &*session.name {
            Sessions::DEFAULT => String::new(),
            name => format!("in session {name}, "),
        };
        let replayer = self.strictness.of(replayer, &of_session);
        let session = of_session.clone();
        let replayer =
            replayer.on_made_up(move |taken| Context::shout(&format!("onrecord: {session}{taken}")));
        let told = AtomicUsize::new(0);
        replayer.on_miss(move |miss| {
            match told.fetch_add(1, Ordering::Relaxed) {
                0..TOLD => {}
                TOLD => {
                    return Context::shout(&format!("{of_session}more misses are counted, and not told\n"));
                }
                _ => return,
            }
            Context::shout(&format!("{of_session}{miss}"));
            log.miss(miss);
        })
    }
}
