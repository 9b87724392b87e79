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
    /// Where they are now: in the cassette, or in `<cassette>.partial`. `None` if there were none.
    pub into: Option<PathBuf>,
}

/// Folds the journal that a killed recorder left, if there is one, into its cassette; into
/// `<cassette>.partial` if it was to replace one that is there, for it is not the whole story. Each
/// exchange is then in the cassette exactly once, however often this is killed and called.
pub fn recover(cassette: &Path) -> Result<Option<Recovered>, CassetteError> {
    fold_left(cassette, replaces_unfinished)
}

/// As [`recover()`], for those who take a cassette that is there for the whole story: where there is
/// none, what was killed does not make one either, and is put beside it.
pub fn recover_beside(cassette: &Path) -> Result<Option<Recovered>, CassetteError> {
    fold_left(cassette, |cassette, index| {
        Ok(!(cassette.exists() || index.ended) || replaces_unfinished(cassette, index)?)
    })
}

fn fold_left(
    cassette: &Path,
    is_for_beside: impl FnOnce(&Path, &Index) -> Result<bool, CassetteError>,
) -> Result<Option<Recovered>, CassetteError> {
    let cassette = &files::behind_links(cassette);
    let journal = journal_of(cassette);
    let file = match lock(&journal, OpenOptions::new().read(true).write(true)) {
        Ok(file) => file,
        Err(CassetteError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut index = Index::of(&journal, &file, &|_| Ok(true))?;
    files::remove_temporary(cassette)?;
    let fold = Fold { cassette, journal: &journal, file: &file };
    let kept = if is_for_beside(cassette, &index)? {
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
