//! What a user has not compared, by name: a parameter that differs in each run and decides nothing.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::key::{Call, Reading};
use super::library::Library;
use super::part::Part;
use crate::contract::Place;
use crate::exchange::{NAMING, Request, SELECTING};

/// A part of requests that need not be equal, nor be there: `query:trace=any`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loosened {
    /// A header field.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A place in a body, as a JSON pointer (RFC 6901); the name of a form's field behind the slash.
    Body(String),
    /// A member of an operation's input, or of every operation's: `input:CreateCluster.tags`.
    Input {
        /// Only of this operation.
        operation: Option<String>,
        /// The member's name.
        member: String,
    },
}

/// Text that names no part of requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write header:NAME=any, query:NAME=any, body:/POINTER=any or input:[OPERATION.]MEMBER=any")]
pub struct NotLoosened;

impl FromStr for Loosened {
    type Err = NotLoosened;

    fn from_str(text: &str) -> Result<Self, NotLoosened> {
        let (place, name) = text.strip_suffix("=any").and_then(|it| it.split_once(':')).ok_or(NotLoosened)?;
        match place {
            _ if name.is_empty() => Err(NotLoosened),
            "header" => Ok(Self::Header(name.to_ascii_lowercase())),
            "query" => Ok(Self::Query(name.to_owned())),
            "body" if name.len() > 1 && name.starts_with('/') => Ok(Self::Body(name.to_owned())),
            "input" => {
                let (operation, member) = match name.split_once('.') {
                    Some((operation, member)) => (Some(operation.to_owned()), member),
                    None => (None, name),
                };
                Ok(Self::Input { operation, member: member.to_owned() })
            }
            _ => Err(NotLoosened),
        }
    }
}

impl fmt::Display for Loosened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
            Self::Body(pointer) => write!(f, "body:{pointer}"),
            Self::Input { operation: Some(operation), member } => write!(f, "input:{operation}.{member}"),
            Self::Input { operation: None, member } => write!(f, "input:{member}"),
        }
    }
}

impl Loosened {
    /// Takes it out of what is compared of a request.
    pub(super) fn take_from(&self, parts: &mut Map<String, Value>, call: Option<Call<'_>>) {
        match self {
            Self::Header(name) => {
                take(parts, Part::Headers, |fields| fields.shift_remove(name));
                take_bound(
                    parts,
                    call,
                    |place| matches!(place, Place::Header(own) if own.eq_ignore_ascii_case(name)),
                );
            }
            Self::Query(name) => {
                [Part::Query, Part::RepeatedQuery].into_iter().for_each(|part| take_pairs(parts, part, name));
                take_bound(parts, call, |place| matches!(place, Place::Query(own) if own == name));
            }
            Self::Body(pointer) => {
                take_pairs(parts, Part::Form, &unescaped(&pointer[1..]));
                let part = if parts.contains_key(Part::Input.name()) { Part::Input } else { Part::Body };
                for part in [Part::Cbor, part] {
                    parts.get_mut(part.name()).into_iter().for_each(|body| take_at(body, pointer));
                }
            }
            Self::Input { operation, member } => {
                let own = call.map(|call| call.operation.name.as_str());
                if operation.is_none() || operation.as_deref() == own {
                    take(parts, Part::Input, |input| input.shift_remove(member));
                }
            }
        }
    }
}

/// Takes a member of a part away; what has none left is as if it were not there, but for an input.
fn take(
    parts: &mut Map<String, Value>,
    part: Part,
    from: impl FnOnce(&mut Map<String, Value>) -> Option<Value>,
) {
    let Some(Value::Object(members)) = parts.get_mut(part.name()) else { return };
    from(members);
    if members.is_empty() && part != Part::Input {
        parts.shift_remove(part.name());
    }
}

fn take_pairs(parts: &mut Map<String, Value>, part: Part, name: &str) {
    let Some(Value::Array(pairs)) = parts.get_mut(part.name()) else { return };
    pairs.retain(|pair| pair.get(0).and_then(Value::as_str) != Some(name));
    if pairs.is_empty() {
        parts.shift_remove(part.name());
    }
}

