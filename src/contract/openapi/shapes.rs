//! Schemas of the document as definitions of the contract.

mod choices;
mod keywords;
mod loops;
mod node;

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value, json};

use super::documents::Documents;
use super::merge;
use super::names::{Taken, of_pointer, plain};
use super::notices::Notices;
use super::survey::Survey;
use crate::contract::Side;
use crate::contract::places::{Notation, Places, Subject};
use crate::contract::schema::escaped;

/// Definitions as they come to be needed.
pub(super) struct Shapes<'d> {
    pub(super) documents: &'d Documents,
    pub(super) notices: Notices,
    pub(super) places: Places,
    survey: Survey,
    /// The name of what a reference leads to; the side only where both look different.
    names: HashMap<(String, Option<Side>), String>,
    taken: Taken,
    /// Names of components that have not been referred to yet.
    own_names: HashMap<String, String>,
    /// Named, and still to be converted.
    left: VecDeque<Later>,
    /// Schemas made of others that are being converted, each inside of the one before.
    expanding: Vec<Made>,
    /// Those of them that hold themselves, with their names.
    endless: Vec<(Made, String)>,
    definitions: Map<String, Value>,
}

/// A schema made of others, and the side that it is for.
type Made = (Map<String, Value>, Side);

/// A shape that has a name, and is still to be converted.
struct Later {
    name: String,
    source: Source,
    side: Side,
}

enum Source {
    /// What an absolute reference leads to.
    Referred(String),
    /// A schema made of others, with its place.
    Made(Map<String, Value>, String),
}

impl<'d> Shapes<'d> {
    pub(super) fn new(documents: &'d Documents, mut notices: Notices) -> Self {
        let survey = Survey::of(documents, &mut notices);
        let mut shapes = Self {
            documents,
            notices,
            places: Places::new(documents.place("0#").0, Notation::OpenApi),
            survey,
            names: HashMap::new(),
            taken: Taken::default(),
            own_names: HashMap::new(),
            left: VecDeque::new(),
            expanding: Vec::new(),
            endless: Vec::new(),
            definitions: Map::new(),
        };
        shapes.reserve();
        shapes
    }

    /// The reference to the definition of what an absolute reference leads to.
    pub(super) fn reference(&mut self, target: &str, side: Side) -> Value {
        let sided = self.survey.is_sided(target);
        let key = (target.to_owned(), sided.then_some(side));
        if let Some(name) = self.names.get(&key) {
            return reference_to(name);
        }
        let (file, pointer) = self.documents.place(target);
        let name = match self.own_names.remove(target) {
            Some(own) => own,
            None => {
                let plain = of_pointer(file, pointer);
                let has = |side| self.names.contains_key(&(target.to_owned(), Some(side)));
                let name = match side {
                    Side::Request if sided && has(Side::Response) => format!("{plain}Input"),
                    Side::Response if sided && has(Side::Request) => format!("{plain}Output"),
                    _ => plain,
                };
                self.taken.take(&name)
            }
        };
        self.places.put_in(Subject::Shape(name.clone()), file, pointer);
        self.names.insert(key, name.clone());
        let source = Source::Referred(target.to_owned());
        self.left.push_back(Later { name: name.clone(), source, side });
        reference_to(&name)
    }

    /// Defines a shape that is described at a place. Returns its name.
    pub(super) fn define(&mut self, name: &str, schema: Value, at: &str) -> String {
        let name = self.taken.take(name);
        let (file, pointer) = self.documents.place(at);
        self.places.put_in(Subject::Shape(name.clone()), file, pointer);
        self.definitions.insert(name.clone(), schema);
        name
    }

    /// A node for a schema; a structure that stands where it is used gets a name of its own.
    pub(super) fn named_schema(
        &mut self,
        source: &Value,
        at: &str,
        side: Side,
        name: &str,
    ) -> Map<String, Value> {
        let node = self.schema(source, at, side);
        let is_structure = node.get("properties").is_some()
            || node.get("oneOf").is_some()
            || node.get("anyOf").is_some_and(|_| node.get("$ref").is_none());
        match is_structure {
            true => object(reference_to(&self.define(name, node, at))),
            false => object(node),
        }
    }

    /// Converts what is named and not yet converted.
    pub(super) fn convert(&mut self) {
        while let Some(Later { name, source, side }) = self.left.pop_front() {
            let schema = match source {
                Source::Referred(target) => self.definition(&target, side),
                Source::Made(source, at) => {
                    let merged = self.merged(&source, &at);
                    self.merged_node(merged, &at, side)
                }
            };
            self.definitions.insert(name, schema);
        }
    }

    /// A reference to a schema made of others, which is converted in its turn.
    fn named_later(&mut self, source: &Map<String, Value>, at: &str, side: Side) -> Value {
        let (file, pointer) = self.documents.place(at);
        let name = self.taken.take(&of_pointer(file, pointer));
        self.endless.push(((source.clone(), side), name.clone()));
        let source = Source::Made(source.clone(), at.to_owned());
        self.left.push_back(Later { name: name.clone(), source, side });
        reference_to(&name)
    }

    fn definition(&mut self, target: &str, side: Side) -> Value {
        let documents = self.documents;
        let Some(source) = documents.at(target) else { return json!({}) };
        if documents.follow(source, target).is_none() {
            self.notices.missing(target, super::documents::reference_of(source).unwrap_or(target));
            return json!({});
        }
        match self.survey.narrowing(target) {
            Some(narrowing) => self.schema(&json!({"allOf": [source, narrowing]}), target, side),
            None => self.schema(source, target, side),
        }
    }

    /// All definitions, with what is to be told.
    pub(super) fn finish(mut self) -> (Map<String, Value>, Places, Notices) {
        self.convert();
        loops::cut(&mut self.definitions, &mut self.notices);
        (self.definitions, self.places, self.notices)
    }

    /// Keeps the names of components for them, before others are made up.
    fn reserve(&mut self) {
        let documents = self.documents;
        for group in ["/components/schemas", "/definitions"] {
            let components = documents.root().pointer(group).and_then(Value::as_object);
            for name in components.into_iter().flat_map(Map::keys) {
                let own = self.taken.take(&plain(name));
                self.own_names.insert(format!("0#{group}/{}", escaped(name)), own);
            }
        }
    }

    /// What a schema and the parts it is made of say together.
    fn merged(&mut self, source: &Map<String, Value>, at: &str) -> merge::Merged {
        merge::merged(self.documents, source).unwrap_or_else(|merge::Endless| {
            let problem = "the schema is made of itself, and anything is taken there";
            self.notices.warn(at, problem, "take the reference to itself out of allOf");
            merge::Merged { node: Map::new(), rest: Vec::new() }
        })
    }
}

fn reference_to(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
