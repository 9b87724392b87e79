//! Smithy operations and errors as the contract's own types.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::ast::{Ast, Member, Reference, Shape, local};
use super::shapes::{Names, Naming};
use super::traits::notes;
use super::{auth, bindings, list};
use crate::contract::ContractError;
use crate::contract::draft::Notes;
use crate::contract::model::{Answer, Binding, ErrorKind, ErrorShape, Operation, Safety, Statuses};
use crate::contract::protocol::Protocol;
use crate::contract::route::UriPattern;
use crate::exchange::Method;

pub(super) struct Loader<'a> {
    pub(super) ast: &'a Ast<'a>,
    pub(super) service: &'a Shape,
    pub(super) service_name: &'a str,
    pub(super) protocol: Protocol,
    pub(super) names: &'a Names,
    pub(super) naming: Naming,
}

/// The ids of all operations of a service, through its resources too, in order, each once.
pub(super) fn reachable<'a>(ast: &'a Ast<'_>, service: &'a Shape) -> Result<Vec<&'a str>, ContractError> {
    let mut ids = Vec::new();
    // A resource may list itself, or one that lists it.
    let mut visited = HashSet::new();
    let mut left = vec![service];
    while let Some(container) = left.pop() {
        for id in container.own_operations() {
            if visited.insert(id) {
                ids.push(id);
            }
        }
        // The last one pushed is the next one read.
        for resource in container.resources.iter().rev() {
            if visited.insert(resource.target.as_str()) {
                left.push(ast.shape(&resource.target)?);
            }
        }
    }
    Ok(ids)
}

