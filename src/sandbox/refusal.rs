//! Why a request is refused, and the documented error that says so.

mod sentences;

use serde_json::{Map, Value, json};

use crate::contract::{
    Binding, Contract, ErrorShape, Kind, Malformed, Operation, Place, Schema, Severity, Violation,
};
use crate::exchange::Response;

/// What errors for a request that is wrong in itself are called, the most telling name first.
const BAD_REQUEST_NAMES: &[&str] = &["Validation", "BadRequest", "InvalidParameter", "Malformed", "Invalid"];

/// The member of an error that lists what is wrong, place by place.
const FIELDS: &str = "fieldList";

/// Why a request is refused: always the client's mistake.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// It cannot be read.
    Malformed(Malformed),
    /// The input breaks what is documented for it; at least one violation.
    Invalid(Vec<Violation>),
    /// The page token was never handed out for this list.
    Cursor {
        /// The member that carries it.
        member: String,
    },
    /// There is no such thing.
    Missing {
        /// What there is none of.
        resource: String,
        /// Whether there was. Only faults look at it.
        trace: Trace,
        /// The documented error.
        error: Option<String>,
    },
    /// There is one already.
    Taken {
        /// The member that no two share.
        member: String,
        /// The documented error.
        error: Option<String>,
    },
}

/// What is left of a thing that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// It was there, or it is and does not show.
    Left,
    /// There never was one.
    None,
}

impl Refusal {
    /// The answer to that input.
    pub(super) fn response(&self, contract: &Contract, operation: &Operation, input: &Value) -> Response {
        let error = self.error(contract, operation);
        let lists_fields = contract.shape(&error.shape).member(FIELDS).is_some();
        let fields = match self {
            Self::Invalid(violations) if lists_fields => {
                sentences::fields(contract.input(operation), violations, input)
            }
            _ => Vec::new(),
        };
        let message = sentences::summary(&fields).unwrap_or_else(|| self.message());
        contract.refuse_with(&error, &members(contract, &error, &message, &fields))
    }

    /// The answer that is another error than the right one.
    pub(super) fn as_error(&self, contract: &Contract, error: &ErrorShape) -> Response {
        contract.refuse_with(error, &members(contract, error, &self.message(), &[]))
    }

    /// What is wrong, without any value of the request.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Malformed(why) => why.to_string(),
            Self::Invalid(violations) => match violations.as_slice() {
                [] => "the input is not valid".to_owned(),
                [only] => sentence(only),
                [first, rest @ ..] => format!("{} (and {} more)", sentence(first), rest.len()),
            },
            Self::Cursor { member } => format!("/{member} is not a token that this list handed out"),
            Self::Missing { resource, .. } => format!("there is no such {resource}"),
            Self::Taken { member, .. } => format!("/{member} is taken"),
        }
    }

    fn error(&self, contract: &Contract, operation: &Operation) -> ErrorShape {
        let malformed = |why: &Malformed| {
            let (status, name) = why.error();
            let declared = documented(operation, status).or_else(|| documented(operation, 400));
            declared.unwrap_or_else(|| ErrorShape::of_status(name, status))
        };
        match self {
            Self::Malformed(why) => malformed(why),
            Self::Invalid(violations) if violations.iter().any(is_misread) => malformed(&Malformed::Body),
            Self::Invalid(_) | Self::Cursor { .. } => bad_request(contract, operation),
            Self::Missing { error, .. } | Self::Taken { error, .. } => error
                .as_ref()
                .and_then(|name| named(contract, operation, name))
                .unwrap_or_else(|| bad_request(contract, operation)),
        }
    }
}

/// Whether a server does not get so far as to look at constraints: the value is of another type.
fn is_misread(violation: &Violation) -> bool {
    violation.severity == Severity::Shape && violation.rule != "required"
}

/// The error of the operation with that name, or that of any other operation.
fn named(contract: &Contract, operation: &Operation, name: &str) -> Option<ErrorShape> {
    let others = contract.operations.iter().flat_map(|other| &other.errors);
    operation.errors.iter().chain(others).find(|error| error.name == name).cloned()
}

/// The documented error for a request that is wrong in itself: declared with status 400, else
/// common to all operations.
pub(super) fn bad_request(contract: &Contract, operation: &Operation) -> ErrorShape {
    let common = contract.common_errors.iter().filter(|(_, statuses)| statuses.contains(&400));
    let common = common.map(|(name, _)| ErrorShape::of_status(name, 400));
    // What is declared with that status may be about something else: load, limits, conflicts.
    let declared = documented(operation, 400);
    let telling = declared.clone().filter(|error| rank(error).is_some());
    telling
        .or_else(|| best(common.collect()))
        .or(declared)
        .unwrap_or_else(|| ErrorShape::of_status("ValidationException", 400))
}

/// The error for a request that is wrong in itself which the operation declares with that status.
fn documented(operation: &Operation, status: u16) -> Option<ErrorShape> {
    best(operation.client_errors().filter(|error| error.effective_status() == status).cloned().collect())
}

fn best(errors: Vec<ErrorShape>) -> Option<ErrorShape> {
    errors.into_iter().min_by_key(|error| rank(error).unwrap_or(BAD_REQUEST_NAMES.len()))
}

/// How telling the name of an error is for a request that is wrong in itself; the least is the best.
fn rank(error: &ErrorShape) -> Option<usize> {
    BAD_REQUEST_NAMES.iter().position(|part| error.name.contains(part))
}

fn sentence(violation: &Violation) -> String {
    format!("{} breaks {}: {}", violation.pointer, violation.rule, violation.demands)
}

/// What an error says, in the members that it documents.
fn members(
    contract: &Contract,
    error: &ErrorShape,
    message: &str,
    fields: &[sentences::Field],
) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert(contract.message_member(error).to_owned(), message.into());
    for member in contract.shape(&error.shape).members() {
        let is_payload = |it: &Binding| it.place == Place::Payload && it.member == member.name;
        if members.contains_key(member.name) || error.bindings.iter().any(is_payload) {
            continue;
        }
        let value = match member.schema.items().filter(|_| member.name == FIELDS) {
            Some(_) if fields.is_empty() => None,
            Some(items) => Some(fields.iter().map(|field| listed(items, field)).collect()),
            None if member.required => Some(reason(member.schema)),
            None => None,
        };
        members.extend(value.map(|value| (member.name.to_owned(), value)));
    }
    members
}

/// One entry of a list of fields: `path` in Smithy's own shape, `name` in that of most services.
fn listed(schema: Schema<'_>, field: &sentences::Field) -> Value {
    let place = if schema.member("path").is_some() { "path" } else { "name" };
    json!({ place: field.path, "message": field.message })
}

/// The reason that most services have for an input that breaks a constraint.
const REASON: &str = "fieldValidationFailed";

fn reason(schema: Schema<'_>) -> Value {
    let values = schema.keyword("enum").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let usual = values.iter().find(|value| *value == REASON).or(values.first());
    match (usual, schema.kind()) {
        (Some(value), _) => value.clone(),
        (None, Kind::Text) => "".into(),
        (None, Kind::Integer | Kind::Number) => 0.into(),
        (None, Kind::Boolean) => false.into(),
        (None, Kind::List) => json!([]),
        (None, _) => json!({}),
    }
}
