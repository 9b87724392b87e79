//! What a user asked for that can never happen with these cassettes.

use super::faults::Order;
use super::key;
use super::library::Library;
use super::waits::Waits;

impl Library {
    /// Why a fault can never act here, if it cannot.
    pub fn keeps_from_acting(&self, order: &Order) -> Option<&'static str> {
        if order.operation().is_some() && self.contracts.is_empty() {
            return Some("no contract is known that tells operations; name one with --contract");
        }
        let needed = order.fault().needs()?;
        let acts = |exchange: &crate::exchange::Exchange| {
            let readings = key::readings(&self.contracts, &exchange.request);
            let call = readings.first().and_then(|reading| reading.call);
            order.is_for(call) && order.fault().changes(call, &exchange.response)
        };
        let mut recorded = self.spots().filter_map(|spot| self.exchange(spot));
        (!recorded.any(|exchange| acts(&exchange))).then_some(needed)
    }

    /// Why no wait can be collapsed here, if none can.
    pub fn keeps_from_collapsing(&self) -> Option<&'static str> {
        if self.contracts.is_empty() {
            return Some("no contract is known that says what is waited for; name one with --contract");
        }
        let waits = Waits::new(self.sequences());
        let collapses = self.sequences().iter().any(|sequence| waits.ends(self, sequence).is_some());
        (!collapses).then_some("nobody polled for a state in what was recorded, as far as its contract says")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{cassette, exchange, notes, request, response};
    use super::*;

    fn library(body: &str) -> Library {
        Library::new(vec![notes()], vec![cassette([exchange(request("GET /notes", ""), response(body))])])
    }

    #[test]
    fn a_fault_that_can_change_nothing_says_what_it_needs() {
        let page = library(&json!({"notes": ["a", "b"]}).to_string());
        let short = library(&json!({"notes": ["a"]}).to_string());
        let why = |library: &Library, order: &str| library.keeps_from_acting(&order.parse().unwrap());
        for (order, acts_on_page, acts_on_short) in [
            ("throttle", true, true),
            ("reordered-page", true, false),
            ("reordered-page:List@2", true, false),
            ("reordered-page:Create", false, false),
            ("unknown-member", true, true),
            ("new-enum-value", false, false),
        ] {
            assert_eq!(why(&page, order).is_none(), acts_on_page, "{order}");
            assert_eq!(why(&short, order).is_none(), acts_on_short, "{order}");
        }
        assert!(why(&short, "reordered-page").unwrap().contains("several items"));
        let bare = page.under(Vec::new()).unwrap();
        assert!(why(&bare, "throttle").is_none());
        assert!(why(&bare, "throttle:List").unwrap().contains("--contract"));
        assert!(bare.keeps_from_collapsing().unwrap().contains("--contract"));
        assert!(short.keeps_from_collapsing().unwrap().contains("nobody polled"));
    }
}
