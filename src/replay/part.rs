//! The parts of requests that are compared, as explanations and diffs call them.

use std::fmt;

/// A part of a request, read one way or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The contract that documents its operation, by its id.
    Contract,
    /// The operation.
    Operation,
    /// The protocol, where it is not the contract's first.
    Protocol,
    /// All members of the operation's input.
    Input,
    Method,
    Path,
    /// The parameters that are no members of an input.
    Query,
    /// The members of an input that the query has twice.
    RepeatedQuery,
    Headers,
    /// The content coding of a body that could not be unpacked.
    Coding,
    /// What was not UTF-8.
    Raw,
    /// JSON, or what is compared byte by byte.
    Body,
    Form,
    Cbor,
    Xml,
    Multipart,
}

impl Part {
    const ALL: [Self; 16] = [
        Self::Contract,
        Self::Operation,
        Self::Protocol,
        Self::Input,
        Self::Method,
        Self::Path,
        Self::Query,
        Self::RepeatedQuery,
        Self::Headers,
        Self::Coding,
        Self::Raw,
        Self::Body,
        Self::Form,
        Self::Cbor,
        Self::Xml,
        Self::Multipart,
    ];

    /// What it is called among the compared parts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Operation => "operation",
            Self::Protocol => "protocol",
            Self::Input => "input",
            Self::Method => "method",
            Self::Path => "path",
            Self::Query => "query",
            Self::RepeatedQuery => "repeated query",
            Self::Headers => "headers",
            Self::Coding => "coding",
            Self::Raw => "raw",
            Self::Body => "body",
            Self::Form => "form",
            Self::Cbor => "cbor",
            Self::Xml => "xml",
            Self::Multipart => "multipart",
        }
    }

    /// The part that a place is in, and what of it: nothing, if it is all of the part.
    pub(super) fn of_place(place: &str) -> Option<(Self, &str)> {
        let (name, inside) = place.split_once('/').unwrap_or((place, ""));
        Self::ALL.into_iter().find(|part| part.name() == name).map(|part| (part, inside))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
