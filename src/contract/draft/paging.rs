//! Pagination, from the notes of an operation.

use serde_json::{Map, Value, json};

use super::{Notes, Pages, list, resolved, text};
use crate::contract::model::{
    Binding, Contract, End, Operation, PageSize, Pagination, PagingStyle, ParameterStyle, Place,
};
use crate::contract::schema::note_key;

pub(super) fn pagination(
    contract: &Contract,
    operation: &Operation,
    notes: &Notes,
    pages: &Pages,
) -> Option<Pagination> {
    let said = notes.get("paginated")?;
    let path = |name: &str| said.get(name).and_then(Value::as_str);
    let asked = |path: &str| resolved(contract, &operation.input, operation.payload(), path);
    let answer = &operation.answer;
    let answered = |name: &str| match header(said, name) {
        Some(field) => known_field(operation, field).map(str::to_owned),
        None => path(name).map(|path| resolved(contract, &answer.shape, answer.payload(), path)),
    };
    let (total, next_link) = (answered("total"), answered("nextLink"));
    let style = match path("style") {
        Some("offset") => PagingStyle::Offset { total },
        Some("page") => {
            PagingStyle::Page { first: said.get("first").and_then(Value::as_u64).unwrap_or(1), total }
        }
        _ => PagingStyle::Token(answered("outputToken").or_else(|| next_link.clone())?),
    };
    Some(Pagination {
        style,
        input_token: asked(path("inputToken")?),
        items: answered("items"),
        page_size: path("pageSize").map(asked),
        sizes: notes.get("pageSize").map(|sizes| page_size(sizes, pages)),
        identity: text(notes, "identity"),
        ends: ends(said),
        next_link,
    })
}

/// The parts of pagination that may be header fields of answers, with the type of each.
const FIELDS: &[(&str, &str)] = &[("outputToken", "string"), ("nextLink", "string"), ("total", "integer")];

/// Gives an operation's answer the header fields that its pagination names and its model leaves out.
pub(super) fn add_fields(contract: &mut Contract, operation: &mut Operation, notes: &Notes) {
    let Some(said) = notes.get("paginated") else { return };
    for (name, kind) in FIELDS {
        let Some(field) = header(said, name).filter(|field| known_field(operation, field).is_none()) else {
            continue;
        };
        let (member, place) = (field.to_owned(), Place::Header(field.to_owned()));
        let style = ParameterStyle::default();
        operation.answer.bindings.push(Binding { member, place, style });
        let shape = contract.definitions.entry(&operation.answer.shape);
        let shape = shape.or_insert_with(|| json!({"type": "object"}));
        shape["properties"][field] = json!({ "type": kind });
    }
}

/// The header field that holds a part of pagination, where it is said so.
fn header<'n>(said: &'n Value, name: &str) -> Option<&'n str> {
    said.get(name)?.get("header")?.as_str()
}

/// The member that an answer has for a header field.
fn known_field<'o>(operation: &'o Operation, field: &str) -> Option<&'o str> {
    let is_it = |place: &Place| matches!(place, Place::Header(own) if own.eq_ignore_ascii_case(field));
    let mut bindings = operation.answer.bindings.iter();
    bindings.find(|binding| is_it(&binding.place)).map(|binding| binding.member.as_str())
}

fn page_size(sizes: &Value, pages: &Pages) -> PageSize {
    let size = |name: &str| sizes.get(name).and_then(Value::as_u64).map(|size| size as usize);
    PageSize { default: size("default"), maximum: size("maximum"), source: pages.source(sizes.get("source")) }
}

fn ends(said: &Value) -> Vec<End> {
    let end = |end: &Value| match end.as_str()? {
        "absent" => Some(End::Absent),
        "null" => Some(End::Null),
        "empty" => Some(End::Empty),
        _ => None,
    };
    let said: Vec<_> = list(said.get("end")).iter().filter_map(end).collect();
    if said.is_empty() { vec![End::Absent] } else { said }
}

/// Page tokens are cursors: the role stands on the members that carry them.
pub(super) fn mark_cursors(contract: &mut Contract) {
    let mut places = Vec::new();
    for operation in &contract.operations {
        if let Some(pagination) = &operation.pagination
            && let Some(output) = pagination.output_token()
        {
            places.push((operation.input.clone(), pagination.input_token.clone()));
            // A link is not all token.
            if !pagination.is_linked() {
                places.push((operation.answer.shape.clone(), output.to_owned()));
            }
        }
    }
    for (shape, path) in places {
        if let Some(node) = node(&mut contract.definitions, &shape, &path) {
            node.entry(note_key("role")).or_insert_with(|| "cursor".into());
        }
    }
}

/// The node of a member, found through references.
pub(super) fn node<'d>(
    definitions: &'d mut Map<String, Value>,
    shape: &str,
    path: &str,
) -> Option<&'d mut Map<String, Value>> {
    let (shape, member) = holder(definitions, shape.to_owned(), path)?;
    definitions.get_mut(&shape)?.pointer_mut(&member)?.as_object_mut()
}

/// The definition in which the member stands that a path leads to, and the pointer to it there.
fn holder(definitions: &Map<String, Value>, shape: String, path: &str) -> Option<(String, String)> {
    let (mut shape, mut pointer) = (shape, String::new());
    for step in path.split('.').filter(|step| !step.is_empty()) {
        for _ in 0..REFERENCES {
            let here = definitions.get(&shape)?.pointer(&pointer)?;
            let Some(target) = here.get("$ref").and_then(Value::as_str) else { break };
            shape = target.strip_prefix("#/$defs/")?.to_owned();
            pointer.clear();
        }
        let step = crate::contract::schema::escaped(step);
        let here = definitions.get(&shape)?.pointer(&pointer)?;
        let inside = match step.as_str() {
            "*" if here.get("items").is_some() => "/items".to_owned(),
            "*" => "/additionalProperties".to_owned(),
            _ => format!("/properties/{step}"),
        };
        pointer.push_str(&inside);
    }
    definitions.get(&shape)?.pointer(&pointer)?;
    Some((shape, pointer))
}

/// How long a chain of references may be.
const REFERENCES: usize = 32;
