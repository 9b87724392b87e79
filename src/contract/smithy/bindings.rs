//! Where a member travels, as far as its schema and its being there depend on it.

use std::collections::{BTreeSet, HashSet};

use super::ast::{Ast, Member};

/// Bindings that are not read: what they bind is not in the JSON body, where it would be looked for.
const UNREAD: &[&str] = &[
    "smithy.api#httpPayload",
    "smithy.api#httpPrefixHeaders",
    "smithy.api#httpQueryParams",
    "smithy.api#httpResponseCode",
];

const HEADER: &str = "smithy.api#httpHeader";

/// The ids of the shapes that are only answered: outputs and errors.
pub(super) fn answers<'a>(ast: &'a Ast<'_>) -> HashSet<&'a str> {
    let operations = || ast.shapes.values().filter(|shape| matches!(&*shape.kind, "operation" | "service"));
    let answers = operations().flat_map(|shape| shape.output.iter().chain(&shape.errors));
    let inputs: BTreeSet<_> =
        operations().flat_map(|shape| &shape.input).map(|reference| reference.target.as_str()).collect();
    let ids = answers.map(|reference| reference.target.as_str());
    ids.filter(|id| !inputs.contains(id)).collect()
}

/// Whether a member of an answer stands outside its body.
pub(super) fn is_outside(member: &Member) -> bool {
    UNREAD.iter().chain([&HEADER]).any(|name| member.traits.contains_key(*name))
}

/// Whether a member of an input travels where it is not looked for.
pub(super) fn is_unread(member: &Member) -> bool {
    UNREAD.iter().any(|name| member.traits.contains_key(*name))
}

/// The first member of an answer that stands in a header, where it is not read.
pub(super) fn first_answered_header(ast: &Ast<'_>) -> Option<String> {
    let places = answers(ast).into_iter().filter_map(|id| {
        let (name, _) =
            ast.shapes.get(id)?.members().find(|(_, member)| member.traits.contains_key(HEADER))?;
        Some(format!("{id}${name}"))
    });
    places.min()
}

/// How a timestamp is written for want of a format (Smithy 2.0, `@timestampFormat`).
pub(super) fn timestamp_format(member: &Member) -> Option<&'static str> {
    let has = |name: &str| member.traits.contains_key(name);
    if has("smithy.api#httpQuery") || has("smithy.api#httpLabel") {
        return Some("date-time");
    }
    (has(HEADER) || has("smithy.api#httpPrefixHeaders")).then_some("http-date")
}
