//! Requests that come again, and reads that leave something behind.

use crate::sandbox::paging::{Begin, Entry, Page, Query, Selection};
use crate::sandbox::retry::Recall;

/// A token that came before is not known again.
pub(super) fn forgets(recall: Recall) -> Recall {
    match recall {
        Recall::Same(_) => Recall::New,
        other => other,
    }
}

/// A token that came before answers whatever comes with it.
pub(super) fn any_parameters(recall: Recall) -> Recall {
    match recall {
        Recall::Other { first, .. } => Recall::Same(first),
        other => other,
    }
}

/// Once one thing was read, the last one is listed twice.
pub(super) fn read_leaves_twin(query: &Query, selection: &mut Selection) {
    let last = selection.matching.last().copied();
    if let (true, false, Some(last)) = (query.after_read, query.is_later(), last) {
        selection.matching.push(Entry { place: last.place + 1, ..last });
    }
}

/// A page that is asked for twice in a row has lost its first item.
pub(super) fn used_up(query: &Query, _: &[Entry], page: &mut Page) {
    if query.again && matches!(query.begin, Begin::After(_)) && !page.entries.is_empty() {
        page.entries.remove(0);
    }
}

/// A list that fits on one page lacks its last item when it is asked for again.
pub(super) fn fades(query: &Query, selection: &mut Selection) {
    let fits = selection.matching.len() <= query.limit() && query.filters.is_empty();
    if fits && query.times > 0 && !query.is_later() {
        selection.matching.pop();
    }
}

/// A list that is asked for again has its first two items in another order.
pub(super) fn shuffled(query: &Query, selection: &mut Selection) {
    if let (true, false, [first, second, ..]) =
        (query.times > 0, query.is_later(), selection.matching.as_mut_slice())
    {
        std::mem::swap(&mut first.item, &mut second.item);
    }
}
