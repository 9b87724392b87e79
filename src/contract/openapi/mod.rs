//! Loads OpenAPI 3.0 and 3.1 (<https://spec.openapis.org/oas/v3.1.1.html>), and Swagger 2.0.

mod answers;
mod bodies;
mod credentials;
mod documents;
mod look;
mod merge;
mod names;
mod notes;
mod notices;
mod operations;
mod parameters;
mod servers;
mod shapes;
mod survey;
mod swagger;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::ContractError;
use super::document::Document;
use super::draft::{Draft, Notes};
use super::model::Contract;
use super::places::Subject;
use super::protocol::Protocol;
use super::schema::escaped;
use super::validate::Validators;
use crate::encoding::digest;
use documents::Documents;
pub(super) use documents::Files;
use notices::Notices;
use shapes::Shapes;

/// The versions of the language.
enum Version {
    Swagger2,
    OpenApi3,
    /// Later than what we know; with its number.
    Later(String),
}

/// Reads a document. `id` is what users call the contract; `files` reads what the document refers
/// to.
///
/// # Errors
/// Says where the document is of another version, has no paths, or refers to what is not there.
pub(super) fn draft(id: &str, document: &Document, files: Files<'_>) -> Result<Draft, ContractError> {
    let version = version(document)?;
    if document.root.get("paths").and_then(Value::as_object).is_none_or(Map::is_empty) {
        let mend = "give the document that describes the operations";
        return Err(document.error("/paths", "the document has no paths", mend));
    }
    let mut documents = Documents::read(&document.file, document.root.clone(), files)?;
    let mut notices = Notices::default();
    match version {
        Version::Swagger2 => swagger::convert(&mut documents, &mut notices),
        Version::OpenApi3 => {}
        Version::Later(number) => {
            let problem = format!("OpenAPI {number} is read as 3.1, and what is new in it is not seen");
            notices.warn("0#/openapi", problem, "give the document in 3.1");
        }
    }
    build(id, document, &documents, notices)
}

fn version(document: &Document) -> Result<Version, ContractError> {
    let text = |name: &str| match document.root.get(name)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let unknown = |name: &str, version: &str| {
        let problem = format!("version {version} is not known");
        Err(document.error(&format!("/{name}"), problem, "convert the document to OpenAPI 3.1"))
    };
    match (text("openapi"), text("swagger"), text("swaggerVersion")) {
        (Some(version), ..) if version.starts_with("3.0") || version.starts_with("3.1") => {
            Ok(Version::OpenApi3)
        }
        (Some(version), ..) if version.starts_with("3.") => Ok(Version::Later(version)),
        (Some(version), ..) => unknown("openapi", &version),
        (None, Some(version), _) if version.starts_with('2') => Ok(Version::Swagger2),
        (None, Some(version), _) => unknown("swagger", &version),
        (None, None, Some(version)) => unknown("swaggerVersion", &version),
        (None, None, None) => {
            let mend = "give an OpenAPI document, a Smithy JSON AST, or an overlay beside one of them";
            Err(document.error("", "the document says neither openapi nor swagger", mend))
        }
    }
}

fn build(
    id: &str,
    document: &Document,
    documents: &Documents,
    notices: Notices,
) -> Result<Draft, ContractError> {
    let nothing = Map::new();
    let root = documents.root().as_object().unwrap_or(&nothing);
    let mut shapes = Shapes::new(documents, notices);
    let addresses = servers::addresses(root, "0#", &mut shapes.notices);
    let (operations, said) = operations::operations(&mut shapes, &addresses);
    let credentials = credentials::places(documents, &mut shapes.notices);
    let service = notes::notes(root, "0#", &mut shapes.notices);
    unread(root, &mut shapes.notices);
    let resources = resources(root);
    for (name, _) in &resources {
        let pointer = format!("/x-onrecord-resources/{}", escaped(name));
        shapes.places.put(Subject::Resource(name.clone()), pointer);
    }
    let (definitions, places, notices) = shapes.finish();
    let info = |name: &str| {
        root.get("info").and_then(|info| info.get(name)?.as_str()).unwrap_or_default().to_owned()
    };
    let contract = Contract {
        id: id.to_owned(),
        digest: digest(document.text.as_bytes()),
        title: info("title"),
        version: info("version"),
        service: info("title"),
        protocols: vec![Protocol::Http],
        servers: addresses,
        hosts: servers::hosts(root),
        signing_name: None,
        credentials,
        operations,
        resources: Vec::new(),
        common_errors: Vec::new(),
        resolutions: Vec::new(),
        warnings: notices.finish(documents)?,
        definitions,
        rules: HashMap::new(),
        validators: Validators::default(),
        places,
    };
    Ok(Draft { contract, service, operations: said, resources })
}

/// The resources of the document, which OpenAPI has no words for.
fn resources(root: &Map<String, Value>) -> Vec<(String, Notes)> {
    let stated = root.get("x-onrecord-resources").and_then(Value::as_object);
    let resource = |(name, notes): (&String, &Value)| Some((name.clone(), notes.as_object()?.clone()));
    stated.into_iter().flatten().filter_map(resource).collect()
}

/// Parts of a document that describe requests of the provider, not of its clients.
fn unread(root: &Map<String, Value>, notices: &mut Notices) {
    if root.get("webhooks").and_then(Value::as_object).is_some_and(|webhooks| !webhooks.is_empty()) {
        let problem = "webhooks are requests of the provider, and are not read";
        notices.warn("0#/webhooks", problem, "write a contract for them where they are received");
    }
}
