use serde_json::{Map, Value};

use super::route::UriPattern;
use super::schema::Schema;
use super::validate::Validators;
use crate::exchange::Method;

/// A provider's documented operations, shapes, statuses, errors, pagination and rules.
#[derive(Debug)]
pub struct Contract {
    /// What users call it (`msk`); the file's stem.
    pub id: String,
    /// SHA-256 of the source text, hex: recordings and runs say with which text they were made.
    pub digest: String,
    /// The provider's own title.
    pub title: String,
    /// The provider's version of the API.
    pub version: String,
    /// How operations are put on the wire.
    pub protocol: Protocol,
    /// The name that goes into the credential scope of a SigV4 signature; `None`: not signed so.
    pub signing_name: Option<String>,
    /// All operations, in the order of the source.
    pub operations: Vec<Operation>,
    /// Things with a lifecycle.
    pub resources: Vec<Resource>,
    /// Errors that any operation of the provider may answer: code and the statuses it comes with.
    pub common_errors: Vec<(String, Vec<u16>)>,
    /// Where the pages disagreed and what was chosen, in words.
    pub resolutions: Vec<Value>,
    /// What the model says that is not read, kept for `contract show`; each with its first place:
    /// traits that mean nothing to us, and patterns that the validator does not take.
    pub unknown_traits: Vec<(String, String)>,
    /// The JSON Schema of every shape, by name.
    pub(super) definitions: Map<String, Value>,
    pub(super) validators: Validators,
}

impl Contract {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// The schema of a named shape. A name that the contract does not have gives the schema that
    /// accepts anything.
    pub fn shape<'c>(&'c self, name: &str) -> Schema<'c> {
        Schema::named(&self.definitions, name)
    }

    /// The input of an operation: one structure, whatever places its members travel in.
    pub fn input<'c>(&'c self, operation: &Operation) -> Schema<'c> {
        self.shape(&operation.input)
    }

    /// The output of an operation.
    pub fn output<'c>(&'c self, operation: &Operation) -> Schema<'c> {
        self.shape(&operation.output)
    }

    /// The resource that an operation belongs to, by lifecycle or by tagging.
    pub fn resource_of(&self, operation: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.operations().any(|name| name == operation))
    }
}

/// How operations are put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `aws.protocols#restJson1`
    RestJson1,
}

/// One documented call.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its documented name, `ListClusters`.
    pub name: String,
    /// The request method.
    pub method: Method,
    /// The path, with labels.
    pub uri: UriPattern,
    /// The documented status of success.
    pub status: u16,
    /// The name of the input shape.
    pub input: String,
    /// The name of the output shape.
    pub output: String,
    /// Where each input member travels.
    pub bindings: Vec<Binding>,
    /// The errors documented for this operation.
    pub errors: Vec<ErrorShape>,
    /// How it pages, if it does.
    pub pagination: Option<Pagination>,
    /// What it does to the account.
    pub safety: Safety,
    /// Constraints on one member that only prose states.
    pub constraints: Vec<Constraint>,
    /// Constraints across members of the input.
    pub rules: Vec<Rule>,
    /// Input members that select among the items of a list.
    pub filters: Vec<Filter>,
    /// Inputs that the provider gives as examples.
    pub examples: Vec<Value>,
    /// Where it is documented.
    pub source: Option<Source>,
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
        self.bindings.iter().any(|binding| matches!(binding.place, Place::Body))
    }
}

/// Where one input member travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The member's name in the input.
    pub member: String,
    /// Its place in the request.
    pub place: Place,
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A label of the path.
    Label,
    /// A query parameter of that name.
    Query(String),
    /// A header field of that name.
    Header(String),
    /// A member of the JSON body.
    Body,
}

/// A documented error.
#[derive(Debug, Clone)]
pub struct ErrorShape {
    /// Its name on the wire, `NotFoundException`; also the name of its shape.
    pub name: String,
    /// The documented status; `None`: the protocol's default.
    pub status: Option<u16>,
    /// Whose fault it is.
    pub kind: ErrorKind,
    /// Where it is documented.
    pub source: Option<Source>,
}

