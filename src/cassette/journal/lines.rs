//! The lines of a journal: `<checksum> <json>`. A line of spaces was erased.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::document::{FORMAT, StoredHeader, check_format};
use super::super::{CassetteError, Header};
use super::Onto;
use crate::encoding;

/// A CRC-32 in hex begins each line: it is to find what a kill or a disk left in part.
const CHECKSUM: usize = 8;

/// What stands behind it in the first line.
const BEGINNING: &[u8] = br#" {"format":"#;

/// Most lines are no longer.
const USUAL: usize = 16 << 10;

/// Exchanges of about so many bytes are worked on together: enough to be worth a thread, and little
/// enough for the caches of a core.
const BATCH: usize = 128 << 10;

/// No line that we write is longer: the bodies in it are bounded.
const LONGEST: u64 = 64 << 20;

/// What the first line says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    format: u64,
    pub(super) onto: Onto,
    header: StoredHeader,
}

impl Opening {
    pub(super) fn new(header: &Header, onto: Onto) -> Self {
        Self { format: FORMAT, onto, header: header.into() }
    }

    pub(super) fn into_header(self) -> Header {
        self.header.into()
    }
}

/// Written when a recording ends well: only such a one may take the place of a cassette.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    pub(super) exchanges: usize,
}

/// The last line, written when the cassette is complete but has not got its name yet: it tells
/// a recovery whether the exchanges above are already in the cassette.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    /// How long the new cassette is.
    pub(super) length: u64,
    /// SHA-256 of its end.
    pub(super) tail: String,
}

/// Where a line lies.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) length: usize,
}

/// The JSON of an exchange, and where it lies.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) span: Span,
    pub(super) json: String,
}

pub(super) fn line(content: &impl Serialize) -> io::Result<Vec<u8>> {
    // Room for the checksum, which can only be told afterwards.
    let mut line = Vec::with_capacity(USUAL);
    line.extend_from_slice(&[b' '; CHECKSUM + 1]);
    serde_json::to_writer(&mut line, content)?;
    seal(&mut line);
    Ok(line)
}

/// The same line as long as another, if it is not longer.
pub(super) fn padded(mut line: Vec<u8>, length: usize) -> Option<Vec<u8>> {
    if line.len() > length {
        return None;
    }
    line.pop();
    line.resize(length - 1, b' ');
    seal(&mut line);
    Some(line)
}

/// A line in the place of one that may not stay.
pub(super) fn erased(length: usize) -> Vec<u8> {
    let mut line = vec![b' '; length - 1];
    seal(&mut line);
    line
}

/// Puts the checksum before the JSON, and the line feed behind it.
fn seal(line: &mut Vec<u8>) {
    let sum = checksum(&line[CHECKSUM + 1..]);
    line[..CHECKSUM].copy_from_slice(sum.as_bytes());
    line.push(b'\n');
}

/// The JSON of a line that was already read once.
pub(super) fn reread(mut file: &File, at: Span) -> io::Result<String> {
    file.seek(SeekFrom::Start(at.offset))?;
    let mut line = vec![0; at.length];
    file.read_exact(&mut line)?;
    let json = json(&line).map(str::to_owned);
    json.ok_or_else(|| io::Error::other("it changed while it was read"))
}

/// The next lines out of those that were already read once, to be worked on together.
pub(super) fn reread_batch(
    file: &File,
    lines: &mut impl Iterator<Item = Span>,
) -> io::Result<Option<Vec<String>>> {
    let (mut batch, mut length) = (Vec::new(), 0);
    while length < BATCH
        && let Some(span) = lines.next()
    {
        length += span.length;
        batch.push(reread(file, span)?);
    }
    Ok((!batch.is_empty()).then_some(batch))
}

/// Reads a journal line by line.
pub(super) struct Lines<'a> {
    path: &'a Path,
    input: BufReader<&'a File>,
    buffer: Vec<u8>,
    number: usize,
    /// How many bytes the whole lines took.
    pub(super) length: u64,
    /// Whether the last line is not whole.
    pub(super) torn: bool,
    /// Whether one of them says that the recording ended well.
    pub(super) ended: bool,
    pub(super) closing: Option<Closing>,
}

