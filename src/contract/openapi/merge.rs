//! `allOf` as one schema, as far as that can be said without it.

use serde_json::{Map, Value, json};

use super::documents::{Documents, reference_of};

/// How deep schemas are made of schemas.
const DEPTH: usize = 32;

/// The largest of both lower bounds holds, and the smallest of both upper ones.
const LOWER: &[&str] =
    &["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"];
const UPPER: &[&str] =
    &["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"];

/// Keywords that mean something together only.
const CONDITION: &[&str] = &["if", "then", "else"];

/// One schema made of several.
pub(super) struct Merged {
    pub(super) node: Map<String, Value>,
    /// What could not be put into it, and holds besides.
    pub(super) rest: Vec<Value>,
}

/// A schema that holds itself has no end.
pub(super) struct Endless;

/// A schema with all that its `allOf` and its references say.
///
/// # Errors
/// Where a schema is made of itself.
pub(super) fn merged(documents: &Documents, source: &Map<String, Value>) -> Result<Merged, Endless> {
    Merging { documents, depth: 0 }.schema(source)
}

struct Merging<'d> {
    documents: &'d Documents,
    depth: usize,
}

impl Merging<'_> {
    fn schema(&mut self, source: &Map<String, Value>) -> Result<Merged, Endless> {
        if self.depth >= DEPTH {
            return Err(Endless);
        }
        self.depth += 1;
        let merged = self.own(source);
        self.depth -= 1;
        merged
    }

    fn own(&mut self, source: &Map<String, Value>) -> Result<Merged, Endless> {
        let mut node = source.clone();
        let reference = node.shift_remove("$ref");
        let parts = match node.shift_remove("allOf") {
            Some(Value::Array(parts)) => parts,
            _ => Vec::new(),
        };
        let mut merged = Merged { node, rest: Vec::new() };
        let mut takes_null = Vec::new();
        let behind = reference.as_ref().and_then(Value::as_str).and_then(|target| self.documents.at(target));
        for part in behind.into_iter().chain(&parts) {
            let Some(part) = part.as_object() else {
                merged.rest.extend((*part == Value::Bool(false)).then(|| part.clone()));
                continue;
            };
            let mut part = self.schema(part)?;
            part.node.shift_remove("discriminator");
            takes_null.push(part.node.shift_remove("nullable") == Some(Value::Bool(true)));
            merged.rest.append(&mut part.rest);
            combine(&mut merged, part.node);
        }
        if !takes_null.is_empty() && takes_null.iter().all(|takes| *takes) {
            merged.node.entry("nullable").or_insert(Value::Bool(true));
        }
        Ok(merged)
    }
}

/// Adds what another schema says.
fn combine(merged: &mut Merged, mut other: Map<String, Value>) {
    close(&mut merged.node, &mut other);
    let condition: Map<_, _> =
        CONDITION.iter().filter_map(|name| Some(((*name).to_owned(), other.shift_remove(*name)?))).collect();
    if CONDITION.iter().any(|name| merged.node.contains_key(*name)) {
        merged.rest.extend((!condition.is_empty()).then_some(Value::Object(condition)));
    } else {
        merged.node.extend(condition);
    }
    for (name, theirs) in other {
        let Some(ours) = merged.node.get(&name).filter(|ours| **ours != theirs) else {
            merged.node.insert(name, theirs);
            continue;
        };
        match both(&name, ours, &theirs) {
            Both::Is(value) => {
                merged.node.insert(name, value);
            }
            Both::Ours => {}
            Both::Apart => merged.rest.push(json!({ name: theirs })),
        }
    }
}

/// What two values of one keyword are together.
enum Both {
    Is(Value),
    /// The first one: it is nearer to where the value stands.
    Ours,
    /// Nothing that one keyword could say.
    Apart,
}

