//! Whether a value is what its schema says: the only place that knows the validator.
//!
//! An input is held to every constraint. An output is held to types and required members only:
//! Smithy 2.0 says of constraint traits that they should not be enforced on what is received, and
//! that enums are open, so anything else in an output is advice.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::schema::{EPOCH_SECONDS, HTTP_DATE, Schema, escaped};
use super::{Contract, Level, Operation, Source, wire};
use crate::exchange::Timestamp;

/// One way in which a value is not what the contract says. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the value.
    pub pointer: String,
    /// The keyword that it breaks (`maxLength`), or `rule:<id>`.
    pub rule: String,
    /// What the contract demands, in words.
    pub demands: String,
    /// How grave it is.
    pub severity: Severity,
    /// How binding the contract is here.
    pub level: Level,
    /// Where it is documented, if the fact has a source of its own.
    pub source: Option<Source>,
}

/// What a violation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Length, range, pattern, enum, number of items.
    Constraint,
    /// Type, format or a missing member: a client cannot read this.
    Shape,
}

/// Compiled schemas, made when they are first needed.
#[derive(Default)]
pub(super) struct Validators(Mutex<HashMap<String, Arc<Option<Validator>>>>);

impl Contract {
    /// Every way in which an input breaks what the contract documents for it. `region` is the one
    /// that the request is signed for, where it is known.
    pub fn input_violations(
        &self,
        operation: &Operation,
        input: &Value,
        region: Option<&str>,
    ) -> Vec<Violation> {
        let mut found = self.violations(&operation.input, input);
        for (index, constraint) in operation.constraints.iter().enumerate() {
            for (pointer, value) in matches(input, &constraint.pointer) {
                // One place may have several constraints.
                let key = format!("{} constraint {index}", operation.name);
                let broken = self.broken(&key, &constraint.schema, value);
                found.extend(broken.into_iter().map(|violation| Violation {
                    pointer: format!("{pointer}{}", violation.pointer),
                    level: constraint.level,
                    source: constraint.source.clone(),
                    ..violation
                }));
            }
        }
        found.extend(self.broken_rules(&operation.input, input, region));
        found
    }

    /// Every way in which a value is not the named shape.
    pub fn violations(&self, shape: &str, value: &Value) -> Vec<Violation> {
        let schema = json!({ "$ref": format!("#/$defs/{shape}") });
        let mut found = self.broken(shape, &schema, value);
        found.extend(wire::violations(self.shape(shape), value));
        found
    }

    /// What a schema of the contract, with the constraints that prose adds to it, demands of a value
    /// that breaks it.
    pub(super) fn broken_by(&self, schema: &Schema<'_>, value: &Value) -> Vec<String> {
        let prose = schema.note("constraints").and_then(Value::as_array).into_iter().flatten();
        let schemas = std::iter::once(schema.node()).chain(prose.filter_map(|entry| entry.get("schema")));
        let broken = schemas.flat_map(|schema| self.broken(&schema.to_string(), schema, value));
        broken.map(|violation| violation.demands).collect()
    }

    /// Whether the validator can read a schema.
    pub(super) fn is_schema(&self, schema: &Value) -> bool {
        compile(&self.definitions, schema).is_some()
    }

    /// Whether a value satisfies a schema; `key` names it among the compiled ones.
    pub(super) fn satisfies(&self, key: &str, schema: &Value, value: &Value) -> bool {
        let validator = self.validators.get(key, || compile(&self.definitions, schema));
        validator.as_ref().as_ref().is_none_or(|validator| validator.is_valid(value))
    }

    /// `key` names the schema among the compiled ones.
    fn broken(&self, key: &str, schema: &Value, value: &Value) -> Vec<Violation> {
        let validator = self.validators.get(key, || compile(&self.definitions, schema));
        let Some(validator) = validator.as_ref() else { return Vec::new() };
        validator.iter_errors(value).flat_map(|error| violations(&error)).collect()
    }
}

impl Validators {
    fn get(&self, key: &str, compile: impl FnOnce() -> Option<Validator>) -> Arc<Option<Validator>> {
        let mut compiled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(key.to_owned()).or_insert_with(|| Arc::new(compile())).clone()
    }
}

impl fmt::Debug for Validators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validators")
    }
}

fn compile(definitions: &Map<String, Value>, schema: &Value) -> Option<Validator> {
    let mut document = schema.as_object().cloned().unwrap_or_default();
    document.insert("$defs".into(), Value::Object(reachable(definitions, schema)));
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("date-time", wire::is_date_time)
        .with_format(EPOCH_SECONDS, |_: &str| true)
        .with_format("float", wire::is_not_finite)
        .with_format("double", wire::is_not_finite)
        .with_format(HTTP_DATE, |text: &str| Timestamp::parse_http(text).is_some())
        .build(&Value::Object(document))
        .ok()
}

/// A schema of our own, for what users write.
pub(super) struct Form(Option<Validator>);

impl Form {
    /// A form with a complete schema.
    pub(super) fn new(schema: &Value) -> Self {
        Self(jsonschema::draft202012::new(schema).ok())
    }

    /// Where a value does not fit: JSON pointer and problem.
    pub(super) fn misfits(&self, value: &Value) -> Vec<(String, String)> {
        let Some(validator) = &self.0 else { return Vec::new() };
        validator.iter_errors(value).flat_map(|error| misfits(&error)).collect()
    }
}

