//! Memory: recorded exchanges in a file, and the journal that a recording appends to.
//!
//! - [`Cassette`]: a file of recorded exchanges, loaded and saved whole.
//! - [`Shelf`]: a cassette whose exchanges are read when they are asked for.
//! - [`Journal`]: what a recording appends to, one checksummed line per exchange; folded into
//!   the cassette at the end, or by [`recover`] if the recorder was killed.
//! - [`Cache`]: where cassettes of a [`Remote`] are kept.
//! - [`stored`]: the structs on disk, apart from those in memory.
//!
//! On disk, for a cassette `msk.json`:
//!
//! ```text
//! msk.json                 header, then the exchanges
//! msk.json.bodies/<sha256> each body over 256 KiB
//! msk.json.journal         while a recording runs, and after it was killed
//! msk.json.partial         a recording that was to make or replace the cassette, and did not end well
//! msk.json.partial.1       what lay there before and is not held by it
//! ```

mod bodies;
mod document;
mod error;
mod files;
mod foreign;
mod header;
mod journal;
mod layout;
mod remote;
mod shelf;
pub mod stored;
#[cfg(test)]
mod tests;

pub use error::{BodyFault, CassetteError, Misfit, Place, Refused, Rest};
pub use header::{ContractRef, Header, Origin, Plan};
pub use journal::{Durability, Folded, Gate, Journal, Recovered, recover, recover_beside};
pub use remote::{Cache, FetchError, Object, Remote};
pub use shelf::Shelf;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::de::SliceRead;

use self::bodies::Bodies;
use self::document::{DocumentWriter, Sink};
use self::files::Replacement;
use self::stored::StoredExchange;
use crate::exchange::Exchange;
use crate::redact::Redacted;

/// A file of recorded exchanges.
#[derive(Debug, Clone, PartialEq)]
pub struct Cassette {
    /// What it was recorded from, when and how.
    pub header: Header,
    /// The exchanges; those of one recording in the order in which their requests began.
    pub exchanges: Vec<Redacted<Exchange>>,
}

impl Cassette {
    /// Reads a cassette with all its bodies.
    pub fn load(path: &Path) -> Result<Self, CassetteError> {
        let path = &files::behind_links(path);
        let bytes = fs::read(path).map_err(CassetteError::io("read", path))?;
        let mut loading = Loading { bodies: Bodies::of(path), header: None, exchanges: Vec::new() };
        document::read(path, SliceRead::new(&bytes), &mut loading)
            .map_err(|error| foreign::explain(path, &bytes, error))?;
        let Loading { header, exchanges, .. } = loading;
        // The reader has handed out a header, or has failed.
        let Some(header) = header else { return Err(CassetteError::no_header(path)) };
        Ok(Self { header, exchanges })
    }

    /// Writes the cassette in the place of the one that is there, whole or not at all. The mode of that
    /// one stays, and so do links that lead to it.
    pub fn save(&self, path: &Path) -> Result<(), CassetteError> {
        let path = &files::behind_links(path);
        let bodies = Bodies::of(path);
        let mut named = HashSet::new();
        let mut replacement = Replacement::begin(path, path)?;
        let mut document = DocumentWriter::to(&mut replacement.out);
        document.header(&self.header).map_err(CassetteError::io("write", path))?;
        for exchange in &self.exchanges {
            let stored = bodies.put(exchange.clone())?;
            named.extend(bodies::named(&stored).map(str::to_owned));
            let entry = document::entry(path, &stored)?;
            document.push(&entry).map_err(CassetteError::io("write", path))?;
        }
        document.end().map_err(CassetteError::io("write", path))?;
        replacement.finish()?;
        // A journal names bodies that the cassette does not name yet.
        if journal::journal_of(path).exists() { Ok(()) } else { bodies.sweep(&named) }
    }
}

struct Loading {
    bodies: Bodies,
    header: Option<Header>,
    exchanges: Vec<Redacted<Exchange>>,
}

impl Sink for Loading {
    fn header(&mut self, header: Header) -> Result<(), CassetteError> {
        self.header = Some(header);
        Ok(())
    }

    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
        self.exchanges.push(Redacted::read_back(self.bodies.take(exchange)?));
        Ok(())
    }
}
