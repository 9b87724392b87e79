//! What a recording shows of a provider: for each operation and status, where values are and of
//! which types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::Type;
use crate::cassette::Cassette;
use crate::contract::{Contract, Kind, Operation, Schema, serving};
use crate::exchange::{Exchange, Request, Response};

/// Header fields whose presence says something. The others differ with every answer.
const NOTED: &[&str] = &[
    "allow",
    "deprecation",
    "etag",
    "link",
    "location",
    "retry-after",
    "sunset",
    "warning",
    "www-authenticate",
    "x-amzn-errortype",
];

/// How deep values are looked into.
const DEPTH: usize = 64;

/// The answers of each operation by status.
pub(super) type Recording = BTreeMap<String, BTreeMap<u16, Answers>>;

/// What the answers of one operation and status have in common.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) count: usize,
    /// The media types of their bodies.
    pub(super) media_types: BTreeSet<String>,
    /// The header fields that occur.
    pub(super) headers: BTreeSet<&'static str>,
    /// Every place in their bodies. The body itself has no name.
    pub(super) places: BTreeMap<String, Place>,
}

/// What was seen at one place.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// How often there was something.
    pub(super) times: usize,
    /// What it was.
    pub(super) types: BTreeSet<Type>,
    /// How often it was an object, so that it could have members.
    pub(super) objects: usize,
    /// The place whose member this is; `None` for the body, and for what has no name of its own.
    pub(super) parent: Option<String>,
}

/// What all exchanges of a cassette show.
pub(super) fn recording(contracts: &[Arc<Contract>], cassette: &Cassette) -> Recording {
    let mut recording = Recording::new();
    for exchange in &cassette.exchanges {
        let known = known(contracts, exchange);
        let name = name(exchange, known);
        let answers = recording.entry(name).or_default().entry(exchange.response.status).or_default();
        answers.add(&exchange.response, known.and_then(|it| body(it, &exchange.response)));
    }
    recording
}

/// The contract that knows an exchange, and its operation.
type Known<'c> = (&'c Contract, &'c Operation);

fn known<'c>(contracts: &'c [Arc<Contract>], exchange: &Exchange) -> Option<Known<'c>> {
    let asked = serving(contracts, &exchange.request);
    asked.into_iter().find_map(|contract| Some((contract.as_ref(), contract.route(&exchange.request)?)))
}

fn name(exchange: &Exchange, known: Option<Known<'_>>) -> String {
    let named = known.map(|(_, operation)| operation.name.clone()).or_else(|| exchange.operation.clone());
    named.unwrap_or_else(|| line(&exchange.request))
}

/// Method and path, with `*` for what looks like the id of something.
fn line(request: &Request) -> String {
    let is_version = |segment: &str| segment.strip_prefix('v').is_some_and(|rest| rest.len() < 3);
    let is_id = |segment: &str| segment.contains(|part: char| part.is_ascii_digit()) && !is_version(segment);
    let segments: Vec<_> =
        request.target.segments().map(|segment| if is_id(segment) { "*" } else { segment }).collect();
    format!("{} /{}", request.method, segments.join("/"))
}

/// The schema of an answer's body, where it is a success that the contract describes.
fn body<'c>((contract, operation): Known<'c>, response: &Response) -> Option<Schema<'c>> {
    if !response.is_success() {
        return None;
    }
    let answer = operation.answer_with(response.status);
    let schema = contract.shape(&answer.shape);
    answer.payload().map_or(Some(schema), |payload| schema.member(payload))
}

impl Answers {
    fn add(&mut self, response: &Response, schema: Option<Schema<'_>>) {
        self.count += 1;
        let media_type = response.headers.get("content-type");
        let media_type =
            media_type.map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        self.media_types.extend(media_type);
        self.headers.extend(NOTED.iter().filter(|name| response.headers.contains(name)));
        match response.content().json() {
            _ if response.body.is_empty() => {}
            Some(body) => self.look(&body, Spot { path: String::new(), parent: None, schema, depth: 0 }),
            None => self.note(String::new(), Type::Bytes, None),
        }
    }

    fn note(&mut self, path: String, of: Type, parent: Option<String>) {
        let place = self.places.entry(path).or_default();
        place.times += 1;
        place.objects += usize::from(of == Type::Object);
        place.types.insert(of);
        place.parent = parent;
    }

    fn look(&mut self, value: &Value, spot: Spot<'_>) {
        let Spot { path, parent, schema, depth } = spot;
        let schema = schema.map(|schema| schema.chosen(value));
        self.note(path.clone(), Type::of(value), parent);
        let below = |path, parent, schema| Spot { path, parent, schema, depth: depth + 1 };
        match value {
            _ if depth == DEPTH => {}
            Value::Array(elements) => {
                let schema = schema.and_then(|schema| schema.items());
                for element in elements {
                    self.look(element, below(format!("{path}[]"), None, schema));
                }
            }
            // Clients make the names in a map up.
            Value::Object(members) if schema.is_some_and(|schema| schema.kind() == Kind::Map) => {
                let schema = schema.and_then(|schema| schema.values());
                for value in members.values() {
                    self.look(value, below(joined(&path, "*"), None, schema));
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let schema = schema.and_then(|schema| schema.member(name));
                    self.look(value, below(joined(&path, name), Some(path.clone()), schema));
                }
            }
            _ => {}
        }
    }
}

/// Where a value stands.
struct Spot<'c> {
    path: String,
    parent: Option<String>,
    schema: Option<Schema<'c>>,
    depth: usize,
}

/// The path of a member.
fn joined(path: &str, name: &str) -> String {
    let is_plain = name.chars().all(|part| part.is_alphanumeric() || matches!(part, '_' | '-' | '*'));
    match (path, is_plain && !name.is_empty()) {
        ("", true) => name.to_owned(),
        (_, true) => format!("{path}.{name}"),
        (_, false) => format!("{path}[{}]", Value::from(name)),
    }
}

impl Type {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }
}
