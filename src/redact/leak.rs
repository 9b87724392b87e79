//! The hunt: whether a secret is left in what is about to be stored.

use super::known::Known;
use super::parts::{self, Place, Syntax};
use crate::exchange::{Exchange, Request};

/// A secret that would still be in what was about to be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} would be left in the {place}: the exchange is not written; {cure}")]
pub struct Leak {
    /// Where, `response body`.
    pub place: String,
    /// What kind of secret, never its value.
    pub kind: String,
    /// What to do about it.
    pub cure: &'static str,
}

/// What a body holds that nobody can look into.
const HIDDEN: &str = "whatever a compressed body holds";

impl Leak {
    /// Whether no secret was seen, and one might be hidden in a body that cannot be unpacked.
    pub fn is_hidden(&self) -> bool {
        self.kind == HIDDEN
    }
}

impl Known {
    pub(super) fn hunt_exchange(&self, exchange: &Exchange) -> Result<(), Leak> {
        let mut hunt = Hunt { known: self, leak: None };
        parts::each_of_exchange(exchange, &mut |place, bytes| hunt.part(place, bytes));
        hunt.leak.map_or(Ok(()), Err)
    }

    pub(super) fn hunt_request(&self, request: &Request) -> Result<(), Leak> {
        let mut hunt = Hunt { known: self, leak: None };
        parts::each_of_request(request, &mut |place, bytes| hunt.part(place, bytes));
        hunt.leak.map_or(Ok(()), Err)
    }
}

struct Hunt<'a> {
    known: &'a Known,
    leak: Option<Leak>,
}

impl Hunt<'_> {
    fn part(&mut self, place: Place<'_>, bytes: &[u8]) {
        if self.leak.is_some() {
            return;
        }
        let (kind, cure) = if let Place::Body(_, Syntax::Packed) = place {
            (Some(HIDDEN), "have the client ask for Accept-Encoding: identity")
        } else {
            (self.known.hunt(bytes), "declare its member as a secret or a page token")
        };
        self.leak = kind.map(|kind| Leak { place: place.to_string(), kind: kind.to_owned(), cure });
    }
}
