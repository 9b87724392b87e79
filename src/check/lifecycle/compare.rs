//! Whether two looks at one thing agree.

use serde_json::Value;

use super::life::{Life, Shown, is_own_arn};
use crate::contract::{Contract, Kind, Role, Schema, Side};

/// Where two values differ.
#[derive(Debug)]
pub(super) struct Difference<'v> {
    /// Member names from the thing on, `/encryptionInfo/inCluster`.
    pub(super) place: String,
    pub(super) one: &'v Value,
    /// `None` where it is missing.
    pub(super) other: Option<&'v Value>,
}

/// Which members of a thing are compared.
pub(super) struct Compared<'a> {
    contract: &'a Contract,
    life: &'a Life<'a, 'a>,
    /// Whether what the provider sets by itself is compared too.
    pub(super) extent: Extent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// What a client can set, which nothing but a client changes.
    Settable,
    /// All but the state: nothing is under way between the looks.
    All,
}

impl<'a> Compared<'a> {
    pub(super) fn new(contract: &'a Contract, life: &'a Life<'a, 'a>, extent: Extent) -> Self {
        Self { contract, life, extent }
    }

    /// The first place where both show something, and not the same; and whether there was any
    /// place to compare.
    pub(super) fn disagreement<'v>(
        &self,
        one: &Shown<'v, '_>,
        other: &Shown<'v, '_>,
    ) -> (bool, Option<Difference<'v>>) {
        let mut compared = false;
        for (name, value) in one.value.as_object().into_iter().flatten() {
            let theirs = other.value.get(name);
            let (Some(schema), Some(theirs)) =
                (one.member(name), theirs.filter(|_| self.counts(name, value)))
            else {
                continue;
            };
            compared = true;
            if let Some(found) = differs(schema, (value, theirs), format!("/{name}")) {
                return (compared, Some(found));
            }
        }
        (compared, None)
    }

    /// The first member that was set and is shown with another value, or not at all.
    pub(super) fn lost<'v>(&self, set: &'v Value, shown: &Shown<'v, '_>) -> (bool, Option<Difference<'v>>) {
        let mut compared = false;
        for (name, value) in set.as_object().into_iter().flatten() {
            let Some(schema) = shown.member(name).filter(|_| self.counts(name, value)) else { continue };
            compared = true;
            let theirs = shown.value.get(name);
            if theirs.is_none() && is_required(shown.schema.chosen(shown.value), name) {
                continue;
            }
            if let Some(found) = is_lost(schema, value, theirs, format!("/{name}")) {
                return (compared, Some(found));
            }
        }
        (compared, None)
    }

    /// Names, tags and the state have laws of their own.
    fn counts(&self, name: &str, value: &Value) -> bool {
        let resource = self.life.resource;
        let is_state = resource.states.as_ref().is_some_and(|states| states.member == name);
        let is_tags = resource.tagging.as_ref().is_some_and(|tagging| tagging.property == name);
        let is_name = resource.identifiers.iter().any(|identifier| resource.calls(identifier, name));
        !is_state
            && !is_tags
            && !is_name
            && !is_own_arn(resource, name, value)
            && (self.extent == Extent::All || self.is_settable(name))
    }

    fn is_settable(&self, name: &str) -> bool {
        let resource = self.life.resource;
        let operations = [&resource.create, &resource.update].into_iter().flatten();
        operations.filter_map(|name| self.contract.operation(name)).any(|operation| {
            let input = self.contract.input(operation);
            let payload = operation.payload().and_then(|payload| input.member(payload));
            let body = payload.into_iter().flat_map(|payload| {
                let branches: Vec<_> = payload.branches().collect();
                if branches.is_empty() { vec![payload] } else { branches }
            });
            let own = input.member(name).or_else(|| body.into_iter().find_map(|body| body.member(name)));
            own.is_some_and(|own| own.role(Side::Request) != Role::Volatile)
        })
    }
}

/// What a client set by a call: the members of its input, or of the body that is its payload.
pub(super) fn given<'v>(payload: Option<&str>, input: &'v Value) -> &'v Value {
    payload.and_then(|payload| input.get(payload)).filter(|body| body.is_object()).unwrap_or(input)
}

