//! Lists that page wrongly. Faults of paging leave filtered lists alone where they would lose
//! items, for then the filter's laws would be broken too.

use serde_json::Value;

use super::{Position, Scene};
use crate::contract::at_path;
use crate::sandbox::leading::Leading;
use crate::sandbox::listing::{Asked, beside};
use crate::sandbox::paging::{Begin, Entry, Page, Query, Selection};
use crate::sandbox::project::put;

/// Behind the last page of a walk come empty pages, each with a new token.
pub(super) fn endless(query: &Query, entries: &[Entry], page: &mut Page) {
    if let (Begin::After(after), None) = (query.begin, page.next) {
        page.next = Some(after.max(last(entries)) + 1);
    }
}

/// Behind the last page of a walk come two empty pages whose tokens lead to each other: a client
/// that only compares a token with the one before goes round and round.
pub(super) fn cycle(query: &Query, entries: &[Entry], page: &mut Page) {
    if let (Begin::After(after), None) = (query.begin, page.next) {
        let (one, other) = (last(entries) + 1, last(entries) + 2);
        page.next = Some(if after == one { other } else { one });
    }
}

/// The last page of a walk has a token that is refused.
pub(super) fn dead_end(scene: &Scene<'_>, output: &mut Value) {
    let Some(paged) = &scene.operation.pagination else { return };
    let is_walk = at_path(scene.input, &paged.input_token).is_some();
    if is_walk && paged.output_token().is_some() && paged.token(output).is_none() {
        let Scene { contract, operation, input, .. } = *scene;
        Leading { contract, operation, input }.lead(output, Some("ZW5kLW9mLWxpc3Q".into()));
    }
}

/// The last item is in the list twice, whatever the size: walks over several pages show it on two
/// of them, and still hold the same items as one large page.
pub(super) fn duplicate(_: &Query, selection: &mut Selection) {
    if let Some(last) = selection.matching.last().copied() {
        selection.matching.push(Entry { place: last.place + 1, ..last });
    }
}

/// The last page of a walk lacks its last item. One large page has it.
pub(super) fn lost_item(query: &Query, _: &[Entry], page: &mut Page) {
    if query.is_later() && page.next.is_none() && query.filters.is_empty() {
        page.entries.pop();
    }
}

/// With pages of one item, the last two items change places.
pub(super) fn reordered(query: &Query, selection: &mut Selection) {
    if let (Some(1), [.., one, other]) = (query.size, selection.matching.as_mut_slice()) {
        std::mem::swap(&mut one.item, &mut other.item);
    }
}

/// No page has a token, though it leaves items out.
pub(super) fn truncated(query: &Query, _: &[Entry], page: &mut Page) {
    if query.filters.is_empty() {
        page.next = None;
    }
}

/// A page has one item more than was asked for.
pub(super) fn oversized(query: &Query, entries: &[Entry], page: &mut Page) {
    if query.size.is_some() {
        *page = query.page_of(entries, query.limit() + 1);
    }
}

/// Without a size, everything comes at once.
pub(super) fn uncapped(query: &Query, entries: &[Entry], page: &mut Page) {
    if query.size.is_none() {
        *page = query.page_of(entries, usize::MAX);
    }
}

/// A token that was never handed out leads to the first page.
pub(super) fn restarts(_: &Asked<'_>, position: Position) -> Position {
    position.or(Ok(Begin::First))
}

/// Who counts is told another place than the one asked for.
pub(super) fn other_offset(scene: &Scene<'_>, output: &mut Value) {
    let Some(paged) = &scene.operation.pagination else { return };
    let (Some(items), None) = (&paged.items, paged.output_token()) else { return };
    let place = beside(items, &paged.input_token);
    if let Some(told) = at_path(output, &place).and_then(Value::as_u64) {
        put(output, &place, (told + 1).into());
    }
}

/// A counted page has one item less than were asked for. Who goes on by what came sees all items.
pub(super) fn short_window(query: &Query, _: &[Entry], page: &mut Page) {
    if matches!(query.begin, Begin::Skip(_)) && page.entries.len() > 1 {
        page.entries.pop();
    }
}

/// In the middle of a counted list, there is one item more than there was at its begin.
pub(super) fn wrong_total(query: &Query, _: &[Entry], page: &mut Page) {
    let counts = matches!(query.begin, Begin::Skip(_) | Begin::SkipPages(_));
    page.total += usize::from(counts && query.is_later() && page.next.is_some());
}

fn last(entries: &[Entry]) -> u64 {
    entries.last().map_or(0, |entry| entry.place)
}
