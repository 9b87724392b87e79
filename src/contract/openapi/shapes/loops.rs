//! Definitions that lead to themselves without going into the value: no validator comes to an end.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::contract::openapi::notices::Notices;

/// Keywords whose schemas are for the value itself.
const SAME_VALUE: &[&str] = &["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];

/// Opens every such loop at the definition that is found first.
pub(super) fn cut(definitions: &mut Map<String, Value>, notices: &mut Notices) {
    let mut done = HashSet::new();
    let names: Vec<String> = definitions.keys().cloned().collect();
    for name in names {
        while let Some(looping) = find(definitions, &name, &mut done) {
            let problem = format!("the schema {looping} leads to itself, and anything is taken there");
            notices.warn("0#/components/schemas", problem, "take the reference to itself out");
            definitions.insert(looping, json!({}));
            done.clear();
        }
    }
}

/// A definition on a loop that can be reached from here.
fn find(definitions: &Map<String, Value>, start: &str, done: &mut HashSet<String>) -> Option<String> {
    // Each step of the way, with what it still leads to.
    let mut way = vec![(start.to_owned(), next(definitions, start))];
    while let Some((name, left)) = way.last_mut() {
        match left.pop() {
            None => {
                done.insert(std::mem::take(name));
                way.pop();
            }
            Some(target) if done.contains(&target) => {}
            Some(target) if way.iter().any(|(name, _)| *name == target) => return Some(target),
            Some(target) => {
                let left = next(definitions, &target);
                way.push((target, left));
            }
        }
    }
    None
}

fn next(definitions: &Map<String, Value>, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(node) = definitions.get(name) {
        collect(node, &mut found);
    }
    found
}

fn collect(node: &Value, found: &mut Vec<String>) {
    let target = node.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix("#/$defs/"));
    found.extend(target.map(str::to_owned));
    for keyword in SAME_VALUE {
        match node.get(*keyword) {
            Some(Value::Array(several)) => several.iter().for_each(|node| collect(node, found)),
            Some(one) => collect(one, found),
            None => {}
        }
    }
}
