use std::path::PathBuf;
use std::sync::Arc;

use super::{Describe, Onto, RecordError, Recorder, Settings, Summary};
use crate::cassette::{Cassette, Journal};
use crate::net::{Command, Running, Signals, Stop, run};

/// A recording under way. Blocking; not for use inside async functions. Dropped without
/// [`Recording::finish`], it leaves its journal to be recovered.
#[derive(Debug)]
pub struct Recording {
    running: Running,
    recorder: Arc<Recorder>,
    stop: Stop,
}

/// Where the exchanges of a recording are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In the cassette.
    Folded,
    /// In this file; the cassette is as it was.
    Aside(PathBuf),
    /// Nowhere, for there are none; the cassette is as it was.
    Nowhere,
}

impl Recording {
    /// Opens the port and the journal.
    pub fn start(settings: Settings, describe: Arc<dyn Describe>) -> Result<Self, RecordError> {
        let stop = Stop::new();
        let broken = stop.clone();
        let Settings { listen, entrance, outbound, limits, .. } = settings.clone();
        // The port comes first: where it is taken, no journal is left behind.
        let recorder = move |at| -> Result<_, RecordError> {
            let journal = match settings.onto {
                Onto::Held => {
                    let journal = Journal::open(&settings.cassette, &settings.header, settings.durability)?;
                    resume(&settings)?;
                    journal
                }
                Onto::Nothing => {
                    Journal::replacing(&settings.cassette, &settings.header, settings.durability)?
                }
            };
            Ok(Arc::new(Recorder::new(describe, journal, at, &settings, broken)))
        };
        let (running, recorder) = Running::relay(listen, entrance, outbound, limits, recorder)?;
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

    /// As [`Recording::finish`], if it ended well; if not, what was recorded goes into a file of
    /// its own, and the cassette stays as it was.
    pub fn finish_or_set_aside(self, ended_well: impl FnOnce(&Summary) -> bool) -> Result<Kept, RecordError> {
        self.running.stop();
        match ended_well(&self.recorder.summary()) {
            true => self.recorder.finish().map(|_| Kept::Folded),
            false => Ok(self.recorder.set_aside()?.map_or(Kept::Nowhere, Kept::Aside)),
        }
    }

    /// Lets exchanges in flight finish within [`Limits::grace`](crate::net::Limits::grace), then folds the journal into the
    /// cassette.
    pub fn finish(self) -> Result<Summary, RecordError> {
        self.running.stop();
        self.recorder.finish()
    }
}

/// Pseudonyms go on where the cassette that is added to has ended.
fn resume(settings: &Settings) -> Result<(), RecordError> {
    if settings.cassette.exists() {
        let held = Cassette::load(&settings.cassette)?;
        held.exchanges.iter().for_each(|exchange| settings.redactor.resume(exchange));
    }
    Ok(())
}
