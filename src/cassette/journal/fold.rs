//! Folding a journal into its cassette, at the end of a recording or after a kill.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use serde_json::de::IoRead;

use super::lines::{Closing, Entry, Lines, line};
use super::{Onto, journal_of, lock};
use crate::cassette::bodies::{self, Bodies};
use crate::cassette::document::{self, DocumentWriter, Sink};
use crate::cassette::files::{self, Replacement};
use crate::cassette::stored::StoredExchange;
use crate::cassette::{CassetteError, Header};
use crate::encoding;

/// So much of a cassette's end tells it from any other.
const TAIL: u64 = 1 << 16;

/// What a recording has added to its cassette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// How many exchanges were recorded. If none, the cassette is as it was before.
    pub exchanges: usize,
}

/// What a killed recorder had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// How many exchanges were in the journal and are now in the cassette.
    pub exchanges: usize,
    /// Whether one more was being written when the recorder was killed, and is lost.
    pub torn: bool,
}

/// Folds the journal that a killed recorder left, if there is one, into its cassette. Each
/// exchange is then in the cassette exactly once, however often this is killed and called.
pub fn recover(cassette: &Path) -> Result<Option<Recovered>, CassetteError> {
    let journal = journal_of(cassette);
    let file = match lock(&journal, OpenOptions::new().read(true).append(true)) {
        Ok(file) => file,
        Err(CassetteError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Outcome { folded, torn } = fold(cassette, &journal, &file)?;
    Ok(Some(Recovered { exchanges: folded.exchanges, torn }))
}

pub(super) struct Outcome {
    pub(super) folded: Folded,
    torn: bool,
}

/// Folds a journal, locked by the caller, and takes it away.
pub(super) fn fold(cassette: &Path, journal: &Path, file: &File) -> Result<Outcome, CassetteError> {
    let survey = Survey::of(journal, file)?;
    if survey.exchanges > 0 && !is_closed(cassette, survey.closing.as_ref())? {
        let (replacement, named) = write_cassette(cassette, journal, file)?;
        close(&replacement, journal, file, survey.length)?;
        replacement.finish()?;
        Bodies::of(cassette).sweep(&named)?;
    }
    fs::remove_file(journal).map_err(CassetteError::io("remove", journal))?;
    files::sync_folder(journal)?;
    Ok(Outcome { folded: Folded { exchanges: survey.exchanges }, torn: survey.torn })
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

/// What is in a journal. It is read whole before anything is written, so that a damaged one
/// changes nothing.
struct Survey {
    exchanges: usize,
    closing: Option<Closing>,
    length: u64,
    torn: bool,
}

impl Survey {
    fn of(journal: &Path, file: &File) -> Result<Self, CassetteError> {
        let mut lines = Lines::from_start(journal, file)?;
        let (mut exchanges, mut closing) = (0, None);
        if lines.opening()?.is_some() {
            while let Some(entry) = lines.entry()? {
                match entry {
                    Entry::Exchange(_) => exchanges += 1,
                    Entry::Closing(found) => closing = Some(found),
                }
            }
        }
        Ok(Self { exchanges, closing, length: lines.length, torn: lines.torn })
    }
}

/// Whether the cassette is already the one that this journal was folded into.
fn is_closed(cassette: &Path, closing: Option<&Closing>) -> Result<bool, CassetteError> {
    let Some(closing) = closing else { return Ok(false) };
    match File::open(cassette) {
        Ok(file) => Ok(fingerprint(&file).map_err(CassetteError::io("read", cassette))? == *closing),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(CassetteError::io("read", cassette)(error)),
    }
}

/// Notes in the journal what the cassette will be, so that a kill before the journal is taken
/// away does not make its exchanges come twice.
fn close(
    replacement: &Replacement<'_>,
    journal: &Path,
    mut file: &File,
    length: u64,
) -> Result<(), CassetteError> {
    let closing = fingerprint(replacement.file()).and_then(|closing| line(&closing));
    let write = |line: Vec<u8>| {
        // After the last whole line: a torn one may follow it.
        file.set_len(length)?;
        file.write_all(&line)?;
        file.sync_data()
    };
    closing.and_then(write).map_err(CassetteError::io("write", journal))
}

fn fingerprint(mut file: &File) -> io::Result<Closing> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(Closing { length, tail: encoding::digest(&tail) })
}

/// Writes the new cassette, which has not got its name yet. Also returns the files that it names.
fn write_cassette<'a>(
    cassette: &'a Path,
    journal: &Path,
    file: &File,
) -> Result<(Replacement<'a>, HashSet<String>), CassetteError> {
    let mut lines = Lines::from_start(journal, file)?;
    let Some(opening) = lines.opening()? else { return Err(lines.damaged("it changed while it was read")) };
    let mut replacement = Replacement::begin(cassette)?;
    let document = DocumentWriter::to(&mut replacement.out);
    let (onto, coming) = (opening.onto, opening.into_header());
    let mut merge = Merge { cassette, coming: &coming, document, begun: false, named: HashSet::new() };
    if onto == Onto::Held {
        read_held(cassette, &mut merge)?;
    }
    if !merge.begun {
        merge.begin(&coming)?;
    }
    while let Some(entry) = lines.entry()? {
        let Entry::Exchange(json) = entry else { continue };
        let exchange = serde_json::from_str(&json).map_err(|_| lines.damaged("not an exchange"))?;
        merge.push(&exchange, &json)?;
    }
    let Merge { document, named, .. } = merge;
    document.end().map_err(CassetteError::io("write", cassette))?;
    Ok((replacement, named))
}

/// The held exchanges and the new ones on their way into one document.
struct Merge<'a, W: Write> {
    cassette: &'a Path,
    coming: &'a Header,
    document: DocumentWriter<W>,
    begun: bool,
    named: HashSet<String>,
}

impl<W: Write> Merge<'_, W> {
    fn begin(&mut self, header: &Header) -> Result<(), CassetteError> {
        self.begun = true;
        self.document.header(header).map_err(CassetteError::io("write", self.cassette))
    }

    fn push(&mut self, exchange: &StoredExchange, json: &str) -> Result<(), CassetteError> {
        self.named.extend(bodies::named(exchange).map(str::to_owned));
        self.document.exchange(json).map_err(CassetteError::io("write", self.cassette))
    }
}

impl<W: Write> Sink for Merge<'_, W> {
    fn header(&mut self, held: Header) -> Result<(), CassetteError> {
        let header = merged(self.cassette, held, self.coming)?;
        self.begin(&header)
    }

    fn exchange(&mut self, exchange: StoredExchange) -> Result<(), CassetteError> {
        let json = document::exchange_json(self.cassette, &exchange)?;
        self.push(&exchange, &json)
    }
}

/// Reads the cassette that is there, if there is one. One that cannot be read is an error, and
/// never as good as none.
fn read_held(cassette: &Path, sink: &mut dyn Sink) -> Result<(), CassetteError> {
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
