//! Operations: what is called, with which input.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::answers::{self, Answered, Shared};
use super::bodies::{self, BODY};
use super::documents::reference_of;
use super::names::{Taken, pascal};
use super::parameters::{self, Bound, Location, Parameter};
use super::shapes::Shapes;
use super::{notes, servers};
use crate::contract::Side;
use crate::contract::draft::Notes;
use crate::contract::model::{Binding, Operation, Place, Safety};
use crate::contract::places::Subject;
use crate::contract::route::UriPattern;
use crate::contract::schema::{escaped, note_key};
use crate::exchange::Method;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// One operation of the document.
pub(super) struct Call<'d> {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: &'d str,
    pub(super) item: &'d Map<String, Value>,
    pub(super) operation: &'d Map<String, Value>,
    pub(super) at: String,
    item_at: String,
}

impl Call<'_> {
    /// What the names of its shapes begin with.
    pub(super) fn shape_name(&self) -> String {
        pascal(&self.name)
    }
}

/// All operations, with their notes.
pub(super) fn operations(
    shapes: &mut Shapes<'_>,
    addresses: &[String],
) -> (Vec<Operation>, HashMap<String, Notes>) {
    let calls = calls(shapes);
    // Answers come first: where requests and answers differ, these have the plain names.
    let mut shared = Shared::new();
    let answered: Vec<_> = calls.iter().map(|call| answers::answered(shapes, call, &mut shared)).collect();
    shapes.convert();
    let mut said = HashMap::new();
    let mut operations = Vec::new();
    for (call, answered) in calls.iter().zip(answered) {
        let mut notes = notes::notes(call.operation, &call.at, &mut shapes.notices);
        let operation = operation(shapes, call, answered, addresses, &mut notes);
        let (file, pointer) = shapes.documents.place(&call.at);
        shapes.places.put_in(Subject::Operation(call.name.clone()), file, pointer);
        operations.push(operation);
        said.insert(call.name.clone(), notes);
    }
    (operations, said)
}

fn calls<'d>(shapes: &mut Shapes<'d>) -> Vec<Call<'d>> {
    let documents = shapes.documents;
    let mut names = Taken::default();
    let mut calls = Vec::new();
    let paths = documents.root().get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
        let at = format!("0#/paths/{}", escaped(path));
        let Some((item, item_at)) = documents.object(item, &at) else {
            shapes.notices.missing(&at, reference_of(item).unwrap_or(&at));
            continue;
        };
        for method in METHODS {
            let Some(operation) = item.get(*method).and_then(Value::as_object) else { continue };
            let at = format!("{item_at}/{method}");
            let name = name(shapes, operation, method, path, &at, &mut names);
            let method = Method::from(method.to_ascii_uppercase().as_str());
            calls.push(Call { name, method, path, item, operation, at, item_at: item_at.clone() });
        }
    }
    calls
}

/// The documented id, or a name made of method and path.
fn name(
    shapes: &mut Shapes<'_>,
    operation: &Map<String, Value>,
    method: &str,
    path: &str,
    at: &str,
    names: &mut Taken,
) -> String {
    let id = operation.get("operationId").and_then(Value::as_str).map(str::trim).filter(|id| !id.is_empty());
    let wanted = id.map_or_else(|| format!("{}{}", pascal(method), pascal(path)), str::to_owned);
    let name = names.take(&wanted);
    if name != wanted {
        let problem = format!("the name {wanted} is taken, and the operation is called {name}");
        shapes.notices.warn(
            &format!("{at}/operationId"),
            problem,
            "give each operation an operationId of its own",
        );
    }
    name
}

fn operation<'d>(
    shapes: &mut Shapes<'d>,
    call: &Call<'d>,
    answered: Answered,
    addresses: &[String],
    notes: &mut Notes,
) -> Operation {
    let (members, path, examples) = input(shapes, call);
    // A rule of the operation is one of its input.
    let rules = notes.shift_remove("rules").map(|rules| (note_key("rules"), rules));
    let (structure, bindings) = parameters::structure(members, rules.into_iter().collect());
    Operation {
        name: call.name.clone(),
        method: call.method.clone(),
        uri: UriPattern::parse(&path).below(&bases(shapes, call, addresses)),
        host_prefix: None,
        input: shapes.define(&format!("{}Input", call.shape_name()), structure, &call.at),
        bindings,
        answer: answered.answer,
        other_answers: answered.others,
        errors: answered.errors,
        pagination: None,
        safety: Safety::Destroy,
        is_signed: false,
        constraints: Vec::new(),
        rules: Vec::new(),
        filters: Vec::new(),
        waiters: Vec::new(),
        examples,
        source: None,
        sensitive: OnceLock::new(),
        ruled: OnceLock::new(),
        expiries: OnceLock::new(),
    }
}

/// The base paths of an operation: of its own addresses, those of its path, or those of the document.
fn bases(shapes: &mut Shapes<'_>, call: &Call<'_>, addresses: &[String]) -> Vec<String> {
    let own =
        [(call.operation, &call.at), (call.item, &call.item_at)].into_iter().find_map(|(holder, at)| {
            let own = servers::addresses(holder, at, &mut shapes.notices);
            (!own.is_empty()).then_some(own)
        });
    servers::bases(own.as_deref().unwrap_or(addresses))
}