/// The first place where both have something, and not the same. Lists may have any order.
fn differs<'v>(
    schema: Schema<'_>,
    (one, other): (&'v Value, &'v Value),
    place: String,
) -> Option<Difference<'v>> {
    if !is_compared(schema) || one.is_null() || other.is_null() {
        return None;
    }
    let schema = schema.chosen(one);
    match (one, other) {
        (Value::Object(members), Value::Object(_)) => members.iter().find_map(|(name, value)| {
            let part = schema.member(name).or_else(|| schema.values())?;
            differs(part, (value, other.get(name)?), format!("{place}/{name}"))
        }),
        (Value::Array(ours), Value::Array(theirs)) => {
            let items = schema.items()?;
            let agree =
                |value: &Value, other: &Value| differs(items, (value, other), String::new()).is_none();
            let is_there = |value: &Value| theirs.iter().any(|other| agree(value, other));
            let same = ours.len() == theirs.len() && ours.iter().all(is_there);
            (!same).then_some(Difference { place, one, other: Some(other) })
        }
        _ => (!is_same(one, other)).then_some(Difference { place, one, other: Some(other) }),
    }
}

/// The first place of what was set that does not come back. A provider may write a value in its own
/// way, and leave out what says nothing.
fn is_lost<'v>(
    schema: Schema<'_>,
    set: &'v Value,
    shown: Option<&'v Value>,
    place: String,
) -> Option<Difference<'v>> {
    if !is_compared(schema) || says_nothing(schema, set) {
        return None;
    }
    let Some(shown) = shown.filter(|shown| !shown.is_null()) else {
        return Some(Difference { place, one: set, other: None });
    };
    let schema = schema.chosen(shown);
    match (set, shown) {
        (Value::Object(members), Value::Object(_)) => members.iter().find_map(|(name, value)| {
            let part = schema.member(name).or_else(|| schema.values())?;
            let theirs = shown.get(name);
            if theirs.is_none() && is_required(schema, name) {
                return None;
            }
            is_lost(part, value, theirs, format!("{place}/{name}"))
        }),
        (Value::Array(ours), Value::Array(theirs)) => {
            let items = schema.items()?;
            let comes_back = |value: &Value| {
                theirs.iter().any(|it| is_lost(items, value, Some(it), String::new()).is_none())
            };
            let all = ours.len() == theirs.len() && ours.iter().all(comes_back);
            (!all).then_some(Difference { place, one: set, other: Some(shown) })
        }
        // Another form of the same: nobody can say.
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => None,
        _ => (!is_rewritten(set, shown)).then_some(Difference { place, one: set, other: Some(shown) }),
    }
}

/// Whether a member has to be shown: another law says so.
fn is_required(schema: Schema<'_>, name: &str) -> bool {
    schema.members().any(|member| member.name == name && member.required)
}

/// Secrets are not shown, and instants are written in several ways.
fn is_compared(schema: Schema<'_>) -> bool {
    !matches!(schema.kind(), Kind::Timestamp(_)) && schema.role(Side::Response) != Role::Secret
}

fn says_nothing(schema: Schema<'_>, value: &Value) -> bool {
    let default = schema.note("default").and_then(|default| default.get("value"));
    default == Some(value)
        || match value {
            Value::Null => true,
            Value::Bool(set) => !set,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(elements) => elements.iter().all(|element| says_nothing(schema, element)),
            Value::Object(members) => members.values().all(|member| says_nothing(schema, member)),
        }
}

/// Equal but for case, and for the type that a scalar is written with: types have a law.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other || plain(one).eq_ignore_ascii_case(&plain(other))
}

/// The same, or a text that the other is a part of: `8.0` becomes `8.0.35`, a name an ARN.
fn is_rewritten(set: &Value, shown: &Value) -> bool {
    let (ours, theirs) = (plain(set).to_ascii_lowercase(), plain(shown).to_ascii_lowercase());
    let as_json = |text: &str| serde_json::from_str::<Value>(text).ok();
    ours.contains(&theirs)
        || theirs.contains(&ours)
        || as_json(&ours).is_some_and(|json| Some(json) == as_json(&theirs))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
