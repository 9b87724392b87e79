//! The members of a structure at their places in an HTTP message, written and read.
//!
//! One engine for all protocols that use the whole of HTTP: Smithy's REST protocols and OpenAPI.
//! What stands in a body is only sorted out here; how a body is written is the protocol's affair.

use serde_json::{Map, Value};

use super::Unencodable;
use super::styles::{self, Pair};
use super::texts::typed;
use crate::contract::schema::{Kind, Schema};
use crate::contract::{Binding, Operation, ParameterStyle, Place};
use crate::encoding::{base64, percent_decode, percent_encode, unbase64};
use crate::exchange::{Headers, Target};

/// A structure taken apart: what goes where.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Pairs of the query, escaped.
    pub(super) query: Vec<Pair>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) status: Option<u16>,
    /// The member that is the whole body.
    pub(super) payload: Option<Value>,
    /// The members of the body.
    pub(super) body: Map<String, Value>,
}

/// What of a message stands outside of its body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outside<'m> {
    /// The labels of the path, raw.
    pub(super) labels: &'m [(&'m str, &'m str)],
    pub(super) target: Option<&'m Target>,
    pub(super) headers: Option<&'m Headers>,
    pub(super) status: Option<u16>,
}

/// What was read outside of a body.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) members: Map<String, Value>,
    /// Query parameters that no member has.
    pub(super) undeclared: Vec<(String, String)>,
    /// Members whose text is not encoded as its place wants it.
    pub(super) unreadable: Vec<String>,
}

/// Sorts the members of a structure by their places. Labels are left out, see [`path`]; a member
/// without a place can only travel in the body.
pub(super) fn take_apart(schema: Schema<'_>, bindings: &[Binding], members: &Map<String, Value>) -> Parts {
    let mut parts = Parts::default();
    for (name, value) in members {
        let binding = bindings.iter().find(|binding| binding.member == *name);
        let style = binding.map(|binding| binding.style).unwrap_or_default();
        match binding.map(|binding| &binding.place) {
            _ if value.is_null() => {}
            Some(Place::Label) => {}
            Some(Place::Query(query)) => parts.query.extend(styles::query(style, query, value)),
            Some(Place::Header(header)) => {
                parts.headers.push((header.clone(), header_text(schema.member(name), style, value)));
            }
            Some(Place::Cookie(cookie)) => {
                parts.cookies.push((cookie.clone(), styles::header(schema.member(name), style, value)))
            }
            Some(Place::Status) => parts.status = value.as_u64().and_then(|status| status.try_into().ok()),
            Some(Place::Payload) => parts.payload = Some(value.clone()),
            // What has a parameter or a field of its own wins over the maps, which come last.
            Some(Place::QueryMap | Place::HeaderMap(_)) => {}
            Some(Place::Body) | None => {
                parts.body.insert(name.clone(), value.clone());
            }
        }
    }
    add_maps(&mut parts, bindings, members);
    parts
}

