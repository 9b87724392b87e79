//! Pages: where one begins, how long it is, and what leads to the next.

use serde_json::Value;

use super::cursor::Cursors;
use super::refusal::Refusal;
use crate::contract::{Filter, Pagination, PagingStyle, at_path};

/// How many items a page has at most where the contract does not say.
pub(super) const PAGE: usize = 100;

/// What is asked of a list.
#[derive(Debug)]
pub(super) struct Query {
    /// The page size that was asked for.
    pub(super) size: Option<usize>,
    /// The documented page size when none is asked for.
    pub(super) default: usize,
    /// The longest page.
    pub(super) maximum: usize,
    /// Where the page begins.
    pub(super) begin: Begin,
    /// The filters that were given, with their values.
    pub(super) filters: Vec<(Filter, Value)>,
    /// Whether the last request was the very same.
    pub(super) again: bool,
    /// How often it came already since another operation was called.
    pub(super) times: usize,
    /// Whether the last request read one thing.
    pub(super) after_read: bool,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the first item.
    First,
    /// After this place of a list.
    After(u64),
    /// The client counts: so many items are left out.
    Skip(u64),
    /// The client counts pages: so many are left out.
    SkipPages(u64),
}

/// One item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its place in the list: rises from entry to entry.
    pub(super) place: u64,
    /// The index of the item that it shows.
    pub(super) item: usize,
}

/// The items of a list, in order, before they are cut into pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    /// Those that fit the filters.
    pub(super) matching: Vec<Entry>,
    /// All, whatever the filters are.
    pub(super) all: Vec<Entry>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// Its items.
    pub(super) entries: Vec<Entry>,
    /// Where the next page begins; `None` at the end.
    pub(super) next: Option<u64>,
    /// How many items all pages have.
    pub(super) total: usize,
}

impl Query {
    /// How many items the page has at most.
    pub(super) fn limit(&self) -> usize {
        match self.begin {
            // Zero and less ask for the default where the contract lets them through.
            Begin::First | Begin::After(_) => {
                self.size.filter(|size| *size > 0).unwrap_or(self.default).min(self.maximum).max(1)
            }
            Begin::Skip(_) | Begin::SkipPages(_) => self.size.unwrap_or(self.default).min(self.maximum),
        }
    }

    /// The page that begins where this query says, with at most `limit` items.
    pub(super) fn page_of(&self, entries: &[Entry], limit: usize) -> Page {
        let skipped = match self.begin {
            Begin::First => 0,
            Begin::After(after) => entries.iter().take_while(|entry| entry.place <= after).count(),
            Begin::Skip(count) => usize::try_from(count).unwrap_or(usize::MAX),
            Begin::SkipPages(count) => usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(limit),
        };
        let left = entries.get(skipped..).unwrap_or_default();
        let shown: Vec<_> = left.iter().take(limit).copied().collect();
        let next = shown.last().filter(|_| left.len() > shown.len()).map(|last| last.place);
        Page { entries: shown, next, total: entries.len() }
    }

    /// Whether an item fits all filters.
    pub(super) fn fits(&self, item: &Value) -> bool {
        self.filters.iter().all(|(filter, value)| filter.fits(value, item))
    }

    /// Whether the page follows another one.
    pub(super) fn is_later(&self) -> bool {
        !matches!(self.begin, Begin::First | Begin::Skip(0) | Begin::SkipPages(0))
    }
}

/// The page size that an input asks for.
pub(super) fn size(input: &Value, paged: &Pagination) -> Option<usize> {
    let size = at_path(input, paged.page_size.as_ref()?)?;
    Some(size.as_u64().or(size.as_f64().map(|size| size as u64))? as usize)
}

/// Where the page begins that an input asks for.
pub(super) fn begin(input: &Value, paged: &Pagination, cursors: &Cursors) -> Result<Begin, Refusal> {
    let given = at_path(input, &paged.input_token);
    let counted = || given.and_then(Value::as_u64);
    match &paged.style {
        PagingStyle::Token(_) => {
            let Some(token) = given else { return Ok(Begin::First) };
            let position = token.as_str().and_then(|token| cursors.position(token));
            position.map(Begin::After).ok_or_else(|| Refusal::Cursor { member: paged.input_token.clone() })
        }
        PagingStyle::Offset { .. } => Ok(Begin::Skip(counted().unwrap_or_default())),
        PagingStyle::Page { first, .. } => {
            Ok(Begin::SkipPages(counted().unwrap_or(*first).saturating_sub(*first)))
        }
    }
}
