//! Overlays: what a user adds to a published model, without touching it.

use serde_json::{Map, Value};

use super::paging::node;
use super::{Draft, Notes, WORDS};
use crate::contract::schema::{escaped, note_key};

/// The words that a resource's notes may have beside the vocabulary.
const LIFECYCLE: &[&str] = &["identifiers", "create", "read", "update", "delete", "list", "tagging"];

/// An overlay, read but not yet laid over anything.
#[derive(Debug, Clone)]
pub struct Overlay {
    root: Value,
}

/// What keeps an overlay from being laid over a model.
pub(in crate::contract) struct Misfit {
    /// Where it stands in the overlay.
    pub(in crate::contract) pointer: String,
    pub(in crate::contract) problem: String,
    pub(in crate::contract) mend: String,
}

impl Misfit {
    fn new(pointer: String, problem: String, mend: &str) -> Self {
        Self { pointer, problem, mend: mend.to_owned() }
    }
}

impl Overlay {
    /// An overlay with this content.
    pub(in crate::contract) fn new(root: Value) -> Self {
        Self { root }
    }
}

impl Draft {
    /// Adds the notes of an overlay. A note that is there already is replaced.
    pub(in crate::contract) fn lay(&mut self, overlay: &Overlay) -> Result<(), Misfit> {
        for (section, content) in object(&overlay.root, "")? {
            let at = format!("/{}", escaped(section));
            match section.as_str() {
                "onrecord" | "contract" => {}
                "service" => self.service.extend(words(content, &at, &[])?),
                "operations" => self.lay_operations(content, &at)?,
                "resources" => self.lay_resources(content, &at)?,
                "shapes" => self.lay_shapes(content, &at)?,
                other => {
                    let problem = format!("an overlay has no section {other}");
                    return Err(Misfit::new(at, problem, "use service, operations, resources or shapes"));
                }
            }
        }
        Ok(())
    }

    fn lay_operations(&mut self, content: &Value, at: &str) -> Result<(), Misfit> {
        for (name, notes) in object(content, at)? {
            let at = format!("{at}/{}", escaped(name));
            if self.contract.operation(name).is_none() {
                let problem = format!("the contract has no operation {name}");
                return Err(Misfit::new(at, problem, "name one that `onrecord contract show` lists"));
            }
            self.operations.entry(name.clone()).or_default().extend(words(notes, &at, &[])?);
        }
        Ok(())
    }

    fn lay_resources(&mut self, content: &Value, at: &str) -> Result<(), Misfit> {
        for (name, notes) in object(content, at)? {
            let added = words(notes, &format!("{at}/{}", escaped(name)), LIFECYCLE)?;
            match self.resources.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.extend(added),
                None => self.resources.push((name.clone(), added)),
            }
        }
        Ok(())
    }

    fn lay_shapes(&mut self, content: &Value, at: &str) -> Result<(), Misfit> {
        for (name, notes) in object(content, at)? {
            let at = format!("{at}/{}", escaped(name));
            let mut own = object(notes, &at)?.clone();
            let members = own.shift_remove("members");
            self.lay_on(name, "", words(&Value::Object(own), &at, &[])?, &at)?;
            let at = format!("{at}/members");
            for (path, notes) in
                members.as_ref().map(|members| object(members, &at)).transpose()?.into_iter().flatten()
            {
                let at = format!("{at}/{}", escaped(path));
                self.lay_on(name, path, words(notes, &at, &[])?, &at)?;
            }
        }
        Ok(())
    }

    fn lay_on(&mut self, shape: &str, path: &str, notes: Notes, at: &str) -> Result<(), Misfit> {
        let Some(node) = node(&mut self.contract.definitions, shape, path) else {
            let place = if path.is_empty() { shape.to_owned() } else { format!("{shape}.{path}") };
            let problem = format!("the contract has no shape or member {place}");
            let mend = "name one that `onrecord contract show` lists, by its name on the wire";
            return Err(Misfit::new(at.to_owned(), problem, mend));
        };
        node.extend(notes.into_iter().map(|(name, value)| (note_key(&name), value)));
        Ok(())
    }
}

fn object<'v>(value: &'v Value, at: &str) -> Result<&'v Map<String, Value>, Misfit> {
    value.as_object().ok_or_else(|| {
        Misfit::new(at.to_owned(), "this is not a mapping".to_owned(), "write names and values")
    })
}

/// The notes at a place, each of them a word that we know.
fn words(value: &Value, at: &str, more: &[&str]) -> Result<Notes, Misfit> {
    let notes = object(value, at)?;
    match notes.keys().find(|name| !WORDS.contains(&name.as_str()) && !more.contains(&name.as_str())) {
        None => Ok(notes.clone()),
        Some(unknown) => Err(Misfit::new(
            format!("{at}/{}", escaped(unknown)),
            format!("the word {unknown} is not in the vocabulary"),
            "see docs/contracts.md for the words",
        )),
    }
}