fn both(name: &str, ours: &Value, theirs: &Value) -> Both {
    match (name, ours, theirs) {
        ("properties" | "patternProperties" | "$defs", Value::Object(ours), Value::Object(theirs)) => {
            Both::Is(Value::Object(all_properties(ours, theirs)))
        }
        ("required", Value::Array(ours), Value::Array(theirs)) => {
            let new = theirs.iter().filter(|name| !ours.contains(name));
            Both::Is(ours.iter().chain(new).cloned().collect())
        }
        ("type", ours, theirs) => types(ours, theirs).map_or(Both::Ours, Both::Is),
        ("enum", Value::Array(ours), Value::Array(theirs)) => {
            Both::Is(ours.iter().filter(|value| theirs.contains(value)).cloned().collect())
        }
        (
            "items" | "additionalProperties" | "propertyNames" | "contains",
            Value::Object(_),
            Value::Object(_),
        ) => Both::Is(json!({"allOf": [ours, theirs]})),
        ("readOnly" | "writeOnly" | "uniqueItems", ..) => Both::Is(Value::Bool(true)),
        ("x-onrecord-rules" | "x-onrecord-constraints", Value::Array(ours), Value::Array(theirs)) => {
            Both::Is(ours.iter().chain(theirs).cloned().collect())
        }
        _ if LOWER.contains(&name) => bound(ours, theirs, f64::max),
        _ if UPPER.contains(&name) => bound(ours, theirs, f64::min),
        ("pattern" | "oneOf" | "anyOf" | "not" | "multipleOf" | "const" | "dependentRequired", ..) => {
            Both::Apart
        }
        _ => Both::Ours,
    }
}

fn all_properties(ours: &Map<String, Value>, theirs: &Map<String, Value>) -> Map<String, Value> {
    let mut all = ours.clone();
    for (name, theirs) in theirs {
        let value = match all.get(name) {
            Some(ours) if ours != theirs => json!({"allOf": [ours, theirs]}),
            _ => theirs.clone(),
        };
        all.insert(name.clone(), value);
    }
    all
}

/// The types that both allow; `None`: none, and the document contradicts itself.
fn types(ours: &Value, theirs: &Value) -> Option<Value> {
    let list = |value: &Value| match value {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    let (ours, theirs) = (list(ours), list(theirs));
    let narrower = |kind: &Value| match kind.as_str() {
        _ if theirs.contains(kind) => Some(kind.clone()),
        Some("number") => theirs.iter().find(|kind| *kind == "integer").cloned(),
        Some("integer") if theirs.iter().any(|kind| kind == "number") => Some(kind.clone()),
        _ => None,
    };
    let mut shared: Vec<_> = ours.iter().filter_map(narrower).collect();
    match shared.len() {
        0 => None,
        1 => shared.pop(),
        _ => Some(Value::Array(shared)),
    }
}

fn bound(ours: &Value, theirs: &Value, choose: fn(f64, f64) -> f64) -> Both {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(one), Some(other)) if choose(one, other) == other => Both::Is(theirs.clone()),
        _ => Both::Ours,
    }
}

/// Closed structures are closed together only: by the letter, each would shut out the other's
/// members, and nobody means that.
fn close(ours: &mut Map<String, Value>, theirs: &mut Map<String, Value>) {
    for name in ["additionalProperties", "unevaluatedProperties"] {
        let shut = |node: &Map<String, Value>| node.get(name) == Some(&Value::Bool(false));
        let (mine, other) = (shut(ours), shut(theirs));
        if mine && !other && theirs.contains_key("properties") && name == "additionalProperties" {
            ours.shift_remove(name);
        }
        if other && !mine && ours.contains_key("properties") {
            theirs.shift_remove(name);
        }
    }
}

/// The reference that an `allOf` of one part amounts to, if the node says nothing else that a
/// reference could not have beside it.
pub(super) fn single_reference(source: &Map<String, Value>) -> Option<&str> {
    let [part] = source.get("allOf")?.as_array()?.as_slice() else { return None };
    let reference = reference_of(part).filter(|_| part.as_object().is_some_and(|part| part.len() == 1))?;
    let is_beside = |name: &String| {
        matches!(
            name.as_str(),
            "allOf"
                | "type"
                | "nullable"
                | "readOnly"
                | "writeOnly"
                | "default"
                | "example"
                | "examples"
                | "description"
                | "title"
                | "deprecated"
                | "externalDocs"
                | "xml"
        ) || name.starts_with("x-")
    };
    source.keys().all(is_beside).then_some(reference)
}
