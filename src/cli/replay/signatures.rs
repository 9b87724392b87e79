//! `--verify-signatures`: clients have to sign as the provider wants it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use onrecord::net::{Credentials, Keyring};
use onrecord::replay::sessions::{Reach, Sessions};
use onrecord::replay::{Doubt, Replayer};

use super::log::Log;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::record::outward::profile;

/// So many refusals are told.
const TOLD: usize = 100;

/// Whether signatures are verified.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Verifying {
    /// Refuse requests whose AWS signature is wrong, and fail; the secret is AWS_SECRET_ACCESS_KEY's, or AWS_PROFILE's
    #[arg(long)]
    verify_signatures: bool,
}

/// What signatures are verified with, and what was told of them.
pub(super) struct Signatures {
    known: Credentials,
    /// With the keys of all sessions: a client may name one session by its key, and another by other means.
    keys: Keyring,
}

/// What was told of one session.
#[derive(Default)]
struct Told {
    /// `None`: the default one.
    session: Option<String>,
    refused: AtomicUsize,
    /// Why some could not be verified: there are few such reasons.
    unverified: Mutex<HashSet<String>>,
}

impl Verifying {
    /// An error where no secret is known.
    pub(super) fn signatures(&self, context: &Context) -> Result<Option<Signatures>, Failure> {
        if !self.verify_signatures {
            return Ok(None);
        }
        let given = context.variable("AWS_ACCESS_KEY_ID").zip(context.variable("AWS_SECRET_ACCESS_KEY"));
        let known = match given {
            Some(_) => context.credentials.clone(),
            None => profile(None, context)?.credentials().map_err(|error| {
                Failure::Input(format!("--verify-signatures: no secret is known to verify with: {error}"))
            })?,
        };
        let keys = Keyring::default().and(&known);
        Ok(Some(Signatures { known, keys }))
    }
}

impl Signatures {
    /// A session that verifies them. Whoever names it by a key of its own signs with the secret that is known.
    pub(super) fn of(&self, replayer: Replayer, session: &Reach, log: &Arc<Log>) -> Replayer {
        for access_key in
            [Some(session.name.to_string()), session.access_key_id.clone()].into_iter().flatten()
        {
            self.keys.learn(Credentials { access_key, ..self.known.clone() });
        }
        let named = (*session.name != *Sessions::DEFAULT).then(|| session.name.to_string());
        let (told, log) = (Told { session: named, ..Told::default() }, log.clone());
        replayer.verifying(self.keys.clone(), move |doubt| told.tell(doubt, &log))
    }
}

impl Told {
    fn say(&self, text: &str) {
        let session = self.session.as_ref().map(|name| format!("in session {name}, ")).unwrap_or_default();
        Context::shout(&format!("onrecord: {session}signature: {text}"));
    }

    fn tell(&self, doubt: &Doubt, log: &Log) {
        match doubt.code {
            Some(_) => self.tell_refused(doubt, log),
            None => self.tell_unverified(doubt, log),
        }
    }

    fn tell_refused(&self, doubt: &Doubt, log: &Log) {
        match self.refused.fetch_add(1, Ordering::Relaxed) {
            0..TOLD => {
                self.say(&doubt.to_string());
                log.doubt(self.session.as_deref(), doubt);
            }
            TOLD => self.say("more refusals are counted, and not told"),
            _ => {}
        }
    }

    fn tell_unverified(&self, doubt: &Doubt, log: &Log) {
        let is_new = self.unverified.lock().unwrap_or_else(PoisonError::into_inner).insert(doubt.why.clone());
        if is_new {
            self.say(&format!("{doubt}; more like it are counted, and not told"));
            log.doubt(self.session.as_deref(), doubt);
        }
    }
}
