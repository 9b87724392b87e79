//! Smithy operations, resources and errors as the contract's own types.

use std::collections::HashSet;

use serde_json::Value;

use super::ast::{Ast, Member, Reference, Shape, local};
use super::shapes::{Names, wire_name};
use super::{Pages, list};
use crate::contract::model::{
    Binding, Constraint, Contract, ErrorKind, ErrorShape, Filter, Level, Operation, PageSize, Pagination,
    Place, Resource, Rule, Safety, States, Tagging, Unique,
};
use crate::contract::route::UriPattern;
use crate::contract::schema::{Kind, Schema};
use crate::contract::{ContractError, Source};
use crate::exchange::Method;

/// How deep prose constraints are looked for: shapes may be recursive.
const DEPTH: usize = 12;

pub(super) struct Loader<'a> {
    pub(super) ast: &'a Ast<'a>,
    pub(super) service: &'a Shape,
    pub(super) names: &'a Names,
    pub(super) pages: &'a Pages<'a>,
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

/// The resources of a service.
pub(super) fn resources(ast: &Ast<'_>, service: &Shape) -> Result<Vec<Resource>, ContractError> {
    let read =
        |reference: &Reference| ast.shape(&reference.target).map(|shape| resource(&reference.target, shape));
    service.resources.iter().map(read).collect()
}

fn resource(id: &str, shape: &Shape) -> Resource {
    let operation =
        |reference: &Option<Reference>| reference.as_ref().map(|found| local(&found.target).to_owned());
    let local_text = |value: Option<&Value>| value.and_then(Value::as_str).map(|id| local(id).to_owned());
    let of = |name: &str| shape.traits.get(name);
    Resource {
        name: local(id).to_owned(),
        identifiers: shape.identifiers.keys().cloned().collect(),
        create: operation(&shape.create),
        read: operation(&shape.read),
        delete: operation(&shape.delete),
        list: operation(&shape.list),
        tagging: of("aws.api#taggable").and_then(|taggable| {
            let api = taggable.get("apiConfig")?;
            Some(Tagging {
                property: local_text(taggable.get("property"))?,
                tag: local_text(api.get("tagApi"))?,
                untag: local_text(api.get("untagApi"))?,
                list: local_text(api.get("listTagsApi"))?,
            })
        }),
        unique: of("onrecord#unique").and_then(|unique| {
            Some(Unique {
                member: local_text(unique.get("member"))?,
                error: local_text(unique.get("error"))?,
            })
        }),
        not_found: of("onrecord#notFound").and_then(|entry| local_text(entry.get("error"))),
        states: of("onrecord#states").and_then(|states| {
            let settled = list(states.get("settled"));
            Some(States {
                member: local_text(states.get("member"))?,
                initial: local_text(states.get("initial"))?,
                settled: settled.iter().filter_map(|state| state.as_str().map(str::to_owned)).collect(),
                deleting: local_text(states.get("deleting")),
            })
        }),
    }
}

