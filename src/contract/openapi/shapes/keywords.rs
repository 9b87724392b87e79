//! The keywords of one schema, each only if it says something that can be held to.

use serde_json::{Map, Number, Value, json};

use super::Shapes;
use crate::contract::Side;
use crate::contract::draft::WORDS;
use crate::contract::schema::{escaped, note_key};

/// Keywords whose value is a number.
const NUMBERS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

/// Keywords whose value is a count.
const COUNTS: &[&str] = &[
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
];

/// Keywords whose value is a schema.
const SCHEMAS: &[&str] = &[
    "additionalProperties",
    "contains",
    "else",
    "if",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value is a list of schemas.
const SCHEMA_LISTS: &[&str] = &["anyOf", "oneOf", "prefixItems"];

/// Keywords whose value is schemas by name.
const SCHEMA_MAPS: &[&str] = &["dependentSchemas", "patternProperties"];

const TYPES: &[&str] = &["array", "boolean", "integer", "null", "number", "object", "string"];

/// The prefix of our own extensions.
const OWN: &str = "x-onrecord-";

/// The range of the format `int32`.
const INT32: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);

impl Shapes<'_> {
    /// The keywords of a schema whose `allOf` and choices have been dealt with.
    pub(super) fn keywords(
        &mut self,
        source: &Map<String, Value>,
        at: &str,
        side: Side,
    ) -> Map<String, Value> {
        let mut node = Map::new();
        self.types(source, at, &mut node);
        for (name, value) in source {
            if let Some(value) = self.keyword(name, value, at, side) {
                node.insert(name.clone(), value);
            }
        }
        self.structure(source, at, side, &mut node);
        self.items(source, at, side, &mut node);
        if let Some(Value::Array(values)) = node.get_mut("enum")
            && source.get("nullable") == Some(&Value::Bool(true))
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
        exclusive(source, &mut node);
        format(source, &mut node);
        annotations(source, &mut node);
        node
    }

    /// A keyword that stands for itself; `None` for others, and for what makes no sense.
    fn keyword(&mut self, name: &str, value: &Value, at: &str, side: Side) -> Option<Value> {
        let at = || format!("{at}/{}", escaped(name));
        let kept = match name {
            // Read with what they belong to.
            "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => return None,
            _ if NUMBERS.contains(&name) => value.is_number().then(|| value.clone()),
            _ if COUNTS.contains(&name) => count(value).map(Value::from),
            "uniqueItems" => value.is_boolean().then(|| value.clone()),
            "pattern" => {
                let pattern = value.as_str();
                return pattern.filter(|pattern| self.holds_pattern(pattern, &at())).map(Value::from);
            }
            "enum" => value.is_array().then(|| value.clone()),
            "const" | "default" => Some(value.clone()),
            "contentEncoding" | "contentMediaType" => value.is_string().then(|| value.clone()),
            "dependentRequired" => value.is_object().then(|| value.clone()),
            _ if SCHEMAS.contains(&name) => Some(self.schema(value, &at(), side)),
            _ if SCHEMA_LISTS.contains(&name) => self.schema_list(value, &at(), side),
            _ if SCHEMA_MAPS.contains(&name) => self.schema_map(name, value, &at(), side),
            _ => return self.own(name, value, &at()),
        };
        if kept.is_none() {
            self.notices.warn(
                &at(),
                format!("the value of {name} is none that it can have"),
                "mend it, or take it out",
            );
        }
        kept
    }

    /// One of our own extensions.
    fn own(&mut self, name: &str, value: &Value, at: &str) -> Option<Value> {
        let word = name.strip_prefix(OWN)?;
        if !WORDS.contains(&word) {
            self.notices.warn(
                at,
                format!("the word {word} is not in the vocabulary"),
                "see docs/contracts.md for the words",
            );
            return None;
        }
        (*value != Value::Bool(false)).then(|| value.clone())
    }

    fn schema_list(&mut self, value: &Value, at: &str, side: Side) -> Option<Value> {
        let elements = value.as_array()?.iter().enumerate();
        let nodes: Vec<_> =
            elements.map(|(index, it)| self.schema(it, &format!("{at}/{index}"), side)).collect();
        (!nodes.is_empty()).then_some(Value::Array(nodes))
    }

    fn schema_map(&mut self, keyword: &str, value: &Value, at: &str, side: Side) -> Option<Value> {
        let mut nodes = Map::new();
        for (name, source) in value.as_object()? {
            if keyword != "patternProperties" || self.holds_pattern(name, at) {
                nodes.insert(name.clone(), self.schema(source, &format!("{at}/{}", escaped(name)), side));
            }
        }
        Some(nodes.into())
    }

    /// `type`, with `null` beside it where OpenAPI 3.0 says `nullable`.
    fn types(&mut self, source: &Map<String, Value>, at: &str, node: &mut Map<String, Value>) {
        let listed = match source.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ if source.contains_key("properties") => vec!["object"],
            _ if source.contains_key("items") => vec!["array"],
            _ => Vec::new(),
        };
        let mut known: Vec<_> =
            listed.iter().map(|kind| if *kind == "file" { "string" } else { kind }).collect();
        known.dedup();
        if let Some(unknown) = known.iter().find(|kind| !TYPES.contains(kind)) {
            let problem = format!("there is no type {unknown}, and any is taken");
            self.notices.warn(&format!("{at}/type"), problem, "use a type of JSON Schema");
            known.clear();
        }
        let nullable = source.get("nullable") == Some(&Value::Bool(true));
        if nullable && !known.is_empty() && !known.contains(&"null") {
            known.push("null");
        }
        match known.as_slice() {
            [] => None,
            [one] => node.insert("type".into(), json!(one)),
            several => node.insert("type".into(), json!(several)),
        };
    }

    fn structure(
        &mut self,
        source: &Map<String, Value>,
        at: &str,
        side: Side,
        node: &mut Map<String, Value>,
    ) {
        if source.get("required").is_some_and(|required| !required.is_array()) {
            let problem = "required is a list of names on the object, and says nothing here";
            self.notices.warn(&format!("{at}/required"), problem, "name the property in the object's list");
        }
        let (properties, required) = self.properties(source, at, side);
        if let Some(properties) = properties {
            node.insert("properties".into(), properties.into());
        }
        if !required.is_empty() {
            node.insert("required".into(), required.into());
        }
    }

    fn items(&mut self, source: &Map<String, Value>, at: &str, side: Side, node: &mut Map<String, Value>) {
        let at = format!("{at}/items");
        match source.get("items") {
            // What `prefixItems` was called before 2020-12.
            Some(tuple @ Value::Array(_)) => {
                let tuple = self.schema_list(tuple, &at, side);
                node.extend(tuple.map(|tuple| ("prefixItems".to_owned(), tuple)));
            }
            Some(items) => {
                node.insert("items".into(), self.schema(items, &at, side));
            }
            None => {}
        }
    }
}

