//! What a provider does otherwise than when it was recorded last: two cassettes, compared by
//! operation and shape and never by their values.
//!
//! A place is compared only where both recordings could have shown it: nothing is said of the
//! members of items where one of them saw an empty list.

mod compare;
mod seen;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

pub use text::render;

use crate::cassette::Cassette;
use crate::contract::Contract;

/// One thing that is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// How much it matters.
    pub severity: Severity,
    /// The operation, or method and path where no contract knows it.
    pub operation: String,
    /// What it is.
    pub change: Change,
}

/// How much a drift matters to clients of the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// What a client could rely on is no more.
    Breaking,
    /// It may be by chance, or because something else was asked for.
    Notable,
    /// There is more than before.
    Added,
}

/// What is otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// No exchange of the operation was recorded any more.
    OperationGone,
    /// It was not recorded before.
    OperationNew,
    /// No answer has this status any more; `now` are those that there are.
    StatusGone {
        /// The status.
        status: u16,
        /// Those that there are now.
        now: Vec<u16>,
    },
    /// No answer had this status before.
    StatusNew {
        /// The status.
        status: u16,
    },
    /// A member of the answers with a status is in none of them any more.
    MemberGone {
        /// The status.
        status: u16,
        /// The member, `clusters[].state`; the whole body is empty.
        path: String,
        /// How often it was there before.
        before: Share,
    },
    /// A member is in answers that none of them had before.
    MemberNew {
        /// The status.
        status: u16,
        /// The member.
        path: String,
    },
    /// A value is of another type.
    Type {
        /// The status.
        status: u16,
        /// The member.
        path: String,
        /// The types that it had.
        before: Vec<Type>,
        /// The types that it has.
        now: Vec<Type>,
    },
    /// A header field is in no answer any more.
    HeaderGone {
        /// The status.
        status: u16,
        /// Its name.
        name: String,
    },
    /// A header field is in answers that none of them had before.
    HeaderNew {
        /// The status.
        status: u16,
        /// Its name.
        name: String,
    },
    /// The answers are of another media type.
    MediaType {
        /// The status.
        status: u16,
        /// Those that there were.
        before: Vec<String>,
        /// Those that there are.
        now: Vec<String>,
    },
}

/// How often something was there, of the times that it could have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How often it was there.
    pub times: usize,
    /// How often it could have been.
    pub of: usize,
}

/// A type of JSON, or a body that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// Any number.
    Number,
    /// A text.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
    /// A body that is not JSON.
    Bytes,
}

/// Everything that is otherwise in the new recording, the gravest first. Contracts say which operation
/// an exchange is and where names are made up by clients, as those of tags are.
pub fn between(contracts: &[Arc<Contract>], old: &Cassette, new: &Cassette) -> Vec<Drift> {
    let (old, new) = (seen::recording(contracts, old), seen::recording(contracts, new));
    let mut found = compare::recordings(&old, &new);
    found.sort_by_key(|drift| drift.severity);
    found
}
