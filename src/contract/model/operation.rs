use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::{Constraint, Filter, Pagination, Rule, Source, Waiter};
use crate::contract::route::UriPattern;
use crate::exchange::Method;

/// One documented call.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its documented name, `ListClusters`.
    pub name: String,
    /// The request method.
    pub method: Method,
    /// The path, with labels.
    pub uri: UriPattern,
    /// What stands before the provider's host name, with labels (Smithy `@endpoint`).
    pub host_prefix: Option<String>,
    /// The name of the input shape.
    pub input: String,
    /// Where each input member travels.
    pub bindings: Vec<Binding>,
    /// The documented success.
    pub answer: Answer,
    /// Further documented successes (OpenAPI).
    pub other_answers: Vec<Answer>,
    /// The errors documented for this operation.
    pub errors: Vec<ErrorShape>,
    /// How it pages, if it does.
    pub pagination: Option<Pagination>,
    /// What it does to the account.
    pub safety: Safety,
    /// Whether the provider takes it only with a signature of AWS (Smithy `@auth`, `@optionalAuth`).
    pub is_signed: bool,
    /// Constraints on one input member that only prose states.
    pub constraints: Vec<Constraint>,
    /// Constraints across members of the input.
    pub rules: Vec<Rule>,
    /// Input members that select among the items of a list.
    pub filters: Vec<Filter>,
    /// What clients wait for by calling it again and again.
    pub waiters: Vec<Waiter>,
    /// Inputs that the provider gives as examples.
    pub examples: Vec<Value>,
    /// Where it is documented.
    pub source: Option<Source>,
    /// The names of members that are sensitive anywhere in what it takes and answers; found when
    /// they are asked for.
    pub(in crate::contract) sensitive: OnceLock<BTreeSet<String>>,
    /// Whether rules hold in what it answers, once it was asked for.
    pub(in crate::contract) ruled: OnceLock<bool>,
    /// The names of members that say when something expires; found when they are asked for.
    pub(in crate::contract) expiries: OnceLock<BTreeSet<String>>,
}

impl Operation {
    /// The errors that a client can cause, as against those of the provider.
    pub fn client_errors(&self) -> impl Iterator<Item = &ErrorShape> {
        self.errors.iter().filter(|error| error.kind == ErrorKind::Client)
    }

    /// The last label of the path: what the operation is about.
    pub fn label(&self) -> Option<&str> {
        let mut labels = self.bindings.iter().filter(|binding| binding.place == Place::Label);
        labels.next_back().map(|binding| binding.member.as_str())
    }

    /// Whether any input member travels in the body.
    pub fn has_body(&self) -> bool {
        self.bindings.iter().any(|binding| matches!(binding.place, Place::Body | Place::Payload))
    }

    /// The input member that is the whole body, if there is one.
    pub fn payload(&self) -> Option<&str> {
        payload(&self.bindings)
    }

    /// All documented successes, the usual one first.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        std::iter::once(&self.answer).chain(&self.other_answers)
    }

    /// The documented success with a status; the usual one if none is.
    pub fn answer_with(&self, status: u16) -> &Answer {
        let of = |answer: &&Answer| answer.statuses.contain(status);
        self.answers().filter(of).min_by_key(|answer| answer.statuses.breadth()).unwrap_or(&self.answer)
    }

    /// The documented error with a status, the most exact one.
    pub fn error_with(&self, status: u16) -> Option<&ErrorShape> {
        let of = |error: &&ErrorShape| error.effective_statuses().contain(status);
        self.errors.iter().filter(of).min_by_key(|error| error.effective_statuses().breadth())
    }
}

/// A documented success.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The statuses it comes with.
    pub statuses: Statuses,
    /// The name of its shape.
    pub shape: String,
    /// Where each member travels.
    pub bindings: Vec<Binding>,
}

impl Answer {
    /// The status that we answer it with.
    pub fn status(&self) -> u16 {
        self.statuses.usual(200)
    }

    /// The member that is the whole body, if there is one.
    pub fn payload(&self) -> Option<&str> {
        payload(&self.bindings)
    }
}

fn payload(bindings: &[Binding]) -> Option<&str> {
    bindings.iter().find(|binding| binding.place == Place::Payload).map(|binding| binding.member.as_str())
}

/// The statuses that a documented answer comes with (OpenAPI, Responses Object).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statuses {
    /// This one.
    One(u16),
    /// All of one class: `4` stands for `4XX`.
    Class(u8),
    /// Those that no other answer is documented for.
    Default,
}

