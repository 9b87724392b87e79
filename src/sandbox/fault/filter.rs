//! Filters that select wrongly.

use crate::sandbox::paging::{Query, Selection};

pub(super) fn ignored(_: &Query, selection: &mut Selection) {
    selection.matching = selection.all.clone();
}

pub(super) fn drops_last(query: &Query, selection: &mut Selection) {
    if query.filters.iter().any(|(_, value)| value != "") {
        selection.matching.pop();
    }
}
