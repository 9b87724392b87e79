//! The bounds of offsets and sizes: PG-O07, PG-O09 and PG-T16.

use std::collections::HashMap;

use super::super::reading::realm;
use super::super::{ACCESS_OR_LOAD, Check, Reading, Ruling, Seen, Verdict};
use super::walk::{Walk, canonical, changes, query};
use super::windows::{asked_size, by_offset};
use crate::contract::{Level, Pagination, at_path, region};

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
