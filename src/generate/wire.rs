//! What the place of a member in a request does to its values.

use crate::contract::{Contract, Kind, Operation, ParameterStyle, Place, Protocol};

/// What the place in the request does to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// JSON: all is kept.
    Json,
    /// A whole body that is no JSON: never empty, for an empty one counts as absent.
    Raw,
    /// Text in the query: types and empty lists are lost.
    Query,
    /// Text in a header field: visible ASCII only.
    Header,
    /// Text in the path: never empty.
    Label,
    /// One text among others in a place: letters, digits and hyphens do not part it.
    Part,
    /// A name among the names of parameters or header fields: these fold case.
    Name,
}

impl Wire {
    /// The wire of a member of the input.
    pub(super) fn of(contract: &Contract, operation: &Operation, member: &str) -> Self {
        let binding = operation.bindings.iter().find(|binding| binding.member == member);
        let Some(binding) = binding else { return Self::Json };
        match (&binding.place, binding.style) {
            (Place::Payload, _) if is_raw(contract, operation, member) => Self::Raw,
            (Place::Body | Place::Payload | Place::Status, _) | (_, ParameterStyle::Json) => Self::Json,
            (Place::Cookie(_), _) => Self::Part,
            (_, style) if style != ParameterStyle::Plain && is_many(contract, operation, member) => {
                Self::Part
            }
            (Place::Label, _) => Self::Label,
            (Place::Query(_) | Place::QueryMap, _) => Self::Query,
            (Place::Header(_) | Place::HeaderMap(_), _) => Self::Header,
        }
    }

    /// The wire of what stands inside a value of this kind.
    pub(super) fn inside(self, outer: Kind) -> Self {
        match (self, outer) {
            (Self::Header | Self::Label, Kind::List | Kind::Structure) => Self::Part,
            (wire, _) => wire,
        }
    }

    /// The wire of a map's names.
    pub(super) fn keys(self) -> Self {
        if self == Self::Json { Self::Json } else { Self::Name }
    }

    /// Whether a value there must not be empty to be seen.
    pub(super) fn loses_empty(self) -> bool {
        !matches!(self, Self::Json | Self::Query)
    }

    pub(super) fn allows(self, c: char) -> bool {
        match self {
            Self::Json | Self::Raw | Self::Query | Self::Label => true,
            Self::Header => c.is_ascii_graphic(),
            Self::Part => c.is_ascii_alphanumeric() || c == '-',
            Self::Name => c.is_ascii_lowercase() || c.is_ascii_digit(),
        }
    }

    /// Whether a text survives its place in the request.
    pub(super) fn carries(self, text: &str) -> bool {
        let is_there = !self.loses_empty() || !text.is_empty();
        is_there
            && match self {
                // Clients and servers take dots out of paths (RFC 3986 section 5.2.4), and some of
                // them empty segments.
                Self::Label => text.split('/').all(|segment| !matches!(segment, "" | "." | "..")),
                _ => text.chars().all(|c| self.allows(c)),
            }
    }
}

fn kind(contract: &Contract, operation: &Operation, member: &str) -> Kind {
    contract.input(operation).member(member).map_or(Kind::Any, |schema| schema.kind())
}

fn is_many(contract: &Contract, operation: &Operation, member: &str) -> bool {
    matches!(kind(contract, operation, member), Kind::List | Kind::Map | Kind::Structure)
}

/// Smithy writes texts and blobs as they are; what OpenAPI calls a body is JSON here.
fn is_raw(contract: &Contract, operation: &Operation, member: &str) -> bool {
    contract.protocol() != Protocol::Http && kind(contract, operation, member) == Kind::Text
}
