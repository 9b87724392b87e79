//! What is in a journal. It is read whole before anything is written, so that a damaged one
//! changes nothing; of an exchange only its place is kept.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Onto;
use super::lanes::in_order;
use super::lines::{Closing, Line, Lines, Span, damaged};
use crate::cassette::stored::StoredExchange;
use crate::cassette::{CassetteError, Header, bodies};
use crate::exchange::Timestamp;

/// An exchange in a journal.
#[derive(Clone, Copy)]
pub(super) struct Recorded {
    /// When it began, in milliseconds since 1970.
    started: u64,
    offset: u64,
    length: u32,
}

impl Recorded {
    pub(super) fn new(exchange: &StoredExchange, at: Span) -> Self {
        let Span { offset, length } = at;
        // Lines are far shorter than 4 GiB.
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        Self { started: millis(exchange.timing.started), offset, length }
    }

    pub(super) fn span(self) -> Span {
        Span { offset: self.offset, length: self.length as usize }
    }
}

/// Where the exchanges of a journal are, and how it ended.
pub(super) struct Index {
    /// What its first line says; there are no exchanges without it.
    pub(super) begun: Option<(Onto, Header)>,
    pub(super) recorded: Vec<Recorded>,
    /// The numbers of those that do not stay as they are.
    pub(super) unclean: Vec<usize>,
    /// The files that its exchanges name, but for those that do not stay as they are.
    pub(super) named: HashSet<String>,
    /// Whether the recording ended well.
    pub(super) ended: bool,
    pub(super) closing: Option<Closing>,
    /// How long its whole lines are.
    pub(super) length: u64,
    pub(super) torn: bool,
}

/// Says of an exchange whether it stays as it is.
pub(super) type Inspect<'a> = &'a (dyn Fn(StoredExchange) -> Result<bool, CassetteError> + Sync);

/// What is known of an exchange that was read.
struct Inspected {
    recorded: Recorded,
    named: Vec<String>,
    stays: bool,
}

impl Index {
    /// `inspect` sees each exchange; several at a time, in no order.
    pub(super) fn of(journal: &Path, file: &File, inspect: Inspect<'_>) -> Result<Self, CassetteError> {
        let mut lines = Lines::from_start(journal, file)?;
        let begun = lines.opening()?.map(|opening| (opening.onto, opening.into_header()));
        let (mut recorded, mut unclean, mut named) = (Vec::new(), Vec::new(), HashSet::new());
        if begun.is_some() {
            let look = |batch: Vec<Line>| {
                batch.into_iter().map(|line| Inspected::of(journal, line, inspect)).collect()
            };
            in_order(
                || lines.batch(),
                look,
                |batch: Vec<Inspected>| {
                    for one in batch {
                        match one.stays {
                            true => named.extend(one.named),
                            false => unclean.push(recorded.len()),
                        }
                        recorded.push(one.recorded);
                    }
                    Ok(())
                },
            )?;
        }
        let Lines { ended, closing, length, torn, .. } = lines;
        Ok(Self { begun, recorded, unclean, named, ended, closing, length, torn })
    }

    pub(super) fn onto(&self) -> Onto {
        self.begun.as_ref().map_or(Onto::Held, |(onto, _)| *onto)
    }

    /// The exchanges in the order in which their requests began; those of one millisecond in the
    /// order of the journal.
    pub(super) fn in_order(&mut self) -> &[Recorded] {
        self.recorded.sort_by_key(|recorded| recorded.started);
        &self.recorded
    }
}

impl Inspected {
    fn of(journal: &Path, line: Line, inspect: Inspect<'_>) -> Result<Self, CassetteError> {
        let exchange: StoredExchange =
            serde_json::from_str(&line.json).map_err(|_| damaged(journal, line.number, "not an exchange"))?;
        let recorded = Recorded::new(&exchange, line.span);
        let named = bodies::named(&exchange).map(str::to_owned).collect();
        Ok(Self { recorded, named, stays: inspect(exchange)? })
    }
}

fn millis(at: Timestamp) -> u64 {
    let since = SystemTime::from(at).duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