/// The members of the input, the path with the labels' names, and examples of the whole.
fn input<'d>(shapes: &mut Shapes<'d>, call: &Call<'d>) -> (Vec<Bound>, String, Vec<Value>) {
    let mut parameters = parameters::parameters(
        shapes,
        [
            (call.item.get("parameters"), format!("{}/parameters", call.item_at)),
            (call.operation.get("parameters"), format!("{}/parameters", call.at)),
        ],
    );
    let body = body(shapes, call);
    let mut taken = Taken::default();
    if body.is_some() {
        taken.take(BODY);
    }
    let mut path = call.path.split('#').next().unwrap_or_default().to_owned();
    if path != call.path {
        let problem = "what follows # in a path is never sent, and is left out";
        shapes.notices.warn(&call.item_at, problem, "say it with a parameter");
    }
    let templates = path.split_once('?').map(|(_, query)| labels(query)).unwrap_or_default();
    path = without_templates(&path);
    for parameter in &mut parameters {
        if parameter.location == Location::Path && templates.iter().any(|name| name == parameter.name) {
            parameter.location = Location::Query;
        }
    }
    let mut members = Vec::new();
    let mut given = Map::new();
    let mut is_whole = true;
    for parameter in &parameters {
        let Some(member) = member(shapes, parameter, &mut path, &mut taken) else { continue };
        let bound = parameters::bound(shapes, parameter, member);
        match parameters::example(shapes, parameter) {
            Some(example) if bound.required => {
                given.insert(bound.binding.member.clone(), example);
            }
            _ => is_whole &= !bound.required,
        }
        members.push(bound);
    }
    for label in labels(&path) {
        if !members.iter().any(|it| it.binding.place == Place::Label && it.binding.member == label) {
            let problem = format!("no parameter describes {label}, and any text is taken");
            shapes.notices.warn(&call.item_at, problem, "describe it among the parameters");
            members.push(parameters::undescribed(&label));
            is_whole = false;
        }
    }
    let whole = |(body, examples): &(Bound, Vec<Value>)| {
        let inputs = examples.iter().map(|example| {
            let mut input = given.clone();
            input.insert(body.binding.member.clone(), example.clone());
            Value::Object(input)
        });
        inputs.collect()
    };
    let examples = body.as_ref().filter(|_| is_whole).map(whole).unwrap_or_default();
    members.extend(body.map(|(body, _)| body));
    (members, path, examples)
}

/// The name of a parameter's member: its own, or one that is free. `None`: it has no place.
fn member(
    shapes: &mut Shapes<'_>,
    parameter: &Parameter<'_>,
    path: &mut String,
    taken: &mut Taken,
) -> Option<String> {
    let is_label = parameter.location == Location::Path;
    if is_label && !labels(path).iter().any(|label| label == parameter.name) {
        let problem = format!("the path has no place for {}, and the parameter is left out", parameter.name);
        shapes.notices.warn(&parameter.at, problem, "write it into the path in braces");
        return None;
    }
    if !taken.has(parameter.name) {
        return Some(taken.take(parameter.name));
    }
    let member = taken.take(&format!("{}_{}", parameter.name, parameter.location.as_str()));
    if is_label {
        *path = path.replace(&format!("{{{}}}", parameter.name), &format!("{{{member}}}"));
    }
    Some(member)
}

/// A path without pairs in its query whose value is in braces: the parameter says it too.
fn without_templates(path: &str) -> String {
    let Some((bare, query)) = path.split_once('?') else { return path.to_owned() };
    let fixed: Vec<_> = query.split('&').filter(|pair| !pair.contains('{')).collect();
    if fixed.is_empty() { bare.to_owned() } else { format!("{bare}?{}", fixed.join("&")) }
}

/// The names in braces.
fn labels(path: &str) -> Vec<String> {
    let inside = path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    inside.map(|(label, _)| label.to_owned()).collect()
}

fn body(shapes: &mut Shapes<'_>, call: &Call<'_>) -> Option<(Bound, Vec<Value>)> {
    let node = call.operation.get("requestBody")?;
    let at = format!("{}/requestBody", call.at);
    let documents = shapes.documents;
    let Some((source, at)) = documents.object(node, &at) else {
        shapes.notices.missing(&at, reference_of(node).unwrap_or(&at));
        return None;
    };
    let content = source.get("content").and_then(Value::as_object)?;
    let name = format!("{}{}", call.shape_name(), pascal(BODY));
    let content = bodies::content(shapes, content, &format!("{at}/content"), Side::Request, &name)?;
    let mut node = content.node;
    if let Some(node) = node.as_object_mut() {
        node.extend(notes::beside(source, &at, &mut shapes.notices));
    }
    let bound = Bound {
        binding: Binding { member: BODY.into(), place: Place::Payload, style: Default::default() },
        node,
        required: source.get("required") == Some(&json!(true)),
    };
    Some((bound, content.examples))
}
