//! The traits that are understood, and those that are not.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ast::Ast;
use super::bindings;

/// Traits that change nothing for us, or that some part of this loader reads.
const KNOWN: &[&str] = &[
    "aws.api#arn",
    "aws.api#service",
    "aws.api#taggable",
    "aws.auth#sigv4",
    "aws.protocols#restJson1",
    "onrecord#commonErrors",
    "onrecord#constraints",
    "onrecord#default",
    "onrecord#filter",
    "onrecord#generated",
    "onrecord#notFound",
    "onrecord#pageSize",
    "onrecord#pages",
    "onrecord#property",
    "onrecord#resolutions",
    "onrecord#rules",
    "onrecord#safety",
    "onrecord#source",
    "onrecord#states",
    "onrecord#unique",
    "onrecord#values",
    "smithy.api#auth",
    "smithy.api#box",
    "smithy.api#clientOptional",
    "smithy.api#default",
    "smithy.api#deprecated",
    "smithy.api#documentation",
    "smithy.api#enum",
    "smithy.api#enumValue",
    "smithy.api#error",
    "smithy.api#examples",
    "smithy.api#externalDocumentation",
    "smithy.api#http",
    "smithy.api#httpError",
    "smithy.api#httpHeader",
    "smithy.api#httpLabel",
    "smithy.api#httpQuery",
    "smithy.api#idRef",
    "smithy.api#idempotencyToken",
    "smithy.api#idempotent",
    "smithy.api#input",
    "smithy.api#jsonName",
    "smithy.api#length",
    "smithy.api#nestedProperties",
    "smithy.api#notProperty",
    "smithy.api#output",
    "smithy.api#paginated",
    "smithy.api#pattern",
    "smithy.api#private",
    "smithy.api#range",
    "smithy.api#readonly",
    "smithy.api#references",
    "smithy.api#required",
    "smithy.api#resourceIdentifier",
    "smithy.api#retryable",
    "smithy.api#sensitive",
    "smithy.api#suppress",
    "smithy.api#tags",
    "smithy.api#timestampFormat",
    "smithy.api#title",
    "smithy.api#trait",
    "smithy.api#uniqueItems",
];

/// Traits that nothing here understands, each with the first shape that carries it.
pub(super) fn unknown(ast: &Ast<'_>) -> Vec<(String, String)> {
    let mut found = BTreeMap::new();
    for (id, shape) in &ast.shapes {
        note_unknown(&shape.traits, id, &mut found);
        let named = shape.members().map(|(name, member)| (format!("{id}${name}"), member));
        let parts = [&shape.member, &shape.key, &shape.value].into_iter().flatten();
        for (place, member) in named.chain(parts.map(|part| (id.clone(), part.clone()))) {
            note_unknown(&member.traits, &place, &mut found);
        }
    }
    if let Some(place) = bindings::first_answered_header(ast) {
        found.insert("smithy.api#httpHeader in an answer".to_owned(), place);
    }
    found.into_iter().collect()
}

fn note_unknown(traits: &Map<String, Value>, place: &str, found: &mut BTreeMap<String, String>) {
    for name in traits.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        found.entry(name.clone()).or_insert_with(|| place.to_owned());
    }
}
