//! Laws about windows into a counted list, and about sizes: PG-O04 to PG-O09 and PG-T16.

use std::collections::{HashMap, HashSet};

use super::super::reading::realm;
use super::super::{ACCESS_OR_LOAD, Check, Problem, Reading, Ruling, Seen, Verdict};
use super::counting::limit;
use super::counted;
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
        each_two(check, session, |one, other| {
            (one.size != other.size && one.overlaps(other)).then(|| one.agrees(other))
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
        each_two(check, session, |one, other| {
            let shifted = one.size == other.size && one.begin != other.begin;
            (shifted && one.overlaps(other)).then(|| one.agrees(other))
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
    judge: |check, session| {
        each_two(check, session, |one, other| {
            let judged = !one.ids.is_empty() && !other.ids.is_empty() && !one.overlaps(other);
            judged.then(|| one.ids.iter().all(|id| !other.ids.contains(id)))
        })
    },
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
            let Some(offset) = valid_offset(seen).filter(|offset| *offset > FAR) else { return Vec::new() };
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

/// Windows into one list, with nothing changed in between, each place and size once.
fn windows<'c>(session: &Reading<'_, 'c>) -> Vec<Vec<Window<'c>>> {
    let changes = changes(session);
    let mut lists: Vec<Vec<Window<'_>>> = Vec::new();
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
        let Some((begin, size)) = begin.zip(limit(pagination, asked_size(pagination, input))) else { continue };
        let resource = seen.contract.resource_of(&seen.operation.name);
        let ids = items.iter().map(|item| identity(pagination, resource, item)).collect();
        let query = canonical(&query(pagination, input));
        let key = (&seen.operation.name, query, changes[seen.index], realm(seen.observation));
        let list = *known.entry(key).or_insert_with(|| {
            lists.push(Vec::new());
            lists.len() - 1
        });
        if there.insert((list, begin, size)) {
            lists[list].push(Window { index: seen.index, begin, size, ids, operation: seen.operation });
        }
    }
    lists
}

fn asked_size(pagination: &Pagination, input: &serde_json::Value) -> Option<i64> {
    at_path(input, pagination.page_size.as_ref()?)?.as_i64()
}

/// Judges each window with those before it: one verdict for each that `rule` is about.
fn each_two(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&Window<'_>, &Window<'_>) -> Option<bool>,
) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for windows in windows(session) {
        for (at, window) in windows.iter().enumerate() {
            let earlier = windows[..at].iter();
            let judged: Vec<_> = earlier.filter_map(|other| Some((other, rule(window, other)?))).collect();
            if judged.is_empty() {
                continue;
            }
            let ruling = match judged.iter().find(|(_, holds)| !holds) {
                None => Ruling::Pass,
                Some((other, _)) => session.difference(conflict(check, other, window)),
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

/// The offset of a request with which nothing is wrong.
fn valid_offset(seen: &Seen<'_, '_>) -> Option<i64> {
    let pagination = seen.operation.pagination.as_ref();
    let pagination = pagination.filter(|_| by_offset(seen.contract, seen.operation))?;
    let input = seen.observation.input.as_ref()?;
    let offset = at_path(input, &pagination.input_token)?.as_i64()?;
    is_valid(seen).then_some(offset)
}

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
        let Some(offset) = valid_offset(&seen).or_else(|| first_page(&seen)) else { continue };
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

/// A request for the first page says no offset.
fn first_page(seen: &Seen<'_, '_>) -> Option<i64> {
    let pagination = seen.operation.pagination.as_ref()?;
    let input = seen.observation.input.as_ref()?;
    let is_first = at_path(input, &pagination.input_token).is_none();
    (is_first && by_offset(seen.contract, seen.operation)).then_some(0)
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
        let Some(input) = seen.observation.input.as_ref().filter(|_| is_valid(seen)) else {
            return Vec::new();
        };
        let most = pagination.sizes.as_ref().and_then(|sizes| sizes.maximum);
        let size = asked_size(pagination, input);
        let at_bound = size.filter(|size| *size == 1 || usize::try_from(*size).ok() == most);
        let Some(size) = at_bound.filter(|_| most.is_some()) else { return Vec::new() };
        if seen.refused_for_access_or_load() {
            return vec![Ruling::NotTestable(ACCESS_OR_LOAD)];
        }
        match seen.observation.exchange.response.status {
            200..300 => vec![Ruling::Pass],
            status @ 400..500 => {
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
