//! `oneOf` and `anyOf`.

use serde_json::{Map, Value, json};

use super::Shapes;
use super::node::is_reference;
use crate::contract::Side;
use crate::contract::openapi::survey::is_null;

/// How many branches are completed with what stands beside the choice.
const COMPLETED: usize = 24;

/// What a structure beside a choice says, which each branch then says itself.
const STRUCTURE: &[&str] = &[
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "minProperties",
    "maxProperties",
];

impl Shapes<'_> {
    /// The node for a schema with a choice. `None`: there is none, or it is held to only.
    pub(super) fn choice(
        &mut self,
        source: &mut Map<String, Value>,
        at: &str,
        side: Side,
    ) -> Option<Map<String, Value>> {
        let keyword = ["oneOf", "anyOf"]
            .into_iter()
            .find(|keyword| source.get(*keyword).is_some_and(Value::is_array))?;
        let branches: Vec<Value> = source[keyword].as_array()?.clone();
        let structure: Map<_, _> = STRUCTURE
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), source.get(*name)?.clone())))
            .collect();
        if !structure.is_empty() && branches.len() > COMPLETED {
            return None;
        }
        source.shift_remove(keyword);
        let takes_null =
            source.shift_remove("nullable") == Some(Value::Bool(true)) || branches.iter().any(is_null);
        let mut branches: Vec<_> = branches.into_iter().filter(|branch| !is_null(branch)).collect();
        let node = match branches.len() {
            0 if !takes_null => self.keywords(source, at, side),
            0 => super::object(json!({"type": "null"})),
            1 => return Some(self.only(branches.swap_remove(0), source, takes_null, at, side)),
            _ => {
                if !structure.is_empty() {
                    source.retain(|name, _| !STRUCTURE.contains(&name.as_str()));
                    branches =
                        branches.into_iter().map(|branch| json!({"allOf": [structure, branch]})).collect();
                }
                self.branches(keyword, &branches, source, at, side)
            }
        };
        Some(if takes_null { or_null(node) } else { node })
    }

    /// A choice of one is none.
    fn only(
        &mut self,
        branch: Value,
        beside: &Map<String, Value>,
        takes_null: bool,
        at: &str,
        side: Side,
    ) -> Map<String, Value> {
        let mut beside = beside.clone();
        beside.shift_remove("discriminator");
        beside.insert("allOf".into(), json!([branch]));
        if takes_null {
            beside.insert("nullable".into(), true.into());
            if let Some(Value::Array(kinds)) = beside.get_mut("type") {
                kinds.retain(|kind| kind != "null");
            }
        }
        super::object(self.schema(&Value::Object(beside), at, side))
    }

    fn branches(
        &mut self,
        keyword: &str,
        branches: &[Value],
        beside: &Map<String, Value>,
        at: &str,
        side: Side,
    ) -> Map<String, Value> {
        let mut node = self.keywords(beside, at, side);
        let branch = |(index, branch): (usize, &Value)| {
            let at = format!("{at}/{keyword}/{index}");
            match is_reference(branch) {
                true => self.schema(branch, &at, side),
                false => inherit_type(self.schema(branch, &at, side), beside),
            }
        };
        let converted: Vec<_> = branches.iter().enumerate().map(branch).collect();
        let keyword = if self.survey.decided.contains(at) { keyword } else { "anyOf" };
        node.insert(keyword.to_owned(), converted.into());
        node
    }
}

/// A branch that names no type has that of the choice.
fn inherit_type(mut branch: Value, beside: &Map<String, Value>) -> Value {
    if let (Some(node), Some(kind)) = (branch.as_object_mut(), beside.get("type"))
        && ["$ref", "type", "oneOf", "anyOf"].iter().all(|name| !node.contains_key(*name))
    {
        node.insert("type".into(), kind.clone());
    }
    branch
}

/// A choice that may be null as well, with what is noted of it outside.
fn or_null(mut node: Map<String, Value>) -> Map<String, Value> {
    let mut outer = Map::new();
    for name in node.keys().filter(|name| name.starts_with("x-")).cloned().collect::<Vec<_>>() {
        if let Some(note) = node.shift_remove(&name) {
            outer.insert(name, note);
        }
    }
    if node.get("type").is_some_and(|kind| kind == "null") && node.len() == 1 {
        outer.extend(node);
    } else {
        outer.insert("anyOf".into(), json!([node, {"type": "null"}]));
    }
    outer
}
