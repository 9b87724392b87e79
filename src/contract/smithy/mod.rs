//! Loads Smithy JSON AST, 2.0 and 1.0 (<https://smithy.io/2.0/spec/json-ast.html>).

mod ast;
mod auth;
mod bindings;
mod common;
mod flatten;
mod operations;
mod resources;
mod shapes;
#[cfg(test)]
mod tests;
mod traits;
mod waiters;

use std::collections::HashMap;

use serde_json::{Value, json};

use super::ContractError;
use super::document::Document;
use super::draft::Draft;
use super::hosts::{self, HostPattern};
use super::model::Contract;
use super::places::{Notation, Places, Subject};
use super::protocol::Protocol;
use super::schema::escaped;
use super::validate::Validators;
use crate::encoding::digest;
use ast::{Ast, Shape};
use shapes::{Names, Naming};

/// The shape of an operation that takes or answers nothing.
pub(super) const UNIT: &str = "Unit";

/// The traits that say how a client finds the host of a service.
const ENDPOINT_RULES: &[&str] = &["smithy.rules#endpointRuleSet", "smithy.rules#endpointBdd"];

/// Reads a model. `id` is what users call the contract; `service` names one of several services.
///
/// # Errors
/// Says where the text is not a Smithy model, which shape is missing, or which protocol is
/// not known.
pub(super) fn draft(id: &str, document: &Document, service: Option<&str>) -> Result<Draft, ContractError> {
    let ast = Ast::parse(document)?;
    let (service_id, service) = ast.service(service)?;
    let protocols = protocols(&ast, service_id, service)?;
    let protocol = protocols.first().copied().unwrap_or(Protocol::Http);
    let naming = if protocol.binds_http() { Naming::JsonName } else { Naming::Own };
    let names = shapes::names(&ast);
    let mut definitions = shapes::definitions(&ast, &names, naming)?;
    definitions.entry(UNIT).or_insert_with(|| json!({"type": "object", "properties": {}}));
    let warnings = traits::unknown(&ast);
    let sigv4 = service.traits.get("aws.auth#sigv4");
    let service_name = ast::local(service_id);
    let loader = operations::Loader { ast: &ast, service, service_name, protocol, names: &names, naming };
    let mut operations = Vec::new();
    let mut notes = HashMap::new();
    for operation_id in operations::reachable(&ast, service)? {
        let (operation, said) = loader.operation(operation_id)?;
        notes.insert(operation.name.clone(), said);
        operations.push(operation);
    }
    let contract = Contract {
        id: id.to_owned(),
        digest: digest(document.text.as_bytes()),
        title: service.text("smithy.api#title").unwrap_or(service_name).to_owned(),
        version: service.version.clone().unwrap_or_default(),
        service: service_name.to_owned(),
        protocols,
        servers: Vec::new(),
        hosts: hosts(service),
        signing_name: sigv4.and_then(|sigv4| Some(sigv4.get("name")?.as_str()?.to_owned())),
        credentials: Vec::new(),
        operations,
        resources: Vec::new(),
        common_errors: if sigv4.is_some() { common::errors() } else { Vec::new() },
        resolutions: Vec::new(),
        warnings,
        definitions,
        rules: HashMap::new(),
        validators: Validators::default(),
        places: places(&document.file, &ast, &names, service_id),
    };
    let resources = resources::resources(&ast, service)?;
    Ok(Draft { contract, service: traits::notes(&service.traits), operations: notes, resources })
}

/// The hosts that the model names: by its endpoint prefix, and by the rules of its endpoints.
fn hosts(service: &Shape) -> Vec<HostPattern> {
    let prefix = service.traits.get("aws.api#service").and_then(|it| it.get("endpointPrefix")?.as_str());
    let mut hosts = prefix.map(hosts::of_endpoint_prefix).unwrap_or_default();
    for rules in ENDPOINT_RULES.iter().filter_map(|name| service.traits.get(*name)) {
        hosts.extend(hosts::of_endpoint_rules(rules));
    }
    hosts
}

/// Where everything stands in the model.
fn places(file: &str, ast: &Ast<'_>, names: &Names, service: &str) -> Places {
    let mut places = Places::new(file, Notation::Smithy);
    for (id, shape) in &ast.shapes {
        let subject = match shape.kind.as_str() {
            "service" if id == service => Subject::Service,
            "service" => continue,
            "operation" => Subject::Operation(ast::local(id).to_owned()),
            "resource" => Subject::Resource(ast::local(id).to_owned()),
            _ => Subject::Shape(names[id].clone()),
        };
        places.put(subject, format!("/shapes/{}", escaped(id)));
    }
    places
}

/// The protocols of a service, the one that we speak best first.
fn protocols(ast: &Ast<'_>, service_id: &str, service: &Shape) -> Result<Vec<Protocol>, ContractError> {
    let mut protocols: Vec<_> = service.traits.keys().filter_map(|name| Protocol::of_trait(name)).collect();
    protocols.sort();
    if !protocols.is_empty() {
        return Ok(protocols);
    }
    Err(ast.error(
        service_id,
        format!("the service {service_id} has no protocol that is known"),
        "give a model with a protocol trait, such as aws.protocols#restJson1",
    ))
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}