fn misfits(error: &ValidationError<'_>) -> Vec<(String, String)> {
    let at = error.instance_path().to_string();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let unknown =
                |name: &String| (format!("{at}/{}", escaped(name)), format!("there is no {name} here"));
            unexpected.iter().map(unknown).collect()
        }
        ValidationErrorKind::Required { property } => {
            vec![(at, format!("{} is missing", property.as_str().unwrap_or_default()))]
        }
        ValidationErrorKind::OneOfNotValid { .. } => {
            vec![(at, "it has none of the members of which it needs one".to_owned())]
        }
        ValidationErrorKind::OneOfMultipleValid { .. } => {
            vec![(at, "it has several of the members of which it needs one".to_owned())]
        }
        kind => vec![(at, format!("the value must be {}", demand(kind)))],
    }
}

/// The definitions that a schema leads to: of thousands, one shape needs few.
fn reachable(definitions: &Map<String, Value>, schema: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut left = vec![schema];
    while let Some(node) = left.pop() {
        let children = node.as_object().into_iter().flatten().map(|(_, child)| child);
        left.extend(children.chain(node.as_array().into_iter().flatten()));
        let name = node.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        let Some((name, shape)) = name.and_then(|name| definitions.get_key_value(name)) else { continue };
        if !found.contains_key(name) {
            found.insert(name.clone(), shape.clone());
            left.push(shape);
        }
    }
    found
}

/// Whether the validator can read a pattern: one that it cannot would take a whole shape's
/// validation with it.
pub(super) fn is_readable(pattern: &str) -> bool {
    compile(&Map::new(), &json!({ "pattern": pattern })).is_some()
}

/// A value that satisfies none of several schemas is held to the one that it is meant to satisfy,
/// where its type and its fixed members rule out the others.
fn violations(error: &ValidationError<'_>) -> Vec<Violation> {
    use ValidationErrorKind as Kind;
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.kind() else {
        return vec![violation(error)];
    };
    let here = error.instance_path().to_string();
    let is_other = |inner: &ValidationError<'_>| match inner.kind() {
        Kind::Constant { .. } => true,
        Kind::Enum { options } => options.as_array().is_some_and(|options| options.len() == 1),
        Kind::Type { .. } => inner.instance_path().to_string() == here,
        _ => false,
    };
    let meant: Vec<_> = context.iter().filter(|errors| !errors.iter().any(is_other)).collect();
    match meant.as_slice() {
        [errors] if context.len() > 1 => errors.iter().flat_map(violations).collect(),
        _ => vec![violation(error)],
    }
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let mut pointer = error.instance_path().to_string();
    let keyword = error.kind().keyword().to_owned();
    let severity = match error.kind() {
        ValidationErrorKind::Required { property } => {
            pointer = format!("{pointer}/{}", property.as_str().unwrap_or_default());
            Severity::Shape
        }
        ValidationErrorKind::Type { .. } | ValidationErrorKind::Format { .. } => Severity::Shape,
        _ => Severity::Constraint,
    };
    Violation {
        pointer,
        rule: keyword,
        demands: demand(error.kind()),
        severity,
        level: Level::Must,
        source: None,
    }
}

/// What a keyword demands, so that "the value must be" can stand before it. Quotes no value.
fn demand(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Required { .. } => "the member, which is required".to_owned(),
        Kind::Type { kind: TypeKind::Single(kind) } => with_article(&kind.to_string()).to_owned(),
        Kind::Format { format } if format == "date-time" => "a date-time (RFC 3339)".to_owned(),
        Kind::Format { format } if format == HTTP_DATE => "an HTTP date (RFC 9110)".to_owned(),
        Kind::Format { format } if format == "float" || format == "double" => "a number".to_owned(),
        Kind::Format { format } => format!("a text of the format {format}"),
        Kind::MinLength { limit } => format!("at least {}", count(*limit, "character")),
        Kind::MaxLength { limit } => format!("at most {}", count(*limit, "character")),
        Kind::MinItems { limit } => format!("at least {}", count(*limit, "item")),
        Kind::MaxItems { limit } => format!("at most {}", count(*limit, "item")),
        Kind::MinProperties { limit } => format!("at least {}", count(*limit, "member")),
        Kind::MaxProperties { limit } => format!("at most {}", count(*limit, "member")),
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::Enum { options } => one_of(options),
        Kind::Pattern { pattern } => format!("text that matches {pattern}"),
        Kind::UniqueItems => "items that differ".to_owned(),
        Kind::PropertyNames { error } => format!("a key that is {}", demand(error.kind())),
        _ => "what the schema says".to_owned(),
    }
}

fn with_article(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a boolean",
        "object" => "an object",
        "array" => "a list",
        other => other,
    }
}

fn count(limit: u64, noun: &str) -> String {
    format!("{limit} {noun}{}", if limit == 1 { "" } else { "s" })
}

/// How many of the allowed values are named; the others are counted.
const NAMED: usize = 4;

fn one_of(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = options.iter().take(NAMED).map(Value::to_string).collect::<Vec<_>>().join(", ");
    match options.len().saturating_sub(NAMED) {
        0 => format!("one of {named}"),
        more => format!("one of {named} (or {more} more)"),
    }
}

/// The values that a pointer with `*` for elements leads to, each with its own pointer.
fn matches<'v>(value: &'v Value, pointer: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), value)];
    for step in pointer.split('/').skip(1) {
        found = found.into_iter().flat_map(|(at, value)| children(at, value, step)).collect();
    }
    found
}

fn children<'v>(at: String, value: &'v Value, step: &str) -> Vec<(String, &'v Value)> {
    match (value, step) {
        (Value::Array(elements), "*") => {
            elements.iter().enumerate().map(|(index, element)| (format!("{at}/{index}"), element)).collect()
        }
        _ => value.get(step).map(|child| (format!("{at}/{step}"), child)).into_iter().collect(),
    }
}