impl Loader<'_> {
    pub(super) fn operation(&self, contract: &Contract, id: &str) -> Result<Operation, ContractError> {
        let shape = self.ast.shape(id)?;
        let http = shape.traits.get("smithy.api#http").ok_or_else(|| {
            let problem = format!("the operation {id} has no smithy.api#http trait");
            self.ast.error(id, problem, "add method, uri and code: the service speaks an HTTP protocol")
        })?;
        let text = |name: &str| http.get(name).and_then(Value::as_str).unwrap_or_default();
        let input_shape = shape.input.as_ref().map(|input| self.ast.shape(&input.target)).transpose();
        let input_shape =
            input_shape.or_else(|error| if is_unit(shape.input.as_ref()) { Ok(None) } else { Err(error) })?;
        let method = Method::from(text("method"));
        let input = self.name(shape.input.as_ref());
        let schema = contract.shape(&input);
        Ok(Operation {
            name: local(id).to_owned(),
            safety: safety(local(id), &method, shape),
            uri: UriPattern::parse(text("uri")),
            status: http
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| code.try_into().ok())
                .unwrap_or(200),
            output: self.name(shape.output.as_ref()),
            bindings: input_shape.map(bindings).unwrap_or_default(),
            errors: self.errors(shape)?,
            pagination: self.pagination(shape, input_shape),
            constraints: self.constraints(&input, schema),
            rules: self.rules(input_shape),
            filters: self.filters(input_shape),
            examples: examples(shape),
            source: self.source(shape),
            method,
            input,
        })
    }

    fn source(&self, shape: &Shape) -> Option<Source> {
        self.pages.source(shape.traits.get("onrecord#source"))
    }

    fn name(&self, reference: Option<&Reference>) -> String {
        reference.and_then(|reference| self.names.get(&reference.target)).cloned().unwrap_or_default()
    }

    fn errors(&self, shape: &Shape) -> Result<Vec<ErrorShape>, ContractError> {
        let declared = shape.errors.iter().chain(&self.service.errors);
        let read = |reference: &Reference| {
            let error = self.ast.shape(&reference.target)?;
            Ok(ErrorShape {
                name: self.names[&reference.target].clone(),
                status: error
                    .traits
                    .get("smithy.api#httpError")
                    .and_then(Value::as_u64)
                    .and_then(|s| s.try_into().ok()),
                kind: if error.text("smithy.api#error") == Some("server") {
                    ErrorKind::Server
                } else {
                    ErrorKind::Client
                },
                source: self.source(error),
            })
        };
        declared.map(read).collect()
    }

    fn pagination(&self, shape: &Shape, input: Option<&Shape>) -> Option<Pagination> {
        let own = shape.traits.get("smithy.api#paginated")?;
        let defaults = self.service.traits.get("smithy.api#paginated");
        let text = |name: &str| own.get(name).or_else(|| defaults?.get(name)).and_then(Value::as_str);
        let output = shape.output.as_ref().and_then(|output| self.ast.shapes.get(&output.target));
        let sizes = shape.traits.get("onrecord#pageSize").map(|sizes| PageSize {
            default: sizes.get("default").and_then(Value::as_u64).map(|size| size as usize),
            maximum: sizes.get("maximum").and_then(Value::as_u64).map(|size| size as usize),
            source: self.pages.source(sizes.get("source")),
        });
        Some(Pagination {
            input_token: wire_path(input, text("inputToken")?),
            output_token: wire_path(output, text("outputToken")?),
            items: text("items").map(|path| wire_path(output, path)),
            page_size: text("pageSize").map(|path| wire_path(input, path)),
            sizes,
        })
    }

    fn constraints(&self, name: &str, input: Schema<'_>) -> Vec<Constraint> {
        let mut found = Vec::new();
        self.collect_constraints(input, String::new(), &[name], &mut found);
        found
    }

    /// `above` are the shapes on the way here: one that holds itself would never come to an end.
    fn collect_constraints(
        &self,
        schema: Schema<'_>,
        pointer: String,
        above: &[&str],
        found: &mut Vec<Constraint>,
    ) {
        for entry in list(schema.note("constraints")) {
            found.push(Constraint {
                pointer: pointer.clone(),
                schema: entry.get("schema").cloned().unwrap_or(Value::Bool(true)),
                level: level(&entry),
                source: self.pages.source(entry.get("source")),
            });
        }
        for (step, part) in parts(schema) {
            let name = part.shape_name();
            if above.len() < DEPTH && name.is_none_or(|name| !above.contains(&name)) {
                let above = [above, &[name.unwrap_or_default()]].concat();
                self.collect_constraints(part, format!("{pointer}/{step}"), &above, found);
            }
        }
    }

    fn rules(&self, input: Option<&Shape>) -> Vec<Rule> {
        let entries = list(input.and_then(|input| input.traits.get("onrecord#rules")));
        let read = |entry: &Value| {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            Rule {
                id: text("id"),
                when: text("when"),
                schema: entry.get("schema").cloned().unwrap_or(Value::Bool(true)),
                level: level(entry),
                source: self.pages.source(entry.get("source")),
                note: text("note"),
            }
        };
        entries.iter().map(read).collect()
    }

    fn filters(&self, input: Option<&Shape>) -> Vec<Filter> {
        let read = |(name, member): (&str, Member)| {
            let filter = member.traits.get("onrecord#filter")?;
            Some(Filter {
                member: wire_name(name, &member).to_owned(),
                item: filter.get("item")?.as_str()?.to_owned(),
                source: self.pages.source(filter.get("source")),
            })
        };
        input.into_iter().flat_map(Shape::members).filter_map(read).collect()
    }
}

