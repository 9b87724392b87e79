//! What bounds a value, in words.

use serde_json::{Map, Value};

use super::super::view::Node;

/// What sort of value it is.
pub(super) fn kind(node: &Node) -> String {
    let word = if node.kind == "any" { "anything" } else { node.kind };
    let format = node.format.as_deref().map(|format| format!(" ({format})")).unwrap_or_default();
    format!("{word}{format}")
}

/// What bounds it, and what else there is to say of it.
pub(super) fn details(node: &Node) -> Vec<String> {
    let mut details = bounds(&node.bounds);
    details.extend(node.nullable.then(|| "may be null".to_owned()));
    details.extend(node.role.remarkable());
    details.extend(node.default.as_ref().map(|value| format!("default {}", bare(value))));
    details.extend(node.generated.as_ref().map(|value| format!("made up: {}", bare(value))));
    details.extend(node.property.as_ref().map(|value| format!("shows {}", bare(value))));
    details
}

fn bounds(bounds: &Map<String, Value>) -> Vec<String> {
    let of = |name: &str| bounds.get(name);
    let mut phrases = Vec::new();
    for (least, most, noun) in [
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " elements"),
        ("minProperties", "maxProperties", " entries"),
        ("minimum", "maximum", ""),
    ] {
        phrases.extend(match (of(least), of(most)) {
            (Some(least), Some(most)) if least == most => Some(format!("{least}{noun}")),
            (Some(least), Some(most)) => Some(format!("{least} to {most}{noun}")),
            (Some(least), None) => Some(format!("at least {least}{noun}")),
            (None, Some(most)) => Some(format!("at most {most}{noun}")),
            (None, None) => None,
        });
    }
    for (name, words) in [
        ("exclusiveMinimum", "above"),
        ("exclusiveMaximum", "below"),
        ("multipleOf", "a multiple of"),
        ("const", "always"),
        ("contentEncoding", "in"),
        ("contentMediaType", "media type"),
        ("pattern", "matches"),
    ] {
        phrases.extend(of(name).map(|value| format!("{words} {}", bare(value))));
    }
    phrases.extend(of("uniqueItems").filter(|unique| **unique == true).map(|_| "no two equal".to_owned()));
    if let Some(values) = of("enum").and_then(Value::as_array) {
        phrases.push(format!("one of {}", values.iter().map(bare).collect::<Vec<_>>().join(", ")));
    }
    phrases
}

/// A value without quotes where it is text.
pub(super) fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
