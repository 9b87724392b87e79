//! Whether a model says our words as the vocabulary has them.

use serde_json::Value;

use super::words::{Misfit, Stand, in_notes};
use super::{Draft, Notes};
use crate::contract::model::Warning;
use crate::contract::places::Subject;
use crate::contract::schema::note_key;

/// How deep schemas in schemas are looked into.
const DEPTH: usize = 16;

impl Draft {
    /// Words whose values cannot be read, and so have no effect.
    pub(super) fn misfits(&self) -> Vec<Warning> {
        let mut found = Vec::new();
        self.vet(&Subject::Service, Stand::Service, &self.service, &mut found);
        for operation in &self.contract.operations {
            if let Some(notes) = self.operations.get(&operation.name) {
                self.vet(&Subject::Operation(operation.name.clone()), Stand::Operation, notes, &mut found);
            }
        }
        for (name, notes) in &self.resources {
            self.vet(&Subject::Resource(name.clone()), Stand::Resource, notes, &mut found);
        }
        for (name, node) in &self.contract.definitions {
            self.vet(&Subject::Shape(name.clone()), Stand::Shape, &notes(node), &mut found);
            self.vet_inside(name, "", node, DEPTH, &mut found);
        }
        found
    }

    fn vet_inside(&self, shape: &str, path: &str, node: &Value, depth: usize, found: &mut Vec<Warning>) {
        let members = node.get("properties").and_then(Value::as_object);
        let members = members.into_iter().flatten().map(|(name, node)| (name.as_str(), node));
        let elements =
            ["items", "additionalProperties"].into_iter().filter_map(|it| Some(("*", node.get(it)?)));
        for (step, part) in members.chain(elements).filter(|_| depth > 0) {
            let path = if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
            let notes = notes(part);
            if !notes.is_empty() {
                self.vet(&Subject::Member(shape.to_owned(), path.clone()), Stand::Member, &notes, found);
            }
            self.vet_inside(shape, &path, part, depth - 1, found);
        }
    }

    fn vet(&self, subject: &Subject, stand: Stand, notes: &Notes, found: &mut Vec<Warning>) {
        found.extend(in_notes(stand, notes).into_iter().map(|Misfit { pointer, problem, mend }| {
            let (word, inside) = match pointer[1..].split_once('/') {
                Some((word, inside)) => (word, format!("/{inside}")),
                None => (&pointer[1..], String::new()),
            };
            let place = self.contract.places.of(subject, Some(word));
            Warning {
                file: place.file,
                pointer: place.pointer + &inside,
                problem: format!("{word}: {problem}"),
                mend,
            }
        }));
    }
}

/// The notes on a schema node.
fn notes(node: &Value) -> Notes {
    let prefix = note_key("");
    let note =
        |(name, value): (&String, &Value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.clone()));
    node.as_object().into_iter().flatten().filter_map(note).collect()
}
