//! What a schema says through references and `allOf`, without converting it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::documents::Documents;

/// How many schemas one schema is made of at most.
const PARTS: usize = 64;

impl Documents {
    /// The schemas that a value satisfies all of: the one behind the references, and those it is made of.
    pub(super) fn parts<'d>(&'d self, node: &'d Value) -> Vec<&'d Map<String, Value>> {
        let mut found: Vec<&Map<String, Value>> = Vec::new();
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            let Some((part, _)) = self.object(node, "") else { continue };
            if found.len() >= PARTS || found.iter().any(|known| std::ptr::eq(*known, part)) {
                continue;
            }
            found.push(part);
            left.extend(part.get("allOf").and_then(Value::as_array).into_iter().flatten().rev());
        }
        found
    }

    /// The property of that name.
    pub(super) fn property<'d>(&'d self, node: &'d Value, name: &str) -> Option<&'d Value> {
        self.parts(node).into_iter().find_map(|part| part.get("properties")?.get(name))
    }

    /// The names of the properties that a value must have.
    pub(super) fn required<'d>(&'d self, node: &'d Value) -> BTreeSet<&'d str> {
        let lists = self.parts(node).into_iter().filter_map(|part| part.get("required")?.as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// The values that a schema lists, if it does.
    pub(super) fn values<'d>(&'d self, node: &'d Value) -> Option<Vec<&'d Value>> {
        let listed = |part: &'d Map<String, Value>| match (part.get("const"), part.get("enum")) {
            (Some(value), _) => Some(vec![value]),
            (None, Some(values)) => Some(values.as_array()?.iter().collect()),
            (None, None) => None,
        };
        self.parts(node).into_iter().find_map(listed)
    }

    /// Whether a schema or one that it is made of carries a flag.
    pub(super) fn flag(&self, node: &Value, name: &str) -> bool {
        self.parts(node).into_iter().any(|part| part.get(name) == Some(&Value::Bool(true)))
    }

    /// The JSON types that a schema allows; empty: any.
    pub(super) fn types<'d>(&'d self, node: &'d Value) -> Vec<&'d str> {
        let types = |part: &'d Map<String, Value>| match part.get("type") {
            Some(Value::String(one)) => Some(vec![one.as_str()]),
            Some(Value::Array(several)) => Some(several.iter().filter_map(Value::as_str).collect()),
            _ if part.contains_key("properties") => Some(vec!["object"]),
            _ => None,
        };
        self.parts(node).into_iter().find_map(types).unwrap_or_default()
    }

    /// Whether no value satisfies both schemas, as far as types, listed values and closed structures
    /// tell.
    pub(super) fn apart(&self, one: &Value, other: &Value) -> bool {
        let (types, others) = (self.types(one), self.types(other));
        let shared = |kind: &&str| others.iter().any(|other| kinds_meet(kind, other));
        if !types.is_empty() && !others.is_empty() && !types.iter().any(shared) {
            return true;
        }
        self.differ(one, other)
            || self.required(one).intersection(&self.required(other)).any(|name| {
                let properties = (self.property(one, name), self.property(other, name));
                matches!(properties, (Some(one), Some(other)) if self.differ(one, other))
            })
            || self.shuts_out(one, other)
            || self.shuts_out(other, one)
    }

    fn differ(&self, one: &Value, other: &Value) -> bool {
        let (Some(values), Some(others)) = (self.values(one), self.values(other)) else { return false };
        !values.iter().any(|value| others.contains(value))
    }

    /// Whether one schema is closed, and the other requires what it does not have.
    fn shuts_out(&self, one: &Value, other: &Value) -> bool {
        let parts = self.parts(one);
        let [closed] = parts.as_slice() else { return false };
        closed.get("additionalProperties") == Some(&Value::Bool(false))
            && !closed.contains_key("patternProperties")
            && self.required(other).into_iter().any(|name| self.property(one, name).is_none())
    }
}

fn kinds_meet(one: &str, other: &str) -> bool {
    one == other || matches!((one, other), ("integer", "number") | ("number", "integer"))
}