impl ErrorShape {
    /// The status it is answered with.
    pub fn effective_status(&self) -> u16 {
        self.status.unwrap_or(match self.kind {
            ErrorKind::Client => 400,
            ErrorKind::Server => 500,
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

/// How an operation pages, in Smithy's terms; dotted paths of wire names.
#[derive(Debug, Clone)]
pub struct Pagination {
    /// The input member that takes the token.
    pub input_token: String,
    /// The output member that hands out the next one.
    pub output_token: String,
    /// The output member with the items, where the contract names it.
    pub items: Option<String>,
    /// The input member that asks for a page size.
    pub page_size: Option<String>,
    /// The documented sizes.
    pub sizes: Option<PageSize>,
}

/// Documented page sizes.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// How many items come when no size is asked for, at most.
    pub default: Option<usize>,
    /// The largest size.
    pub maximum: Option<usize>,
    /// Where that is documented.
    pub source: Option<Source>,
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

/// What prose says of one input member.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// JSON pointer into the input; `*` stands for every element.
    pub pointer: String,
    /// JSON Schema keywords that the value satisfies.
    pub schema: Value,
    /// How binding it is.
    pub level: Level,
    /// Where it is documented.
    pub source: Option<Source>,
}

/// What prose says across members of one input.
#[derive(Debug, Clone)]
pub struct Rule {
    /// A stable name.
    pub id: String,
    /// JSON pointer of an optional member: without it, the rule holds.
    pub when: String,
    /// JSON Schema that the whole input satisfies.
    pub schema: Value,
    /// How binding it is.
    pub level: Level,
    /// Where it is documented.
    pub source: Option<Source>,
    /// The rule in words.
    pub note: String,
}

/// An input member that selects among the items of a list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The input member.
    pub member: String,
    /// The member of an item whose text starts with the filter's value.
    pub item: String,
    /// Where it is documented.
    pub source: Option<Source>,
}

/// Something with a lifecycle.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the lifecycle's members name the operations of Smithy's lifecycle")]
pub struct Resource {
    pub name: String,
    /// Members that identify it, wherever they occur.
    pub identifiers: Vec<String>,
    pub create: Option<String>,
    pub read: Option<String>,
    pub delete: Option<String>,
    pub list: Option<String>,
    /// How it is tagged.
    pub tagging: Option<Tagging>,
    /// The member that no two of them share.
    pub unique: Option<Unique>,
    /// The error for an identifier that names nothing.
    pub not_found: Option<String>,
    /// The states that it goes through.
    pub states: Option<States>,
}

impl Resource {
    /// The names of all its operations.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        let tagging = self.tagging.iter().flat_map(|tagging| [&tagging.tag, &tagging.untag, &tagging.list]);
        [&self.create, &self.read, &self.delete, &self.list]
            .into_iter()
            .flatten()
            .chain(tagging)
            .map(String::as_str)
    }
}

/// How a resource is tagged (Smithy `aws.api#taggable`).
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the members name the operations")]
pub struct Tagging {
    /// The member of the resource that shows its tags.
    pub property: String,
    pub tag: String,
    pub untag: String,
    pub list: String,
}

/// A member that no two resources share.
#[derive(Debug, Clone)]
pub struct Unique {
    /// The member.
    pub member: String,
    /// The error for a second one.
    pub error: String,
}

/// The states of a resource.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct States {
    /// The member that shows the state.
    pub member: String,
    pub initial: String,
    pub settled: Vec<String>,
    pub deleting: Option<String>,
}

/// How binding a documented fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Reported only.
    Info,
    /// Reported as advice.
    Advisory,
    /// Breaks a strict run.
    Should,
    /// Breaks the run.
    Must,
}

impl Level {
    /// As written in contracts and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Advisory => "ADV",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        }
    }

    /// Reads what [`Level::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Info, Self::Advisory, Self::Should, Self::Must]
            .into_iter()
            .find(|level| level.as_str() == text)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a fact is documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The title of the page.
    pub title: String,
    /// Its address.
    pub url: String,
    /// The place on the page.
    pub section: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} <{}>", self.title, self.section, self.url)
    }
}
