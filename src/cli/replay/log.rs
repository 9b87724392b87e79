use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use onrecord::redact::Redactor;
use onrecord::replay::sessions::Astray;
use onrecord::replay::{Doubt, Miss};
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Where misses are logged.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Logging {
    /// Append each miss to this file, as a line of JSON; a refused host or signature and an unknown session too
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// The log of one replay.
#[derive(Debug)]
pub(super) struct Log(Option<(PathBuf, Mutex<File>)>);

impl Logging {
    pub(super) fn open(&self) -> Result<Log, Failure> {
        let Some(path) = &self.log else { return Ok(Log(None)) };
        let file = OpenOptions::new().append(true).create(true).open(path).map_err(|error| {
            Failure::Input(format!("cannot open {}: {error}; name another --log", path.display()))
        })?;
        Ok(Log(Some((path.clone(), Mutex::new(file)))))
    }
}

impl Log {
    pub(super) fn miss(&self, miss: &Miss) {
        self.line(|| miss.to_json());
    }

    pub(super) fn astray(&self, astray: &Astray) {
        self.line(|| astray.to_json());
    }

    pub(super) fn doubt(&self, session: Option<&str>, doubt: &Doubt) {
        self.line(|| {
            let mut value = doubt.to_json();
            if let Some(session) = session {
                value["session"] = json!(session);
            }
            value
        });
    }

    pub(super) fn refused(&self, host: &str) {
        self.line(|| {
            json!({
                "miss": "host-refused",
                "host": Redactor::new().text(host).into_inner(),
                "reason": "no contract and no cassette names this host",
            })
        });
    }

    /// Writes a whole line at once; where that fails, the replay goes on.
    fn line(&self, value: impl FnOnce() -> Value) {
        let Some((path, file)) = &self.0 else { return };
        let line = format!("{}\n", value());
        let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        if let Err(error) = written {
            Context::shout(&format!("onrecord: cannot append to {}: {error}", path.display()));
        }
    }
}
