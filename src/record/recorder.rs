use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Describe, Described, RecordError, Settings, Summary, Unwritten};
use crate::cassette::{CassetteError, Durability, Journal};
use crate::exchange::{Exchange, Request};
use crate::net::{Lost, Pace, Stop, Tap, TapError};
use crate::redact::{Leak, PROVIDER, Redactor};

/// How many names for ourselves are learned from clients.
const NAMES: usize = 64;

/// Routes, redacts and journals every exchange that passes.
pub struct Recorder {
    describe: Arc<dyn Describe>,
    redactor: Arc<Redactor>,
    /// `None` once the recording is over. The journal orders its writers itself.
    journal: RwLock<Option<Journal>>,
    summary: Mutex<Summary>,
    /// How clients call us, besides our address.
    names: Mutex<Vec<String>>,
    /// Our own port, where clients address us as if we were the provider.
    port: Option<u16>,
    unwritten: Unwritten,
    pace: Pace,
    stop: Stop,
}

impl Recorder {
    /// A recorder of what passes by a listener. Where [`Unwritten::Fails`], it asks `stop` when
    /// the journal cannot be written any more: each further exchange would fail as well.
    pub fn new(
        describe: Arc<dyn Describe>,
        journal: Journal,
        listener: SocketAddr,
        settings: &Settings,
        stop: Stop,
    ) -> Self {
        let redactor = settings.redactor.clone();
        // What came through a forward proxy keeps the names of its providers.
        let upstream = settings.outbound.upstream.as_ref();
        let port = upstream.map(|_| listener.port());
        if let Some(upstream) = upstream {
            let ours = [listener.to_string(), format!("localhost:{}", listener.port())];
            ours.iter().for_each(|authority| redactor.host(authority, PROVIDER));
            redactor.host(upstream.authority(), PROVIDER);
        }
        Self {
            describe,
            redactor,
            journal: RwLock::new(Some(journal)),
            summary: Mutex::default(),
            names: Mutex::default(),
            port,
            unwritten: settings.unwritten,
            pace: match settings.durability {
                Durability::Synced => Pace::Waits,
                Durability::Grouped => Pace::Quick,
            },
            stop,
        }
    }

    /// Folds the journal into the cassette, once all of it has passed the door again, and says what
    /// became of all exchanges. Further ones are refused.
    ///
    /// # Errors
    /// [`CassetteError::Leak`] when a secret would be left in an exchange.
    pub fn finish(&self) -> Result<Summary, RecordError> {
        self.journal()?.finish(&|exchange| self.redactor.again(exchange))?;
        Ok(self.summary())
    }

    /// Puts what the journal holds into a file beside the cassette, which stays as it is; its path
    /// if there was anything.
    pub fn set_aside(&self) -> Result<Option<PathBuf>, RecordError> {
        Ok(self.journal()?.set_aside(&|exchange| self.redactor.again(exchange))?)
    }

    /// The journal, which nothing is added to any more.
    fn journal(&self) -> Result<Journal, RecordError> {
        let journal = self.journal.write().unwrap_or_else(PoisonError::into_inner).take();
        journal.ok_or(RecordError::Over)
    }

    /// What became of the exchanges so far.
    pub fn summary(&self) -> Summary {
        self.counts(|summary| summary.clone())
    }

    fn record(&self, mut exchange: Exchange) -> Result<Option<String>, Refusal> {
        let Described { operation, declared } = self.describe.describe(&exchange);
        exchange.operation = operation;
        self.learn_name(&exchange.request);
        let redacted = self.redactor.exchange(&exchange, &declared)?;
        let journal = self.journal.read().unwrap_or_else(PoisonError::into_inner);
        let journal = journal.as_ref().ok_or(Refusal::Over(RecordError::Over))?;
        journal.append(redacted)?;
        Ok(exchange.operation)
    }

    /// A client may know us under a name of its own (`host.docker.internal`). Whatever host it
    /// asks for at our port is us.
    fn learn_name(&self, request: &Request) {
        let Some(host) = request.headers.get("host") else { return };
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        if port.is_none() || port != self.port {
            return;
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < NAMES && !names.iter().any(|name| *name == host) {
            self.redactor.host(&host, PROVIDER);
            names.push(host.into_owned());
        }
    }

    fn unwritten(&self, error: &CassetteError) -> Result<(), TapError> {
        let why = error.to_string();
        self.counts(|summary| summary.count_unwritten(why.clone()));
        match self.unwritten {
            Unwritten::Passes => Ok(()),
            Unwritten::Fails => {
                self.stop.now();
                Err(TapError(why))
            }
        }
    }

    fn counts<T>(&self, change: impl FnOnce(&mut Summary) -> T) -> T {
        change(&mut self.summary.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why an exchange is not recorded, and its client does not see it whole.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Leak(#[from] Leak),
    #[error(transparent)]
    Unwritten(#[from] CassetteError),
    #[error(transparent)]
    Over(RecordError),
}

impl Tap for Recorder {
    fn seen(&self, exchange: Exchange) -> Result<(), TapError> {
        match self.record(exchange) {
            Ok(operation) => {
                self.counts(|summary| summary.count_recorded(operation));
                Ok(())
            }
            Err(Refusal::Unwritten(error)) => self.unwritten(&error),
            // Not written, and safe: there is no reason to break the client's answer for it.
            Err(Refusal::Leak(leak)) if leak.is_hidden() => {
                self.counts(|summary| summary.count_unreadable(leak.to_string()));
                Ok(())
            }
            Err(refusal) => {
                let why = refusal.to_string();
                self.counts(|summary| summary.count_refused(why.clone()));
                Err(TapError(why))
            }
        }
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn lost(&self, why: Lost) {
        self.counts(|summary| summary.count_lost(&why));
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("summary", &self.summary()).finish_non_exhaustive()
    }
}
