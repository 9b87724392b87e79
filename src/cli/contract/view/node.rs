//! Shapes and members.

use std::collections::{BTreeMap, BTreeSet};

use onrecord::contract::{Contract, Kind, Operation, Role, Schema, Side, TimestampFormat};
use serde::Serialize;
use serde_json::{Map, Value};

/// Keywords that bound a value.
const BOUNDS: &[&str] = &[
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "uniqueItems",
    "pattern",
    "enum",
    "const",
    "contentEncoding",
    "contentMediaType",
];

/// How deep schemas without a name are looked into.
const DEPTH: usize = 16;

/// A shape, a member or an element.
#[derive(Serialize)]
pub(crate) struct Node {
    /// `structure`, `map`, `list`, `text`, `timestamp`, `integer`, `number`, `boolean`, `choice` or `any`.
    pub(crate) kind: &'static str,
    /// How a timestamp or a number is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
    /// The name of the shape, where it has one: then `shapes` says what is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) nullable: bool,
    /// JSON Schema keywords that bound it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) bounds: Map<String, Value>,
    /// What only prose says of it, as it stands in the contract.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) constraints: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) generated: Option<Value>,
    /// The member of the create input that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) property: Option<Value>,
    /// What it is for in a request and in a response.
    pub(crate) role: Roles,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<MemberView>,
    /// The elements of a list, or the values of a map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) elements: Option<Box<Node>>,
    /// The schemas of which a value satisfies one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) branches: Vec<Node>,
}

#[derive(Serialize)]
pub(crate) struct MemberView {
    pub(crate) name: String,
    pub(crate) required: bool,
    #[serde(flatten)]
    pub(crate) node: Node,
}

#[derive(Serialize)]
pub(crate) struct Roles {
    pub(crate) request: &'static str,
    pub(crate) response: &'static str,
}

impl Roles {
    /// The role, where it is the same on both sides or matters on one.
    pub(crate) fn remarkable(&self) -> Option<String> {
        let key = Role::Key.as_str();
        match (self.request, self.response) {
            (request, response) if request == key && response == key => None,
            (request, response) if request == response => Some(request.to_owned()),
            (request, response) if request == key => Some(format!("{response} in answers")),
            (request, _) => Some(format!("{request} in requests")),
        }
    }
}

/// Every named shape that operations reach.
pub(super) fn reachable(contract: &Contract, operations: &[&Operation]) -> BTreeMap<String, Node> {
    let mut roots: BTreeSet<&str> = BTreeSet::new();
    for operation in operations {
        roots.insert(&operation.input);
        roots.extend(operation.answers().map(|answer| answer.shape.as_str()));
        roots.extend(operation.errors.iter().map(|error| error.shape.as_str()));
    }
    let names = closure(contract, roots);
    names.into_iter().map(|name| (name.to_owned(), Node::of(contract.shape(name), DEPTH))).collect()
}

/// The named shapes of what an operation answers.
pub(super) fn answered<'c>(contract: &'c Contract, operation: &'c Operation) -> BTreeSet<&'c str> {
    closure(contract, operation.answers().map(|answer| answer.shape.as_str()).collect())
}

/// Shapes, and those that they name.
fn closure<'c>(contract: &'c Contract, mut left: BTreeSet<&'c str>) -> BTreeSet<&'c str> {
    let mut names = BTreeSet::new();
    while let Some(name) = left.pop_first() {
        if names.insert(name) {
            let mut named = BTreeSet::new();
            add_names(contract.shape(name), DEPTH, &mut named);
            left.extend(named.difference(&names));
        }
    }
    names
}

/// The shapes that a schema names.
fn add_names<'c>(schema: Schema<'c>, depth: usize, names: &mut BTreeSet<&'c str>) {
    for part in parts(schema) {
        match part.shape_name() {
            Some(name) => _ = names.insert(name),
            None if depth > 0 => add_names(part, depth - 1, names),
            None => {}
        }
    }
}

fn parts(schema: Schema<'_>) -> impl Iterator<Item = Schema<'_>> {
    let members = schema.members().map(|member| member.schema);
    members.chain(schema.items()).chain(schema.values()).chain(schema.branches())
}

impl Node {
    fn of(schema: Schema<'_>, depth: usize) -> Self {
        let keyword = |name: &&str| Some(((*name).to_owned(), schema.keyword(name)?.clone()));
        let inside = |part: Schema<'_>| match (part.shape_name(), depth) {
            (Some(_), _) | (None, 0) => Self::leaf(part),
            (None, depth) => Self::of(part, depth - 1),
        };
        let members = schema.members().map(|member| MemberView {
            name: member.name.to_owned(),
            required: member.required,
            node: inside(member.schema),
        });
        let is_choice = schema.kind() == Kind::Choice;
        Self {
            bounds: BOUNDS.iter().filter_map(keyword).collect(),
            members: members.collect(),
            elements: schema.items().or_else(|| schema.values()).map(|part| Box::new(inside(part))),
            branches: schema.branches().filter(|_| is_choice).map(inside).collect(),
            ..Self::leaf(schema)
        }
    }

    /// A node whose parts are described elsewhere.
    fn leaf(schema: Schema<'_>) -> Self {
        let keyword = |name: &&str| Some(((*name).to_owned(), schema.keyword(name)?.clone()));
        let note = |name: &str| schema.note(name).cloned();
        Self {
            kind: kind(schema.kind()),
            format: format(schema),
            shape: schema.shape_name().map(str::to_owned),
            nullable: schema.takes_null(),
            bounds: BOUNDS.iter().filter_map(keyword).collect(),
            constraints: note("constraints").and_then(|it| it.as_array().cloned()).unwrap_or_default(),
            default: schema.note("default").and_then(|default| default.get("value")).cloned(),
            generated: note("generated"),
            property: note("property"),
            role: Roles {
                request: schema.role(Side::Request).as_str(),
                response: schema.role(Side::Response).as_str(),
            },
            members: Vec::new(),
            elements: None,
            branches: Vec::new(),
        }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Structure => "structure",
        Kind::Map => "map",
        Kind::List => "list",
        Kind::Text => "text",
        Kind::Timestamp(_) => "timestamp",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Choice => "choice",
        Kind::Any => "any",
    }
}

fn format(schema: Schema<'_>) -> Option<String> {
    let stated = || schema.keyword("format").and_then(Value::as_str).map(str::to_owned);
    match schema.kind() {
        Kind::Timestamp(TimestampFormat::DateTime) => Some("date-time".to_owned()),
        Kind::Timestamp(TimestampFormat::HttpDate) => Some("http-date".to_owned()),
        Kind::Timestamp(TimestampFormat::EpochSeconds) => Some("epoch-seconds".to_owned()),
        _ => stated(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_false(value: &bool) -> bool {
    !*value
}
