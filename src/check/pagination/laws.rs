//! Laws about one walk.

use std::collections::{HashMap, HashSet};

use super::super::{Check, Reading, Ruling, Session, Verdict};
use super::walk::Walk;
use super::{BEHAVIOR_CLAUSE, CLIENT_CLAUSE, by_token, each_token_walk, each_walk, paginated, problem};
use crate::contract::{End, Level, at_path};

/// How many pages more than different items a walk may have before it counts as endless: empty pages with a
/// token are legal.
const SLACK: usize = 16;

pub(in crate::check) const TERMINATES: Check = Check {
    id: "PG-T01",
    name: "pagination.terminates",
    level: Level::Must,
    says: "going on from page to page comes to an end",
    documented: CLIENT_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        each_walk(check, session, |walk| {
            // An item that comes again is no news, where it is known to be the same.
            let items = if walk.names_items { walk.distinct.len() } else { walk.items().count() };
            let bound = items + SLACK;
            match walk {
                _ if walk.ended() => Some(Ruling::Pass),
                _ if repeated(walk).is_some() || walk.refused.is_some() => None,
                _ if walk.pages.len() > bound => {
                    let by_token = walk.pagination.output_token().is_some();
                    let place = if by_token { "response body token" } else { "response body items" };
                    let texts = (
                        place,
                        format!("an end within {bound} pages"),
                        format!("{} pages, and one more behind them", walk.pages.len()),
                    );
                    Some(Ruling::Fail(problem(walk, check.level, texts, walk.indices())))
                }
                _ => Some(Ruling::NotTestable("the walk was not followed to its end")),
            }
        })
    },
};

pub(in crate::check) const NO_CYCLE: Check = Check {
    id: "PG-T02",
    name: "pagination.no-cycle",
    level: Level::Must,
    says: "no token is handed out twice in one walk",
    documented: CLIENT_CLAUSE,
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| match repeated(walk) {
            Some((first, again)) => {
                let texts = (
                    "response body token",
                    "a token not yet seen in this walk".to_owned(),
                    format!("page {} hands out the token of page {}", again + 1, first + 1),
                );
                let indices = walk.pages[..=again].iter().map(|page| page.index).collect();
                Some(Ruling::Fail(problem(walk, check.level, texts, indices)))
            }
            None if walk.next().is_none() && walk.pages.len() == 1 => {
                Some(Ruling::NotTestable("every walk had a single page"))
            }
            None => Some(Ruling::Pass),
        })
    },
};

pub(in crate::check) const END_SIGNAL: Check = Check {
    id: "PG-T03",
    name: "pagination.end-signal",
    level: Level::Must,
    says: "the last page has no token, or an empty one; a token that is handed out leads somewhere",
    documented: CLIENT_CLAUSE,
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| match walk.refused {
            // It was refused with another size: PG-T19.
            Some(_) if walk.refused_size.map(|(_, size)| size) != walk.pages.last().map(|it| it.size) => None,
            Some(refused) => {
                let status = session.observations[refused].exchange.response.status;
                let texts = (
                    "response body token",
                    "no token at the end".to_owned(),
                    format!("a token that is answered with {status} when it is followed"),
                );
                Some(Ruling::Fail(problem(walk, check.level, texts, walk.indices())))
            }
            None if walk.ended() => Some(end(walk)),
            None => None,
        })
    },
};

/// An end that is said in a way that is not documented is advice: clients take all three.
fn end(walk: &Walk<'_>) -> Ruling {
    let Some(last) = walk.pages.last() else { return Ruling::Pass };
    let Some(end) = walk.pagination.end(last.output) else { return Ruling::Pass };
    if walk.pagination.ends.contains(&end) {
        return Ruling::Pass;
    }
    let form = |end: &End| match end {
        End::Absent => "an absent token",
        End::Null => "null",
        End::Empty => "an empty token",
    };
    let documented: Vec<_> = walk.pagination.ends.iter().map(form).collect();
    let texts = ("response body token", documented.join(" or "), form(&end).to_owned());
    Ruling::Advisory(problem(walk, Level::Advisory, texts, vec![last.index]))
}

