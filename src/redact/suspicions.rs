//! What looks like a secret in an exchange that was redacted, by older or weaker rules.

use std::fmt;

use super::REDACTED;
use super::fields;
use super::names;
use super::parts::{self, Place, Syntax};
use super::shapes;
use super::view;
use crate::exchange::Exchange;

/// Something that looks like a secret. It tells where, and of what kind; never the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspicion {
    /// Where, `response body`.
    pub place: String,
    /// What it looks like.
    pub kind: &'static str,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the {}", self.kind, self.place)
    }
}

/// What looks like a secret in an exchange that was redacted, each place and kind once.
pub fn suspicions(exchange: &Exchange) -> Vec<Suspicion> {
    let mut found = Vec::new();
    parts::each_of_exchange(exchange, &mut |place, bytes| {
        for kind in kinds(place, bytes) {
            let suspicion = Suspicion { place: place.to_string(), kind };
            if !found.contains(&suspicion) {
                found.push(suspicion);
            }
        }
    });
    found
}

fn kinds(place: Place<'_>, bytes: &[u8]) -> Vec<&'static str> {
    let mut found = Vec::new();
    if let Place::Header(_, name) = place
        && fields::redacted(name, &String::from_utf8_lossy(bytes))
            .is_some_and(|field| field.value.as_bytes() != bytes)
    {
        found.push("a credential");
    }
    if matches!(place, Place::Query | Place::Body(_, Syntax::Form)) {
        let left = names::secret_parameters(bytes);
        found.extend(left.iter().filter(|secret| is_left(bytes, secret)).map(|_| NAMED));
    }
    view::each(bytes, &mut |view| {
        let bytes = view.bytes();
        found.extend(names::secrets(bytes).iter().filter(|secret| is_left(bytes, secret)).map(|_| NAMED));
        shapes::shown_accounts(bytes, |account| {
            if shapes::pseudonym_account(account).is_none() {
                found.push("an account id");
            }
        });
    });
    found
}

const NAMED: &str = "what looks like a secret";

fn is_left(bytes: &[u8], secret: &names::Secret) -> bool {
    let value = &bytes[secret.start..secret.end];
    value != REDACTED.as_bytes() && !(secret.shape == names::Shape::Number && value == b"0")
}
