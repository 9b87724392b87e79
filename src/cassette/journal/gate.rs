//! The gate before the cassette: what was learned after an exchange was written is looked for in
//! it once more. What may not stay is mended in the journal.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
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
/// Several are led through at a time.
pub type Gate<'a> = &'a (dyn Fn(&Redacted<Exchange>) -> Result<Redacted<Exchange>, Leak> + Sync);

/// What the gate makes of an exchange.
enum Verdict {
    Passed,
    Changed(Box<Redacted<Exchange>>),
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
    let passes = |exchange| Ok(matches!(judge(&bodies, gate, exchange)?, Verdict::Passed));
    let mut index = Index::of(journal, file, &passes)?;
    let unclean = std::mem::take(&mut index.unclean);
    if unclean.is_empty() {
        return Ok((index, None));
    }
    let mut mending = Mending { bodies: &bodies, journal, file, index: &mut index, stale: HashSet::new() };
    let mended = mending.all(&unclean, gate);
    let mut stale = mending.stale;
    if !stale.is_empty() {
        // A cassette that cannot be read is no reason to leave a secret there.
        let held = fold::held_bodies(cassette).unwrap_or_default();
        stale.retain(|name| !index.named.contains(name) && !held.contains(name));
        bodies.remove(&stale)?;
    }
    Ok((index, mended?))
}

fn judge(bodies: &Bodies, gate: Gate<'_>, stored: StoredExchange) -> Result<Verdict, CassetteError> {
    let (started, operation) = (stored.timing.started, stored.operation.clone());
    let exchange = Redacted::read_back(bodies.take(stored)?);
    Ok(match gate(&exchange) {
        Ok(again) if again == exchange => Verdict::Passed,
        Ok(again) => Verdict::Changed(Box::new(again)),
        Err(leak) => Verdict::Refused(Refused { started, operation, leak, more: 0 }),
    })
}

struct Mending<'a> {
    bodies: &'a Bodies,
    journal: &'a Path,
    file: &'a File,
    index: &'a mut Index,
    /// The files that hold what the gate has changed or refused.
    stale: HashSet<String>,
}

impl Mending<'_> {
    /// Of what cannot be changed for want of room, nothing stays either.
    fn all(&mut self, unclean: &[usize], gate: Gate<'_>) -> Result<Option<Refused>, CassetteError> {
        // A torn line would stand before what is appended.
        self.file.set_len(self.index.length).map_err(CassetteError::io("mend", self.journal))?;
        let (mut refused, mut failure) = (None::<Refused>, None);
        let mut erased = HashSet::new();
        for &number in unclean {
            match self.one(number, gate) {
                Ok(None) => {}
                Ok(Some(found)) => {
                    erased.insert(number);
                    match &mut refused {
                        Some(first) => first.more += 1,
                        None => refused = Some(found),
                    }
                }
                Err(error) => {
                    self.erase(self.index.recorded[number].span())?;
                    erased.insert(number);
                    failure.get_or_insert(error);
                }
            }
        }
        self.file.sync_data().map_err(CassetteError::io("sync", self.journal))?;
        if let Some(source) = failure {
            let (journal, source) = (self.journal.to_owned(), Box::new(source));
            return Err(CassetteError::NotMended { journal, erased: erased.len(), source });
        }
        let mut number = 0..;
        self.index.recorded.retain(|_| !number.next().is_some_and(|number| erased.contains(&number)));
        Ok(refused)
    }

    /// Led through the gate once more, for not all were kept; changed, or erased if it is refused.
    fn one(&mut self, number: usize, gate: Gate<'_>) -> Result<Option<Refused>, CassetteError> {
        let at = self.index.recorded[number].span();
        let json = lines::reread(self.file, at).map_err(CassetteError::io("read", self.journal))?;
        let stored: StoredExchange = serde_json::from_str(&json)
            .map_err(|error| CassetteError::io("read", self.journal)(error.into()))?;
        let before: Vec<_> = bodies::named(&stored).map(str::to_owned).collect();
        let verdict = judge(self.bodies, gate, stored);
        if let Ok(Verdict::Passed) = verdict {
            self.index.named.extend(before);
            return Ok(None);
        }
        self.stale.extend(before);
        match verdict? {
            Verdict::Passed => Ok(None),
            Verdict::Changed(exchange) => {
                let stored = self.bodies.put(*exchange)?;
                self.index.named.extend(bodies::named(&stored).map(str::to_owned));
                let line = lines::line(&stored).map_err(CassetteError::io("mend", self.journal))?;
                self.index.recorded[number] = Recorded::new(&stored, self.replace(at, &line)?);
                Ok(None)
            }
            Verdict::Refused(refused) => self.erase(at).map(|()| Some(refused)),
        }
    }

    /// Where the new line lies: in the place of the old one, or at the end if it is longer.
    fn replace(&mut self, old: Span, line: &[u8]) -> Result<Span, CassetteError> {
        if let Some(line) = lines::padded(line.to_vec(), old.length) {
            return self.write(old.offset, &line).map(|()| old);
        }
        let offset = self.index.length;
        // Where there is no room, what was written of it is taken back.
        self.write(offset, line).inspect_err(|_| drop(self.file.set_len(offset)))?;
        self.index.length += line.len() as u64;
        self.erase(old)?;
        Ok(Span { offset, length: line.len() })
    }

    fn erase(&self, at: Span) -> Result<(), CassetteError> {
        self.write(at.offset, &lines::erased(at.length))
    }

    fn write(&self, offset: u64, line: &[u8]) -> Result<(), CassetteError> {
        let mut file = self.file;
        let written = file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(line));
        written.map_err(CassetteError::io("mend", self.journal))
    }
}
