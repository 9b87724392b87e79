//! What looks like a secret in an exchange that was redacted, by older or weaker rules.

use std::fmt;

use super::REDACTED;
use super::accounts;
use super::fields;
use super::names::{self, Secret, Shape};
use super::parts::{self, Place, Syntax};
use super::rules::Rules;
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
    let (mut found, rules) = (Vec::new(), Rules::default());
    parts::each_of_exchange(exchange, &mut |place, bytes| {
        for kind in kinds(place, bytes, &rules) {
            let suspicion = Suspicion { place: place.to_string(), kind };
            if !found.contains(&suspicion) {
                found.push(suspicion);
            }
        }
    });
    found
}

fn kinds(place: Place<'_>, bytes: &[u8], rules: &Rules) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut add_left = |bytes: &[u8], secrets: Vec<Secret>| {
        found.extend(secrets.iter().filter(|secret| is_left(bytes, secret)).map(|_| SECRET));
    };
    match place {
        Place::Body(_, Syntax::Packed) => return vec!["a body that cannot be looked into"],
        Place::Body(_, Syntax::Framed) | Place::Operation | Place::Method | Place::HeaderName(_) => {
            return found;
        }
        Place::Body(_, Syntax::Binary) => {
            add_left(bytes, names::shaped(bytes));
            return found;
        }
        Place::Member(_, name)
            if rules.names.say_secret(name) && bytes != REDACTED.as_bytes() && bytes != b"0" =>
        {
            return vec![SECRET];
        }
        Place::Query | Place::Body(_, Syntax::Form) => add_left(bytes, rules.names.parameters(bytes)),
        _ => {}
    }
    if let Place::Header(_, name) = place
        && fields::redacted(name, &String::from_utf8_lossy(bytes), rules)
            .is_some_and(|field| field.value.as_bytes() != bytes)
    {
        found.push("a credential");
    }
    view::each(bytes, &mut |view| {
        let bytes = view.bytes();
        let left = rules.names.secrets(bytes);
        found.extend(left.iter().filter(|secret| is_left(bytes, secret)).map(|_| SECRET));
        accounts::shown(bytes, |account| {
            if shapes::pseudonym_account(account).is_none() {
                found.push("an account id");
            }
        });
    });
    found
}

const SECRET: &str = "what looks like a secret";

fn is_left(bytes: &[u8], secret: &Secret) -> bool {
    let value = &bytes[secret.start..secret.end];
    value != REDACTED.as_bytes() && !(secret.shape == Shape::Number && value == b"0")
}
