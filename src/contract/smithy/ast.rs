//! The text of a model, read but not yet understood.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::contract::ContractError;
use crate::contract::document::{Document, step};

/// A model with all its shapes.
pub(super) struct Ast<'a> {
    document: &'a Document,
    pub(super) shapes: BTreeMap<String, Shape>,
}

/// One shape, with the members of every type of shape that we read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) version: Option<String>,
    pub(super) members: Map<String, Value>,
    pub(super) member: Option<Member>,
    pub(super) key: Option<Member>,
    pub(super) value: Option<Member>,
    pub(super) input: Option<Reference>,
    pub(super) output: Option<Reference>,
    pub(super) errors: Vec<Reference>,
    pub(super) operations: Vec<Reference>,
    #[serde(rename = "collectionOperations")]
    pub(super) collection_operations: Vec<Reference>,
    pub(super) resources: Vec<Reference>,
    pub(super) identifiers: Map<String, Value>,
    pub(super) create: Option<Reference>,
    pub(super) put: Option<Reference>,
    pub(super) read: Option<Reference>,
    pub(super) update: Option<Reference>,
    pub(super) delete: Option<Reference>,
    pub(super) list: Option<Reference>,
    pub(super) mixins: Vec<Reference>,
    pub(super) traits: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Reference {
    pub(super) target: String,
}

/// A member of a structure, list or map.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Member {
    pub(super) target: String,
    #[serde(default)]
    pub(super) traits: Map<String, Value>,
}

impl Shape {
    /// A trait whose value is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.traits.get(name)?.as_str()
    }

    /// The ids of a service's or resource's operations, without those of its resources.
    pub(super) fn own_operations(&self) -> impl Iterator<Item = &str> {
        let listed = self.operations.iter().chain(&self.collection_operations);
        let lifecycle = [&self.create, &self.put, &self.read, &self.update, &self.delete, &self.list];
        listed.chain(lifecycle.into_iter().flatten()).map(|reference| reference.target.as_str())
    }

    /// The members of a structure, in order.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Member)> {
        self.members
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), Member::deserialize(value).ok()?)))
    }
}

impl<'a> Ast<'a> {
    pub(super) fn parse(document: &'a Document) -> Result<Self, ContractError> {
        let wrong = |pointer: &str, problem: String| {
            let mend = "give a model as `smithy ast` or a provider's model repository writes it";
            document.error(pointer, format!("not a Smithy JSON AST: {problem}"), mend)
        };
        let version = document.root.get("smithy").and_then(Value::as_str);
        let version = version.ok_or_else(|| wrong("", "it has no text at /smithy".into()))?;
        if !version.starts_with("2.") && !version.starts_with("1.") {
            let problem = format!("Smithy version {version} is not known");
            return Err(document.error("/smithy", problem, "convert the model to Smithy 2.0"));
        }
        let shapes = document.root.get("shapes").and_then(Value::as_object);
        let read = |(id, value): (&String, &Value)| match Shape::deserialize(value) {
            Ok(shape) => Ok((id.clone(), shape)),
            Err(error) => Err(wrong(&pointer(id), error.to_string())),
        };
        let shapes = shapes.into_iter().flatten().map(read).collect::<Result<_, _>>()?;
        let mut ast = Self { document, shapes };
        ast.check_targets()?;
        super::flatten::flatten(&mut ast.shapes);
        Ok(ast)
    }

    pub(super) fn file(&self) -> &str {
        &self.document.file
    }

    pub(super) fn shape(&self, id: &str) -> Result<&Shape, ContractError> {
        self.shapes.get(id).ok_or_else(|| self.dangling(id))
    }

    /// The one service of the model, or the one of that name.
    pub(super) fn service(&self, wanted: Option<&str>) -> Result<(&str, &Shape), ContractError> {
        let services = self.shapes.iter().filter(|(_, shape)| shape.kind == "service");
        let named = |id: &str| wanted.is_none_or(|wanted| wanted == id || wanted == local(id));
        let services: Vec<_> = services.map(|(id, shape)| (id.as_str(), shape)).collect();
        let mut fitting = services.iter().filter(|(id, _)| named(id));
        match (fitting.next(), fitting.next()) {
            (Some(service), None) => Ok(*service),
            (Some((id, _)), Some((other, _))) => Err(self.error(
                other,
                format!("the model has several services, {id} and {other} among them"),
                "name one after the file, as in model.json#Service",
            )),
            (None, _) => {
                let all: Vec<_> = services.iter().map(|(id, _)| local(id)).collect();
                let problem = match wanted {
                    Some(wanted) => format!("the model has no service {wanted}, but {}", all.join(", ")),
                    None => "the model has no service".to_owned(),
                };
                Err(self.document.error("/shapes", problem, "give the model that holds the service shape"))
            }
        }
    }

    /// An error about a shape.
    pub(super) fn error(&self, id: &str, problem: String, mend: &str) -> ContractError {
        self.document.error(&pointer(id), problem, mend)
    }

    fn dangling(&self, id: &str) -> ContractError {
        let shapes = self.document.root.get("shapes");
        let reference = shapes.and_then(|shapes| reference(shapes, "/shapes", id)).unwrap_or_default();
        let problem = format!("the shape {id} is referred to and not there");
        self.document.error(&reference, problem, "add it, or mend its name")
    }

    /// Every reference leads somewhere; afterwards a look-up cannot fail for a reference's sake.
    fn check_targets(&self) -> Result<(), ContractError> {
        for (id, shape) in &self.shapes {
            for value in shape.members.values() {
                if let Err(error) = Member::deserialize(value) {
                    let problem = format!("a member of {id} cannot be read: {error}");
                    return Err(self.error(id, problem, "write {\"target\": …, \"traits\": …}"));
                }
            }
            for target in shape.targets() {
                if !self.shapes.contains_key(&target) && !target.starts_with("smithy.api#") {
                    return Err(self.dangling(&target));
                }
            }
        }
        Ok(())
    }
}

impl Shape {
    fn targets(&self) -> Vec<String> {
        let members = self.members().map(|(_, member)| member.target);
        let parts =
            [&self.member, &self.key, &self.value].into_iter().flatten().map(|part| part.target.clone());
        let single = [&self.input, &self.output].into_iter().flatten();
        let many = [&self.errors, &self.resources, &self.mixins].into_iter().flatten();
        let references = single.chain(many).map(|reference| reference.target.as_str());
        let references = references.chain(self.own_operations()).map(str::to_owned);
        members.chain(parts).chain(references).collect()
    }
}

fn pointer(id: &str) -> String {
    format!("/shapes{}", step(id))
}

/// The pointer of the first reference to a shape.
fn reference(value: &Value, at: &str, id: &str) -> Option<String> {
    match value {
        Value::Object(members) if members.get("target").is_some_and(|target| target == id) => {
            Some(format!("{at}/target"))
        }
        Value::Object(members) => {
            members.iter().find_map(|(name, value)| reference(value, &format!("{at}{}", step(name)), id))
        }
        Value::Array(elements) => {
            let mut elements = elements.iter().enumerate();
            elements.find_map(|(index, value)| reference(value, &format!("{at}/{index}"), id))
        }
        _ => None,
    }
}

/// The name of a shape without its namespace.
pub(super) fn local(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}
