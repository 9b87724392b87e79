//! Overlays: what a user adds to a published model, without touching it.

use serde_json::{Map, Value};

use super::paging::node;
use super::words::{at_word, in_overlay};
use super::{Draft, Notes};
use crate::contract::ContractError;
use crate::contract::document::Document;
use crate::contract::places::{Place, Subject};
use crate::contract::schema::{escaped, note_key};

/// An overlay, read but not yet laid over anything.
#[derive(Debug)]
pub struct Overlay {
    document: Document,
}

impl Overlay {
    /// Reads an overlay, in JSON or YAML. `file` names it in errors.
    ///
    /// # Errors
    /// Says where the text is no overlay: a word that is not known or not there, or a value of a
    /// wrong form.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, ContractError> {
        let document = Document::read(file, bytes)?;
        match in_overlay(&document.root).into_iter().next() {
            Some(misfit) => Err(document.error(&misfit.pointer, misfit.problem, misfit.mend)),
            None => Ok(Self { document }),
        }
    }

    /// The contract that it is for, where it names one.
    pub fn contract(&self) -> Option<&str> {
        self.document.root.get("contract")?.as_str()
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
        entries(self.document.root.get(name))
    }

    fn place(&self, pointer: String) -> Place {
        Place { file: self.document.file.clone(), pointer }
    }

    fn unknown(&self, pointer: &str, what: &str, mend: &str) -> ContractError {
        self.document.error(pointer, format!("the contract has no {what}"), mend)
    }
}

/// The entries of a mapping that are mappings themselves.
fn entries(mapping: Option<&Value>) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
    let entries = mapping.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name, value.as_object()?)))
}

impl Draft {
    /// Adds the notes of an overlay. What a mapping says is added to what is there, name by name;
    /// all else takes the place of what is there.
    ///
    /// # Errors
    /// Says which operation, shape or member the contract does not have.
    pub(in crate::contract) fn lay(&mut self, overlay: &Overlay) -> Result<(), ContractError> {
        if let Some(notes) = overlay.document.root.get("service").and_then(Value::as_object) {
            self.lay_on(overlay, &Subject::Service, notes, "/service")?;
        }
        for (section, subject) in [
            ("operations", Subject::Operation as fn(String) -> Subject),
            ("resources", Subject::Resource),
            ("shapes", Subject::Shape),
        ] {
            for (name, notes) in overlay.section(section) {
                let at = format!("/{section}/{}", escaped(name));
                self.lay_on(overlay, &subject(name.clone()), notes, &at)?;
                for (path, notes) in entries(notes.get("members")).filter(|_| section == "shapes") {
                    let at = format!("{at}/members/{}", escaped(path));
                    self.lay_on(overlay, &Subject::Member(name.clone(), path.clone()), notes, &at)?;
                }
            }
        }
        Ok(())
    }

    fn lay_on(
        &mut self,
        overlay: &Overlay,
        subject: &Subject,
        notes: &Notes,
        at: &str,
    ) -> Result<(), ContractError> {
        for (word, value) in notes.iter().filter(|(word, _)| *word != "members") {
            let (target, key) = self.target(overlay, subject, word, at)?;
            lay_word(target, key, value);
            let place = overlay.place(at_word(at, word));
            self.contract.places.overlay(subject.clone(), word, place);
        }
        Ok(())
    }

    /// The notes of a subject, and the name of a word among them.
    fn target(
        &mut self,
        overlay: &Overlay,
        subject: &Subject,
        word: &str,
        at: &str,
    ) -> Result<(&mut Notes, String), ContractError> {
        let notes = match subject {
            Subject::Service => &mut self.service,
            Subject::Operation(name) => {
                if self.contract.operation(name).is_none() {
                    let mend = "name one that `onrecord contract show` lists";
                    return Err(overlay.unknown(at, &format!("operation {name}"), mend));
                }
                self.operations.entry(name.clone()).or_default()
            }
            Subject::Resource(name) => {
                let known = self.resources.iter().position(|(known, _)| known == name);
                let index = known.unwrap_or_else(|| {
                    self.resources.push((name.clone(), Notes::new()));
                    self.resources.len() - 1
                });
                &mut self.resources[index].1
            }
            Subject::Shape(name) => return self.in_schema(overlay, name, "", word, at),
            Subject::Member(name, path) => return self.in_schema(overlay, name, path, word, at),
        };
        Ok((notes, word.to_owned()))
    }

    fn in_schema(
        &mut self,
        overlay: &Overlay,
        shape: &str,
        path: &str,
        word: &str,
        at: &str,
    ) -> Result<(&mut Notes, String), ContractError> {
        let what = match path {
            "" => format!("shape {shape}"),
            path => format!("member {path} in {shape}"),
        };
        let unknown = || {
            let mend = "name one that `onrecord contract show` shows, by its name on the wire";
            overlay.unknown(at, &what, mend)
        };
        let node = node(&mut self.contract.definitions, shape, path).ok_or_else(unknown)?;
        Ok((node, note_key(word)))
    }
}

fn lay_word(notes: &mut Notes, key: String, value: &Value) {
    match (notes.get_mut(&key), value) {
        (Some(Value::Object(known)), Value::Object(added)) => known.extend(added.clone()),
        _ => {
            notes.insert(key, value.clone());
        }
    }
}