/// OpenAPI 3.0: a flag that makes the bound beside it exclusive.
fn exclusive(source: &Map<String, Value>, node: &mut Map<String, Value>) {
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if source.get(flag) == Some(&Value::Bool(true))
            && let Some(value) = node.shift_remove(bound)
        {
            node.insert(flag.to_owned(), value);
        }
    }
}

fn format(source: &Map<String, Value>, node: &mut Map<String, Value>) {
    let Some(format) = source.get("format").and_then(Value::as_str) else { return };
    let is =
        |kind: &str| node.get("type").is_some_and(|it| it == kind || it.get(0).is_some_and(|it| it == kind));
    match format {
        "byte" => {
            node.insert("contentEncoding".into(), "base64".into());
        }
        "password" => {
            node.insert(note_key("sensitive"), true.into());
        }
        // A time is a text on the wire, and these are numbers: another type means something else.
        "date-time" if !is("string") && node.contains_key("type") => {}
        "float" | "double" if !is("number") => {}
        _ => {
            if format == "int32" && is("integer") {
                let unbounded = |node: &Map<String, Value>, one, other| {
                    !node.contains_key(one) && !node.contains_key(other)
                };
                if unbounded(node, "minimum", "exclusiveMinimum") {
                    node.insert("minimum".into(), INT32.0.into());
                }
                if unbounded(node, "maximum", "exclusiveMaximum") {
                    node.insert("maximum".into(), INT32.1.into());
                }
            }
            node.insert("format".into(), format.into());
        }
    }
}

/// What is said about a value, and not of it.
fn annotations(source: &Map<String, Value>, node: &mut Map<String, Value>) {
    if let Some(example) = source.get("example") {
        node.insert("examples".into(), json!([example]));
    } else if let Some(examples @ Value::Array(_)) = source.get("examples") {
        node.insert("examples".into(), examples.clone());
    }
    if let Some(default) = source.get("default").filter(|default| !default.is_null()) {
        node.entry(note_key("default")).or_insert_with(|| json!({ "value": default }));
    }
}

/// A number of things. Some documents write it with a decimal point.
fn count(value: &Value) -> Option<u64> {
    let whole = |number: &Number| {
        let number = number.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
        (number <= u32::MAX.into()).then_some(number as u64)
    };
    value.as_u64().or_else(|| whole(value.as_number()?))
}
