use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use onrecord::replay::Miss;

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Where misses are logged.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct Logging {
    /// Append each miss to this file, as a line of JSON
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
    /// Writes a whole line at once; where that fails, the replay goes on.
    pub(super) fn miss(&self, miss: &Miss) {
        let Some((path, file)) = &self.0 else { return };
        let line = format!("{}\n", miss.to_json());
        let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        if let Err(error) = written {
            Context::shout(&format!("onrecord: cannot append to {}: {error}", path.display()));
        }
    }
}
