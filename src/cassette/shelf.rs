//! A cassette whose exchanges stay on disk until they are asked for.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, available_parallelism};

use memchr::memmem;
use serde_json::de::SliceRead;

use super::bodies::Bodies;
use super::stored::{Skimmed, StoredExchange};
use super::{Cassette, CassetteError, Header, Loading, document, files};
use crate::encoding::crc32;
use crate::exchange::{Exchange, Request};
use crate::redact::Redacted;

/// A cassette of which only the places of its exchanges are kept in memory, if it is laid out as
/// [`Cassette::save`] does; otherwise all of it is.
#[derive(Debug)]
pub struct Shelf {
    header: Header,
    pub(super) kept: Kept,
}

#[derive(Debug)]
pub(super) enum Kept {
    Held(Vec<Arc<Redacted<Exchange>>>),
    Filed(Filed),
}

/// Exchanges in a file, and those that were read from it.
#[derive(Debug)]
pub(super) struct Filed {
    path: PathBuf,
    file: File,
    /// Where the first one begins.
    first: u64,
    spans: Vec<Span>,
    read: Vec<OnceLock<Arc<Redacted<Exchange>>>>,
    /// How many more bytes of the file may be kept.
    room: AtomicUsize,
}

/// Where an exchange lies in its file.
#[derive(Debug, Clone, Copy)]
struct Span {
    at: u64,
    length: u32,
    /// The CRC-32 of what lay there: somebody may edit the file while it is served.
    sum: u32,
}

/// What stands before each exchange: nothing in it is indented as little, and no string holds a line feed.
const START: &[u8] = b"\n    {";

/// What stands between two exchanges.
const PARTING: &[u8] = b",";

/// What stands behind the last one.
const END: &[u8] = b"\n  ]\n}\n";

/// How many bytes of a file are kept once they were read: those that many sessions ask for.
const KEPT: usize = 64 << 20;

/// How much one thread reads at a time.
const SEGMENT: u64 = 1 << 20;

/// How much more, for the exchange at its end.
const OVERLAP: u64 = 64 << 10;

/// Fewer exchanges are read by one thread.
const SPLIT: usize = 500;

impl Shelf {
    /// Opens a cassette and reads its header. What its exchanges are worth, [`Shelf::survey`] tells.
    pub fn open(path: &Path) -> Result<Self, CassetteError> {
        let path = files::behind_links(path);
        let Some((file, header, first)) = beginning(&path) else {
            return Cassette::load(&path).map(Self::from);
        };
        let room = AtomicUsize::new(KEPT);
        let filed = Filed { path, file, first, spans: Vec::new(), read: Vec::new(), room };
        Ok(Self { header, kept: Kept::Filed(filed) })
    }

    /// What it was recorded from, when and how.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads all exchanges once, on all cores, and notes something of each request, in their order.
    ///
    /// # Errors
    /// Those of [`Cassette::load`]: afterwards every exchange can be had.
    pub fn survey<T: Send>(&mut self, note: impl Fn(&Request) -> T + Sync) -> Result<Vec<T>, CassetteError> {
        if let Kept::Filed(filed) = &mut self.kept {
            let survey = Survey { path: &filed.path, file: &filed.file, note: &note };
            if let Some(noted) = survey.all(filed.first) {
                let (spans, noted): (_, Vec<_>) = noted.into_iter().unzip();
                filed.spans = spans;
                filed.read = noted.iter().map(|_| OnceLock::new()).collect();
                return Ok(noted);
            }
            // Laid out otherwise, or broken: who reads it from its start to its end can say where.
            *self = Self::from(Cassette::load(&filed.path)?);
        }
        let Kept::Held(exchanges) = &self.kept else { return Ok(Vec::new()) };
        Ok(in_parallel(exchanges, |exchange| note(&exchange.request)))
    }

