//! What becomes of the journal that a killed recorder left.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use super::fold::{self, Fold};
use super::index::Index;
use super::{Onto, journal_of, lock};
use crate::cassette::{CassetteError, files};

/// What a killed recorder had left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// How many exchanges were in the journal.
    pub exchanges: usize,
    /// Whether one more was being written when the recorder was killed, and is lost.
    pub torn: bool,
    /// Where they are now: in the cassette, or in `<cassette>.partial` if they were to replace a
    /// cassette that is there. `None` if there were none.
    pub into: Option<PathBuf>,
}

/// Folds the journal that a killed recorder left, if there is one, into its cassette. Each
/// exchange is then in the cassette exactly once, however often this is killed and called.
pub fn recover(cassette: &Path) -> Result<Option<Recovered>, CassetteError> {
    let journal = journal_of(cassette);
    let file = match lock(&journal, OpenOptions::new().read(true).write(true)) {
        Ok(file) => file,
        Err(CassetteError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut index = Index::of(&journal, &file, &|_| Ok(true))?;
    files::remove_temporary(cassette)?;
    let fold = Fold { cassette, journal: &journal, file: &file };
    let kept = if replaces_unfinished(cassette, &index)? {
        fold.write_partial(&mut index)?
    } else {
        fold.write_cassette(&mut index)?
    };
    Ok(Some(Recovered { exchanges: kept.exchanges, torn: index.torn, into: kept.file }))
}

/// A cassette is replaced only by a recording that ended well.
fn replaces_unfinished(cassette: &Path, index: &Index) -> Result<bool, CassetteError> {
    let unfinished = index.onto() == Onto::Nothing && !index.ended && cassette.exists();
    Ok(unfinished && !fold::is_closed(cassette, index.closing.as_ref())?)
}
