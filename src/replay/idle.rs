//! What a user asked for that can never happen with these cassettes.

use std::collections::HashMap;

use super::faults::Order;
use super::key;
use super::library::Library;
use super::turns::AfterLast;
use super::waits::Waits;

impl Library {
    /// Why a fault can never act here, if it cannot: not before a miss. `planted` are all that are planted,
    /// and `after` is what comes after the last of equal requests.
    pub fn keeps_from_acting(&self, order: &Order, planted: &[Order], after: AfterLast) -> Option<String> {
        if order.operation().is_some() && self.contracts.is_empty() {
            return Some("no contract is known that tells operations; name one with --contract".to_owned());
        }
        let (mut is_met, mut equal) = (false, HashMap::new());
        for exchange in self.spots().filter_map(|spot| self.exchange(spot)) {
            let readings = key::readings(&self.contracts, &exchange.request);
            let Some(reading) = readings.first().filter(|reading| order.is_for(reading.call)) else {
                continue;
            };
            is_met |= order.fault().changes(reading.call, &exchange.response);
            *equal.entry(reading.key.digest()).or_insert(0u64) += 1;
        }
        let of = order.operation().map(|name| format!(" of {name}")).unwrap_or_default();
        if !is_met {
            return Some(match order.fault().needs() {
                Some(needed) => format!("no recorded success{of} {needed}"),
                None => format!("no request{of} was recorded"),
            });
        }
        let most = equal.into_values().max().unwrap_or(0);
        let number = order.number().filter(|_| after == AfterLast::Miss);
        let number = number.filter(|number| *number > most.saturating_add(more_asked(order, planted)))?;
        Some(match most {
            1 => format!("no request{of} was recorded twice, and it is for number {number} of equal ones"),
            _ => format!(
                "no request{of} was recorded more than {most} times, and it is for number {number} of equal ones"
            ),
        })
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

/// How many more equal requests a client may send than were recorded, for other faults answer them.
fn more_asked(order: &Order, planted: &[Order]) -> u64 {
    let others =
        planted.iter().filter(|other| !std::ptr::eq(*other, order) && other.fault().needs().is_none());
    others.map(|other| other.number().map_or(u64::MAX, |_| 1)).fold(0, u64::saturating_add)
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
        let why = |library: &Library, order: &str| {
            library.keeps_from_acting(&order.parse().unwrap(), &[], AfterLast::Miss)
        };
        for (order, acts_on_page, acts_on_short) in [
            ("throttle", true, true),
            ("reordered-page", true, false),
            ("reordered-page:List@1", true, false),
            ("throttle@2", false, false),
            ("throttle@50%", true, true),
            ("reordered-page:Create", false, false),
            ("throttle:Create", false, false),
            ("unknown-member", true, true),
            ("new-enum-value", false, false),
        ] {
            assert_eq!(why(&page, order).is_none(), acts_on_page, "{order}");
            assert_eq!(why(&short, order).is_none(), acts_on_short, "{order}");
        }
        assert_eq!(
            why(&short, "reordered-page:List").unwrap(),
            "no recorded success of List is a page of several items, as far as a contract knows"
        );
        let planted = ["throttle", "throttle@2", "unknown-member@3"].map(|order| order.parse().unwrap());
        assert!(
            planted.iter().all(|order| page.keeps_from_acting(order, &planted, AfterLast::Miss).is_none())
        );
        let told = page.keeps_from_acting(&planted[2], &planted[1..], AfterLast::Miss).unwrap();
        assert_eq!(told, "no request was recorded twice, and it is for number 3 of equal ones");
        assert!(page.keeps_from_acting(&planted[2], &planted[1..], AfterLast::Repeat).is_none());
        let bare = page.under(Vec::new()).unwrap();
        assert!(why(&bare, "throttle").is_none());
        assert!(why(&bare, "throttle:List").unwrap().contains("--contract"));
        assert!(bare.keeps_from_collapsing().unwrap().contains("--contract"));
        assert!(short.keeps_from_collapsing().unwrap().contains("nobody polled"));
    }
}
