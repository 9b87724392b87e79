//! Faults of lists that come in pages. What a fault breaks of counted lists has no ground where there
//! are none.

use super::fault;
use crate::sandbox::fault::Bend::{Answer, Cursor, Output, Page, See, Select, Tokens};
use crate::sandbox::fault::{Fault, lifecycle, link, pagination, repetition, token, validation};

pub(super) const PAGES: &[Fault] = &[
    fault(
        "pagination.endless",
        "behind the last page come empty pages, each with a new token",
        &["PG-T01"],
        Page(pagination::endless),
    ),
    // The walk does not end either; PG-T01 is about walks that find ever new tokens.
    fault(
        "pagination.cycle",
        "behind the last page come two empty pages whose tokens lead to each other",
        &["PG-T02"],
        Page(pagination::cycle),
    ),
    fault(
        "pagination.dead-end",
        "the last page has a token, which is refused when it is followed",
        &["PG-T03"],
        Output(pagination::dead_end),
    ),
    // Where the client counts, two windows show the item.
    fault(
        "pagination.duplicate",
        "the last item is listed twice",
        &["PG-T05", "PG-O06"],
        Select(pagination::duplicate),
    ),
    // The walk differs from one large page, and that page is a walk of another size. PG-T08 is not
    // broken: the last page is not full.
    fault(
        "pagination.lost-item",
        "the last page of a walk lacks its last item",
        &["PG-T06", "PG-T07", "PG-T12", "PG-T38", "PG-T32", "PG-O02", "PG-O15"],
        Page(pagination::lost_item),
    ),
    fault(
        "pagination.reordered",
        "with pages of one item, the last two items change places",
        &["PG-T07", "PG-O04", "PG-O06"],
        Select(pagination::reordered),
    ),
    // No walk has a second page, so there is none for PG-T06 and PG-T07 to compare.
    fault(
        "pagination.truncated",
        "a page that leaves items out has no token",
        &["PG-T08", "PG-O15"],
        Page(pagination::truncated),
    ),
    fault(
        "pagination.oversized",
        "a page has one item more than was asked for",
        &["PG-T09", "PG-O02", "PG-O15"],
        Page(pagination::oversized),
    ),
    fault(
        "pagination.uncapped",
        "without a size, everything comes in one page",
        &["PG-T13", "PG-O02"],
        Page(pagination::uncapped),
    ),
    fault(
        "pagination.token-restarts",
        "a token that was never handed out leads to the first page",
        &["PG-T21", "PG-T20", "PG-T22"],
        Cursor(pagination::restarts),
    ),
    // No documented constraint of the input is broken, so that IN-02 does not count it as a mistake.
    fault(
        "pagination.token-crashes",
        "a token that was never handed out is answered with a server error",
        &["PG-T21"],
        Answer(validation::token_crashes),
    ),
    fault(
        "pagination.other-offset",
        "who counts is told another offset or page than the one asked for",
        &["PG-O01"],
        Output(pagination::other_offset),
    ),
    fault(
        "pagination.short-window",
        "a counted page has one item less than were asked for",
        &["PG-O02", "PG-O15"],
        Page(pagination::short_window),
    ),
    // Pages that are not full go with the total, so that PG-O02 sees nothing.
    fault(
        "pagination.other-total",
        "the total of a counted list is one more in its middle",
        &["PG-O03"],
        Page(pagination::wrong_total),
    ),
    fault(
        "pagination.short-page",
        "a page with others behind it has one item less than were asked for",
        &["PG-T10"],
        Page(token::shorter),
    ),
    fault(
        "pagination.hollow",
        "behind the last page of a walk come three empty ones",
        &["PG-T11"],
        Page(token::hollow),
    ),
    fault(
        "pagination.one-more",
        "behind a full last page comes an empty one",
        &["PG-T12"],
        Page(token::one_more),
    ),
    fault(
        "pagination.refuses-maximum",
        "the largest documented page size is refused",
        &["PG-T16"],
        Cursor(token::refuses_maximum),
    ),
    fault(
        "pagination.bound-to-size",
        "a token is refused with another page size",
        &["PG-T19"],
        Cursor(token::bound_to_size),
    ),
    fault(
        "pagination.any-filter",
        "a token is good for another filter too",
        &["PG-T20"],
        Cursor(token::any_filter),
    ),
    fault(
        "pagination.any-operation",
        "a token is good for another operation too",
        &["PG-T22"],
        Cursor(token::any_operation),
    ),
    fault(
        "pagination.used-up",
        "a page that is asked for twice in a row has lost its first item",
        &["PG-T24"],
        Page(repetition::used_up),
    ),
    fault(
        "pagination.counts",
        "a token is the number of items shown so far",
        &["PG-T25", "PG-T38"],
        Tokens(token::counts, token::counted),
    ),
    fault(
        "pagination.no-items",
        "a page without items lacks their list",
        &["PG-T30"],
        Output(token::no_items),
    ),
    fault(
        "pagination.other-beside",
        "what stands beside the items is another text on every later page",
        &["PG-T31"],
        Output(token::other_beside),
    ),
    fault(
        "pagination.wrong-flag",
        "the flag for a list that goes on says the opposite",
        &["PG-T41", "PG-O15"],
        Output(token::wrong_flag),
    ),
    // The end comes one page later, and that page is as empty as its total says it is not.
    fault(
        "pagination.one-too-many",
        "the total of a counted list is one more than its items",
        &["PG-T32", "PG-O02", "PG-O15"],
        Page(token::one_too_many),
    ),
    fault(
        "pagination.ghosts",
        "a walk shows what was deleted since it began",
        &["PG-T36"],
        See(lifecycle::listed_to_the_end),
    ),
    fault(
        "pagination.skips-one",
        "a walk leaves one item out where the last one that it showed was deleted",
        &["PG-T38"],
        Page(token::skips_one),
    ),
    fault(
        "pagination.shuffled",
        "a list that is asked for again has its first two items in another order",
        &["PG-T39"],
        Select(repetition::shuffled),
    ),
    // It is counted without the item too.
    fault(
        "pagination.fades",
        "a list on one page lacks its last item when it is asked for again",
        &["PG-T42", "PG-O03"],
        Select(repetition::fades),
    ),
    fault(
        "pagination.link-elsewhere",
        "the link to the next page leads to another host",
        &["PG-T33"],
        Output(link::elsewhere),
    ),
    fault(
        "pagination.link-forgets",
        "the link to the next page lacks the size that was asked for",
        &["PG-T34"],
        Output(link::forgets),
    ),
    fault(
        "pagination.link-beyond",
        "the last page of a counted list links to another one",
        &["PG-O15"],
        Output(link::beyond),
    ),
    fault(
        "pagination.rounded-offset",
        "a window begins at a multiple of its size",
        &["PG-O05"],
        Page(token::rounded),
    ),
    fault(
        "pagination.refuses-far",
        "an offset far behind the last item is refused",
        &["PG-O07"],
        Cursor(token::refuses_far),
    ),
    fault(
        "pagination.far-crashes",
        "an offset that no list is as long as is answered with a server error",
        &["PG-O09"],
        Answer(token::far_crashes),
    ),
];
