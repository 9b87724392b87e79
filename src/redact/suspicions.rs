//! What looks like a secret in an exchange that was redacted, by older or weaker rules.

use std::fmt;

use super::accounts;
use super::fields;
use super::ids;
use super::known;
use super::names::{self, Secret, Shape};
use super::parts::{self, Place, Syntax};
use super::pointer;
use super::rules::Rules;
use super::scan::matches;
use super::secrets::{SHORTEST, is_redacted};
use super::shapes;
use super::view;
use crate::contract::Declared;
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

/// What looks like a secret in an exchange that was redacted, or is one by a user's rules or by a
/// contract: each place and kind once.
pub fn suspicions(exchange: &Exchange, rules: &Rules, declared: &Declared) -> Vec<Suspicion> {
    let mut found = Vec::new();
    let look =
        Look { rules, declared: declared.secrets.iter().filter(|it| !is_gone(it.as_bytes())).collect() };
    parts::each_of_exchange(exchange, &mut |place, bytes| {
        for kind in look.kinds(place, bytes) {
            let suspicion = Suspicion { place: place.to_string(), kind };
            if !found.contains(&suspicion) {
                found.push(suspicion);
            }
        }
    });
    found
}

struct Look<'l> {
    rules: &'l Rules,
    declared: Vec<&'l String>,
}

impl Look<'_> {
    fn kinds(&self, place: Place<'_>, bytes: &[u8]) -> Vec<&'static str> {
        let rules = self.rules;
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
            Place::Member(_, name) if rules.names.say_secret(name) && !is_gone(bytes) => {
                return vec![SECRET];
            }
            Place::Query | Place::Body(_, Syntax::Form) => add_left(bytes, rules.names.parameters(bytes)),
            Place::Body(_, Syntax::Json) => {
                let places = pointer::places(bytes, &rules.pointers).into_iter();
                found.extend(places.filter(|(start, end)| !is_gone(&bytes[*start..*end])).map(|_| RULED));
            }
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
                if shapes::pseudonym_account(account).is_none() && !rules.accounts.contains(account) {
                    found.push("an account id");
                }
            });
            found.extend(self.ruled(place, bytes));
        });
        found
    }

    /// What is a secret or a name to be replaced because somebody said so.
    fn ruled(&self, place: Place<'_>, bytes: &[u8]) -> Option<&'static str> {
        let is_left = |(start, end): (usize, usize)| !is_gone(&bytes[start..end]);
        let is_name = |(start, end): (usize, usize)| {
            !std::str::from_utf8(&bytes[start..end]).is_ok_and(ids::is_pseudonym)
        };
        let holds = |secret: &&String| match secret.len() {
            ..SHORTEST => !known::whole_values(place, bytes, secret.as_bytes()).is_empty(),
            length => bytes.windows(length).any(|it| it == secret.as_bytes()),
        };
        let Rules { patterns, ids, .. } = self.rules;
        match () {
            () if patterns.iter().any(|pattern| matches(pattern, bytes).into_iter().any(is_left)) => {
                Some(RULED)
            }
            () if ids.iter().any(|rule| matches(&rule.pattern, bytes).into_iter().any(is_name)) => {
                Some(NAMED)
            }
            () if self.declared.iter().any(holds) => Some(DECLARED),
            () => None,
        }
    }
}

const SECRET: &str = "what looks like a secret";
const RULED: &str = "what a rule calls a secret";
const NAMED: &str = "a name that a rule has replaced";
const DECLARED: &str = "what the contract calls a secret";

/// Whether this stands in the place of a secret.
fn is_gone(value: &[u8]) -> bool {
    value == b"0" || is_redacted(value)
}

fn is_left(bytes: &[u8], secret: &Secret) -> bool {
    let value = &bytes[secret.start..secret.end];
    !(is_redacted(value) || secret.shape == Shape::Number && value == b"0")
}
