//! What carries a request to whatever answers it.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::budget::Budget;
use super::clean_up::{CleanUpError, Patience, Proof, clean_up};
use super::ledger::{Ledger, LedgerError};
use crate::cassette::{CassetteError, Folded, Journal};
use crate::contract::Contract;
use crate::exchange::{Ending, Exchange, Request, Response, Timestamp, Timing};
use crate::net::{Client, Credentials, Limits, NetError, Stop, Upstream, sign};
use crate::redact::{Leak, PROVIDER, Redacted, Redactor};
use crate::replay::{Miss, Replayer};
use crate::sandbox::Sandbox;

/// Carries requests, and hands back what happened, redacted.
pub trait Channel: Send {
    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    /// When there is no answer, or it may not be shown.
    fn exchange(&mut self, request: &Request) -> Result<Redacted<Exchange>, ChannelError>;

    /// What an altered page token is written as, here and in every later run.
    fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String;

    /// The region that requests are signed for, where they are.
    fn region(&self) -> Option<String>;

    /// Gives what is under way the time to get on. Only a running provider needs it.
    fn wait(&mut self, _: Duration) {}

    /// How long each answer may take from now on. Only a running provider takes any time.
    fn patience(&mut self, _: Duration) {}

    /// Deletes what the run has left, if anything can last there, and proves it. `None`: nothing was made.
    ///
    /// # Errors
    /// When nobody can say what is left; the ledger stays then.
    fn clean_up(&mut self, _: &Stop) -> Result<Option<Proof>, CleanUpError> {
        Ok(None)
    }

    /// Ends the recording, if one is being made.
    ///
    /// # Errors
    /// When the cassette cannot be written; the journal is left beside it then.
    fn finish(&mut self) -> Result<Option<Folded>, CassetteError>;
}

/// Why there is no exchange.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The target did not answer.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The exchange holds a secret that could not be taken out.
    #[error(transparent)]
    Leak(#[from] Leak),
    /// The recording could not be written.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// The ledger could not be written, so nothing was sent.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The request could make something that a clean-up would not find, or not delete.
    #[error("{operation} is not sent here: {why}")]
    Withheld {
        /// The operation.
        operation: String,
        /// What would come of it.
        why: &'static str,
    },
    /// The replayed recording has no such exchange.
    #[error("no recorded answer for {}: {}", .0.line, .0.reason)]
    Miss(Box<Miss>),
    /// The request was not sent, or its answer not waited for: no more may be asked.
    #[error("{0}")]
    Spent(String),
}

/// Something that answers requests.
pub trait Provider: Send {
    /// Answers one request, which is left as it went out.
    ///
    /// # Errors
    /// When no answer comes.
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError>;

    /// The region that it signs requests for, if it does.
    fn region(&self) -> Option<String> {
        None
    }

    /// Gives what is under way the time to get on.
    fn wait(&mut self, _: Duration) {}

    /// How long each answer may take from now on.
    fn patience(&mut self, _: Duration) {}
}

/// A provider that answers now, perhaps with a recording being made.
pub struct Live<P> {
    provider: P,
    contract: Arc<Contract>,
    redactor: Redactor,
    journal: Option<Journal>,
    ledger: Option<(Ledger, Patience)>,
}

impl<P: Provider> Live<P> {
    /// `authority` is the provider's, `host:port`: evidence and recordings show a placeholder.
    pub fn new(provider: P, contract: Arc<Contract>, authority: &str, journal: Option<Journal>) -> Self {
        let redactor = Redactor::new();
        redactor.host(authority, PROVIDER);
        Self { provider, contract, redactor, journal, ledger: None }
    }

    /// With a ledger of what is made, and the patience to delete what is left of it at the end.
    #[must_use]
    pub fn with_ledger(self, ledger: Ledger, patience: Patience) -> Self {
        Self { ledger: Some((ledger, patience)), ..self }
    }
}