fn add_maps(parts: &mut Parts, bindings: &[Binding], members: &Map<String, Value>) {
    for binding in bindings {
        let Some(entries) = members.get(&binding.member).and_then(Value::as_object) else { continue };
        match &binding.place {
            Place::QueryMap => {
                let own: Vec<_> = parts.query.iter().map(|(name, _)| name.clone()).collect();
                let free = entries.iter().filter(|(name, _)| !own.contains(&percent_encode(name)));
                let pairs = free.flat_map(|(name, value)| styles::query(ParameterStyle::Plain, name, value));
                parts.query.extend(pairs);
            }
            Place::HeaderMap(prefix) => {
                for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                    let name = format!("{prefix}{name}");
                    if !parts.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(&name)) {
                        parts.headers.push((name, styles::header(None, ParameterStyle::Plain, value)));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Path and query of a request.
pub(super) fn target(
    operation: &Operation,
    members: &Map<String, Value>,
    query: &[Pair],
) -> Result<Target, Unencodable> {
    let label = |name: &str, greedy: bool| {
        let value = members.get(name)?;
        let style = operation.bindings.iter().find(|it| it.member == name).map(|it| it.style);
        let is_empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
        (!is_empty).then(|| styles::label(style.unwrap_or_default(), name, value, greedy))
    };
    let mut target = operation.uri.fill(label).map_err(Unencodable::Label)?.as_str().to_owned();
    for (name, value) in query {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(name);
        target.push('=');
        target.push_str(value);
    }
    Ok(Target::new(target))
}

/// Reads the members that stand outside of a body.
pub(super) fn gather(schema: Schema<'_>, bindings: &[Binding], outside: Outside<'_>) -> Found {
    let mut found = Found::default();
    let pairs = outside.target.map(pairs).unwrap_or_default();
    let mut used = vec![false; pairs.len()];
    for binding in bindings {
        let member = schema.member(&binding.member);
        let value = match &binding.place {
            Place::Label => {
                let label = outside.labels.iter().find(|(name, _)| *name == binding.member);
                label.map(|(name, raw)| styles::from_label(member, binding.style, name, raw))
            }
            Place::Query(name) => {
                styles::from_query(member, binding.style, name, &pairs, &mut |index| used[index] = true)
            }
            Place::QueryMap => {
                used.fill(true);
                query_map(member, &pairs)
            }
            Place::Header(name) => outside.headers.and_then(|headers| {
                let text = joined(headers, name)?;
                let value = from_header_text(member, binding.style, &text);
                if value.is_none() {
                    found.unreadable.push(binding.member.clone());
                }
                value.or(Some(Value::String(text)))
            }),
            Place::HeaderMap(prefix) => outside.headers.and_then(|headers| header_map(headers, prefix)),
            Place::Cookie(name) => outside.headers.and_then(|headers| {
                cookie(headers, name).map(|text| styles::from_header(member, binding.style, &text))
            }),
            Place::Status => outside.status.map(Value::from),
            Place::Body | Place::Payload => None,
        };
        if let Some(value) = value {
            found.members.insert(binding.member.clone(), value);
        }
    }
    let undeclared = pairs.iter().zip(&used).filter(|(_, used)| !**used).map(|(pair, _)| pair);
    found.undeclared =
        undeclared.map(|(name, value)| (percent_decode(name), percent_decode(value))).collect();
    found
}

/// The pairs of a query, raw.
fn pairs(target: &Target) -> Vec<Pair> {
    let raw = target.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    raw.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// All parameters of a query, those of other members too: what a server makes of such a member.
fn query_map(schema: Option<Schema<'_>>, pairs: &[Pair]) -> Option<Value> {
    let values = schema.and_then(|schema| schema.values());
    let is_list = values.is_some_and(|values| values.kind() == Kind::List);
    let mut map = Map::new();
    for (name, value) in pairs {
        let (name, text) = (percent_decode(name), percent_decode(value));
        match is_list {
            true => {
                let list = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(elements) = list {
                    elements.push(typed(values.and_then(|values| values.items()), &text));
                }
            }
            false => {
                map.insert(name, typed(values, &text));
            }
        }
    }
    (!map.is_empty()).then_some(Value::Object(map))
}

fn header_map(headers: &Headers, prefix: &str) -> Option<Value> {
    let entry = |(name, value): (&str, &crate::exchange::HeaderValue)| {
        let (head, rest) = name.split_at_checked(prefix.len())?;
        let is_own = head.eq_ignore_ascii_case(prefix) && !rest.is_empty();
        is_own.then(|| (rest.to_owned(), Value::from(value.text().into_owned())))
    };
    let map: Map<String, Value> = headers.iter().filter_map(entry).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

/// The lines of one field, as one (RFC 9110 section 5.3).
fn joined(headers: &Headers, name: &str) -> Option<String> {
    let lines: Vec<_> = headers.all(name).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn cookie(headers: &Headers, name: &str) -> Option<String> {
    let lines: Vec<String> = headers.all("cookie").map(|line| line.into_owned()).collect();
    let crumbs = lines.iter().flat_map(|line| line.split(';'));
    crumbs
        .filter_map(|crumb| crumb.trim().split_once('='))
        .find(|(own, _)| *own == name)
        .map(|(_, text)| text.to_owned())
}

/// Whether a text is written in base64 in a header (Smithy 2.0, `@mediaType`).
fn is_media(schema: Option<Schema<'_>>) -> bool {
    schema.is_some_and(|schema| {
        schema.keyword("contentMediaType").is_some() && schema.keyword("contentEncoding").is_none()
    })
}

fn header_text(schema: Option<Schema<'_>>, style: ParameterStyle, value: &Value) -> String {
    match value {
        Value::String(text) if is_media(schema) => base64(text.as_bytes()),
        value => styles::header(schema, style, value),
    }
}

fn from_header_text(schema: Option<Schema<'_>>, style: ParameterStyle, text: &str) -> Option<Value> {
    if is_media(schema) {
        return String::from_utf8(unbase64(text)?).ok().map(Value::String);
    }
    Some(styles::from_header(schema, style, text))
}
