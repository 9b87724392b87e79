//! What is in a journal. It is read whole before anything is written, so that a damaged one
//! changes nothing; of an exchange only its place is kept.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Onto;
use super::lines::{Closing, Entry, Lines, Span};
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
    /// The files that its exchanges name, but for those that do not stay as they are.
    pub(super) named: HashSet<String>,
    /// Whether the recording ended well.
    pub(super) ended: bool,
    pub(super) closing: Option<Closing>,
    /// How long its whole lines are.
    pub(super) length: u64,
    pub(super) torn: bool,
}

impl Index {
    /// `inspect` sees each exchange, and says whether it stays as it is.
    pub(super) fn of(
        journal: &Path,
        file: &File,
        inspect: &mut dyn FnMut(StoredExchange) -> Result<bool, CassetteError>,
    ) -> Result<Self, CassetteError> {
        let mut index = Self {
            begun: None,
            recorded: Vec::new(),
            named: HashSet::new(),
            ended: false,
            closing: None,
            length: 0,
            torn: false,
        };
        let mut lines = Lines::from_start(journal, file)?;
        if let Some(opening) = lines.opening()? {
            index.begun = Some((opening.onto, opening.into_header()));
            while let Some(entry) = lines.entry()? {
                match entry {
                    Entry::Exchange(span, json) => match serde_json::from_str::<StoredExchange>(json) {
                        Ok(exchange) => {
                            index.recorded.push(Recorded::new(&exchange, span));
                            let named: Vec<_> = bodies::named(&exchange).map(str::to_owned).collect();
                            if inspect(exchange)? {
                                index.named.extend(named);
                            }
                        }
                        Err(_) => return Err(lines.damaged("not an exchange")),
                    },
                    Entry::Ended => index.ended = true,
                    Entry::Closing(found) => index.closing = Some(found),
                    Entry::Erased => {}
                }
            }
        }
        (index.length, index.torn) = (lines.length, lines.torn);
        Ok(index)
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

fn millis(at: Timestamp) -> u64 {
    let since = SystemTime::from(at).duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
