//! Windows into a counted list agree with each other: PG-O04 to PG-O06.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::reading::realm;
use super::super::{Check, Problem, Reading, Ruling, Verdict};
use super::counted;
use super::counting::limit;
use super::walk::{canonical, changes, identity, query};
use crate::contract::{Contract, Level, Operation, Pagination, PagingStyle, at_path};

const CLAUSE: &str = "the contract's x-onrecord-paginated; metamorphic relations, Segura et al., TSE 2018 <https://doi.org/10.1109/TSE.2017.2764464>";

pub(in crate::check) const ADDITIVE: Check = Check {
    id: "PG-O04",
    name: "offset.additive",
    level: Level::Must,
    says: "a long window shows what the short ones show that it is made of",
    documented: CLAUSE,
    applies: by_offset,
    judge: |check, session| {
        each_window(check, session, |list, at| {
            list.overlapping(at, |one, other| {
                let (short, long) = if one.size < other.size { (one, other) } else { (other, one) };
                one.size != other.size && (short.begin - long.begin) % short.size.max(1) == 0
            })
        })
    },
};

pub(in crate::check) const OVERLAP: Check = Check {
    id: "PG-O05",
    name: "offset.overlap",
    level: Level::Must,
    says: "two windows of one size agree on the items that lie in both",
    documented: CLAUSE,
    applies: by_offset,
    judge: |check, session| {
        each_window(check, session, |list, at| {
            list.overlapping(at, |one, other| one.size == other.size && one.begin != other.begin)
        })
    },
};

pub(in crate::check) const DISJOINT: Check = Check {
    id: "PG-O06",
    name: "offset.disjoint",
    level: Level::Must,
    says: "windows that have no place in common have no item in common",
    documented: CLAUSE,
    applies: by_offset,
    judge: |check, session| each_window(check, session, |list, at| list.disjoint(at)),
};

pub(super) fn by_offset(contract: &Contract, operation: &Operation) -> bool {
    let style = operation.pagination.as_ref().map(|pagination| &pagination.style);
    counted(contract, operation) && matches!(style, Some(PagingStyle::Offset { .. }))
}

/// One page of a counted list.
struct Window<'w> {
    index: usize,
    begin: i64,
    size: i64,
    ids: Vec<String>,
    /// What is listed.
    operation: &'w Operation,
}

impl Window<'_> {
    fn end(&self) -> i64 {
        self.begin.saturating_add(self.ids.len() as i64)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.begin.max(other.begin) < self.end().min(other.end())
    }

    /// Whether both show the same items at the places that are in both.
    fn agrees(&self, other: &Self) -> bool {
        let begin = self.begin.max(other.begin);
        let common = usize::try_from(self.end().min(other.end()) - begin).unwrap_or_default();
        let part = |it: &Self| {
            let from = usize::try_from(begin - it.begin).unwrap_or_default();
            it.ids.iter().skip(from).take(common).cloned().collect::<Vec<_>>()
        };
        part(self) == part(other)
    }
}

/// The windows into one list, with nothing changed in between.
#[derive(Default)]
struct List<'w> {
    windows: Vec<Window<'w>>,
    /// Which of them show a place, and which an item.
    places: HashMap<i64, Vec<usize>>,
    items: HashMap<String, Vec<usize>>,
}

/// Whether a window keeps a law; with the earlier one that shows that it does not.
type Kept = Result<(), usize>;

impl<'w> List<'w> {
    fn add(&mut self, window: Window<'w>) {
        let at = self.windows.len();
        for (place, id) in (window.begin..).zip(&window.ids) {
            self.places.entry(place).or_default().push(at);
            self.items.entry(id.clone()).or_default().push(at);
        }
        self.windows.push(window);
    }

    /// Whether a window agrees with those earlier ones over it that `are_judged`.
    fn overlapping(&self, at: usize, are_judged: fn(&Window<'w>, &Window<'w>) -> bool) -> Option<Kept> {
        let window = &self.windows[at];
        let places = (window.begin..window.end()).filter_map(|place| self.places.get(&place));
        let others: BTreeSet<_> = places.flatten().copied().filter(|other| *other < at).collect();
        let mut judged =
            others.into_iter().filter(|other| are_judged(window, &self.windows[*other])).peekable();
        judged.peek()?;
        Some(judged.find(|other| !window.agrees(&self.windows[*other])).map_or(Ok(()), Err))
    }

    /// Whether a window has no item of an earlier one that lies elsewhere.
    fn disjoint(&self, at: usize) -> Option<Kept> {
        let window = &self.windows[at];
        let apart = |other: &usize| *other < at && !window.overlaps(&self.windows[*other]);
        let is_last_apart = (0..at).rev().take(2).any(|other| apart(&other));
        let shared =
            window.ids.iter().filter_map(|id| self.items.get(id)?.iter().copied().find(apart)).next();
        match shared {
            Some(other) => Some(Err(other)),
            None => (is_last_apart && !window.ids.is_empty()).then_some(Ok(())),
        }
    }
}

/// All lists, each place and size once.
fn lists<'c>(session: &Reading<'_, 'c>) -> Vec<List<'c>> {
    let changes = changes(session);
    let mut lists: Vec<List<'_>> = Vec::new();
    let mut known = HashMap::new();
    let mut there = HashSet::new();
    for seen in session.known() {
        let Some(pagination) = seen.operation.pagination.as_ref() else { continue };
        let (Some(input), Some(output)) = (&seen.observation.input, seen.observation.output()) else {
            continue;
        };
        let items = pagination.items.as_ref().and_then(|path| at_path(output, path)?.as_array());
        let Some(items) = items.filter(|_| by_offset(seen.contract, seen.operation)) else { continue };
        let begin = at_path(input, &pagination.input_token).map_or(Some(0), serde_json::Value::as_i64);
        let Some((begin, size)) = begin.zip(limit(pagination, asked_size(pagination, input))) else {
            continue;
        };
        let resource = seen.contract.resource_of(&seen.operation.name);
        let ids = items.iter().map(|item| identity(pagination, resource, item)).collect();
        let query = canonical(&query(pagination, input));
        let key = (&seen.operation.name, query, changes[seen.index], realm(seen.observation));
        let list = *known.entry(key).or_insert_with(|| {
            lists.push(List::default());
            lists.len() - 1
        });
        if there.insert((list, begin, size)) {
            lists[list].add(Window { index: seen.index, begin, size, ids, operation: seen.operation });
        }
    }
    lists
}

pub(super) fn asked_size(pagination: &Pagination, input: &serde_json::Value) -> Option<i64> {
    at_path(input, pagination.page_size.as_ref()?)?.as_i64()
}

/// Judges each window with those before it.
fn each_window(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&List<'_>, usize) -> Option<Kept>,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for list in lists(session) {
        for (at, window) in list.windows.iter().enumerate() {
            let ruling = match rule(&list, at) {
                None => continue,
                Some(Ok(())) => Ruling::Pass,
                Some(Err(other)) => session.difference(conflict(check, &list.windows[other], window)),
            };
            verdicts.push(check.verdict(window.operation, ruling));
        }
    }
    verdicts
}

fn conflict(check: &Check, one: &Window<'_>, other: &Window<'_>) -> Problem {
    Problem {
        place: "response body items".to_owned(),
        expected: format!("what fits {} items from {} on", one.size, one.begin),
        actual: format!("other items in {} from {} on", other.size, other.begin),
        level: check.level,
        source: one.operation.source.clone(),
        evidence: vec![one.index, other.index],
    }
}
