//! What pages look like: PG-T10, PG-T11, PG-T12, PG-T30, PG-T31, PG-T32, PG-T41 and PG-O15.

use serde_json::Value;

use super::super::{Check, Ruling};
use super::counting::offset;
use super::walk::{Page, Walk};
use super::{BEHAVIOR_CLAUSE, CLIENT_CLAUSE, by_token, each_token_walk, each_walk, paginated, problem};
use crate::contract::{Contract, Level, Operation, Pagination, at_path};

/// How many empty pages in a row are worth a word.
const STREAK: usize = 3;

pub(in crate::check) const SHORT_PAGE: Check = Check {
    id: "PG-T10",
    name: "pagination.short-page",
    level: Level::Info,
    says: "a page with items behind it has as many as were asked for; fewer are legal",
    documented: CLIENT_CLAUSE,
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let last = walk.pages.iter().rposition(|page| !page.items.is_empty())?;
            let mut before_last = walk.pages[..last].iter().peekable();
            before_last.peek()?;
            let is_short = |page: &&Page<'_>| {
                let size = page.size.and_then(|size| usize::try_from(size).ok());
                size.is_some_and(|size| !page.items.is_empty() && page.items.len() < size.min(most(walk)))
            };
            Some(match before_last.find(is_short) {
                None => Ruling::Pass,
                Some(page) => {
                    let size = page.size.unwrap_or_default();
                    let actual = format!("{} items and a token", page.items.len());
                    told(check, walk, ("response body items", format!("{size} items"), actual), page.index)
                }
            })
        })
    },
};

pub(in crate::check) const EMPTY_STREAK: Check = Check {
    id: "PG-T11",
    name: "pagination.empty-streak",
    level: Level::Advisory,
    says: "empty pages do not follow one another",
    documented: CLIENT_CLAUSE,
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            // What does not end is the matter of PG-T01 and PG-T02.
            if !walk.ended() {
                return None;
            }
            let mut streak = 0;
            let long = walk.pages.iter().find(|page| {
                streak = if page.items.is_empty() { streak + 1 } else { 0 };
                streak == STREAK
            });
            Some(match long {
                None => Ruling::Pass,
                Some(page) => {
                    let actual = format!("{STREAK} empty pages in a row");
                    let texts = ("response body items", "items, or the end".to_owned(), actual);
                    told(check, walk, texts, page.index)
                }
            })
        })
    },
};

pub(in crate::check) const EXACT_BOUNDARY: Check = Check {
    id: "PG-T12",
    name: "pagination.exact-boundary",
    level: Level::Info,
    says: "a full last page has no token; one that leads to an empty page is legal",
    documented: "aws/aws-sdk-js issue 939 <https://github.com/aws/aws-sdk-js/issues/939>",
    applies: by_token,
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let full = |page: &Page<'_>| page.size.is_some_and(|size| page.items.len() as i64 == size);
            match walk.pages.as_slice() {
                // What was deleted meanwhile may have been on the last page.
                _ if !walk.ended() || walk.epoch.is_none() => None,
                [.., before, last] if last.items.is_empty() && full(before) => {
                    let texts = (
                        "response body token",
                        "no token on the last page with items".to_owned(),
                        "a token to an empty page".to_owned(),
                    );
                    Some(told(check, walk, texts, before.index))
                }
                [.., last] if full(last) => Some(Ruling::Pass),
                _ => None,
            }
        })
    },
};

pub(in crate::check) const ITEMS: Check = Check {
    id: "PG-T30",
    name: "pagination.items",
    level: Level::Advisory,
    says: "every page has its items, even if there are none",
    documented: "Smithy 2.0, @paginated items <https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait>",
    applies: |_, operation| operation.pagination.as_ref().is_some_and(|it| it.items.is_some()),
    judge: |check, session| {
        each_walk(check, session, |walk| {
            let path = walk.pagination.items.as_ref()?;
            let bare = walk.pages.iter().find(|page| at_path(page.output, path).is_none_or(Value::is_null));
            Some(match bare {
                None => Ruling::Pass,
                Some(page) => {
                    let place = format!("response body /{}", path.replace('.', "/"));
                    let texts = (place.as_str(), "a list, empty if need be".to_owned(), "absent".to_owned());
                    told(check, walk, texts, page.index)
                }
            })
        })
    },
};