impl<P: Provider> Channel for Live<P> {
    fn exchange(&mut self, request: &Request) -> Result<Redacted<Exchange>, ChannelError> {
        let mut request = self.redactor.reveal(request);
        let asked = match &mut self.ledger {
            Some((ledger, _)) => ledger.asks(&self.contract, &request)?,
            None => None,
        };
        let answered = self.provider.answer(&mut request);
        if let (Err(error), Some(number), Some((ledger, _))) = (&answered, asked, &mut self.ledger)
            && error.is_before_sending()
        {
            ledger.unsent(number)?;
        }
        let (response, ending, timing) = answered?;
        if let (Some((ledger, _)), Ending::Complete) = (&mut self.ledger, ending) {
            ledger.answered(&self.contract, asked, &request, &response)?;
        }
        let operation = self.contract.route(&request).map(|operation| operation.name.clone());
        let exchange = Exchange { operation, request, response, ending, timing };
        let redacted = self.redactor.exchange(&exchange, &self.contract.declared(&exchange))?;
        if let Some(journal) = &self.journal {
            journal.append(redacted.clone())?;
        }
        Ok(redacted)
    }

    fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String {
        self.redactor.derive(token, change)
    }

    fn region(&self) -> Option<String> {
        self.provider.region()
    }

    fn wait(&mut self, time: Duration) {
        self.provider.wait(time);
    }

    fn patience(&mut self, time: Duration) {
        self.provider.patience(time);
    }

    fn clean_up(&mut self, stop: &Stop) -> Result<Option<Proof>, CleanUpError> {
        let Some((ledger, patience)) = &mut self.ledger else { return Ok(None) };
        clean_up(&self.contract, &mut self.provider, ledger, *patience, stop)
    }

    fn finish(&mut self) -> Result<Option<Folded>, CassetteError> {
        let Some(journal) = self.journal.take() else { return Ok(None) };
        journal.finish(&|exchange| self.redactor.again(exchange)).map(Some)
    }
}

/// A running provider, by its address.
pub struct Remote {
    client: Client,
    authority: String,
    signer: Option<Signer>,
    patience: Duration,
}

/// How requests are signed.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The name in the credential scope.
    pub service: String,
    /// The region in the credential scope.
    pub region: String,
    /// Whose requests they are.
    pub credentials: Credentials,
}

impl Remote {
    /// A provider at an address; without a signer, requests go out unsigned.
    ///
    /// # Errors
    /// When the system gives no client.
    pub fn new(upstream: &Upstream, signer: Option<Signer>) -> Result<Self, NetError> {
        let client = Client::new(upstream, Limits::default())?;
        let patience = Budget::default().answer;
        Ok(Self { client, authority: upstream.authority().to_owned(), signer, patience })
    }
}

impl Provider for Remote {
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        if let Some(Signer { service, region, credentials }) = &self.signer {
            sign(request, &self.authority, service, region, credentials, Timestamp::now())?;
        }
        self.client.send_within(request, self.patience)
    }

    fn region(&self) -> Option<String> {
        self.signer.as_ref().map(|signer| signer.region.clone())
    }

    fn wait(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    fn patience(&mut self, time: Duration) {
        self.patience = time;
    }
}

/// Where the sandbox says that it is.
const SANDBOX: (&str, &str) = ("127.0.0.1:4566", "us-east-1");

impl Provider for Sandbox {
    /// Signed as everywhere, so that what is documented of the region of a request holds here too.
    fn answer(&mut self, request: &mut Request) -> Result<(Response, Ending, Timing), NetError> {
        let started = Timestamp::now();
        if let Some(service) = &self.contract().signing_name {
            let (host, region) = SANDBOX;
            let credentials = Credentials {
                access_key: "AKIDEXAMPLE".to_owned(),
                secret_key: "none".to_owned(),
                session_token: None,
            };
            sign(request, host, service, region, &credentials, started)?;
        }
        let response = Sandbox::answer(self, request);
        Ok((
            response,
            Ending::Complete,
            Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO },
        ))
    }

    fn region(&self) -> Option<String> {
        self.contract().signing_name.as_ref().map(|_| SANDBOX.1.to_owned())
    }
}

/// A recording of an earlier run. Nothing here can reach a provider.
pub struct Replayed(Arc<Replayer>);

impl Replayed {
    /// Answers from a recording.
    pub fn new(replayer: Arc<Replayer>) -> Self {
        Self(replayer)
    }
}

impl Channel for Replayed {
    fn exchange(&mut self, request: &Request) -> Result<Redacted<Exchange>, ChannelError> {
        self.0.take(request).map(Arc::unwrap_or_clone).map_err(ChannelError::Miss)
    }

    fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String {
        change(token)
    }

    fn region(&self) -> Option<String> {
        self.0.region()
    }

    fn finish(&mut self) -> Result<Option<Folded>, CassetteError> {
        Ok(None)
    }
}
