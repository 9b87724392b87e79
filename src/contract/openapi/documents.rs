//! A document with all the files that it refers to, and where its references lead.
//!
//! When a file is read, its references are written anew as *absolute* ones: the number of the file, a
//! `#`, and a JSON pointer, `0#/components/schemas/Cluster`. So a node can be moved, and two
//! references to one place are equal.

mod absolute;

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::contract::ContractError;
use crate::contract::document::Document;
use absolute::Rewriting;
pub(super) use absolute::{NAME_MAPS, PLAIN};

/// How long a chain of references may be.
const CHAIN: usize = 32;

/// Reads another file: the path as the document has it, relative to the document's folder.
pub(in crate::contract) type Files<'f> = &'f dyn Fn(&str) -> Result<Vec<u8>, String>;

pub(super) struct Documents {
    /// The first one is the document itself.
    files: Vec<File>,
    /// Where an `$id` or an `$anchor` stands, as an absolute reference.
    names: HashMap<String, String>,
}

struct File {
    name: String,
    root: Value,
}

impl Documents {
    /// Reads every file that the document refers to, through others too, each once.
    pub(super) fn read(name: &str, root: Value, files: Files<'_>) -> Result<Self, ContractError> {
        let mut documents = Self { files: vec![File { name: name.to_owned(), root }], names: HashMap::new() };
        // The path of each file, as others refer to it.
        let mut paths = vec![name.rsplit('/').next().unwrap_or_default().to_owned()];
        let mut index = 0;
        while index < documents.files.len() {
            let root = std::mem::take(&mut documents.files[index].root);
            let mut rewriting = Rewriting::new(index, &mut paths, &mut documents.names);
            let root = rewriting.rewritten(root);
            documents.files[index].root = root;
            while documents.files.len() < paths.len() {
                let file = documents.other(&paths[documents.files.len()], index, files)?;
                documents.files.push(file);
            }
            index += 1;
        }
        Ok(documents)
    }

    fn other(&self, path: &str, from: usize, files: Files<'_>) -> Result<File, ContractError> {
        let bytes = files(path).map_err(|why| ContractError {
            file: self.files[from].name.clone(),
            line: None,
            column: None,
            pointer: None,
            problem: format!("it refers to {path}, which cannot be read: {why}"),
            mend: "put the file beside the document, or bundle both into one".to_owned(),
        })?;
        let root = Document::read(path, &bytes)?.root;
        Ok(File { name: path.to_owned(), root })
    }

    /// The document itself.
    pub(super) fn root(&self) -> &Value {
        &self.files[0].root
    }

    /// Every file's content with the absolute reference of its root.
    pub(super) fn roots(&self) -> impl Iterator<Item = (String, &Value)> {
        self.files.iter().enumerate().map(|(index, file)| (format!("{index}#"), &file.root))
    }

    /// Puts another content in the place of the document's.
    pub(super) fn replace_root(&mut self, root: Value) {
        self.files[0].root = root;
    }

    /// Where an absolute reference leads.
    pub(super) fn at(&self, reference: &str) -> Option<&Value> {
        self.find(reference, CHAIN)
    }

    fn find(&self, reference: &str, left: usize) -> Option<&Value> {
        if let Some(known) = self.names.get(reference).filter(|_| left > 0) {
            return self.find(known, left - 1);
        }
        let (file, pointer) = reference.split_once('#')?;
        let mut node = match file.parse::<usize>() {
            Ok(index) => &self.files.get(index)?.root,
            // The `$id` of a schema, with a pointer into it.
            Err(_) if left > 0 && !pointer.is_empty() => self.find(file, left - 1)?,
            Err(_) => return None,
        };
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return None;
        }
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            node = match child(node, &step) {
                Some(inside) => inside,
                // A pointer may lead through references.
                None => child(self.find(reference_of(node)?, left.checked_sub(1)?)?, &step)?,
            };
        }
        Some(node)
    }

    /// The node behind the references that a node is, with its own place. `None`: it leads nowhere.
    pub(super) fn follow<'d>(&'d self, node: &'d Value, at: &str) -> Option<(&'d Value, String)> {
        let (mut node, mut at) = (node, at.to_owned());
        for _ in 0..CHAIN {
            let Some(reference) = reference_of(node) else { return Some((node, at)) };
            at = reference.to_owned();
            node = self.at(reference)?;
        }
        None
    }

    /// As [`Documents::follow`], for a node that is an object.
    pub(super) fn object<'d>(
        &'d self,
        node: &'d Value,
        at: &str,
    ) -> Option<(&'d Map<String, Value>, String)> {
        let (node, at) = self.follow(node, at)?;
        Some((node.as_object()?, at))
    }

    /// The name of the file and the JSON pointer of an absolute reference.
    pub(super) fn place<'r>(&self, at: &'r str) -> (&str, &'r str) {
        let (file, pointer) = at.split_once('#').unwrap_or(("0", at));
        let file = file.parse().ok().and_then(|index: usize| self.files.get(index));
        (file.map_or(&self.files[0].name, |file| &file.name), pointer)
    }
}

/// The absolute reference that a node is.
pub(super) fn reference_of(node: &Value) -> Option<&str> {
    node.get("$ref")?.as_str()
}

fn child<'v>(node: &'v Value, step: &str) -> Option<&'v Value> {
    match node {
        Value::Array(elements) => elements.get(step.parse::<usize>().ok()?),
        node => node.get(step),
    }
}
