//! Loads Smithy 2.0 JSON AST (<https://smithy.io/2.0/spec/json-ast.html>).

mod ast;
mod bindings;
mod common;
mod operations;
mod shapes;
#[cfg(test)]
mod tests;
mod traits;

use serde_json::Value;

use super::document::Document;
use super::model::{Contract, Protocol, Source};
use super::pattern::Patterns;
use super::validate::Validators;
use super::{ContractError, Safety};
use crate::encoding::digest;
use ast::Ast;

impl Contract {
    /// Loads a model. `id` is what users call the contract, `file` names the text in errors.
    ///
    /// # Errors
    /// Says where the text is not a Smithy model, which shape is missing, or which protocol is
    /// not supported.
    pub fn from_smithy(id: &str, file: &str, text: &str) -> Result<Self, ContractError> {
        let document = Document::read(file, text.as_bytes())?;
        let ast = Ast::parse(&document)?;
        let (service_id, service) = ast.service()?;
        let pages = Pages(service.traits.get("onrecord#pages"));
        let (mut definitions, names) = shapes::definitions(&ast)?;
        let mut patterns = Patterns::default();
        definitions.iter_mut().for_each(|(name, schema)| patterns.translate(name, schema));
        let mut contract = Self {
            id: id.to_owned(),
            digest: digest(text.as_bytes()),
            title: service.text("smithy.api#title").unwrap_or_else(|| ast::local(service_id)).to_owned(),
            version: service.version.clone().unwrap_or_default(),
            protocol: protocol(&ast, service_id, service)?,
            signing_name: service
                .traits
                .get("aws.auth#sigv4")
                .and_then(|sigv4| Some(sigv4.get("name")?.as_str()?.to_owned())),
            operations: Vec::new(),
            resources: operations::resources(&ast, service)?,
            common_errors: common::errors(service),
            resolutions: list(service.traits.get("onrecord#resolutions")),
            unknown_traits: traits::unknown(&ast),
            definitions,
            validators: Validators::default(),
        };
        let loader = operations::Loader { ast: &ast, service, names: &names, pages: &pages };
        for operation_id in operations::reachable(&ast, service)? {
            let mut operation = loader.operation(&contract, operation_id)?;
            operation.rules.iter_mut().for_each(|rule| patterns.translate(&rule.id, &mut rule.schema));
            contract.operations.push(operation);
        }
        contract.unknown_traits.extend(patterns.unreadable.into_iter().map(|unreadable| {
            (format!("smithy.api#pattern with the text `{}`", unreadable.pattern), unreadable.definition)
        }));
        refine_safety(&mut contract);
        Ok(contract)
    }
}

/// The pages that sources refer to by key.
struct Pages<'a>(Option<&'a Value>);

impl Pages<'_> {
    /// The source that a trait or an entry's member gives.
    fn source(&self, source: Option<&Value>) -> Option<Source> {
        let source = source?;
        let page = self.0?.get(source.get("page")?.as_str()?)?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Source {
            title: text(page.get("title")),
            url: text(page.get("url")),
            section: text(source.get("section")),
        })
    }
}

fn protocol(ast: &Ast<'_>, service_id: &str, service: &ast::Shape) -> Result<Protocol, ContractError> {
    if service.traits.contains_key("aws.protocols#restJson1") {
        return Ok(Protocol::RestJson1);
    }
    let spoken: Vec<_> =
        service.traits.keys().filter(|name| name.starts_with("aws.protocols#")).cloned().collect();
    Err(ast.error(
        service_id,
        format!(
            "the service {service_id} speaks {}",
            if spoken.is_empty() { "no known protocol".into() } else { spoken.join(", ") }
        ),
        "give a model with the trait aws.protocols#restJson1; other protocols are not read yet",
    ))
}

/// A resource's lifecycle says more about an operation than its method does.
fn refine_safety(contract: &mut Contract) {
    for resource in &contract.resources {
        for operation in &mut contract.operations {
            if Some(&operation.name) == resource.create.as_ref() && operation.safety != Safety::Read {
                operation.safety = Safety::Create;
            }
            if Some(&operation.name) == resource.delete.as_ref() {
                operation.safety = Safety::Destroy;
            }
        }
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}