impl Statuses {
    /// Whether a status is one of them.
    pub fn contain(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Class(class) => status / 100 == u16::from(class),
            Self::Default => true,
        }
    }

    /// How many they are, roughly: what is said of fewer goes before what is said of more.
    pub fn breadth(self) -> u8 {
        match self {
            Self::One(_) => 0,
            Self::Class(_) => 1,
            Self::Default => 2,
        }
    }

    /// The status to answer with; `default` where the document leaves it open.
    pub fn usual(self, default: u16) -> u16 {
        match self {
            Self::One(one) => one,
            Self::Class(class) => u16::from(class) * 100,
            Self::Default => default,
        }
    }
}

impl std::fmt::Display for Statuses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(status) => write!(f, "{status}"),
            Self::Class(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Where one member travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The member's name in the structure.
    pub member: String,
    /// Its place in the message.
    pub place: Place,
    /// How lists and structures are written there.
    pub style: ParameterStyle,
}

/// A place in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A label of the path.
    Label,
    /// A query parameter of that name.
    Query(String),
    /// All query parameters that no other member has: a map.
    QueryMap,
    /// A header field of that name.
    Header(String),
    /// All header fields whose names start so: a map.
    HeaderMap(String),
    /// A cookie of that name (OpenAPI).
    Cookie(String),
    /// The status of an answer.
    Status,
    /// A member of the body.
    Body,
    /// The whole body.
    Payload,
}

/// How a list or a structure is written in a path, a query or a header (OpenAPI, Style Values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParameterStyle {
    /// Lists repeat the parameter in a query (`form`, exploded), and are joined by commas elsewhere
    /// (`simple`). What Smithy does.
    #[default]
    Plain,
    /// Elements, or names and values by turns, joined by this character.
    Joined(char),
    /// The members of a structure are parameters of their own, `a=1&b=2`; `a=1,b=2` in a path.
    Members,
    /// `name[member]=value`.
    Deep,
    /// A path segment that begins with a full stop; members and elements apart, or joined by commas.
    Dotted(Explode),
    /// A path segment of `;name=value`; members and elements apart, or joined by commas.
    Matrix(Explode),
    /// The value as JSON text.
    Json,
}

/// Whether the parts of a value stand apart (OpenAPI `explode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Explode {
    Apart,
    Together,
}

/// A documented error.
#[derive(Debug, Clone)]
pub struct ErrorShape {
    /// Its name on the wire, `NotFoundException`; in OpenAPI its statuses, `404`.
    pub name: String,
    /// The name of its shape.
    pub shape: String,
    /// The documented statuses; `None`: the protocol's default.
    pub statuses: Option<Statuses>,
    /// Whose fault it is.
    pub kind: ErrorKind,
    /// Where each member travels.
    pub bindings: Vec<Binding>,
    /// Where it is documented.
    pub source: Option<Source>,
}

impl ErrorShape {
    /// The member that is the whole body, if there is one.
    pub fn payload(&self) -> Option<&str> {
        payload(&self.bindings)
    }

    /// An error that nothing documents further: name and shape are the same.
    pub fn of_status(name: &str, status: u16) -> Self {
        Self {
            name: name.to_owned(),
            shape: name.to_owned(),
            statuses: Some(Statuses::One(status)),
            kind: if status < 500 { ErrorKind::Client } else { ErrorKind::Server },
            bindings: Vec::new(),
            source: None,
        }
    }

    /// The status that we answer it with.
    pub fn effective_status(&self) -> u16 {
        self.effective_statuses().usual(400)
    }

    /// The statuses it comes with.
    pub fn effective_statuses(&self) -> Statuses {
        self.statuses.unwrap_or(match self.kind {
            ErrorKind::Client => Statuses::One(400),
            ErrorKind::Server => Statuses::One(500),
        })
    }
}

/// Whose fault an error is (Smithy `@error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ErrorKind {
    Client,
    Server,
}

/// What an operation does to an account, from harmless to not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Safety {
    Read,
    Create,
    Change,
    Destroy,
}

impl Safety {
    /// As written in contracts and listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Change => "change",
            Self::Destroy => "destroy",
        }
    }

    /// Reads what [`Safety::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Create, Self::Change, Self::Destroy]
            .into_iter()
            .find(|safety| safety.as_str() == text)
    }
}
