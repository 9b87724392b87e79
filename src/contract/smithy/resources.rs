//! Resources, their lifecycle as notes.

use serde_json::{Map, Value, json};

use super::ast::{Ast, Reference, Shape, local};
use super::traits::notes;
use crate::contract::ContractError;
use crate::contract::draft::Notes;

/// The resources of a service, through those that hold others, each once.
pub(super) fn resources(ast: &Ast<'_>, service: &Shape) -> Result<Vec<(String, Notes)>, ContractError> {
    let mut found: Vec<(String, Notes)> = Vec::new();
    let mut left: Vec<&Reference> = service.resources.iter().rev().collect();
    while let Some(reference) = left.pop() {
        let name = local(&reference.target);
        if found.iter().any(|(known, _)| known == name) {
            continue;
        }
        let shape = ast.shape(&reference.target)?;
        left.extend(shape.resources.iter().rev());
        found.push((name.to_owned(), resource(shape)));
    }
    Ok(found)
}

fn resource(shape: &Shape) -> Notes {
    let mut said = notes(&shape.traits);
    let identifiers: Vec<_> = shape.identifiers.keys().cloned().collect();
    said.insert("identifiers".into(), identifiers.into());
    let create = shape.create.as_ref().or(shape.put.as_ref());
    let parts = [
        ("create", create),
        ("read", shape.read.as_ref()),
        ("update", shape.update.as_ref()),
        ("delete", shape.delete.as_ref()),
        ("list", shape.list.as_ref()),
    ];
    for (part, reference) in parts {
        if let Some(reference) = reference {
            said.insert(part.into(), local(&reference.target).into());
        }
    }
    if let Some(tagging) = shape.traits.get("aws.api#taggable").and_then(tagging) {
        said.insert("tagging".into(), tagging);
    }
    said
}

fn tagging(taggable: &Value) -> Option<Value> {
    let api = taggable.get("apiConfig")?;
    let mut tagging = Map::new();
    let parts = [
        ("property", taggable.get("property")),
        ("tag", api.get("tagApi")),
        ("untag", api.get("untagApi")),
        ("list", api.get("listTagsApi")),
    ];
    for (part, value) in parts {
        tagging.insert(part.into(), value?.clone());
    }
    Some(json!(tagging))
}
