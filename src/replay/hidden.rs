//! What a cassette hides: texts that are `REDACTED` in it, wholly or in part.
//!
//! A recorder may have known a secret of a request from elsewhere, from a later exchange for one, and
//! then no rule makes a live request equal to it. So what is hidden stands for any text of its place.

use std::cmp::{Ordering, Reverse};

use serde_json::Value;

use super::part::Part;
use crate::redact::REDACTED;

/// Stands in a diff for what must not be shown.
const UNSHOWN: &str = "(differs, and is not shown)";

/// What a hidden part of a body that is compared as text cannot hold: there another part begins.
const ENDS_PART: &str = "&<>\"\r\n";

/// The places of a recorded request that hide something, with what is left of each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Mask(Vec<(String, String)>);

impl Mask {
    /// `None` where nothing is hidden.
    pub(super) fn of(parts: &Value) -> Option<Self> {
        let mut places = Vec::new();
        collect(parts, "", &mut places);
        (!places.is_empty()).then_some(Self(places))
    }

    /// A live request as this recorded one: with `REDACTED` in the same places, if a text is there that
    /// it may stand for.
    pub(super) fn on(&self, parts: &Value) -> Option<Value> {
        let fits = |(place, recorded): &(String, String)| {
            let live = parts.pointer(place).and_then(Value::as_str);
            live.is_some_and(|live| stood_for(place, recorded, live).is_some())
        };
        if !self.0.iter().all(fits) {
            return None;
        }
        let mut masked = parts.clone();
        for (place, recorded) in &self.0 {
            *masked.pointer_mut(place)? = Value::String(recorded.clone());
        }
        Some(masked)
    }

    /// How many places are hidden, and how much is left of them.
    fn hides(&self) -> (usize, Reverse<usize>) {
        (self.0.len(), Reverse(self.0.iter().map(|(_, recorded)| recorded.len()).sum()))
    }
}

/// What hides least comes first.
impl Ord for Mask {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hides().cmp(&other.hides()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Mask {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn collect(value: &Value, at: &str, places: &mut Vec<(String, String)>) {
    let below = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(text) if text.contains(REDACTED) => places.push((at.to_owned(), text.clone())),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| collect(item, &format!("{at}/{index}"), places));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, &below(name), places));
        }
        _ => {}
    }
}

/// What is hidden in the place of a live text, if the recorded one may stand for it.
fn stood_for<'t>(place: &str, recorded: &str, live: &'t str) -> Option<Vec<&'t str>> {
    if recorded == live {
        return Some(Vec::new());
    }
    // Elsewhere a text is one value. In these a value ends before its text does.
    let ends = match part_at(place) {
        Some(Part::Path) => "/",
        Some(Part::Body) => ENDS_PART,
        _ => "",
    };
    let (first, rest) = recorded.split_once(REDACTED)?;
    let mut live = live.strip_prefix(first)?;
    let mut hidden = Vec::new();
    let mut between: Vec<_> = rest.split(REDACTED).collect();
    let last = between.pop()?;
    for text in between {
        let start = live.char_indices().map(|(at, _)| at).skip(1);
        let at = start.into_iter().find(|at| live[*at..].starts_with(text))?;
        hidden.push(&live[..at]);
        live = &live[at + text.len()..];
    }
    hidden.push(live.strip_suffix(last)?);
    hidden.iter().all(|text| !text.is_empty() && !text.contains(|end| ends.contains(end))).then_some(hidden)
}

/// A request as it may be shown beside a recorded one: what that one hides is hidden here too. Where it
/// may stand for what was sent, both are the same. Whatever is hidden is told to `found`.
pub(super) fn veiled(recorded: &Value, live: &Value, found: &mut dyn FnMut(&str)) -> Value {
    veil("", recorded, live, found)
}

fn veil(at: &str, recorded: &Value, live: &Value, found: &mut dyn FnMut(&str)) -> Value {
    if recorded == live || !holds(recorded) {
        return live.clone();
    }
    match (recorded, live) {
        (Value::String(text), Value::String(sent)) => match stood_for(at, text, sent) {
            Some(hidden) => {
                hidden.into_iter().for_each(found);
                recorded.clone()
            }
            None => unshown(live, found),
        },
        (Value::Object(members), Value::Object(sent)) => {
            let names_hide = members.keys().any(|name| name.contains(REDACTED));
            let veiled = sent.iter().map(|(name, sent)| match members.get(name) {
                Some(own) => (name.clone(), veil(&format!("{at}/{name}"), own, sent, found)),
                None if names_hide => {
                    found(name);
                    (UNSHOWN.to_owned(), unshown(sent, found))
                }
                None => (name.clone(), sent.clone()),
            });
            Value::Object(veiled.collect())
        }
        (Value::Array(items), Value::Array(sent)) => {
            let veiled = sent.iter().enumerate().map(|(index, sent)| {
                // What is hidden may have moved along.
                let beside = items.get(index).filter(|own| holds(own));
                let own = items.iter().find(|own| fits(own, sent)).or(beside);
                match own {
                    _ if items.contains(sent) || is_another_parameter(at, items, sent) => sent.clone(),
                    Some(own) => veil(&format!("{at}/{index}"), own, sent, found),
                    None => unshown(sent, found),
                }
            });
            Value::Array(veiled.collect())
        }
        _ => unshown(live, found),
    }
}

fn fits(recorded: &Value, live: &Value) -> bool {
    let texts = recorded.as_str().zip(live.as_str());
    texts.is_some_and(|(recorded, live)| stood_for("", recorded, live).is_some())
}

/// Whether a parameter of a query, `name=value`, is called otherwise than those that are hidden.
fn is_another_parameter(at: &str, items: &[Value], live: &Value) -> bool {
    let name = |item: &Value| item.as_str().and_then(|item| Some(item.split_once('=')?.0.to_owned()));
    let is_query = matches!(part_at(at), Some(Part::Query | Part::RepeatedQuery));
    is_query
        && name(live).is_some_and(|live| {
            items.iter().all(|item| {
                !holds(item) || name(item).is_some_and(|name| name != live && !name.contains(REDACTED))
            })
        })
}

/// The part that a JSON pointer names as a whole.
fn part_at(pointer: &str) -> Option<Part> {
    let (part, inside) = Part::of_place(pointer.strip_prefix('/')?)?;
    inside.is_empty().then_some(part)
}

/// Whether something in a recorded value is hidden.
pub(super) fn holds(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => items.iter().any(holds),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains(REDACTED) || holds(value)),
        _ => false,
    }
}

fn unshown(live: &Value, found: &mut dyn FnMut(&str)) -> Value {
    leaves(live, found);
    Value::String(UNSHOWN.to_owned())
}

fn leaves(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Number(number) => found(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        Value::Null | Value::Bool(_) => {}
    }
}
