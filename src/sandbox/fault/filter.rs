//! Filters that select wrongly.

use crate::sandbox::listing::{Query, Selection};

pub(super) fn ignored(_: &Query, selection: &mut Selection) {
    selection.matching = selection.all.clone();
}

pub(super) fn drops_last(query: &Query, selection: &mut Selection) {
    if query.prefixes.iter().any(|(_, prefix)| !prefix.is_empty()) {
        selection.matching.pop();
    }
}