/// What a contract reads from such a place is a member of the input.
fn take_bound(parts: &mut Map<String, Value>, call: Option<Call<'_>>, is_there: impl Fn(&Place) -> bool) {
    let bindings = call.map(|call| call.operation.bindings.as_slice()).unwrap_or_default();
    for binding in bindings.iter().filter(|binding| is_there(&binding.place)) {
        take(parts, Part::Input, |input| input.shift_remove(&binding.member));
    }
}

/// A name as a JSON pointer means it.
fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

fn take_at(body: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    match body.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&unescaped(name));
        }
        Some(Value::Array(items)) => {
            if let Some(item) = name.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

impl Library {
    /// The names that a loosened part could have, among those that contracts and cassettes know; `None` if
    /// its own is one of them. For bodies, these are the pointers to their outermost members.
    pub fn alternatives(&self, loosened: &Loosened) -> Option<Vec<String>> {
        let own = match loosened {
            // A body is known by its outermost member: what is below may be absent anywhere.
            Loosened::Body(pointer) => {
                let end = pointer[1..].find('/').map_or(pointer.len(), |end| end + 1);
                format!("body:{}", &pointer[..end])
            }
            other => other.to_string(),
        };
        let recorded = self.spots().filter_map(|spot| self.exchange(spot));
        let sent = recorded.flat_map(|exchange| self.sent(loosened, &exchange.request));
        let names: BTreeSet<_> = sent.chain(self.documented(loosened)).collect();
        (!names.contains(&own)).then(|| names.into_iter().collect())
    }

    /// What of that kind a recorded request has.
    fn sent(&self, loosened: &Loosened, request: &Request) -> Vec<String> {
        match loosened {
            Loosened::Header(_) => request.headers.iter().map(|(name, _)| format!("header:{name}")).collect(),
            Loosened::Query(_) => request.target.pairs().map(|(name, _)| format!("query:{name}")).collect(),
            Loosened::Body(_) => self.readings(request).iter().flat_map(members).collect(),
            Loosened::Input { .. } => Vec::new(),
        }
    }

    /// What of that kind the contracts have.
    fn documented(&self, loosened: &Loosened) -> Vec<String> {
        let operations = || {
            let all = self.contracts.iter();
            all.flat_map(|contract| contract.operations.iter().map(move |operation| (contract, operation)))
        };
        let bound = |name: fn(&Place) -> Option<String>| -> Vec<String> {
            let bindings = operations().flat_map(|(_, operation)| &operation.bindings);
            bindings.filter_map(|binding| name(&binding.place)).collect()
        };
        match loosened {
            Loosened::Header(_) => {
                let compared = NAMING.iter().chain(SELECTING).map(|name| format!("header:{name}"));
                let bound = bound(|place| match place {
                    Place::Header(name) => Some(format!("header:{}", name.to_ascii_lowercase())),
                    _ => None,
                });
                compared.chain(bound).collect()
            }
            Loosened::Query(_) => bound(|place| match place {
                Place::Query(name) => Some(format!("query:{name}")),
                _ => None,
            }),
            Loosened::Body(_) => Vec::new(),
            Loosened::Input { operation: of, .. } => operations()
                .flat_map(|(contract, operation)| {
                    let of = of.as_ref().map(|_| format!("{}.", operation.name)).unwrap_or_default();
                    contract
                        .input(operation)
                        .members()
                        .map(move |member| format!("input:{of}{}", member.name))
                })
                .collect(),
        }
    }
}

/// The outermost members of a body.
fn members(reading: &Reading<'_>) -> Vec<String> {
    let parts = reading.key.parts();
    let bodies = [Part::Input, Part::Body, Part::Cbor, Part::Form];
    let bodies = bodies.into_iter().filter_map(|part| parts.get(part.name()));
    let names = bodies.flat_map(|body| match body {
        Value::Object(members) => members.keys().cloned().collect(),
        Value::Array(pairs) => {
            pairs.iter().filter_map(|pair| Some(pair.get(0)?.as_str()?.to_owned())).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    });
    names.map(|name| format!("body:/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}
