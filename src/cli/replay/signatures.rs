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
    told: Arc<Told>,
}

#[derive(Default)]
struct Told {
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
        Ok(Some(Signatures { known, told: Arc::default() }))
    }
}

impl Signatures {
    /// A session that verifies them. Whoever names it by a key of its own signs with the secret that is known.
    pub(super) fn of(&self, replayer: Replayer, session: &Reach, log: &Arc<Log>) -> Replayer {
        let own = (*session.name != *Sessions::DEFAULT).then(|| session.name.to_string());
        let keys = [own, session.access_key_id.clone()]
            .into_iter()
            .flatten()
            .fold(Keyring::default().and(&self.known), |keys, access_key| {
                keys.and(&Credentials { access_key, ..self.known.clone() })
            });
        let (told, log) = (self.told.clone(), log.clone());
        replayer.verifying(keys, move |doubt| told.tell(doubt, &log))
    }
}

impl Told {
    fn tell(&self, doubt: &Doubt, log: &Log) {
        match doubt.code {
            Some(_) => self.tell_refused(doubt, log),
            None => self.tell_unverified(doubt, log),
        }
    }

    fn tell_refused(&self, doubt: &Doubt, log: &Log) {
        match self.refused.fetch_add(1, Ordering::Relaxed) {
            0..TOLD => {
                Context::shout(&format!("onrecord: signature: {doubt}"));
                log.doubt(doubt);
            }
            TOLD => Context::shout("onrecord: signature: more refusals are counted, and not told"),
            _ => {}
        }
    }

    fn tell_unverified(&self, doubt: &Doubt, log: &Log) {
        let is_new = self.unverified.lock().unwrap_or_else(PoisonError::into_inner).insert(doubt.why.clone());
        if is_new {
            Context::shout(&format!("onrecord: signature: {doubt}; more like it are counted, and not told"));
            log.doubt(doubt);
        }
    }
}