pub(in crate::check) const BESIDE: Check = Check {
    id: "PG-T31",
    name: "pagination.beside",
    level: Level::Advisory,
    says: "what stands beside the items is the same on every page",
    documented: BEHAVIOR_CLAUSE,
    applies: |contract, operation| {
        let paged = operation.pagination.as_ref().filter(|_| by_token(contract, operation));
        paged.is_some_and(|paged| beside(contract, operation, paged).next().is_some())
    },
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let names: Vec<_> = beside(session.contract, walk.operation, walk.pagination).collect();
            names.first()?;
            let [first, .., _] = walk.pages.as_slice() else {
                return Some(Ruling::NotTestable("every walk had a single page"));
            };
            walk.epoch?;
            let other = walk.pages.iter().find_map(|page| {
                let differs = |name: &&&str| page.output.get(name) != first.output.get(name);
                names.iter().find(differs).map(|name| (page.index, *name))
            });
            Some(match other {
                None => Ruling::Pass,
                Some((index, name)) => {
                    let place = format!("response body /{name}");
                    let expected = "the value of the first page".to_owned();
                    told(check, walk, (&place, expected, "another value".to_owned()), index)
                }
            })
        })
    },
};

pub(in crate::check) const TOTAL_COUNT: Check = Check {
    id: "PG-T32",
    name: "pagination.total",
    level: Level::Should,
    says: "the total is the number of items that a walk shows",
    documented: "Segura et al., TSE 2018 <https://doi.org/10.1109/TSE.2017.2764464>; AIP-158, total_size <https://google.aip.dev/158>",
    applies: |contract, operation| {
        paginated(contract, operation) && operation.pagination.as_ref().is_some_and(|it| it.total().is_some())
    },
    judge: |check, session| {
        each_walk(check, session, |walk| {
            let last = walk.pages.last().filter(|_| walk.ended() && walk.epoch.is_some())?;
            let total = at_path(last.output, walk.pagination.total()?)?.as_u64()?;
            let shown = walk.items().count() as u64;
            if total == shown {
                return Some(Ruling::Pass);
            }
            let actual = format!("{total}, and {shown} items in {} pages", walk.pages.len());
            let texts = ("response body total", format!("{shown}, the number of items"), actual);
            Some(session.difference(problem(walk, check.level, texts, walk.indices())))
        })
    },
};

pub(in crate::check) const TRUNCATED_FLAG: Check = Check {
    id: "PG-T41",
    name: "pagination.truncated-flag",
    level: Level::Must,
    says: "a flag for a list that goes on is set where there is a token, and only there",
    documented: "Amazon S3 API Reference, ListObjectsV2: IsTruncated <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>",
    applies: |contract, operation| by_token(contract, operation) && contract.more_flag(operation).is_some(),
    judge: |check, session| {
        each_token_walk(check, session, |walk| {
            let path = session.contract.more_flag(walk.operation)?;
            let flagged = |page: &Page<'_>| at_path(page.output, &path).and_then(Value::as_bool);
            let mut shown = walk.pages.iter().filter(|page| flagged(page).is_some()).peekable();
            shown.peek()?;
            Some(match shown.find(|page| flagged(page) != Some(page.next.is_some())) {
                None => Ruling::Pass,
                Some(page) => wrong_flag(check, walk, &path, (page, page.next.is_some())),
            })
        })
    },
};

