//! What a recording appends to, so that a kill at any instant loses no exchange whose answer
//! the client has seen.
//!
//! The first line says what is recorded, then there is one line per exchange. Each line is
//! `<checksum> <json>`. An exchange is in the file before [`Journal::append`] returns, which
//! survives the end of the process; [`Durability`] says what survives the end of the whole machine.
//!
//! A recording that ends passes the gate exchange by exchange, for a secret may have been learned
//! after an exchange that holds it was written. What the gate changes or refuses is first mended in
//! the journal itself, so that nothing that fails afterwards leaves it on disk; then the journal is
//! folded into the cassette.

mod aside;
mod fold;
mod gate;
mod index;
mod lanes;
mod lines;
mod recovery;
#[cfg(test)]
mod tests;
mod writer;

pub use fold::Folded;
pub use gate::Gate;
pub use recovery::{Recovered, recover, recover_beside};

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::lines::Opening;
use self::writer::Writer;
use super::bodies::Bodies;
use super::{CassetteError, Header, files};
use crate::exchange::Exchange;
use crate::redact::Redacted;

/// When an exchange that was appended is on disk, and survives a power cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// Within 100 ms, together with those that came meanwhile.
    #[default]
    Grouped,
    /// Before [`Journal::append`] returns. Exchanges that are appended at once share one sync.
    Synced,
}

/// A recording under way. Dropped without [`Journal::finish`], it stays to be recovered.
pub struct Journal {
    cassette: PathBuf,
    path: PathBuf,
    bodies: Bodies,
    writer: Writer,
}

impl Journal {
    /// Begins a recording that will be added to the cassette, or make it if there is none. A
    /// journal left by a killed recorder must be recovered before.
    pub fn open(cassette: &Path, header: &Header, durability: Durability) -> Result<Self, CassetteError> {
        fold::check_addition(&files::behind_links(cassette), header)?;
        Self::begin(cassette, header, Onto::Held, durability)
    }

    /// Begins a recording that will replace the cassette, if there is one.
    pub fn replacing(
        cassette: &Path,
        header: &Header,
        durability: Durability,
    ) -> Result<Self, CassetteError> {
        Self::begin(cassette, header, Onto::Nothing, durability)
    }

    /// Has the exchange in the journal before it returns.
    pub fn append(&self, exchange: Redacted<Exchange>) -> Result<(), CassetteError> {
        let stored = self.bodies.put(exchange)?;
        let line = lines::line(&stored).map_err(CassetteError::io("append to", &self.path))?;
        self.writer.append(&line)
    }

    /// Folds the journal into the cassette and takes it away. What the gate refuses is left out
    /// and told as [`CassetteError::Leak`]; a recording that was to replace the cassette is then
    /// set aside, as by [`Journal::set_aside`].
    pub fn finish(mut self, gate: Gate<'_>) -> Result<Folded, CassetteError> {
        self.writer.end()?;
        self.fold().finish(gate)
    }

    /// Leaves the cassette as it is, for the recording that was to replace it did not end well:
    /// what was recorded goes to `<cassette>.partial`. `None` if nothing was.
    pub fn set_aside(mut self, gate: Gate<'_>) -> Result<Option<PathBuf>, CassetteError> {
        self.writer.end()?;
        self.fold().set_aside(gate)
    }

    fn fold(&self) -> fold::Fold<'_> {
        fold::Fold { cassette: &self.cassette, journal: &self.path, file: self.writer.file() }
    }

    fn begin(
        cassette: &Path,
        header: &Header,
        onto: Onto,
        durability: Durability,
    ) -> Result<Self, CassetteError> {
        let cassette = &files::behind_links(cassette);
        let path = journal_of(cassette);
        files::create_folder(&path)?;
        let file = lock(&path, OpenOptions::new().read(true).write(true).create(true).truncate(false))?;
        let length = file.metadata().map_err(CassetteError::io("read", &path))?.len();
        if length > 0 {
            return Err(CassetteError::Left { journal: path });
        }
        files::remove_temporary(cassette)?;
        // We must be able to open it again, whatever the cassette says.
        let begun = files::take_mode(&file, cassette, 0o600)
            .and_then(|()| Self::write_opening(&file, header, onto))
            .and_then(|length| Writer::new(path.clone(), file, length, durability));
        // A journal without its first line would have to be recovered, and holds nothing.
        let begun = begun.inspect_err(|_| drop(fs::remove_file(&path)));
        let writer = begun.map_err(CassetteError::io("write", &path))?;
        files::sync_folder(&path)?;
        Ok(Self { cassette: cassette.clone(), path, bodies: Bodies::of(cassette), writer })
    }

    fn write_opening(mut file: &File, header: &Header, onto: Onto) -> io::Result<u64> {
        let line = lines::line(&Opening::new(header, onto))?;
        file.write_all(&line)?;
        file.sync_all()?;
        Ok(line.len() as u64)
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
    beside(cassette, ".journal")
}

/// `<cassette>.partial`
fn partial_of(cassette: &Path) -> PathBuf {
    beside(cassette, ".partial")
}

fn beside(cassette: &Path, suffix: &str) -> PathBuf {
    let mut name = cassette.as_os_str().to_owned();
    name.push(suffix);
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
