//! Where the members of a structure travel (Smithy 2.0, "HTTP binding traits").

use serde_json::Value;

use super::ast::{Member, Shape};
use super::shapes::Naming;
use crate::contract::model::{Binding, ParameterStyle, Place};

/// The place of each member where messages are HTTP messages.
pub(super) fn http(shape: Option<&Shape>, naming: Naming) -> Vec<Binding> {
    each(shape, naming, |member| place(member))
}

/// The place of each member of an answer, which has neither path nor query.
pub(super) fn answered(shape: Option<&Shape>, naming: Naming) -> Vec<Binding> {
    each(shape, naming, |member| match place(member) {
        Place::Label | Place::Query(_) | Place::QueryMap => Place::Body,
        place => place,
    })
}

/// The place of each member where a message is one body.
pub(super) fn body(shape: Option<&Shape>, naming: Naming) -> Vec<Binding> {
    each(shape, naming, |_| Place::Body)
}

fn each(shape: Option<&Shape>, naming: Naming, place: impl Fn(&Member) -> Place) -> Vec<Binding> {
    let binding = |(name, member): (&str, Member)| Binding {
        member: naming.wire_name(name, &member).to_owned(),
        place: place(&member),
        style: ParameterStyle::Plain,
    };
    shape.into_iter().flat_map(Shape::members).map(binding).collect()
}

fn place(member: &Member) -> Place {
    let text = |id: &str| member.traits.get(id).and_then(Value::as_str).map(str::to_owned);
    let has = |id: &str| member.traits.contains_key(id);
    if has("smithy.api#httpLabel") {
        Place::Label
    } else if let Some(query) = text("smithy.api#httpQuery") {
        Place::Query(query)
    } else if has("smithy.api#httpQueryParams") {
        Place::QueryMap
    } else if let Some(header) = text("smithy.api#httpHeader") {
        Place::Header(header)
    } else if let Some(prefix) = text("smithy.api#httpPrefixHeaders") {
        Place::HeaderMap(prefix)
    } else if has("smithy.api#httpResponseCode") {
        Place::Status
    } else if has("smithy.api#httpPayload") {
        Place::Payload
    } else {
        Place::Body
    }
}

/// How a timestamp is written for want of a format (Smithy 2.0, `@timestampFormat`).
pub(super) fn timestamp_format(member: &Member) -> Option<&'static str> {
    match place(member) {
        Place::Query(_) | Place::Label => Some("date-time"),
        Place::Header(_) | Place::HeaderMap(_) => Some("http-date"),
        _ => None,
    }
}