impl<'a> Lines<'a> {
    pub(super) fn from_start(path: &'a Path, mut file: &'a File) -> Result<Self, CassetteError> {
        file.rewind().map_err(CassetteError::io("read", path))?;
        let input = BufReader::with_capacity(1 << 16, file);
        let (buffer, number, length) = (Vec::new(), 0, 0);
        Ok(Self { path, input, buffer, number, length, torn: false, ended: false, closing: None })
    }

    /// The first line; `None` if not even that is whole.
    pub(super) fn opening(&mut self) -> Result<Option<Opening>, CassetteError> {
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        let path = self.path;
        let beginning = self.input.fill_buf().map_err(CassetteError::io("read", path))?;
        if !begins_as_journal(beginning) {
            return Err(CassetteError::NotAJournal { path: path.to_owned() });
        }
        let Some((_, json)) = self.next()? else { return Ok(None) };
        if let Ok(Format { format }) = serde_json::from_str(json) {
            check_format(path, format)?;
        }
        let opening = serde_json::from_str(json);
        opening.map(Some).map_err(|_| self.damaged("not the first line of a journal"))
    }

    /// The next exchanges, to be worked on together.
    pub(super) fn batch(&mut self) -> Result<Option<Vec<Line>>, CassetteError> {
        let (mut batch, mut length) = (Vec::new(), 0);
        while length < BATCH {
            let Some((span, json)) = self.next()? else { break };
            if let Ok(closing) = serde_json::from_str(json) {
                self.closing = Some(closing);
            } else if serde_json::from_str::<Ended>(json).is_ok() {
                self.ended = true;
            } else if !json.bytes().all(|byte| byte == b' ') {
                let json = json.to_owned();
                length += json.len();
                batch.push(Line { number: self.number, span, json });
            }
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    fn next(&mut self) -> Result<Option<(Span, &str)>, CassetteError> {
        self.buffer.clear();
        let read = self.input.by_ref().take(LONGEST).read_until(b'\n', &mut self.buffer);
        if read.map_err(CassetteError::io("read", self.path))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if whole(&self.buffer).is_none() {
            // Only a write that was under way can be in part: nothing may come after it.
            let rest = self.input.fill_buf().map_err(CassetteError::io("read", self.path))?;
            if !rest.is_empty() {
                return Err(self.damaged("its checksum does not fit"));
            }
            self.torn = true;
            return Ok(None);
        }
        let span = Span { offset: self.length, length: self.buffer.len() };
        self.length += self.buffer.len() as u64;
        Ok(json(&self.buffer).map(|json| (span, json)))
    }

    fn damaged(&self, reason: &'static str) -> CassetteError {
        damaged(self.path, self.number, reason)
    }
}

pub(super) fn damaged(journal: &Path, line: usize, reason: &'static str) -> CassetteError {
    CassetteError::Damaged { journal: journal.to_owned(), line, reason }
}

/// Whether this is the first line of a journal, or what a kill left of it: any other file may be
/// somebody's.
fn begins_as_journal(bytes: &[u8]) -> bool {
    let (sum, rest) = bytes.split_at(bytes.len().min(CHECKSUM));
    let is_sum = sum.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_sum && rest.iter().zip(BEGINNING).all(|(byte, ours)| byte == ours)
}

/// The JSON of a line that is as it was written.
fn whole(line: &[u8]) -> Option<&str> {
    let json = json(line)?;
    (line[..CHECKSUM] == *checksum(json.as_bytes()).as_bytes()).then_some(json)
}

fn json(line: &[u8]) -> Option<&str> {
    let line = line.strip_suffix(b"\n")?;
    (*line.get(CHECKSUM)? == b' ').then(|| std::str::from_utf8(&line[CHECKSUM + 1..]).ok())?
}

fn checksum(json: &[u8]) -> String {
    format!("{:08x}", encoding::crc32(json))
}