/// The members of a structure and the elements of a list, each with its step in a pointer.
fn parts(schema: Schema<'_>) -> Vec<(&str, Schema<'_>)> {
    match schema.kind() {
        Kind::Structure => schema.members().map(|member| (member.name, member.schema)).collect(),
        Kind::List => schema.items().map(|items| ("*", items)).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn level(entry: &Value) -> Level {
    entry.get("level").and_then(Value::as_str).and_then(Level::parse).unwrap_or(Level::Must)
}

fn is_unit(reference: Option<&Reference>) -> bool {
    reference.is_some_and(|reference| reference.target == "smithy.api#Unit")
}

fn bindings(input: &Shape) -> Vec<Binding> {
    let place = |(name, member): (&str, Member)| {
        let text = |id: &str| member.traits.get(id).and_then(Value::as_str).map(str::to_owned);
        let place = if member.traits.contains_key("smithy.api#httpLabel") {
            Place::Label
        } else if let Some(query) = text("smithy.api#httpQuery") {
            Place::Query(query)
        } else if let Some(header) = text("smithy.api#httpHeader") {
            Place::Header(header)
        } else {
            Place::Body
        };
        Binding { member: wire_name(name, &member).to_owned(), place }
    };
    input.members().map(place).collect()
}

/// The inputs of `@examples`, in the wire's names where the model writes them so.
fn examples(shape: &Shape) -> Vec<Value> {
    let examples = list(shape.traits.get("smithy.api#examples"));
    examples.iter().filter_map(|example| example.get("input").cloned()).collect()
}

/// The wire names along a path of member names; only the first step can be resolved cheaply, and
/// deeper steps keep their names, which is what JSON without `@jsonName` uses.
fn wire_path(shape: Option<&Shape>, path: &str) -> String {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let member = shape.into_iter().flat_map(Shape::members).find(|(name, _)| *name == first);
    let first = member.map_or(first.to_owned(), |(name, member)| wire_name(name, &member).to_owned());
    rest.map_or(first.clone(), |rest| format!("{first}.{rest}"))
}

/// Trait, then method, then verb; what stays unknown counts as destructive.
fn safety(name: &str, method: &Method, shape: &Shape) -> Safety {
    match shape.text("onrecord#safety") {
        Some("read") => return Safety::Read,
        Some("create") => return Safety::Create,
        Some("change") => return Safety::Change,
        Some(_) => return Safety::Destroy,
        None => {}
    }
    if shape.traits.contains_key("smithy.api#readonly")
        || matches!(method, Method::Get | Method::Head | Method::Options)
    {
        return Safety::Read;
    }
    if *method == Method::Delete {
        return Safety::Destroy;
    }
    let starts = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
    match name {
        _ if starts(&["Describe", "Get", "List", "Search", "BatchGet"]) => Safety::Read,
        _ if starts(&["Create"]) => Safety::Create,
        _ if starts(&["Update", "Modify", "Put", "Tag", "Untag", "Set"]) => Safety::Change,
        _ => Safety::Destroy,
    }
}
