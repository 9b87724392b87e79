//! How a conforming server reads requests: strictly. What it refuses before it even looks at
//! constraints, and with which error (Smithy 2.0, protocol tests for malformed requests).

use serde_json::Value;
use thiserror::Error;

use super::bodies::{self, Payload};
use super::{Decoded, Protocol, UNIT};
use crate::contract::schema::{Kind, Schema, TimestampFormat};
use crate::contract::{Contract, Operation, Place};
use crate::exchange::Request;

/// Why a request cannot be read as an input.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Malformed {
    /// The path is not that of the operation.
    #[error("the path does not fit {0}")]
    Path(String),
    /// The body is not a JSON object.
    #[error("the body is not a JSON object")]
    Body,
    /// A value is not of the documented type.
    #[error("{0} is not of the documented type")]
    Value(String),
    /// The body is of another media type.
    #[error("the body must be {0}")]
    MediaType(String),
    /// The client does not take what the operation answers.
    #[error("the answer is {0}")]
    NotAcceptable(String),
    /// No operation has the path.
    #[error("no documented operation has this method and path")]
    Operation,
    /// The path has other methods.
    #[error("no documented operation has this method at this path")]
    Method,
    /// The bodies of the protocol are not read.
    #[error("the bodies of {0} are not read")]
    Unjudged(Protocol),
}

impl Malformed {
    /// The status and the name of the error that a conforming server answers.
    pub fn error(&self) -> (u16, &'static str) {
        match self {
            Self::Path(_) | Self::Body | Self::Value(_) => (400, "SerializationException"),
            Self::MediaType(_) => (415, "UnsupportedMediaTypeException"),
            Self::NotAcceptable(_) => (406, "NotAcceptableException"),
            Self::Operation => (404, "UnknownOperationException"),
            Self::Method => (405, "UnknownOperationException"),
            Self::Unjudged(_) => (501, "NotImplementedException"),
        }
    }
}

impl Contract {
    /// The operation that a request calls.
    ///
    /// # Errors
    /// Says what a server answers where there is none.
    pub fn accept_call(&self, request: &Request) -> Result<&Operation, Malformed> {
        self.route(request).ok_or(match self.protocol().binds_http() && self.has_path(request) {
            true => Malformed::Method,
            false => Malformed::Operation,
        })
    }

    /// The input that a request carries, as a server reads it that takes nothing but what is
    /// documented: `null` for a member of a structure is none. Constraints are not looked at, and
    /// neither are types that a schema can say.
    ///
    /// # Errors
    /// Says what the server answers.
    pub fn accept(&self, operation: &Operation, request: &Request) -> Result<Decoded, Malformed> {
        if self.protocol_of(request) == Protocol::RestJson1 {
            self.accept_media(operation, request)?;
        }
        let decoded = self.decode(operation, request)?;
        let schema = self.input(operation);
        let input = bodies::without_nulls(schema, bodies::without_types(schema, decoded.input));
        if let Some(member) = decoded.unreadable.first() {
            return Err(Malformed::Value(format!("/{member}")));
        }
        let mut wrong = None;
        schema.walk_from(String::new(), &input, &mut |schema, pointer, value| {
            if wrong.is_none() && !is_strict(schema, value) {
                wrong = Some(pointer.to_owned());
            }
        });
        match wrong.filter(|_| self.protocol() != Protocol::Http) {
            Some(pointer) => Err(Malformed::Value(pointer)),
            None => Ok(Decoded { input, ..decoded }),
        }
    }

    fn accept_media(&self, operation: &Operation, request: &Request) -> Result<(), Malformed> {
        let given = request.headers.get("content-type");
        let given = given.as_deref().map(media_type);
        let is_bound = operation.bindings.iter().any(|binding| {
            matches!(&binding.place, Place::Header(name) if name.eq_ignore_ascii_case("content-type"))
        });
        let wanted = self.wanted_media_type(operation);
        let fits = match (&wanted, given) {
            (Wanted::Anything, _) => true,
            (Wanted::Nothing, given) => given.is_none(),
            (Wanted::This(wanted), given) => given.is_some_and(|given| given.eq_ignore_ascii_case(wanted)),
        };
        if !request.body.is_empty() && !is_bound && !fits {
            return Err(Malformed::MediaType(wanted.to_string()));
        }
        let accepted = request.headers.get("accept");
        let answered = self.answered_media_type(&operation.answer).filter(|_| self.has_output(operation));
        match (accepted, answered) {
            (Some(accepted), Some(answered)) if !takes(&accepted, answered) => {
                Err(Malformed::NotAcceptable(answered.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn wanted_media_type(&self, operation: &Operation) -> Wanted<'_> {
        let schema = self.input(operation);
        if let Some(payload) = operation.payload().and_then(|name| schema.member(name)) {
            return Payload::of(payload).media_type(payload).map_or(Wanted::Anything, Wanted::This);
        }
        let has_none = operation.bindings.is_empty() && operation.input != UNIT;
        match operation.has_body() {
            true => Wanted::This(bodies::JSON),
            // An input that is a structure may be sent as one, even an empty one.
            false if has_none => Wanted::Anything,
            false => Wanted::Nothing,
        }
    }
}

/// What media type a body must have.
enum Wanted<'c> {
    Anything,
    Nothing,
    This(&'c str),
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Anything => "anything",
            Self::Nothing => "absent",
            Self::This(media_type) => media_type,
        })
    }
}

/// Without parameters (RFC 9110 section 8.3.1).
fn media_type(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// Whether an `Accept` header takes a media type (RFC 9110 section 12.5.1).
fn takes(accept: &str, media_type_: &str) -> bool {
    accept.split(',').map(media_type).any(|range| match range.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => media_type_.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(family)),
        None => range.is_empty() || range.eq_ignore_ascii_case(media_type_),
    })
}

/// What a schema does not say of a value in a request: a union has one documented member and no
/// other, and a date-time is in UTC.
fn is_strict(schema: Schema<'_>, value: &Value) -> bool {
    match value {
        Value::Object(members) if schema.note("union").is_some() => {
            members.len() == 1 && members.keys().all(|name| schema.member(name).is_some())
        }
        Value::String(text) if schema.kind() == Kind::Timestamp(TimestampFormat::DateTime) => {
            text.ends_with(['Z', 'z'])
        }
        _ => true,
    }
}
