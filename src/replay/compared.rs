//! Which parts of a request become its key, and in which form.

use serde_json::{Map, Value, json};

use super::key::{Call, Key};
use super::part::Part;
use super::{exact, structure};
use crate::contract::{Decoded, Operation, Place};
use crate::encoding::{hex, percent_decode, percent_decode_exact, percent_encode};
use crate::exchange::{
    Body, NAMING, Request, SELECTING, Target, is_of_old_signature, is_of_signature, is_option,
};

/// The key of a request that can be read as its operation's input.
pub(super) fn as_input(Call { contract, operation }: Call<'_>, request: &Request) -> Option<Key> {
    let content = request.content();
    if !content.is_empty() && !exact::is_exact(content.as_bytes()) {
        return None;
    }
    let Decoded { input, undeclared, .. } = contract.key(operation, request)?;
    let mut parts = Map::new();
    parts.insert(Part::Contract.to_string(), json!(contract.id));
    parts.insert(Part::Operation.to_string(), json!(operation.name));
    // The answer to a call is written in the protocol of the call.
    let protocol = contract.protocol_of(request);
    let other = if protocol == contract.protocol() { Value::Null } else { json!(protocol.as_str()) };
    add(&mut parts, Part::Protocol, other);
    add(&mut parts, Part::Query, Value::Array(pairs(undeclared)));
    add(&mut parts, Part::RepeatedQuery, Value::Array(repeated(operation, &input, request)));
    add(&mut parts, Part::Body, ignored_body(operation, &input, request));
    let bound = bound_fields(operation, &input, request);
    let bound: Vec<_> = bound.iter().map(String::as_str).collect();
    let several = bound.iter().filter(|name| request.headers.all(name).count() > 1);
    let compared: Vec<_> = SELECTING.iter().chain(several).copied().collect();
    add(&mut parts, Part::Coding, unknown_coding(request, &content));
    add(&mut parts, Part::Headers, header_fields(request, &compared));
    add(&mut parts, Part::Raw, raw(request, &[SELECTING, &bound].concat()));
    parts.insert(Part::Input.to_string(), input);
    Some(Key::new(parts, Body::empty()))
}

/// The key of a request that is compared as it is, whatever contracts know of it.
pub(super) fn plain(request: &Request) -> Key {
    let mut parts = Map::new();
    let path: Vec<_> = request.target.path().split('/').map(segment).collect();
    let query = Value::Array(pairs(form_pairs(request)));
    let content = request.content();
    let body = exact::is_exact(content.as_bytes()).then(|| content.json()).flatten();
    let structure = if body.is_none() { structure::of(request, &content) } else { None };
    let options = request.headers.iter().map(|(name, _)| name).filter(|name| is_option(name));
    let mut compared: Vec<_> = [SELECTING, NAMING].concat().into_iter().chain(options).collect();
    compared.sort_unstable();
    compared.dedup();
    let mut fields = header_fields(request, &compared);
    if let Some(media) = structure.as_ref().and_then(|read| read.media.clone()) {
        fields["content-type"] = json!([media]);
    }
    add(&mut parts, Part::Coding, unknown_coding(request, &content));
    add(&mut parts, Part::Query, query);
    add(&mut parts, Part::Headers, fields);
    add(&mut parts, Part::Raw, raw(request, &compared));
    parts.insert(Part::Method.to_string(), json!(request.method.as_str()));
    parts.insert(Part::Path.to_string(), json!(path.join("/")));
    let (part, value) = match (body, structure) {
        (Some(body), _) => (Part::Body, body),
        (None, Some(read)) => (read.part, read.value),
        (None, None) => return Key::new(parts, content),
    };
    parts.insert(part.to_string(), value);
    Key::new(parts, Body::empty())
}

/// The pairs of a query as forms write them: a plus is a space, and an escaped one is a plus.
fn form_pairs(request: &Request) -> Vec<(String, String)> {
    match request.target.query().filter(|query| query.contains('+')) {
        Some(query) => Target::new(format!("?{}", query.replace('+', "%20"))).pairs().collect(),
        None => request.target.pairs().collect(),
    }
}

fn add(parts: &mut Map<String, Value>, part: Part, value: Value) {
    let is_empty = match &value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if !is_empty {
        parts.insert(part.to_string(), value);
    }
}

