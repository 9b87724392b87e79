//! Laws about windows into a counted list, and about sizes: PG-O04 to PG-O09 and PG-T16.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::reading::realm;
use super::super::{ACCESS_OR_LOAD, Check, Problem, Reading, Ruling, Seen, Verdict};
use super::counted;
use super::counting::limit;
use super::walk::{Walk, canonical, changes, identity, query};
use crate::contract::{Contract, Level, Operation, Pagination, PagingStyle, at_path, region};

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

pub(in crate::check) const BEYOND: Check = Check {
    id: "PG-O07",
    name: "offset.beyond",
    level: Level::Should,
    says: "an offset behind the last item is answered with an empty page",
    documented: "AIP-158, skip <https://google.aip.dev/158>",
    applies: |contract, operation| {
        let totalled = operation.pagination.as_ref().is_some_and(|it| it.total().is_some());
        totalled && by_offset(contract, operation)
    },
    judge: beyond,
};

pub(in crate::check) const NO_CRASH: Check = Check {
    id: "PG-O09",
    name: "offset.no-crash",
    level: Level::Must,
    says: "no offset and no limit is answered with a server error",
    documented: "RFC 9110 section 15.6: 5xx says that the server failed <https://www.rfc-editor.org/rfc/rfc9110#section-15.6>",
    applies: by_offset,
    judge: |check, session| {
        check.each(session, |seen| {
            let far = offset(seen).filter(|offset| *offset > FAR && is_valid(seen));
            let Some(offset) = far else { return Vec::new() };
            if seen.refused_for_access_or_load() {
                return vec![Ruling::NotTestable(ACCESS_OR_LOAD)];
            }
            match seen.observation.exchange.response.status {
                status @ 500.. => {
                    let expected = format!("a page or a client error for the offset {offset}");
                    let texts = ("request offset", expected, status.to_string());
                    vec![Ruling::Fail(seen.problem(check.level, texts.0, texts.1, texts.2))]
                }
                _ => vec![Ruling::Pass],
            }
        })
    },
};

pub(in crate::check) const DOCUMENTED_SIZE: Check = Check {
    id: "PG-T16",
    name: "pagination.documented-size",
    level: Level::Must,
    says: "the smallest and the largest documented page size are accepted",
    documented: "the documented range of the page size; Smithy 2.0, @range <https://smithy.io/2.0/spec/constraint-traits.html#range-trait>",
    applies: |_, operation| {
        let paged = operation.pagination.as_ref().filter(|paged| paged.page_size.is_some());
        paged.and_then(|paged| paged.sizes.as_ref()).is_some_and(|sizes| sizes.maximum.is_some())
    },
    judge: documented_size,
};

/// Offsets that no list is as long as.
const FAR: i64 = 1_000_000;

fn by_offset(contract: &Contract, operation: &Operation) -> bool {
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

fn asked_size(pagination: &Pagination, input: &serde_json::Value) -> Option<i64> {
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

/// The offset that a request asks for; 0 where it does not say.
fn offset(seen: &Seen<'_, '_>) -> Option<i64> {
    let pagination = seen.operation.pagination.as_ref();
    let pagination = pagination.filter(|_| by_offset(seen.contract, seen.operation))?;
    let offset = at_path(seen.observation.input.as_ref()?, &pagination.input_token);
    offset.map_or(Some(0), serde_json::Value::as_i64)
}

/// Whether nothing is wrong with a request.
fn is_valid(seen: &Seen<'_, '_>) -> bool {
    let region = region(&seen.observation.exchange.request);
    let input = seen.observation.input.as_ref();
    input.is_some_and(|it| seen.contract.input_violations(seen.operation, it, region.as_deref()).is_empty())
}

fn beyond(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let changes = changes(session);
    let mut totals = HashMap::new();
    let mut verdicts = Vec::new();
    for seen in session.known() {
        let Some(offset) = offset(&seen) else { continue };
        let (Some(pagination), Some(input)) = (&seen.operation.pagination, &seen.observation.input) else {
            continue;
        };
        let query = canonical(&query(pagination, input));
        let key = (&seen.operation.name, query, changes[seen.index], realm(seen.observation));
        let total = totals.get(&key).copied();
        if let Some((total, first)) = total.filter(|(total, _)| offset >= *total && offset > 0) {
            let ruling = behind(check, session, &seen, pagination, (total, first));
            verdicts.extend(ruling.map(|ruling| check.verdict(seen.operation, ruling)));
        } else if let Some(total) =
            seen.observation.output().and_then(|it| at_path(it, pagination.total()?)?.as_i64())
        {
            totals.entry(key).or_insert((total, seen.index));
        }
    }
    verdicts
}

fn behind(
    check: &Check,
    session: &Reading<'_, '_>,
    seen: &Seen<'_, '_>,
    pagination: &Pagination,
    (total, first): (i64, usize),
) -> Option<Ruling> {
    let fails = |actual: String| {
        let expected = format!("200 with no items, for there are {total} in all");
        let mut problem = seen.problem(check.level, "request offset", expected, actual);
        problem.evidence = vec![first, seen.index];
        session.difference(problem)
    };
    if seen.refused_for_access_or_load() {
        return Some(Ruling::NotTestable(ACCESS_OR_LOAD));
    }
    if !is_valid(seen) {
        return None;
    }
    match (seen.observation.output(), seen.observation.exchange.response.status) {
        (Some(output), _) => match pagination.count(output)? {
            0 => Some(Ruling::Pass),
            items => Some(fails(format!("{items} items"))),
        },
        (None, status @ 400..500) => Some(fails(status.to_string())),
        (None, _) => None,
    }
}

fn documented_size(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    // The lists that were shown with some other size, or with none.
    let mut shown: HashMap<_, Vec<Option<i64>>> = HashMap::new();
    let of = |walk: &Walk<'_>| (walk.operation.name.clone(), canonical(&walk.query));
    for walk in &session.walks {
        shown.entry(of(walk)).or_default().extend(walk.pages.iter().map(|page| page.size));
    }
    check.each(session, |seen| {
        let Some(pagination) = seen.operation.pagination.as_ref() else { return Vec::new() };
        let Some(input) = seen.observation.input.as_ref() else { return Vec::new() };
        let most = pagination.sizes.as_ref().and_then(|sizes| sizes.maximum);
        let size = asked_size(pagination, input);
        let at_bound = size.filter(|size| *size == 1 || usize::try_from(*size).ok() == most);
        let Some(size) = at_bound.filter(|_| most.is_some()) else { return Vec::new() };
        if seen.refused_for_access_or_load() {
            return vec![Ruling::NotTestable(ACCESS_OR_LOAD)];
        }
        match seen.observation.exchange.response.status {
            200..300 => vec![Ruling::Pass],
            status @ 400..500 if is_valid(seen) => {
                let key = (seen.operation.name.clone(), canonical(&query(pagination, input)));
                let others = shown.get(&key).into_iter().flatten();
                let is_token = at_path(input, &pagination.input_token).is_some();
                // What is refused with any size is refused for something else.
                if is_token || !others.into_iter().any(|other| *other != Some(size)) {
                    return vec![Ruling::NotTestable("the list was shown with no other size")];
                }
                let texts = ("request page size", format!("a page for size {size}"), status.to_string());
                vec![Ruling::Fail(seen.problem(check.level, texts.0, texts.1, texts.2))]
            }
            _ => Vec::new(),
        }
    })
}