pub(in crate::check) const HAS_NEXT: Check = Check {
    id: "PG-O15",
    name: "offset.has-next",
    level: Level::Must,
    says: "a flag or a link for a list that goes on is there where the total is not reached, and only there",
    documented: "the contract's x-onrecord-paginated; RFC 8288, relation next <https://www.iana.org/assignments/link-relations/link-relations.xhtml>",
    applies: |contract, operation| {
        let totalled = operation.pagination.as_ref().filter(|paged| paged.total().is_some());
        totalled.is_some_and(|it| it.next_link.is_some() || contract.more_flag(operation).is_some())
    },
    judge: |check, session| {
        each_walk(check, session, |walk| {
            let total = walk.pagination.total()?;
            let path = match session.contract.more_flag(walk.operation) {
                Some(path) => path,
                None => return wrong_link(check, walk, total),
            };
            let mut tested = false;
            let odd = walk.pages.iter().find_map(|page| {
                let flag = at_path(page.output, &path)?.as_bool()?;
                let total = at_path(page.output, total)?.as_i64()?;
                let behind = offset(walk.pagination, page)?.saturating_add(page.items.len() as i64);
                tested = true;
                (flag != (behind < total)).then_some((page, behind < total))
            });
            match odd {
                Some(odd) => Some(wrong_flag(check, walk, &path, odd)),
                None => tested.then_some(Ruling::Pass),
            }
        })
    },
};

/// The page whose link does not go with the total.
fn wrong_link(check: &Check, walk: &Walk<'_>, total: &str) -> Option<Ruling> {
    let place = format!("response {}", walk.pagination.next_link.as_ref()?);
    let mut tested = false;
    let odd = walk.pages.iter().find_map(|page| {
        let total = at_path(page.output, total)?.as_i64()?;
        let behind = offset(walk.pagination, page)?.saturating_add(page.items.len() as i64);
        let link = walk.pagination.link(page.output);
        tested = true;
        // What is asked for no items has all of them behind it, wherever it leads.
        let is_judged = !page.items.is_empty() || behind >= total;
        (is_judged && link.is_some() != (behind < total)).then_some((page, link, behind, total))
    });
    let Some((page, link, behind, total)) = odd else { return tested.then_some(Ruling::Pass) };
    let expected = match link {
        Some(_) => format!("no link, for {total} items are all there are"),
        None => format!("a link to the next page, for {} of {total} items are behind", total - behind),
    };
    let texts = (place.as_str(), expected, link.unwrap_or("no link").to_owned());
    Some(Ruling::Fail(problem(walk, check.level, texts, vec![page.index])))
}

fn wrong_flag(check: &Check, walk: &Walk<'_>, path: &str, (page, more): (&Page<'_>, bool)) -> Ruling {
    let place = format!("response body /{}", path.replace('.', "/"));
    let expected = format!("{more}, for there is {} behind", if more { "more" } else { "nothing" });
    let texts = (place.as_str(), expected, (!more).to_string());
    Ruling::Fail(problem(walk, check.level, texts, vec![page.index]))
}

/// Advice, or less, on one page.
fn told(check: &Check, walk: &Walk<'_>, texts: (&str, String, String), index: usize) -> Ruling {
    Ruling::Advisory(problem(walk, check.level, texts, vec![index]))
}

/// The longest documented page.
fn most(walk: &Walk<'_>) -> usize {
    walk.pagination.sizes.as_ref().and_then(|sizes| sizes.maximum).unwrap_or(usize::MAX)
}

/// The outermost members of an output that are neither items nor token nor a flag for more.
fn beside<'c>(
    contract: &'c Contract,
    operation: &Operation,
    pagination: &'c Pagination,
) -> impl Iterator<Item = &'c str> {
    let outermost = |path: &'c str| path.split('.').next().unwrap_or_default();
    let items = pagination.items.as_deref().map(outermost);
    let token = pagination.output_token().map(outermost);
    let flag = contract.more_flag(operation);
    let members = contract.output(operation).members().map(|member| member.name);
    members.filter(move |name| {
        let is_flag = flag.as_deref() == Some(*name);
        items.is_some_and(|items| items != *name) && token != Some(*name) && !is_flag
    })
}