/// Query parameters without those of a signature, sorted by name. Those of one name keep their
/// order: `sort=a&sort=b` asks for another answer than `sort=b&sort=a`.
fn pairs(mut pairs: Vec<(String, String)>) -> Vec<Value> {
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let signs = |name: &str| {
        is_of_signature(name) || is_of_old_signature(name, pairs.iter().map(|(other, _)| other.as_str()))
    };
    pairs.iter().filter(|(name, _)| !signs(name)).map(|(name, value)| json!([name, value])).collect()
}

/// Whether a raw `name=value` of a query belongs to a signature.
pub(super) fn signs(pair: &str) -> bool {
    is_of_signature(&percent_decode(pair.split('=').next().unwrap_or_default()))
}

/// Documented parameters that occur twice: read as an input, only the last one would count.
fn repeated(operation: &Operation, input: &Value, request: &Request) -> Vec<Value> {
    if request.target.query().is_none_or(|query| !query.contains('&')) {
        return Vec::new();
    }
    let pairs: Vec<_> = request.target.pairs().collect();
    let is_key = |name: &str| {
        operation.bindings.iter().any(|binding| match &binding.place {
            Place::Query(query) => query == name && input.get(&binding.member).is_some(),
            Place::QueryMap => input.get(&binding.member).is_some_and(|map| map.get(name).is_some()),
            _ => false,
        })
    };
    let occurs_twice = |name: &str| pairs.iter().filter(|(other, _)| other == name).count() > 1;
    let kept = pairs.iter().filter(|(name, _)| is_key(name) && occurs_twice(name));
    kept.map(|(name, value)| json!([name, value])).collect()
}

/// What of the body does not become part of the input: all of it where the operation has none,
/// and members whose names belong to another place.
fn ignored_body(operation: &Operation, input: &Value, request: &Request) -> Value {
    if request.body.is_empty() || operation.payload().is_some() {
        return Value::Null;
    }
    let elsewhere = operation.bindings.iter().filter(|binding| binding.place != Place::Body);
    let elsewhere: Vec<_> = elsewhere.map(|binding| binding.member.as_str()).collect();
    if operation.has_body() && elsewhere.is_empty() {
        return Value::Null;
    }
    match request.content().json() {
        Some(Value::Object(members)) if operation.has_body() => members
            .into_iter()
            .filter(|(name, _)| elsewhere.contains(&name.as_str()) && input.get(name).is_some())
            .collect(),
        body => body.unwrap_or_default(),
    }
}

/// The content coding of a body that could not be unpacked: its bytes say something else without it.
fn unknown_coding(request: &Request, content: &Body) -> Value {
    let is_as_it_came = !content.is_empty() && *content == request.body;
    let codings: Vec<_> = request.headers.all("content-encoding").filter(|_| is_as_it_came).collect();
    json!(codings)
}

fn header_fields(request: &Request, names: &[&str]) -> Value {
    let fields = names.iter().filter_map(|name| {
        let values: Vec<_> = request.headers.all(name).collect();
        (!values.is_empty()).then(|| ((*name).to_owned(), json!(values)))
    });
    Value::Object(fields.collect())
}

/// Header fields that carry keys: read as an input, only the first of a name would count.
fn bound_fields(operation: &Operation, input: &Value, request: &Request) -> Vec<String> {
    let mut names = Vec::new();
    for binding in operation.bindings.iter().filter(|binding| input.get(&binding.member).is_some()) {
        match &binding.place {
            Place::Header(name) => names.push(name.clone()),
            Place::Cookie(_) => names.push("cookie".to_owned()),
            Place::HeaderMap(prefix) => {
                let prefix = prefix.to_ascii_lowercase();
                let fields = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
                names.extend(fields.filter(|name| name.starts_with(&prefix)));
            }
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    names
}

/// What was not UTF-8 looks alike once decoded: then the bytes decide.
fn raw(request: &Request, compared: &[&str]) -> Value {
    let target = request.target.as_str();
    let is_lossy = target.contains('%') && percent_decode_exact(target).is_none();
    let is_compared = |name: &str| compared.iter().any(|other| other.eq_ignore_ascii_case(name));
    let fields = request
        .headers
        .iter()
        .filter(|(name, value)| is_compared(name) && std::str::from_utf8(value.as_bytes()).is_err());
    let fields: Vec<_> = fields.map(|(name, value)| json!([name, hex(value.as_bytes())])).collect();
    match (is_lossy, fields.is_empty()) {
        (false, true) => Value::Null,
        (true, true) => json!([target]),
        (_, false) => json!([target, fields]),
    }
}

/// One form of a path segment, whatever its client chose to escape.
fn segment(raw: &str) -> String {
    percent_encode(&percent_decode(raw))
}
