//! Folding a journal into its cassette, at the end of a recording or after a kill.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::de::IoRead;

use super::gate::{self, Gate};
use super::index::Index;
use super::lanes::in_order;
use super::lines::{self, Closing, Ended, line};
use super::{Onto, partial_of};
use crate::cassette::bodies::{self, Bodies};
use crate::cassette::document::{self, DocumentWriter, Sink};
use crate::cassette::files::{self, Replacement};
use crate::cassette::stored::StoredExchange;
use crate::cassette::{CassetteError, Header, Refused, Rest};
use crate::encoding;

/// So much of a cassette's end tells it from any other.
const TAIL: u64 = 1 << 16;

/// What a recording has added to its cassette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// How many exchanges were recorded. If none, the cassette is as it was before.
    pub exchanges: usize,
}

/// A journal, locked by the caller, on its way into a cassette.
pub(super) struct Fold<'a> {
    pub(super) cassette: &'a Path,
    pub(super) journal: &'a Path,
    pub(super) file: &'a File,
}

/// What a fold has kept, and where; nowhere if there was nothing.
pub(super) struct Kept {
    pub(super) exchanges: usize,
    pub(super) file: Option<PathBuf>,
}

impl Fold<'_> {
    pub(super) fn finish(&self, gate: Gate<'_>) -> Result<Folded, CassetteError> {
        let (mut index, refused) = self.pass(gate)?;
        // With an exchange left out, a recording is not what is to replace another.
        let aside = refused.is_some() && index.onto() == Onto::Nothing && self.cassette.exists();
        let kept = if aside {
            self.write_partial(&mut index)
        } else {
            self.end(&mut index).and_then(|()| self.write_cassette(&mut index))
        };
        Ok(Folded { exchanges: self.told(refused, kept)?.exchanges })
    }

    pub(super) fn set_aside(&self, gate: Gate<'_>) -> Result<Option<PathBuf>, CassetteError> {
        let (mut index, refused) = self.pass(gate)?;
        let kept = self.write_partial(&mut index);
        Ok(self.told(refused, kept)?.file)
    }

    /// Writes the cassette and takes the journal away.
    pub(super) fn write_cassette(&self, index: &mut Index) -> Result<Kept, CassetteError> {
        if !index.recorded.is_empty() && !is_closed(self.cassette, index.closing.as_ref())? {
            let (replacement, named) = self.write(self.cassette, index, index.onto())?;
            self.close(&replacement, index.length)?;
            replacement.finish()?;
            Bodies::of(self.cassette).sweep(&named)?;
        }
        self.take_away(index, self.cassette)
    }

    /// Writes the exchanges of the journal alone beside the cassette, and takes the journal away. What
    /// lies there and was not recorded again stays, under another name.
    pub(super) fn write_partial(&self, index: &mut Index) -> Result<Kept, CassetteError> {
        let partial = partial_of(self.cassette);
        let bodies = Bodies::of(self.cassette);
        if !index.recorded.is_empty() {
            self.make_room(&partial, index)?;
            bodies.lend(&index.named, &Bodies::of(&partial))?;
            let (replacement, named) = self.write(&partial, index, Onto::Nothing)?;
            replacement.finish()?;
            Bodies::of(&partial).sweep(&named)?;
        }
        match held_bodies(self.cassette) {
            Ok(held) => bodies.sweep(&held)?,
            Err(error @ CassetteError::Io { .. }) => return Err(error),
            // Which of them a damaged cassette needs, nobody can say.
            Err(_) => {}
        }
        self.take_away(index, &partial)
    }

    fn pass(&self, gate: Gate<'_>) -> Result<(Index, Option<Refused>), CassetteError> {
        gate::pass(self.cassette, self.journal, self.file, gate).map_err(|error| self.not_folded(error))
    }

    /// The result of a fold, with what the gate refused.
    fn told(
        &self,
        refused: Option<Refused>,
        kept: Result<Kept, CassetteError>,
    ) -> Result<Kept, CassetteError> {
        let kept = kept.map_err(|error| self.not_folded(error));
        let Some(refused) = refused else { return kept };
        let rest = match kept {
            Ok(Kept { exchanges, file: Some(file) }) => Rest::Kept { exchanges, file },
            Ok(Kept { file: None, .. }) => Rest::None,
            Err(error) => Rest::Failed(Box::new(error)),
        };
        Err(CassetteError::Leak { refused: Box::new(refused), rest })
    }

    fn not_folded(&self, source: CassetteError) -> CassetteError {
        if matches!(source, CassetteError::NotMended { .. }) {
            return source;
        }
        CassetteError::NotFolded { journal: self.journal.to_owned(), source: Box::new(source) }
    }

    /// The new cassette, which has not got its name yet, and the files that it names.
    fn write<'p>(
        &self,
        path: &'p Path,
        index: &mut Index,
        onto: Onto,
    ) -> Result<(Replacement<'p>, HashSet<String>), CassetteError> {
        let Some((_, header)) = index.begun.take() else {
            return Err(CassetteError::no_header(self.journal));
        };
        let like = if self.cassette.exists() { self.cassette } else { path };
        let mut replacement = Replacement::begin(path, like)?;
        let document = DocumentWriter::to(&mut replacement.out);
        let mut merge = Merge { path, coming: &header, document, begun: false, named: HashSet::new() };
        if onto == Onto::Held {
            read_held(path, &mut merge)?;
        }
        if !merge.begun {
            merge.begin(&header)?;
        }
        let mut spans = index.in_order().iter().map(|recorded| recorded.span());
        in_order(
            || lines::reread_batch(self.file, &mut spans).map_err(CassetteError::io("read", self.journal)),
            |batch| Ok(document::entries(batch.iter().map(String::as_str))),
            |entries| merge.push(&entries),
        )?;
        let Merge { document, mut named, .. } = merge;
        document.end().map_err(CassetteError::io("write", path))?;
        named.extend(index.named.drain());
        Ok((replacement, named))
    }

    /// Notes in the journal that the recording ended well.
    fn end(&self, index: &mut Index) -> Result<(), CassetteError> {
        if index.onto() == Onto::Nothing && !index.recorded.is_empty() {
            let line = line(&Ended { exchanges: index.recorded.len() });
            let written = line.and_then(|line| self.append(index.length, &line));
            index.length += written.map_err(CassetteError::io("write", self.journal))?;
        }
        Ok(())
    }

    /// Notes in the journal what the cassette will be, so that a kill before the journal is taken
    /// away does not make its exchanges come twice.
    fn close(&self, replacement: &Replacement<'_>, length: u64) -> Result<(), CassetteError> {
        let closing = fingerprint(replacement.file()).and_then(|closing| line(&closing));
        let written = closing.and_then(|line| self.append(length, &line)).and_then(|_| self.file.sync_data());
        written.map_err(CassetteError::io("write", self.journal))
    }

    /// Behind the last whole line: a torn one may follow it.
    fn append(&self, length: u64, line: &[u8]) -> io::Result<u64> {
        let mut file = self.file;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        file.write_all(line).inspect_err(|_| drop(file.set_len(length)))?;
        Ok(line.len() as u64)
    }

    fn take_away(&self, index: &Index, kept: &Path) -> Result<Kept, CassetteError> {
        fs::remove_file(self.journal).map_err(CassetteError::io("remove", self.journal))?;
        files::sync_folder(self.journal)?;
        let exchanges = index.recorded.len();
        Ok(Kept { exchanges, file: (exchanges > 0).then(|| kept.to_owned()) })
    }
}

