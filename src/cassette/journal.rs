//! What a recording appends to, so that a kill at any instant loses no exchange whose answer
//! the client has seen.
//!
//! The first line says what is recorded, then there is one line per exchange. Each line is
//! `<checksum> <json>`. An exchange is in the file before [`Journal::append`] returns, which
//! survives the end of the process; the file is synced at most every [`GROUP`], which bounds
//! what the end of the whole machine can take.

mod fold;
mod lines;
#[cfg(test)]
mod tests;

pub use fold::{Folded, Recovered, recover};

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use self::lines::Opening;
use super::bodies::Bodies;
use super::{CassetteError, Header, files};
use crate::exchange::Exchange;
use crate::redact::Redacted;

/// How long an appended exchange may stay unsynced while more follow.
const GROUP: Duration = Duration::from_millis(200);

/// A recording under way. Dropped without [`Journal::finish`], it stays to be recovered.
pub struct Journal {
    cassette: PathBuf,
    path: PathBuf,
    bodies: Bodies,
    file: File,
    state: Mutex<State>,
}

struct State {
    length: u64,
    exchanges: u64,
    synced: Instant,
    /// A failed write left a part of a line that could not be taken back.
    broken: bool,
}

impl Journal {
    /// Begins a recording that will be added to the cassette, or make it if there is none. A
    /// journal left by a killed recorder must be recovered before.
    pub fn open(cassette: &Path, header: &Header) -> Result<Self, CassetteError> {
        fold::check_addition(cassette, header)?;
        Self::begin(cassette, header, Onto::Held)
    }

    /// Begins a recording that will replace the cassette, if there is one.
    pub fn replacing(cassette: &Path, header: &Header) -> Result<Self, CassetteError> {
        Self::begin(cassette, header, Onto::Nothing)
    }

    /// Has the exchange in the journal before it returns.
    pub fn append(&self, exchange: &Redacted<Exchange>) -> Result<(), CassetteError> {
        let stored = self.bodies.put(exchange)?;
        let line = lines::line(&stored).map_err(CassetteError::io("append to", &self.path))?;
        if self.write(&line)? {
            // Outside of the lock, so that other exchanges are appended meanwhile.
            self.file.sync_data().map_err(CassetteError::io("sync", &self.path))?;
        }
        Ok(())
    }

    /// Folds the journal into the cassette and takes it away.
    pub fn finish(self) -> Result<Folded, CassetteError> {
        self.file.sync_data().map_err(CassetteError::io("sync", &self.path))?;
        let folded = fold::fold(&self.cassette, &self.path, &self.file).map(|outcome| outcome.folded);
        folded.map_err(|error| CassetteError::NotFolded { journal: self.path, source: Box::new(error) })
    }

    fn begin(cassette: &Path, header: &Header, onto: Onto) -> Result<Self, CassetteError> {
        let path = journal_of(cassette);
        files::create_folder(&path)?;
        let file = lock(&path, OpenOptions::new().read(true).append(true).create(true))?;
        let length = file.metadata().map_err(CassetteError::io("read", &path))?.len();
        if length > 0 {
            return Err(CassetteError::Left { journal: path });
        }
        let opening = Opening::new(header, onto);
        let line = lines::line(&opening).map_err(CassetteError::io("write", &path))?;
        (&file).write_all(&line).and_then(|()| file.sync_all()).map_err(CassetteError::io("write", &path))?;
        files::sync_folder(&path)?;
        let state = State { length: line.len() as u64, exchanges: 0, synced: Instant::now(), broken: false };
        let bodies = Bodies::of(cassette);
        Ok(Self { cassette: cassette.to_owned(), path, bodies, file, state: Mutex::new(state) })
    }

    /// Whether it is time to sync.
    fn write(&self, line: &[u8]) -> Result<bool, CassetteError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let written = if state.broken {
            Err(io::Error::other("an earlier write stopped in the middle of a line"))
        } else {
            (&self.file).write_all(line)
        };
        if let Err(source) = written {
            // What follows a torn line could not be told from damage.
            state.broken |= self.file.set_len(state.length).is_err();
            return Err(CassetteError::NotAppended {
                journal: self.path.clone(),
                safe: state.exchanges,
                source,
            });
        }
        state.length += line.len() as u64;
        state.exchanges += 1;
        let due = state.synced.elapsed() >= GROUP;
        if due {
            state.synced = Instant::now();
        }
        Ok(due)
    }
}

/// What becomes of the cassette that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Onto {
    /// The recording is added to it.
    Held,
    /// The recording replaces it.
    Nothing,
}

/// `<cassette>.journal`
pub(super) fn journal_of(cassette: &Path) -> PathBuf {
    let mut name = cassette.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}

fn lock(path: &Path, options: &OpenOptions) -> Result<File, CassetteError> {
    loop {
        let file = options.open(path).map_err(CassetteError::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(CassetteError::Busy { journal: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(CassetteError::io("lock", path)(error)),
        }
        // Its last owner may have taken the file away between opening and locking it.
        if is_still(path, &file) {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_still(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (fs::metadata(path), file.metadata()) {
        (Ok(named), Ok(held)) => (named.dev(), named.ino()) == (held.dev(), held.ino()),
        // Gone: the next turn makes it anew, or says that it is not there.
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => false,
        _ => true,
    }
}

/// Elsewhere an open file cannot be taken away.
#[cfg(not(unix))]
fn is_still(path: &Path, _file: &File) -> bool {
    fs::metadata(path).is_ok()
}
