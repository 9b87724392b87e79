//! One schema of the document as a node of JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use super::Shapes;
use crate::contract::Side;
use crate::contract::openapi::documents::reference_of;
use crate::contract::openapi::merge::{Merged, single_reference};
use crate::contract::schema::{escaped, note_key};

/// What may stand beside a reference without making a new schema of it.
const BESIDE: &[&str] =
    &["default", "maxLength", "minLength", "maximum", "minimum", "pattern", "enum", "const"];

/// How deep schemas are made of schemas that are made of schemas, before they get names.
const DEEPEST: usize = 16;

impl Shapes<'_> {
    /// The node for a schema of the document.
    pub(in crate::contract::openapi) fn schema(&mut self, source: &Value, at: &str, side: Side) -> Value {
        match source {
            Value::Bool(true) => json!({}),
            Value::Bool(false) => json!({"not": {}}),
            Value::Object(source) => match bare_reference(source) {
                Some(target) => self.reference_node(source, target, at, side),
                None if source.contains_key("allOf") || source.contains_key("$ref") => {
                    self.expanded(source, at, side)
                }
                None => self.merged_node(Merged { node: source.clone(), rest: Vec::new() }, at, side),
            },
            _ => {
                self.notices.warn(at, "this is no schema, and anything is taken there", "write an object");
                json!({})
            }
        }
    }

    /// A schema made of others. One that holds itself gets a name, so that it can refer to itself.
    fn expanded(&mut self, source: &Map<String, Value>, at: &str, side: Side) -> Value {
        let same = |(known, of): &&(Map<String, Value>, Side)| *of == side && known == source;
        if let Some(name) = self.endless.iter().find(|(key, _)| same(&key)).map(|(_, name)| name) {
            return super::reference_to(name);
        }
        if self.expanding.len() > DEEPEST || self.expanding.iter().any(|key| same(&key)) {
            return self.named_later(source, at, side);
        }
        self.expanding.push((source.clone(), side));
        let merged = self.merged(source, at);
        let node = self.merged_node(merged, at, side);
        self.expanding.pop();
        node
    }

    /// A reference, with what stands beside it.
    fn reference_node(&mut self, source: &Map<String, Value>, target: &str, at: &str, side: Side) -> Value {
        if self.documents.at(target).is_none() {
            self.notices.missing(at, target);
            return json!({});
        }
        let mut beside = source.clone();
        for name in ["$ref", "allOf", "type", "nullable", "discriminator"] {
            beside.shift_remove(name);
        }
        let mut node = super::object(self.reference(target, side));
        if source.get("nullable") == Some(&Value::Bool(true)) {
            node = super::object(json!({"anyOf": [node, {"type": "null"}]}));
        }
        node.extend(self.keywords(&beside, at, side));
        Value::Object(node)
    }

    pub(super) fn merged_node(&mut self, merged: Merged, at: &str, side: Side) -> Value {
        let Merged { mut node, rest } = merged;
        let mut converted = match self.choice(&mut node, at, side) {
            Some(choice) => choice,
            None => self.keywords(&node, at, side),
        };
        let rest: Vec<_> = rest.iter().map(|rest| self.condition(rest, at, side)).collect();
        if !rest.is_empty() {
            converted.insert("allOf".into(), rest.into());
        }
        Value::Object(converted)
    }

    /// A schema that is only held to: what it says is never drawn from.
    fn condition(&mut self, source: &Value, at: &str, side: Side) -> Value {
        match source {
            Value::Object(source) => Value::Object(self.keywords(source, at, side)),
            other => self.schema(other, at, side),
        }
    }

    /// The properties of a structure that one side has, and the names of those it must have.
    pub(super) fn properties(
        &mut self,
        source: &Map<String, Value>,
        at: &str,
        side: Side,
    ) -> (Option<Map<String, Value>>, Vec<Value>) {
        let foreign = match side {
            Side::Request => "readOnly",
            Side::Response => "writeOnly",
        };
        let properties = source.get("properties").and_then(Value::as_object);
        let is_foreign = |node: &Value| self.documents.flag(node, foreign);
        let others: Vec<_> = properties.into_iter().flatten().filter(|(_, node)| is_foreign(node)).collect();
        let mut required: Vec<Value> = Vec::new();
        for name in source.get("required").and_then(Value::as_array).into_iter().flatten() {
            let is_other = others.iter().any(|(other, _)| name == other.as_str());
            if name.is_string() && !is_other && !required.contains(name) {
                required.push(name.clone());
            }
        }
        let kept = properties.map(|properties| {
            let own = properties.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
            let node = |(name, source): (&String, &Value)| {
                let at = format!("{at}/properties/{}", escaped(name));
                (name.clone(), self.property(source, &at, side))
            };
            own.map(node).collect()
        });
        (kept, required)
    }

    fn property(&mut self, source: &Value, at: &str, side: Side) -> Value {
        let mut node = self.schema(source, at, side);
        if self.documents.flag(source, "writeOnly")
            && let Some(node) = node.as_object_mut()
        {
            node.insert(note_key("sensitive"), true.into());
        }
        node
    }
}

/// The reference that a schema amounts to.
fn bare_reference(source: &Map<String, Value>) -> Option<&str> {
    if source.contains_key("allOf") {
        return single_reference(source).filter(|_| !source.contains_key("$ref"));
    }
    let target = source.get("$ref")?.as_str()?;
    let is_beside = |name: &String| {
        BESIDE.contains(&name.as_str())
            || name.starts_with("x-")
            || matches!(
                name.as_str(),
                "$ref"
                    | "nullable"
                    | "readOnly"
                    | "writeOnly"
                    | "example"
                    | "examples"
                    | "description"
                    | "title"
                    | "summary"
                    | "deprecated"
                    | "externalDocs"
                    | "xml"
                    | "$comment"
            )
    };
    source.keys().all(is_beside).then_some(target)
}

/// Whether a branch is a reference with nothing that changes it.
pub(super) fn is_reference(branch: &Value) -> bool {
    reference_of(branch).is_some() && branch.as_object().is_some_and(|it| bare_reference(it).is_some())
}