/// Whether a cassette can take what is about to be recorded. Also reads it through, so that a
/// damaged one is told before the recording and not after.
pub(super) fn check_addition(cassette: &Path, coming: &Header) -> Result<(), CassetteError> {
    struct Check<'a>(&'a Path, &'a Header);
    impl Sink for Check<'_> {
        fn header(&mut self, held: Header) -> Result<(), CassetteError> {
            merged(self.0, held, self.1).map(drop)
        }

        fn exchange(&mut self, _: StoredExchange) -> Result<(), CassetteError> {
            Ok(())
        }
    }
    read_held(cassette, &mut Check(cassette, coming))
}

/// The files that a cassette names, if there is one.
pub(super) fn held_bodies(cassette: &Path) -> Result<HashSet<String>, CassetteError> {
    struct Names(HashSet<String>);
    impl Sink for Names {
        fn header(&mut self, _: Header) -> Result<(), CassetteError> {
            Ok(())
        }

        fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
            self.0.extend(bodies::named(&exchange).map(str::to_owned));
            Ok(())
        }
    }
    let mut names = Names(HashSet::new());
    read_held(cassette, &mut names)?;
    Ok(names.0)
}

/// Whether the cassette is already the one that this journal was folded into.
pub(super) fn is_closed(cassette: &Path, closing: Option<&Closing>) -> Result<bool, CassetteError> {
    let Some(closing) = closing else { return Ok(false) };
    match File::open(cassette) {
        Ok(file) => Ok(fingerprint(&file).map_err(CassetteError::io("read", cassette))? == *closing),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CassetteError::io("read", cassette)(error)),
    }
}

fn fingerprint(mut file: &File) -> io::Result<Closing> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(Closing { length, tail: encoding::digest(&tail) })
}

/// The held exchanges and the new ones on their way into one document.
struct Merge<'a, W: Write> {
    path: &'a Path,
    coming: &'a Header,
    document: DocumentWriter<W>,
    begun: bool,
    named: HashSet<String>,
}

impl<W: Write> Merge<'_, W> {
    fn begin(&mut self, header: &Header) -> Result<(), CassetteError> {
        self.begun = true;
        self.document.header(header).map_err(CassetteError::io("write", self.path))
    }

    fn push(&mut self, entries: &str) -> Result<(), CassetteError> {
        self.document.push(entries).map_err(CassetteError::io("write", self.path))
    }
}

impl<W: Write> Sink for Merge<'_, W> {
    fn header(&mut self, held: Header) -> Result<(), CassetteError> {
        let header = merged(self.path, held, self.coming)?;
        self.begin(&header)
    }

    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
        self.named.extend(bodies::named(&exchange).map(str::to_owned));
        self.push(&document::entry(self.path, &exchange)?)
    }
}

/// Reads the cassette that is there, if there is one. One that cannot be read is an error, and
/// never as good as none.
pub(super) fn read_held(cassette: &Path, sink: &mut dyn Sink) -> Result<(), CassetteError> {
    match File::open(cassette) {
        Ok(file) => document::read(cassette, IoRead::new(BufReader::with_capacity(1 << 16, file)), sink),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(CassetteError::io("read", cassette)(error)),
    }
}

/// The header of a cassette that holds both recordings.
fn merged(cassette: &Path, held: Header, coming: &Header) -> Result<Header, CassetteError> {
    if held.origin != coming.origin {
        let (cassette, coming) = (cassette.to_owned(), coming.origin.clone());
        return Err(CassetteError::OtherOrigin { cassette, held: held.origin, coming });
    }
    Ok(Header {
        contract: coming.contract.clone().or(held.contract),
        origin: held.origin,
        recorded: coming.recorded.max(held.recorded),
        recorder: coming.recorder.clone(),
        // What holds for all of them is what the weaker rules promise.
        redaction: coming.redaction.min(held.redaction),
        // Two recordings together are no run that could be repeated.
        plan: None,
    })
}
