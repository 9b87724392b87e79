//! Whether a value is what its schema says: the only place that knows the validator.
//!
//! An input is held to every constraint. An output is held to types and required members only:
//! Smithy 2.0 says of constraint traits that they should not be enforced on what is received, and
//! that enums are open, so anything else in an output is advice.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::schema::{EPOCH_SECONDS, note_key};
use super::{Contract, Level, Operation, Source, pattern};
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

/// How often a match may be tried anew before it counts as undecided.
const BACKTRACKS: usize = 100_000;

/// Compiled schemas, made when they are first needed.
#[derive(Default)]
pub(super) struct Validators(Mutex<HashMap<String, Arc<Option<Validator>>>>);

impl Contract {
    /// Every way in which an input breaks what the contract documents for it.
    pub fn input_violations(&self, operation: &Operation, input: &Value) -> Vec<Violation> {
        let mut found = self.violations(&operation.input, input);
        for (index, constraint) in operation.constraints.iter().enumerate() {
            for (pointer, value) in matches(input, &constraint.pointer) {
                // One place may have several constraints.
                let key = format!("{} constraint {index}", operation.name);
                let broken = self.broken(&key, &constraint.schema, value);
                found.extend(broken.into_iter().map(|violation| Violation {
                    pointer: format!("{pointer}{}", violation.pointer),
                    level: constraint.level.min(violation.level),
                    source: constraint.source.clone(),
                    ..violation
                }));
            }
        }
        for rule in operation.rules.iter().filter(|rule| input.pointer(&rule.when).is_some()) {
            let broken = self.broken(&format!("{} rule {}", operation.name, rule.id), &rule.schema, input);
            if let Some(gravest) = broken.iter().map(|violation| violation.level).max() {
                found.push(Violation {
                    pointer: rule.when.clone(),
                    rule: format!("rule:{}", rule.id),
                    demands: rule.note.clone(),
                    severity: Severity::Constraint,
                    level: rule.level.min(gravest),
                    source: rule.source.clone(),
                });
            }
        }
        found
    }

    /// Every way in which a value is not the named shape.
    pub fn violations(&self, shape: &str, value: &Value) -> Vec<Violation> {
        let schema = json!({ "$ref": format!("#/$defs/{shape}") });
        self.broken(shape, &schema, value)
    }

    /// `key` names the schema among the compiled ones.
    fn broken(&self, key: &str, schema: &Value, value: &Value) -> Vec<Violation> {
        let validator = self.validators.get(key, || compile(&self.definitions, schema));
        let Some(validator) = validator.as_ref() else { return Vec::new() };
        let read = |error: ValidationError<'_>| {
            let mut violation = violation(&error);
            if let Some(pattern) = self.pattern_as_written(schema, &error) {
                violation.demands = matching(pattern, violation.level);
            }
            violation
        };
        validator.iter_errors(value).map(read).collect()
    }

    /// The pattern that an error is about, where the schema holds another one in its place.
    fn pattern_as_written<'a>(&'a self, schema: &'a Value, error: &ValidationError<'_>) -> Option<&'a str> {
        let path = error.schema_path().to_string();
        let path = path.strip_suffix("/pattern")?;
        let part = match path.strip_prefix("/$defs/") {
            Some(path) => {
                let (name, path) = path.split_at(path.find('/').unwrap_or(path.len()));
                self.definitions.get(&name.replace("~1", "/").replace("~0", "~"))?.pointer(path)
            }
            None => schema.pointer(path),
        };
        part?.get(note_key("pattern"))?.as_str()
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

/// `None` if some part of the schema cannot be read.
pub(super) fn compile(definitions: &Map<String, Value>, schema: &Value) -> Option<Validator> {
    let mut document = schema.as_object().cloned().unwrap_or_default();
    document.insert("$defs".into(), Value::Object(definitions.clone()));
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .with_pattern_options(
            PatternOptions::fancy_regex().size_limit(pattern::LARGEST).backtrack_limit(BACKTRACKS),
        )
        .should_validate_formats(true)
        .with_format("date-time", |text: &str| Timestamp::parse(text).is_some())
        .with_format(EPOCH_SECONDS, |_: &str| true)
        .build(&Value::Object(document))
        .ok()
}

/// Whether the validator can read a pattern: one that it cannot would take a whole shape's
/// validation with it.
pub(super) fn is_readable(pattern: &str) -> bool {
    compile(&Map::new(), &json!({ "pattern": pattern })).is_some()
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
        level: if undecided(error.kind()) { Level::Advisory } else { Level::Must },
        source: None,
    }
}

/// Whether matching took too long. Then a text neither keeps to a pattern nor breaks it.
fn undecided(kind: &ValidationErrorKind) -> bool {
    use ValidationErrorKind as Kind;
    matches!(kind, Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. })
}

fn matching(pattern: &str, level: Level) -> String {
    match level {
        Level::Must => format!("text that matches {pattern}"),
        _ => format!("text that matches {pattern}, which would take too long to decide"),
    }
}

/// What a keyword demands, so that "the value must be" can stand before it. Quotes no value.
fn demand(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Required { .. } => "the member, which is required".to_owned(),
        Kind::Type { kind: TypeKind::Single(kind) } => with_article(&kind.to_string()).to_owned(),
        Kind::Format { format } if format == "date-time" => "a date-time (RFC 3339)".to_owned(),
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
        Kind::Pattern { pattern } => matching(pattern, Level::Must),
        _ if undecided(kind) => "a text that can be matched in time".to_owned(),
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
