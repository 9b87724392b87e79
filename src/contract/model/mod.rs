//! The contract as plain data.

mod facts;
mod link;
mod operation;
mod pagination;
mod resource;
mod waiter;

pub use facts::{Condition, Constraint, Filter, FilterKind, Level, Rule, Source};
pub use link::Link;
pub use operation::{
    Answer, Binding, ErrorKind, ErrorShape, Explode, Operation, ParameterStyle, Place, Safety, Statuses,
};
pub use pagination::{End, PageSize, Pagination, PagingStyle};
pub use resource::{Resource, States, Tagging, Unique};
pub use waiter::{Acceptor, DELAY, Matcher, Quantity, Wait, Waiter};

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::hosts::HostPattern;
use super::places::Places;
use super::protocol::Protocol;
use super::schema::Schema;
use super::validate::Validators;

/// A provider's documented operations, shapes, statuses, errors, pagination and rules.
#[derive(Debug)]
pub struct Contract {
    /// What users call it (`msk`); the file's stem.
    pub id: String,
    /// SHA-256 of the source texts, hex: recordings and runs say with which texts they were made.
    pub digest: String,
    /// The provider's own title.
    pub title: String,
    /// The provider's version of the API.
    pub version: String,
    /// The name of the service, which awsJson, awsQuery and rpcv2Cbor put on the wire.
    pub service: String,
    /// How operations are put on the wire; never empty. The first is what we speak, and requests in
    /// the others are recognised.
    pub protocols: Vec<Protocol>,
    /// Base addresses that the provider documents, with default values for their variables.
    pub servers: Vec<String>,
    /// The hosts that are the provider's, see [`Contract::serves`].
    pub hosts: Vec<HostPattern>,
    /// The name that goes into the credential scope of a SigV4 signature; `None`: not signed so.
    pub signing_name: Option<String>,
    /// Places of requests that carry credentials, which are never recorded (OpenAPI).
    pub credentials: Vec<Place>,
    /// All operations, in the order of the source.
    pub operations: Vec<Operation>,
    /// Things with a lifecycle.
    pub resources: Vec<Resource>,
    /// Errors that any operation of the provider may answer: code and the statuses it comes with.
    pub common_errors: Vec<(String, Vec<u16>)>,
    /// Where the pages disagreed and what was chosen, in words.
    pub resolutions: Vec<Value>,
    /// What the model says that is read otherwise than it stands there, or not at all.
    pub warnings: Vec<Warning>,
    /// The JSON Schema of every shape, by name.
    pub(super) definitions: Map<String, Value>,
    /// What holds between the members of a structure, by its name.
    pub(super) rules: HashMap<String, Vec<Rule>>,
    pub(super) validators: Validators,
    pub(super) places: Places,
}

/// Something in a model that is read otherwise than it stands there, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file that it is in, as the user named it.
    pub file: String,
    /// Where in the document it stands, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub problem: String,
    /// What to do about it; also what is done until then.
    pub mend: String,
}

impl Contract {
    /// The protocol that we speak.
    pub fn protocol(&self) -> Protocol {
        self.protocols.first().copied().unwrap_or(Protocol::Http)
    }

    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// The names of all shapes, in the order of the source.
    pub fn shapes(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(String::as_str)
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

    /// The output of an operation: one structure, whatever places its members travel in.
    pub fn output<'c>(&'c self, operation: &Operation) -> Schema<'c> {
        self.shape(&operation.answer.shape)
    }

    /// What holds between the members of a structure.
    pub fn rules_of(&self, shape: &str) -> &[Rule] {
        self.rules.get(shape).map(Vec::as_slice).unwrap_or_default()
    }

    /// The resource that an operation belongs to, by lifecycle or by tagging.
    pub fn resource_of(&self, operation: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.operations().any(|name| name == operation))
    }
}
