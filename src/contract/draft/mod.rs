//! What a loader makes of a model, before our own vocabulary in it is read.
//!
//! Both loaders hand over the same: shapes as JSON Schema with notes beside them, and the notes of
//! the service, of operations and of resources. Overlays add to the notes, and then the notes are
//! read in one place, so that a word means the same in Smithy, in OpenAPI and in an overlay.

mod facts;
mod hosts;
mod lifecycle;
mod overlay;
mod paging;
mod safety;
#[cfg(test)]
mod tests;
mod vetting;
mod waits;
mod words;

pub use overlay::Overlay;
pub(super) use words::WORDS;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::model::{Contract, Source, Warning};
use super::pattern::Patterns;
use super::places::Subject;
use super::schema::note_key;

/// Notes by name, without prefix: `pageSize`.
pub(super) type Notes = Map<String, Value>;

/// A contract whose notes have not been read yet.
pub(super) struct Draft {
    /// Everything that the model's own language says.
    pub(super) contract: Contract,
    /// The notes of the service.
    pub(super) service: Notes,
    /// The notes of each operation, by its name.
    pub(super) operations: HashMap<String, Notes>,
    /// The notes of each resource, its lifecycle among them.
    pub(super) resources: Vec<(String, Notes)>,
}

impl Draft {
    /// Reads the notes.
    pub(super) fn finish(mut self) -> Contract {
        self.read_patterns();
        let misfits = self.misfits();
        self.contract.warnings.extend(misfits);
        let pages = Pages(self.service.get("pages").cloned());
        let contract = &mut self.contract;
        contract.resolutions = list(self.service.get("resolutions"));
        if let Some(stated) = self.service.get("commonErrors") {
            contract.common_errors = facts::common_errors(stated);
        }
        hosts::add_stated(contract, self.service.get("hosts"));
        contract.resources =
            self.resources.iter().map(|(name, notes)| lifecycle::resource(name, notes)).collect();
        contract.rules = facts::rules(&contract.definitions, &pages);
        let empty = Notes::new();
        for index in 0..contract.operations.len() {
            let notes = self.operations.get(&contract.operations[index].name).unwrap_or(&empty);
            let mut operation = contract.operations[index].clone();
            operation.source = pages.source(notes.get("source"));
            paging::add_fields(contract, &mut operation, notes);
            operation.pagination = paging::pagination(contract, &operation, notes, &pages);
            operation.constraints = facts::constraints(contract, &operation, &pages);
            operation.rules = facts::input_rules(contract, &operation);
            operation.filters = facts::filters(contract, &operation, &pages);
            operation.safety = safety::safety(contract, &operation, notes);
            for error in &mut operation.errors {
                let source = contract.shape(&error.shape).note("source");
                error.source = pages.source(source);
            }
            contract.operations[index] = operation;
        }
        paging::mark_cursors(contract);
        lifecycle::mark_wrappers(contract);
        waits::add(contract);
        self.contract
    }
}

impl Draft {
    /// Makes every pattern one that the validator and the generator read.
    fn read_patterns(&mut self) {
        let contract = &mut self.contract;
        let mut patterns = Patterns::default();
        contract.definitions.iter_mut().for_each(|(name, schema)| patterns.translate(name, schema));
        for unreadable in patterns.unreadable {
            let place = contract.places.of(&Subject::Shape(unreadable.definition), None);
            contract.warnings.push(Warning {
                file: place.file,
                pointer: place.pointer,
                problem: format!("the pattern {} cannot be read, and is not held to", unreadable.pattern),
                mend: "write it without what only some engines know".to_owned(),
            });
        }
    }
}

/// The pages that sources refer to by key.
pub(super) struct Pages(Option<Value>);

impl Pages {
    /// The source that a note or an entry's member gives.
    fn source(&self, source: Option<&Value>) -> Option<Source> {
        let source = source?;
        let page = self.0.as_ref()?.get(source.get("page")?.as_str()?)?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Source {
            title: text(page.get("title")),
            url: text(page.get("url")),
            section: text(source.get("section")),
        })
    }
}

/// A path of member names where a structure may keep its content in one member, its payload: a
/// path whose first step is not known outside is one inside.
fn resolved(contract: &Contract, shape: &str, payload: Option<&str>, path: &str) -> String {
    let first = path.split('.').next().unwrap_or_default();
    match payload {
        Some(payload) if contract.shape(shape).member(first).is_none() => format!("{payload}.{path}"),
        _ => path.to_owned(),
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text(notes: &Notes, name: &str) -> Option<String> {
    notes.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A note on a schema node that is nothing but JSON.
fn note<'n>(node: &'n Value, name: &str) -> Option<&'n Value> {
    node.get(note_key(name))
}
