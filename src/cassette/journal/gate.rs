//! The gate before the cassette: what was learned after an exchange was written is looked for in
//! it once more. What may not stay is mended in the journal.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::fold;
use super::index::{Index, Recorded};
use super::lines::{self, Span};
use crate::cassette::bodies::{self, Bodies};
use crate::cassette::stored::StoredExchange;
use crate::cassette::{CassetteError, Refused};
use crate::exchange::Exchange;
use crate::redact::{Leak, Redacted};

/// Redacts an exchange once more, or finds a secret that would stay.
pub type Gate<'a> = &'a dyn Fn(&Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak>;

/// What the gate makes of an exchange.
enum Verdict {
    Passed,
    Changed(Redacted<Exchange>),
    Refused(Refused),
}

/// The journal with all its exchanges led through the gate, and those that it refused.
pub(super) fn pass(
    cassette: &Path,
    journal: &Path,
    file: &File,
    gate: Gate<'_>,
) -> Result<(Index, Option<Refused>), CassetteError> {
    let bodies = Bodies::of(cassette);
    let (mut unclean, mut number) = (Vec::new(), 0);
    let mut index = Index::of(journal, file, &mut |exchange| {
        let passed = matches!(judge(&bodies, gate, exchange)?, Verdict::Passed);
        if !passed {
            unclean.push(number);
        }
        number += 1;
        Ok(passed)
    })?;
    if unclean.is_empty() {
        return Ok((index, None));
    }
    let mut mending = Mending { file, index: &mut index, erased: HashSet::new() };
    let refused = mending.all(&unclean, &bodies, gate).map_err(|error| match error {
        Failure::Io(source) => CassetteError::io("mend", journal)(source),
        Failure::Other(error) => error,
    })?;
    // The files of what was there before hold what the gate has changed or refused.
    let mut named = index.named.clone();
    named.extend(fold::held_bodies(cassette)?);
    bodies.sweep(&named)?;
    Ok((index, refused))
}

fn judge(bodies: &Bodies, gate: Gate<'_>, stored: StoredExchange) -> Result<Verdict, CassetteError> {
    let (started, operation) = (stored.timing.started, stored.operation.clone());
    let exchange = Redacted::read_back(bodies.take(stored)?);
    Ok(match gate(&exchange) {
        Ok(again) if again == exchange => Verdict::Passed,
        Ok(again) => Verdict::Changed(again),
        Err(leak) => Verdict::Refused(Refused { started, operation, leak, more: 0 }),
    })
}

struct Mending<'a> {
    file: &'a File,
    index: &'a mut Index,
    erased: HashSet<usize>,
}

enum Failure {
    Io(io::Error),
    Other(CassetteError),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<CassetteError> for Failure {
    fn from(error: CassetteError) -> Self {
        Self::Other(error)
    }
}

impl Mending<'_> {
    fn all(
        &mut self,
        unclean: &[usize],
        bodies: &Bodies,
        gate: Gate<'_>,
    ) -> Result<Option<Refused>, Failure> {
        // A torn line would stand before what is appended.
        self.file.set_len(self.index.length)?;
        let mut refused: Option<Refused> = None;
        let mut buffer = Vec::new();
        for &number in unclean {
            let at = self.index.recorded[number].span();
            let json = lines::reread(self.file, at, &mut buffer)?;
            let stored: StoredExchange = serde_json::from_str(json).map_err(io::Error::from)?;
            match judge(bodies, gate, stored.clone())? {
                Verdict::Passed => self.name(&stored),
                Verdict::Changed(exchange) => {
                    let stored = bodies.put(&exchange)?;
                    self.name(&stored);
                    let at = self.replace(at, lines::line(&stored)?)?;
                    self.index.recorded[number] = Recorded::new(&stored, at);
                }
                Verdict::Refused(found) => {
                    self.write(at.offset, &lines::erased(at.length))?;
                    self.erased.insert(number);
                    match &mut refused {
                        Some(first) => first.more += 1,
                        None => refused = Some(found),
                    }
                }
            }
        }
        self.file.sync_data()?;
        let mut number = 0..;
        self.index.recorded.retain(|_| !number.next().is_some_and(|number| self.erased.contains(&number)));
        Ok(refused)
    }

    fn name(&mut self, exchange: &StoredExchange) {
        self.index.named.extend(bodies::named(exchange).map(str::to_owned));
    }

    /// Where the new line lies: in the place of the old one, or at the end if it is longer.
    fn replace(&mut self, old: Span, line: Vec<u8>) -> io::Result<Span> {
        let length = line.len();
        if let Some(line) = lines::padded(line.clone(), old.length) {
            self.write(old.offset, &line)?;
            return Ok(old);
        }
        let offset = self.index.length;
        let appended = self.write(offset, &line);
        // Also where there is no room for the new one: it may not stay.
        self.write(old.offset, &lines::erased(old.length))?;
        if let Err(error) = appended {
            self.file.set_len(offset)?;
            return Err(error);
        }
        self.index.length += length as u64;
        Ok(Span { offset, length })
    }

    fn write(&self, offset: u64, line: &[u8]) -> io::Result<()> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(line)
    }
}
