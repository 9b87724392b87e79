//! References of one file, written anew as absolute ones.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::contract::schema::escaped;
use crate::encoding::percent_decode;

/// Members whose own members are names that the author chose.
pub(in crate::contract::openapi) const NAME_MAPS: &[&str] = &[
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securityDefinitions",
    "securitySchemes",
    "webhooks",
];

/// Members that hold plain values, in which a `$ref` refers to nothing.
pub(in crate::contract::openapi) const PLAIN: &[&str] = &["const", "default", "enum", "example", "value"];

/// Where references are rewritten.
pub(super) struct Rewriting<'r> {
    file: usize,
    paths: &'r mut Vec<String>,
    names: &'r mut HashMap<String, String>,
    pointer: String,
}

impl<'r> Rewriting<'r> {
    pub(super) fn new(
        file: usize,
        paths: &'r mut Vec<String>,
        names: &'r mut HashMap<String, String>,
    ) -> Self {
        Self { file, paths, names, pointer: String::new() }
    }

    pub(super) fn rewritten(&mut self, mut root: Value) -> Value {
        self.visit(&mut root, false);
        root
    }

    /// `named` says whether the members are names that the author chose.
    fn visit(&mut self, value: &mut Value, named: bool) {
        match value {
            Value::Object(members) if named => self.each(members, |_| Some(false)),
            Value::Object(members) => {
                self.note_name(members);
                // What Swagger 2.0 has no word for, tools write so.
                if let Some(nullable) = members.get("x-nullable").cloned() {
                    members.entry("nullable").or_insert(nullable);
                }
                if let Some(Value::String(reference)) = members.get_mut("$ref") {
                    *reference = self.absolute(reference);
                }
                if let Some(Value::Object(examples)) = members.get_mut("examples") {
                    self.rewrite_examples(examples);
                }
                self.each(members, |name| match name {
                    "examples" => None,
                    name if PLAIN.contains(&name) || name.starts_with("x-") => None,
                    name => Some(NAME_MAPS.contains(&name)),
                });
                // Last: the branches beside it say which files there are.
                if let Some(Value::Object(mapping)) =
                    members.get_mut("discriminator").and_then(|it| it.get_mut("mapping"))
                {
                    self.rewrite_mapping(mapping);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    self.visit_below(&index.to_string(), element, false);
                }
            }
            _ => {}
        }
    }

    fn each(&mut self, members: &mut Map<String, Value>, named: impl Fn(&str) -> Option<bool>) {
        for (name, value) in members {
            if let Some(named) = named(name) {
                self.visit_below(name, value, named);
            }
        }
    }

    fn visit_below(&mut self, step: &str, value: &mut Value, named: bool) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&escaped(step));
        self.visit(value, named);
        self.pointer.truncate(length);
    }

    fn note_name(&mut self, members: &Map<String, Value>) {
        let here = format!("{}#{}", self.file, self.pointer);
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        if let Some(id) = text("$id") {
            self.names.entry(id.trim_end_matches('#').to_owned()).or_insert_with(|| here.clone());
        }
        for anchor in [text("$anchor"), text("$dynamicAnchor")].into_iter().flatten() {
            self.names.entry(format!("{}#{anchor}", self.file)).or_insert_with(|| here.clone());
        }
    }

    fn absolute(&mut self, reference: &str) -> String {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent_decode(fragment);
        let file = match path {
            "" => self.file,
            path if is_elsewhere(path) => {
                let joint = if fragment.is_empty() { "" } else { "#" };
                return format!("{path}{joint}{fragment}");
            }
            path => self.number(&beside(&self.paths[self.file], &percent_decode(path))),
        };
        format!("{file}#{fragment}")
    }

    /// The number of a file, which is to be read if nobody has referred to it yet.
    fn number(&mut self, path: &str) -> usize {
        let known = self.paths.iter().position(|known| known == path);
        known.unwrap_or_else(|| {
            self.paths.push(path.to_owned());
            self.paths.len() - 1
        })
    }

    /// A value of a discriminator's mapping is a reference, or the name of a schema.
    fn rewrite_mapping(&mut self, mapping: &mut Map<String, Value>) {
        for target in mapping.values_mut() {
            if let Value::String(text) = target {
                let is_reference =
                    text.contains(['#', '/']) || text.ends_with("json") || text.ends_with("yaml");
                *text = match is_reference {
                    true if self.leads_on(text) => continue,
                    true => self.absolute(text),
                    false => format!("0#/components/schemas/{}", escaped(text)),
                };
            }
        }
    }

    /// Whether a reference is the first one to a file. No file is read for a mapping's sake.
    fn leads_on(&self, reference: &str) -> bool {
        let path = reference.split('#').next().unwrap_or_default();
        !path.is_empty() && !is_elsewhere(path) && {
            let path = beside(&self.paths[self.file], &percent_decode(path));
            !self.paths.contains(&path)
        }
    }

    /// An example may be a reference; what it holds is plain.
    fn rewrite_examples(&mut self, examples: &mut Map<String, Value>) {
        for example in examples.values_mut() {
            if let Some(Value::String(reference)) = example.get_mut("$ref") {
                *reference = self.absolute(reference);
            }
        }
    }
}

/// Whether a path is no file beside the document: only such files are read.
fn is_elsewhere(path: &str) -> bool {
    path.starts_with('/') || path.split('/').next().is_some_and(|first| first.contains(':'))
}

/// A path as it reads from the document's folder.
fn beside(file: &str, path: &str) -> String {
    let mut steps: Vec<&str> = file.split('/').collect();
    steps.pop();
    for step in path.split('/') {
        match step {
            "." | "" => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