    /// How many exchanges were surveyed.
    pub fn len(&self) -> usize {
        match &self.kept {
            Kept::Held(exchanges) => exchanges.len(),
            Kept::Filed(filed) => filed.spans.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An exchange, counted from 0. `None` beyond the last one, and where the file was changed since
    /// the survey.
    pub fn exchange(&self, number: usize) -> Option<Arc<Redacted<Exchange>>> {
        match &self.kept {
            Kept::Held(exchanges) => exchanges.get(number).cloned(),
            Kept::Filed(filed) => filed.exchange(number),
        }
    }
}

impl Filed {
    fn exchange(&self, number: usize) -> Option<Arc<Redacted<Exchange>>> {
        let kept = self.read.get(number)?;
        if let Some(exchange) = kept.get() {
            return Some(exchange.clone());
        }
        let Span { at, length, sum } = *self.spans.get(number)?;
        let length = length as usize;
        let mut text = vec![0; length];
        self.file.read_exact_at(&mut text, at).ok()?;
        if crc32(&text) != sum {
            return None;
        }
        let stored: StoredExchange = serde_json::from_slice(&text).ok()?;
        let exchange = Arc::new(Redacted::read_back(Bodies::of(&self.path).take(stored).ok()?));
        let less = |room: usize| room.checked_sub(length);
        if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok() {
            return Some(kept.get_or_init(|| exchange).clone());
        }
        Some(exchange)
    }
}

impl From<Cassette> for Shelf {
    fn from(cassette: Cassette) -> Self {
        let exchanges = cassette.exchanges.into_iter().map(Arc::new).collect();
        Self { header: cassette.header, kept: Kept::Held(exchanges) }
    }
}

/// The header of a cassette, and where its first exchange begins, if it looks as we write it.
fn beginning(path: &Path) -> Option<(File, Header, u64)> {
    let file = File::open(path).ok()?;
    let mut text = vec![0; usize::try_from(SEGMENT.min(file.metadata().ok()?.len())).ok()?];
    file.read_exact_at(&mut text, 0).ok()?;
    let first = memmem::find(&text, START)?;
    text.truncate(first);
    text.extend_from_slice(b"]}");
    let mut loading = Loading { bodies: Bodies::of(path), header: None, exchanges: Vec::new() };
    document::read(path, SliceRead::new(&text), &mut loading).ok()?;
    Some((file, loading.header?, first as u64))
}

/// One reading of a whole file.
struct Survey<'s, N> {
    path: &'s Path,
    file: &'s File,
    note: &'s N,
}

impl<T: Send, N: Fn(&Request) -> T + Sync> Survey<'_, N> {
    fn all(&self, first: u64) -> Option<Vec<(Span, T)>> {
        let size = self.file.metadata().ok()?.len();
        let count = usize::try_from(size.checked_sub(first)?.div_ceil(SEGMENT)).ok()?;
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                match self.segment(first + number as u64 * SEGMENT, size) {
                    Some(noted) => done.push((number, noted)),
                    None => failed.store(true, Ordering::Relaxed),
                }
            }
            done
        };
        let threads = available_parallelism().map_or(1, usize::from).min(count);
        let mut done = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                done.extend(other.join().ok()?);
            }
            Some(done)
        })?;
        done.sort_by_key(|(number, _)| *number);
        (done.len() == count).then(|| done.into_iter().flat_map(|(_, noted)| noted).collect())
    }

    /// The exchanges that begin in a segment.
    fn segment(&self, from: u64, size: u64) -> Option<Vec<(Span, T)>> {
        let to = (from + SEGMENT).min(size);
        let text = self.text(from, to, size)?;
        let within = usize::try_from(to - from).ok()?;
        let mut starts = memmem::find_iter(&text, START).peekable();
        let mut noted = Vec::new();
        while let Some(start) = starts.next().filter(|start| *start < within) {
            let entry = match starts.peek() {
                Some(next) => text.get(start + 1..*next)?.strip_suffix(PARTING)?,
                None => text.get(start + 1..)?.strip_suffix(END)?,
            };
            let (at, length) = (from + start as u64 + 1, u32::try_from(entry.len()).ok()?);
            let span = Span { at, length, sum: crc32(entry) };
            noted.push((span, self.entry(entry)?));
        }
        Some(noted)
    }

    /// A segment up to the end of its last exchange: to where another one begins, or the file ends.
    /// Nothing where none begins, in the midst of a big one.
    fn text(&self, from: u64, to: u64, size: u64) -> Option<Vec<u8>> {
        let mut overlap = OVERLAP;
        let within = usize::try_from(to - from).ok()?;
        loop {
            let end = (to + overlap).min(size);
            let mut text = vec![0; usize::try_from(end - from).ok()?];
            self.file.read_exact_at(&mut text, from).ok()?;
            let behind = text.get(within..)?;
            if memmem::find(&text, START).is_none_or(|start| start >= within) {
                return Some(Vec::new());
            }
            if end == size || memmem::find(behind, START).is_some() {
                return Some(text);
            }
            overlap *= 4;
        }
    }

    fn entry(&self, entry: &[u8]) -> Option<T> {
        let skimmed: Skimmed = serde_json::from_str(std::str::from_utf8(entry).ok()?).ok()?;
        if let Some(request) = skimmed.request() {
            return Some((self.note)(&request));
        }
        // Something in it fits together, or does not: only a whole reading knows.
        let stored: StoredExchange = serde_json::from_slice(entry).ok()?;
        Some((self.note)(&Bodies::of(self.path).take(stored).ok()?.request))
    }
}

/// What `note` makes of each, in their order.
fn in_parallel<E: Sync, T: Send>(all: &[E], note: impl Fn(&E) -> T + Sync) -> Vec<T> {
    let threads = if all.len() < SPLIT { 1 } else { available_parallelism().map_or(1, usize::from) };
    let work = |part: &[E]| -> Vec<T> { part.iter().map(&note).collect() };
    let mut parts = all.chunks(all.len().div_ceil(threads).max(1));
    thread::scope(|scope| {
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts.map(|part| (part, scope.spawn(|| work(part)))).collect();
        let mut noted = work(own);
        // A thread that did not come to its end has noted nothing: then it is done again here.
        for (part, other) in others {
            noted.extend(other.join().unwrap_or_else(|_| work(part)));
        }
        noted
    })
}