pub(in crate::check) const NO_DUPLICATES: Check = Check {
    id: "PG-T05",
    name: "pagination.no-duplicates",
    level: Level::Should,
    says: "no item is on two pages of one walk",
    documented: BEHAVIOR_CLAUSE,
    applies: paginated,
    judge: |check, session| {
        each_walk(check, session, |walk| {
            if walk.pages.len() < 2 {
                return Some(Ruling::NotTestable("every walk had a single page"));
            }
            let mut seen = HashSet::new();
            match walk.ids.iter().find(|id| !seen.insert(id.as_str())) {
                None => Some(Ruling::Pass),
                Some(id) => {
                    let texts = ("response body items", "every item once".to_owned(), format!("{id} twice"));
                    Some(Ruling::Fail(problem(walk, check.level, texts, walk.indices())))
                }
            }
        })
    },
};

pub(in crate::check) const PAGE_SIZE: Check = Check {
    id: "PG-T09",
    name: "pagination.page-size",
    level: Level::Must,
    says: "a page has at most as many items as were asked for",
    documented: "Smithy 2.0, @paginated pageSize <https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait>",
    applies: |_, operation| {
        operation.pagination.as_ref().is_some_and(|pagination| pagination.page_size.is_some())
    },
    judge: page_size,
};

pub(in crate::check) const DEFAULT_SIZE: Check = Check {
    id: "PG-T13",
    name: "pagination.default-size",
    level: Level::Should,
    says: "without a size, a page has at most the documented number of items",
    documented: "AIP-158, page_size <https://google.aip.dev/158>",
    applies: |_, operation| default_size(operation).is_some(),
    judge: |check, session| {
        let pages = session.walks.iter().flat_map(|walk| walk.pages.iter().map(move |page| (walk, page)));
        let unsized_pages =
            pages.filter(|(_, page)| page.size.is_none() && asked_for_no_size(session, page.index));
        unsized_pages
            .filter_map(|(walk, page)| {
                let default = default_size(walk.operation)?;
                let ruling = match page.items.len() {
                    more if more > default => {
                        let texts = (
                            "response body items",
                            format!("at most {default} items"),
                            format!("{more} items"),
                        );
                        let mut problem = problem(walk, check.level, texts, vec![page.index]);
                        let sizes = walk.operation.pagination.as_ref().and_then(|paged| paged.sizes.as_ref());
                        problem.source = sizes.and_then(|sizes| sizes.source.clone()).or(problem.source);
                        Ruling::Fail(problem)
                    }
                    _ if page.next.is_some() => Ruling::Pass,
                    _ => Ruling::NotTestable("there were never more items than the default size"),
                };
                Some(check.verdict(walk.operation, ruling))
            })
            .collect()
    },
};

fn page_size(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for walk in &session.walks {
        for page in &walk.pages {
            let Some(size) = page.size.filter(|size| *size >= 1) else { continue };
            let ruling = if page.items.len() as i64 > size {
                let texts = (
                    "response body items",
                    format!("at most {size} item{}", if size == 1 { "" } else { "s" }),
                    format!("{} items", page.items.len()),
                );
                Ruling::Fail(problem(walk, check.level, texts, vec![page.index]))
            } else if page.next.is_some() || page.items.len() as i64 == size {
                Ruling::Pass
            } else {
                Ruling::NotTestable("there were fewer items than were asked for")
            };
            verdicts.push(check.verdict(walk.operation, ruling));
        }
    }
    verdicts
}

/// A size that is no number counts as asked for.
fn asked_for_no_size(session: &Session<'_>, index: usize) -> bool {
    let observation = &session.observations[index];
    let pagination = observation.operation.and_then(|operation| operation.pagination.as_ref());
    let name = pagination.and_then(|pagination| pagination.page_size.as_ref());
    let input = observation.input.as_ref();
    name.is_none_or(|name| input.is_none_or(|input| at_path(input, name).is_none()))
}

fn default_size(operation: &crate::contract::Operation) -> Option<usize> {
    operation.pagination.as_ref()?.sizes.as_ref()?.default
}

/// The pages that hand out one and the same token.
fn repeated(walk: &Walk<'_>) -> Option<(usize, usize)> {
    let mut first = HashMap::new();
    let tokens =
        walk.pages.iter().enumerate().filter_map(|(at, page)| Some((at, page.next.as_ref()?.to_string())));
    tokens.into_iter().find_map(|(at, token)| first.insert(token, at).map(|earlier| (earlier, at)))
}
