//! Lists whose pages the client counts: by an offset or by a page number.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{Check, Reading, Ruling, Verdict};
use super::walk::{Epoch, Page, Walk, canonical};
use super::{counted, problem};
use crate::contract::{Contract, Level, Operation, Pagination, PagingStyle, at_path};

const CLAUSE: &str = "the contract's x-onrecord-paginated";

pub(in crate::check) const ECHO: Check = Check {
    id: "PG-O01",
    name: "offset.echo",
    level: Level::Must,
    says: "an answer that repeats offset and limit repeats those that were in force",
    documented: CLAUSE,
    applies: |contract, operation| {
        let paging = operation.pagination.as_ref().filter(|_| counted(contract, operation));
        let output = contract.output(operation);
        paging.is_some_and(|paging| echoes(paging).iter().any(|(_, shown)| output.path(shown).is_some()))
    },
    judge: |check, session| {
        each_page(check, session, |walk, page| {
            let paging = walk.pagination;
            let in_force = [begin(paging, page), limit(paging, page.size)];
            let shown = echoes(paging);
            let mut echoed = shown.iter().zip(in_force).filter_map(|((asked, shown), in_force)| {
                Some((asked, shown, in_force?, at_path(page.output, shown)?))
            });
            let mut tested = false;
            let odd = echoed.find(|(_, _, in_force, echo)| {
                tested = true;
                echo.as_i64() != Some(*in_force)
            });
            match odd {
                Some((asked, shown, in_force, echo)) => {
                    let place = format!("response body /{}", shown.replace('.', "/"));
                    let expected = format!("{in_force}, the {asked} in force");
                    let texts = (place.as_str(), expected, echo.to_string());
                    Some(Ruling::Fail(problem(walk, check.level, texts, vec![page.index])))
                }
                None => tested.then_some(Ruling::Pass),
            }
        })
    },
};

pub(in crate::check) const WINDOW: Check = Check {
    id: "PG-O02",
    name: "offset.window",
    level: Level::Must,
    says: "a page holds as many items as were asked for, or as are left behind its offset",
    documented: CLAUSE,
    applies: totalled,
    judge: |check, session| {
        each_page(check, session, |walk, page| {
            let paging = walk.pagination;
            let total = total(walk, page)?;
            let Some(limit) = limit(paging, page.size).filter(|limit| *limit > 0) else {
                return Some(Ruling::NotTestable("no size was asked for, and no default is documented"));
            };
            let offset = offset(paging, page)?;
            let expected = total.saturating_sub(offset).max(0).min(limit);
            if i64::try_from(page.items.len()) == Ok(expected) {
                return Some(Ruling::Pass);
            }
            let wanted = format!("{expected} items: {total} in all, {limit} asked for from {offset} on");
            let texts = ("response body items", wanted, format!("{} items", page.items.len()));
            Some(Ruling::Fail(problem(walk, check.level, texts, vec![page.index])))
        })
    },
};

pub(in crate::check) const TOTAL: Check = Check {
    id: "PG-O03",
    name: "offset.total",
    level: Level::Must,
    says: "the total is the same whatever offset and limit are",
    documented: CLAUSE,
    applies: totalled,
    judge: |check, session| {
        let mut first: HashMap<(&str, String, Epoch), (i64, usize)> = HashMap::new();
        let mut verdicts = Vec::new();
        for walk in &session.walks {
            let Some(epoch) = walk.epoch.filter(|_| counted_by(walk.pagination)) else { continue };
            for page in &walk.pages {
                let Some(total) = total(walk, page) else { continue };
                let key = (walk.operation.name.as_str(), canonical(&walk.query), epoch);
                let (known, index) = *first.entry(key).or_insert((total, page.index));
                let ruling = match total {
                    _ if index == page.index => continue,
                    same if same == known => Ruling::Pass,
                    other => {
                        let texts = ("response body total", format!("{known}, as before"), other.to_string());
                        session.difference(problem(walk, check.level, texts, vec![index, page.index]))
                    }
                };
                verdicts.push(check.verdict(walk.operation, ruling));
            }
        }
        verdicts
    },
};

fn totalled(contract: &Contract, operation: &Operation) -> bool {
    counted(contract, operation) && operation.pagination.as_ref().is_some_and(|it| it.total().is_some())
}

fn counted_by(pagination: &Pagination) -> bool {
    pagination.output_token().is_none()
}

fn each_page(
    check: &Check,
    session: &Reading<'_, '_>,
    rule: impl Fn(&Walk<'_>, &Page<'_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    let walks = session.walks.iter().filter(|walk| counted_by(walk.pagination));
    let pages = walks.flat_map(|walk| walk.pages.iter().map(move |page| (walk, page)));
    let rulings = pages.filter_map(|(walk, page)| Some((walk, rule(walk, page)?)));
    rulings.map(|(walk, ruling)| check.verdict(walk.operation, ruling)).collect()
}

/// The input members for the begin and the size, each with the output member of the same name
/// beside the items.
fn echoes(pagination: &Pagination) -> Vec<(String, String)> {
    let beside = pagination.items.as_ref().and_then(|items| items.rsplit_once('.')).map(|(parent, _)| parent);
    let echo = |asked: &String| {
        let name = asked.rsplit('.').next().unwrap_or_default().to_owned();
        let shown = beside.map_or(name.clone(), |parent| format!("{parent}.{name}"));
        (name, shown)
    };
    [Some(&pagination.input_token), pagination.page_size.as_ref()].into_iter().flatten().map(echo).collect()
}

/// The offset or page number in force.
fn begin(pagination: &Pagination, page: &Page<'_>) -> Option<i64> {
    match (page.start, &pagination.style) {
        (Some(start), _) => start.as_i64(),
        (None, PagingStyle::Page { first, .. }) => i64::try_from(*first).ok(),
        (None, _) => Some(0),
    }
}

/// How many items are left out before a page.
pub(super) fn offset(pagination: &Pagination, page: &Page<'_>) -> Option<i64> {
    let begin = begin(pagination, page)?;
    match &pagination.style {
        PagingStyle::Page { first, .. } => {
            let pages = begin - i64::try_from(*first).ok()?;
            Some(pages.saturating_mul(limit(pagination, page.size)?))
        }
        _ => Some(begin),
    }
}

/// The size in force, where it is documented.
pub(super) fn limit(pagination: &Pagination, size: Option<i64>) -> Option<i64> {
    let sizes = pagination.sizes.as_ref();
    let maximum = sizes.and_then(|sizes| sizes.maximum).and_then(|size| i64::try_from(size).ok());
    match size {
        Some(size) => Some(size).filter(|size| maximum.is_none_or(|maximum| *size <= maximum)),
        None => sizes.and_then(|sizes| sizes.default).and_then(|size| i64::try_from(size).ok()),
    }
}

fn total(walk: &Walk<'_>, page: &Page<'_>) -> Option<i64> {
    at_path(page.output, walk.pagination.total()?).and_then(Value::as_i64)
}
