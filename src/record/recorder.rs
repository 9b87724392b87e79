use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Describe, RecordError, Summary};
use crate::cassette::{CassetteError, Journal};
use crate::exchange::{Exchange, Request};
use crate::net::{Lost, Stop, Tap, TapError, Upstream};
use crate::redact::{Leak, PROVIDER, Redactor};

/// How many names for ourselves are learned from clients.
const NAMES: usize = 64;

/// Routes, redacts and journals every exchange that passes.
pub struct Recorder {
    describe: Arc<dyn Describe>,
    redactor: Redactor,
    /// `None` once the recording is over. The journal orders its writers itself.
    journal: RwLock<Option<Journal>>,
    summary: Mutex<Summary>,
    /// How clients call us, besides our address.
    names: Mutex<Vec<String>>,
    port: u16,
    stop: Stop,
}

impl Recorder {
    /// A recorder of what passes from a listener to an upstream. It asks `stop` when the journal
    /// cannot be written any more: each further exchange would fail as well.
    pub fn new(
        describe: Arc<dyn Describe>,
        journal: Journal,
        listener: SocketAddr,
        upstream: &Upstream,
        stop: Stop,
    ) -> Self {
        let redactor = Redactor::new();
        let port = listener.port();
        for authority in [upstream.authority(), &listener.to_string(), &format!("localhost:{port}")] {
            redactor.host(authority, PROVIDER);
        }
        Self {
            describe,
            redactor,
            journal: RwLock::new(Some(journal)),
            summary: Mutex::default(),
            names: Mutex::default(),
            port,
            stop,
        }
    }

    /// Folds the journal into the cassette, and says what became of all exchanges. Further ones
    /// are refused.
    pub fn finish(&self) -> Result<Summary, RecordError> {
        let journal = self.journal.write().unwrap_or_else(PoisonError::into_inner).take();
        journal.ok_or(RecordError::Over)?.finish(&|exchange| Ok(exchange.clone()))?;
        Ok(self.summary())
    }

    /// What became of the exchanges so far.
    pub fn summary(&self) -> Summary {
        self.counts(|summary| summary.clone())
    }

    fn record(&self, mut exchange: Exchange) -> Result<Option<String>, Refusal> {
        exchange.operation = self.describe.operation(&exchange.request);
        let declared = self.describe.declared(&exchange);
        self.learn_name(&exchange.request);
        let redacted = self.redactor.exchange(&exchange, &declared)?;
        let journal = self.journal.read().unwrap_or_else(PoisonError::into_inner);
        let journal = journal.as_ref().ok_or(Refusal::Over(RecordError::Over))?;
        journal.append(&redacted).inspect_err(|_| self.stop.now())?;
        Ok(exchange.operation)
    }

    /// A client may know us under a name of its own (`host.docker.internal`). Whatever host it
    /// asks for at our port is us.
    fn learn_name(&self, request: &Request) {
        let Some(host) = request.headers.get("host") else { return };
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        if port != Some(self.port) {
            return;
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < NAMES && !names.iter().any(|name| *name == host) {
            self.redactor.host(&host, PROVIDER);
            names.push(host.into_owned());
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
        let recorded = self.record(exchange);
        self.counts(|summary| match recorded {
            Ok(operation) => {
                summary.count_recorded(operation);
                Ok(())
            }
            Err(refusal) => {
                let why = refusal.to_string();
                match refusal {
                    Refusal::Unwritten(_) => summary.count_unwritten(why.clone()),
                    Refusal::Leak(_) | Refusal::Over(_) => summary.count_refused(why.clone()),
                }
                Err(TapError(why))
            }
        })
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
