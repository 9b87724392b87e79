use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Describe, RecordError, Recorder, Summary};
use crate::cassette::{Durability, Header, Journal};
use crate::net::{Command, Entrance, Limits, Running, Signals, Stop, Upstream, run};

/// What a recording is made from and into.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where clients connect to; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The provider.
    pub upstream: Upstream,
    /// The file to record into.
    pub cassette: PathBuf,
    /// What becomes of the exchanges that it already holds.
    pub onto: Onto,
    /// What the file says of itself.
    pub header: Header,
    /// How long and how much the sockets wait for and keep.
    pub limits: Limits,
}

/// What becomes of the exchanges that a cassette already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onto {
    /// They stay, and new ones are added.
    Held,
    /// They are replaced when the recording ends.
    Nothing,
}

/// A recording under way. Blocking; not for use inside async functions. Dropped without
/// [`Recording::finish`], it leaves its journal to be recovered.
#[derive(Debug)]
pub struct Recording {
    running: Running,
    recorder: Arc<Recorder>,
    stop: Stop,
}

impl Recording {
    /// Opens the port and the journal.
    pub fn start(settings: Settings, describe: Arc<dyn Describe>) -> Result<Self, RecordError> {
        let Settings { listen, upstream, cassette, onto, header, limits } = settings;
        let stop = Stop::new();
        let (provider, broken) = (upstream.clone(), stop.clone());
        // The port comes first: where it is taken, no journal is left behind.
        let recorder = move |at| -> Result<_, RecordError> {
            let journal = match onto {
                Onto::Held => Journal::open(&cassette, &header, Durability::Grouped)?,
                Onto::Nothing => Journal::replacing(&cassette, &header, Durability::Grouped)?,
            };
            Ok(Arc::new(Recorder::new(describe, journal, at, &provider, broken)))
        };
        let (running, recorder) = Running::relay(listen, Entrance::Reverse, upstream, limits, recorder)?;
        Ok(Self { running, recorder, stop })
    }

    /// Where clients connect to, as a URL without a slash at its end.
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// Asks [`Recording::wait`] to return.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// What happened to the exchanges so far, also once the recording is over.
    pub fn recorder(&self) -> Arc<Recorder> {
        self.recorder.clone()
    }

    /// Catches the signals that [`Recording::run`] and [`Recording::wait`] heed: before anybody
    /// is told where to connect to, so that none cuts the recording short.
    pub fn signals(&self) -> Result<Signals, RecordError> {
        Ok(Signals::catch(self.running.runtime())?)
    }

    /// Runs a command whose requests are to be recorded. Its exit code, see [`run`].
    pub fn run(&self, command: &Command, signals: &mut Signals) -> Result<u8, RecordError> {
        Ok(self.running.runtime().block_on(run(command, signals))?)
    }

    /// Waits for `SIGINT`, `SIGTERM`, or the journal to fail.
    pub fn wait(&self, signals: &mut Signals) {
        self.running.runtime().block_on(self.stop.asked_or_signalled(signals));
    }

    /// Lets exchanges in flight finish within [`Limits::grace`], then folds the journal into the
    /// cassette.
    pub fn finish(self) -> Result<Summary, RecordError> {
        self.running.stop();
        self.recorder.finish()
    }
}
