//! The user's AWS credentials: given, or found as the AWS CLI finds those of a profile.

mod process;
mod profile;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use self::process::{export, run};
use self::profile::{Found, find};
use super::{Credentials, NetError};
use crate::exchange::Timestamp;

/// Credentials are renewed so long before they expire.
const AHEAD: Duration = Duration::from_secs(300);
/// Session tokens in files are looked up again after so long: whoever wrote them renews them.
const REREAD: Duration = Duration::from_secs(600);
/// A failure is everybody's answer for so long: what asks a person or a network is slow.
const PAUSE: Duration = Duration::from_secs(5);

/// Where the credentials come from that requests are signed with. Those that expire are renewed
/// before they do. Clones share what they know. Debug output shows no key.
#[derive(Clone)]
pub struct CredentialSource(Arc<Inner>);

/// The files that the AWS CLI reads, `~/.aws/config` and `~/.aws/credentials` by default. One
/// that does not exist counts as empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFiles {
    /// The one with `[profile NAME]` sections.
    pub config: PathBuf,
    /// The one with `[NAME]` sections.
    pub credentials: PathBuf,
}

struct Inner {
    origin: From,
    known: Mutex<Known>,
    /// Held by the one who renews.
    renewing: Mutex<()>,
    learned: Option<Box<Learned>>,
}

type Learned = dyn Fn(&Credentials) + Send + Sync;

enum From {
    Given(Credentials),
    Profile { name: String, files: SharedFiles },
}

#[derive(Default)]
struct Known {
    dated: Option<Dated>,
    failure: Option<(Instant, String)>,
}

/// Credentials, and when they expire.
#[derive(Clone)]
struct Dated {
    credentials: Credentials,
    until: Option<Timestamp>,
}

impl Dated {
    fn lasts(&self, longer: Duration) -> bool {
        self.until.is_none_or(|until| Timestamp::now().plus(longer) < until)
    }
}

impl CredentialSource {
    /// These and no others.
    pub fn given(credentials: Credentials) -> Self {
        Self::new(From::Given(credentials))
    }

    /// Those of a profile: its keys, its `credential_process`, or whatever else the AWS CLI can
    /// make of it (single sign-on, roles), asked through the user's own `aws` command.
    pub fn profile(name: &str, files: SharedFiles) -> Self {
        Self::new(From::Profile { name: name.to_owned(), files })
    }

    fn new(origin: From) -> Self {
        let (known, renewing) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { origin, known, renewing, learned: None }))
    }

    /// Tells somebody of all credentials before they are used: they are secrets. To be called
    /// before the source is cloned; later it changes nothing.
    #[must_use]
    pub fn telling(mut self, learned: impl Fn(&Credentials) + Send + Sync + 'static) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.learned = Some(Box::new(learned));
        }
        self
    }

    /// Credentials that are valid now. It may wait for a process, and that for a person.
    pub fn credentials(&self) -> Result<Credentials, NetError> {
        if let Some(credentials) = self.at_hand() {
            return Ok(credentials);
        }
        let _renewing = self.0.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        match self.at_hand() {
            Some(credentials) => Ok(credentials), // Renewed while we waited for our turn.
            None => self.0.renew(),
        }
    }

    /// Credentials that take no waiting. Those about to expire are renewed behind the scenes.
    pub(super) fn at_hand(&self) -> Option<Credentials> {
        let dated = self.0.known().dated.clone().filter(|dated| dated.lasts(Duration::ZERO))?;
        if !dated.lasts(AHEAD) {
            self.renew_ahead();
        }
        Some(dated.credentials)
    }

    fn renew_ahead(&self) {
        let inner = self.0.clone();
        if inner.renewing.try_lock().is_ok() && !inner.has_just_failed() {
            std::thread::spawn(move || {
                let Ok(_renewing) = inner.renewing.try_lock() else { return };
                let is_due = inner.known().dated.as_ref().is_none_or(|dated| !dated.lasts(AHEAD));
                if is_due {
                    let _ = inner.renew(); // The old ones are still good; whoever needs new ones hears of it.
                }
            });
        }
    }
}

impl Inner {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_just_failed(&self) -> bool {
        self.known().failure.as_ref().is_some_and(|(at, _)| at.elapsed() < PAUSE)
    }

    fn renew(&self) -> Result<Credentials, NetError> {
        if let Some((_, why)) = self.known().failure.clone().filter(|(at, _)| at.elapsed() < PAUSE) {
            return Err(NetError::Credentials { why });
        }
        let looked_up = self.look_up().and_then(|dated| match dated.lasts(Duration::ZERO) {
            true => Ok(dated),
            false => Err("those found have expired; log in again".to_owned()),
        });
        match looked_up {
            Ok(dated) => {
                if let Some(learned) = &self.learned {
                    learned(&dated.credentials);
                }
                let credentials = dated.credentials.clone();
                *self.known() = Known { dated: Some(dated), failure: None };
                Ok(credentials)
            }
            Err(why) => {
                self.known().failure = Some((Instant::now(), why.clone()));
                Err(NetError::Credentials { why })
            }
        }
    }

    fn look_up(&self) -> Result<Dated, String> {
        let (name, files) = match &self.origin {
            From::Given(credentials) => return Ok(Dated { credentials: credentials.clone(), until: None }),
            From::Profile { name, files } => (name, files),
        };
        match find(name, files)? {
            Found::Keys(credentials) => {
                let until = credentials.session_token.is_some().then(|| Timestamp::now().plus(REREAD));
                Ok(Dated { credentials, until })
            }
            Found::Process(command) => run(name, &command),
            Found::Other => export("aws", name, files),
        }
    }
}

impl std::fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0.origin {
            From::Given(_) => f.write_str("CredentialSource(given)"),
            From::Profile { name, .. } => write!(f, "CredentialSource(profile {name:?})"),
        }
    }
}