impl Loader<'_> {
    pub(super) fn operation(&self, id: &str) -> Result<(Operation, Notes), ContractError> {
        let shape = self.ast.shape(id)?;
        let (input, output) = (self.part(shape.input.as_ref())?, self.part(shape.output.as_ref())?);
        let (method, uri, status) = self.line(id, shape)?;
        let host_prefix = shape.traits.get("smithy.api#endpoint").and_then(|it| it.get("hostPrefix"));
        let operation = Operation {
            name: local(id).to_owned(),
            method,
            uri,
            host_prefix: host_prefix.and_then(Value::as_str).map(str::to_owned),
            input: self.name(shape.input.as_ref()),
            bindings: self.bindings(input),
            answer: Answer {
                statuses: Statuses::One(status),
                shape: self.name(shape.output.as_ref()),
                bindings: self.answer_bindings(output),
            },
            other_answers: Vec::new(),
            errors: self.errors(shape)?,
            pagination: None,
            safety: Safety::Destroy,
            is_signed: auth::is_signed(self.service, shape),
            constraints: Vec::new(),
            rules: Vec::new(),
            filters: Vec::new(),
            waiters: self.waiters(shape, output),
            examples: self.examples(shape, input),
            source: None,
            sensitive: OnceLock::new(),
            ruled: OnceLock::new(),
            expiries: OnceLock::new(),
        };
        Ok((operation, self.notes(shape, input, output)))
    }

    /// Method, path and status.
    fn line(&self, id: &str, shape: &Shape) -> Result<(Method, UriPattern, u16), ContractError> {
        if let Some(path) = self.protocol.path(self.service_name, local(id)) {
            return Ok((Method::Post, UriPattern::parse(&path), 200));
        }
        let http = shape.traits.get("smithy.api#http").ok_or_else(|| {
            let problem = format!("the operation {id} has no smithy.api#http trait");
            self.ast.error(id, problem, "add method, uri and code: the service speaks an HTTP protocol")
        })?;
        let text = |name: &str| http.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = http.get("code").and_then(Value::as_u64).and_then(|code| code.try_into().ok());
        Ok((Method::from(text("method")), UriPattern::parse(text("uri")), code.unwrap_or(200)))
    }

    fn part(&self, reference: Option<&Reference>) -> Result<Option<&Shape>, ContractError> {
        match reference {
            Some(reference) if reference.target != "smithy.api#Unit" => {
                self.ast.shape(&reference.target).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn bindings(&self, shape: Option<&Shape>) -> Vec<Binding> {
        match self.protocol.binds_http() {
            true => bindings::http(shape, self.naming),
            false => bindings::body(shape, self.naming),
        }
    }

    fn answer_bindings(&self, shape: Option<&Shape>) -> Vec<Binding> {
        match self.protocol.binds_http() {
            true => bindings::answered(shape, self.naming),
            false => bindings::body(shape, self.naming),
        }
    }

    fn name(&self, reference: Option<&Reference>) -> String {
        let name = reference.and_then(|reference| self.names.get(&reference.target)).cloned();
        name.unwrap_or_else(|| super::UNIT.to_owned())
    }

    fn errors(&self, shape: &Shape) -> Result<Vec<ErrorShape>, ContractError> {
        let mut known = HashSet::new();
        let declared = shape.errors.iter().chain(&self.service.errors);
        let declared = declared.filter(|reference| known.insert(reference.target.as_str()));
        declared.map(|reference| self.error(reference)).collect()
    }

    fn error(&self, reference: &Reference) -> Result<ErrorShape, ContractError> {
        let error = self.ast.shape(&reference.target)?;
        let status = error.traits.get("smithy.api#httpError").and_then(Value::as_u64);
        Ok(ErrorShape {
            name: local(&reference.target).to_owned(),
            shape: self.names[&reference.target].clone(),
            statuses: status.and_then(|status| status.try_into().ok()).map(Statuses::One),
            kind: match error.text("smithy.api#error") {
                Some("server") => ErrorKind::Server,
                _ => ErrorKind::Client,
            },
            bindings: self.answer_bindings(Some(error)),
            source: None,
        })
    }

    /// The notes of an operation, those that standard traits say among them.
    fn notes(&self, shape: &Shape, input: Option<&Shape>, output: Option<&Shape>) -> Notes {
        let mut said = notes(&shape.traits);
        if shape.traits.contains_key("smithy.api#readonly") {
            said.insert("readonly".into(), Value::Bool(true));
        }
        if let Some(paginated) = self.paginated(shape, input, output) {
            let paginated = Value::Object(paginated);
            // Our own note adds to the standard trait.
            match said.get_mut("paginated").and_then(Value::as_object_mut) {
                Some(own) => {
                    for (name, value) in paginated.as_object().into_iter().flatten() {
                        own.entry(name).or_insert_with(|| value.clone());
                    }
                }
                None => {
                    said.insert("paginated".into(), paginated);
                }
            }
        }
        said
    }

    fn paginated(
        &self,
        shape: &Shape,
        input: Option<&Shape>,
        output: Option<&Shape>,
    ) -> Option<Map<String, Value>> {
        let own = shape.traits.get("smithy.api#paginated")?;
        let defaults = self.service.traits.get("smithy.api#paginated");
        let mut paginated = Map::new();
        for (name, holder) in
            [("inputToken", input), ("outputToken", output), ("items", output), ("pageSize", input)]
        {
            let path = own.get(name).or_else(|| defaults?.get(name)).and_then(Value::as_str);
            if let (Some(path), Some(holder)) = (path, holder) {
                paginated.insert(name.into(), self.wire_path(holder, path).into());
            }
        }
        Some(paginated)
    }

    /// The wire names along a path of member names.
    pub(super) fn wire_path(&self, shape: &Shape, path: &str) -> String {
        let mut holder = Some(shape);
        let step = |step: &str| {
            let found = holder.and_then(|holder| holder.members().find(|(name, _)| *name == step));
            let target = |member: &Member| self.ast.shapes.get(&member.target);
            holder = found.as_ref().and_then(|(_, member)| target(member));
            while let Some(element) = holder.and_then(|list| list.member.as_ref()) {
                holder = target(element);
            }
            found.map_or(step.to_owned(), |(name, member)| self.naming.wire_name(name, &member).to_owned())
        };
        path.split('.').map(step).collect::<Vec<_>>().join(".")
    }

    /// The inputs of `@examples`, in the wire's names.
    fn examples(&self, shape: &Shape, input: Option<&Shape>) -> Vec<Value> {
        let examples = list(shape.traits.get("smithy.api#examples"));
        let inputs = examples.iter().filter_map(|example| example.get("input"));
        inputs.map(|value| input.map_or_else(|| json!({}), |input| self.renamed(input, value))).collect()
    }

    fn renamed(&self, shape: &Shape, value: &Value) -> Value {
        let target = |member: &Member| self.ast.shapes.get(&member.target);
        let inner = |member: Option<&Member>, value: &Value| match member.and_then(target) {
            Some(shape) => self.renamed(shape, value),
            None => value.clone(),
        };
        match (shape.kind.as_str(), value) {
            ("structure" | "union", Value::Object(members)) => {
                let known: Vec<_> = shape.members().collect();
                let member =
                    |(name, value): (&String, &Value)| match known.iter().find(|(known, _)| known == name) {
                        Some((name, member)) => {
                            (self.naming.wire_name(name, member).to_owned(), inner(Some(member), value))
                        }
                        None => (name.clone(), value.clone()),
                    };
                Value::Object(members.iter().map(member).collect())
            }
            ("list" | "set", Value::Array(elements)) => {
                elements.iter().map(|element| inner(shape.member.as_ref(), element)).collect()
            }
            ("map", Value::Object(entries)) => {
                let entry =
                    |(key, value): (&String, &Value)| (key.clone(), inner(shape.value.as_ref(), value));
                Value::Object(entries.iter().map(entry).collect())
            }
            _ => value.clone(),
        }
    }
}
