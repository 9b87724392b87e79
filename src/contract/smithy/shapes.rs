//! Smithy shapes as JSON Schema 2020-12.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::ast::{Ast, Member, Shape, local};
use super::bindings;
use crate::contract::ContractError;
use crate::contract::schema::{EPOCH_SECONDS, HTTP_DATE, MAX_BYTES, MIN_BYTES, note_key};

/// The name that each shape has in the contract, by shape id.
pub(super) type Names = HashMap<String, String>;

const INTERNAL: &str = "smithy.api#internal";

/// Standard traits that become notes, by our name.
const NOTES: &[(&str, &str)] = &[
    ("smithy.api#sensitive", "sensitive"),
    ("smithy.api#idempotencyToken", "idempotencyToken"),
    ("smithy.api#nestedProperties", "nestedProperties"),
    ("smithy.api#resourceIdentifier", "resourceIdentifier"),
    ("smithy.api#streaming", "streaming"),
    ("smithy.api#eventPayload", "eventPayload"),
];

/// The traits of a shape that a member may have instead.
const CONSTRAINTS: &[&str] =
    &["smithy.api#length", "smithy.api#range", "smithy.api#pattern", "smithy.api#mediaType"];

/// Which name a member has on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// That of `@jsonName`, if there is one.
    JsonName,
    /// Its own.
    Own,
}

impl Naming {
    pub(super) fn wire_name<'a>(self, name: &'a str, member: &'a Member) -> &'a str {
        let renamed = || member.traits.get("smithy.api#jsonName").and_then(Value::as_str);
        match self {
            Self::JsonName => renamed().unwrap_or(name),
            Self::Own => name,
        }
    }
}

/// The name of each shape. Of two shapes with one local name, the second keeps its namespace, and
/// a full stop for the number sign that would end a reference.
pub(super) fn names(ast: &Ast<'_>) -> Names {
    let mut taken = HashSet::new();
    let mut names = Names::new();
    for id in ast.shapes.keys() {
        let name = if taken.insert(local(id)) { local(id).to_owned() } else { id.replace('#', ".") };
        names.insert(id.clone(), name);
    }
    names
}

/// The schema of every data shape.
pub(super) fn definitions(
    ast: &Ast<'_>,
    names: &Names,
    naming: Naming,
) -> Result<Map<String, Value>, ContractError> {
    let shapes = Shapes { ast, names, naming };
    let mut definitions = Map::new();
    for (id, shape) in &ast.shapes {
        if let Some(schema) = shapes.schema(shape)? {
            definitions.insert(names[id].clone(), schema);
        }
    }
    Ok(definitions)
}

struct Shapes<'a> {
    ast: &'a Ast<'a>,
    names: &'a Names,
    naming: Naming,
}

impl Shapes<'_> {
    /// `None` for shapes that are not data: services, operations, resources.
    fn schema(&self, shape: &Shape) -> Result<Option<Value>, ContractError> {
        let mut schema = match shape.kind.as_str() {
            "structure" => self.structure(shape)?,
            "union" => {
                let mut union = self.structure(shape)?;
                union.insert("maxProperties".into(), json!(1));
                union.insert(note_key("union"), json!(true));
                union
            }
            "list" | "set" => self.list(shape, None)?,
            "map" => {
                let mut map = object(json!({"type": "object"}));
                map.insert("propertyNames".into(), self.optional_member(shape.key.as_ref())?);
                let values = self.optional_member(shape.value.as_ref())?;
                map.insert("additionalProperties".into(), sparse(shape, values));
                map
            }
            "enum" => {
                let mut schema = object(json!({"type": "string", "enum": enum_values(shape)}));
                let is_internal = |(_, member): &(&str, Member)| member.traits.contains_key(INTERNAL);
                mark_internal(&mut schema, shape.members().filter(is_internal).map(enum_value).collect());
                schema
            }
            "intEnum" => object(json!({"type": "integer", "enum": enum_values(shape)})),
            "service" | "operation" | "resource" => return Ok(None),
            simple => simple_schema(simple),
        };
        apply_traits(&mut schema, &shape.traits, &shape.kind);
        Ok(Some(Value::Object(schema)))
    }

    fn structure(&self, shape: &Shape) -> Result<Map<String, Value>, ContractError> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (name, member) in shape.members() {
            let wire = self.naming.wire_name(name, &member);
            if member.traits.contains_key("smithy.api#required") {
                required.push(Value::from(wire));
            }
            let mut schema = self.member(&member)?;
            if wire != name {
                schema.insert(note_key("name"), name.into());
            }
            properties.insert(wire.to_owned(), Value::Object(schema));
        }
        let mut schema = object(json!({"type": "object"}));
        schema.insert("properties".into(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".into(), Value::Array(required));
        }
        Ok(schema)
    }

    /// A list; `format` is that of timestamps in it, where the list's binding says so.
    fn list(&self, shape: &Shape, format: Option<&str>) -> Result<Map<String, Value>, ContractError> {
        let items = match &shape.member {
            Some(member) if format.is_some() => Value::Object(self.bound(member, format)?),
            member => self.optional_member(member.as_ref())?,
        };
        let mut list = object(json!({"type": "array"}));
        list.insert("items".into(), sparse(shape, items));
        Ok(list)
    }

    fn member(&self, member: &Member) -> Result<Map<String, Value>, ContractError> {
        self.bound(member, bindings::timestamp_format(member))
    }

    /// A member; `format` is that of timestamps at its place.
    fn bound(&self, member: &Member, format: Option<&str>) -> Result<Map<String, Value>, ContractError> {
        let timestamps = || format.map_or_else(|| simple_schema("timestamp"), timestamp);
        let (mut schema, kind) = match member.target.strip_prefix("smithy.api#") {
            Some("Timestamp") => (timestamps(), "timestamp".to_owned()),
            Some(prelude) => (simple_schema(&prelude_kind(prelude)), prelude_kind(prelude)),
            None => {
                let shape = self.ast.shape(&member.target)?;
                // What a member says goes instead of what its shape says; beside a reference, both
                // would be demanded.
                let overrides = member.traits.keys().any(|name| CONSTRAINTS.contains(&name.as_str()));
                let mut schema = match shape.kind.as_str() {
                    "timestamp" => timestamps(),
                    "list" | "set" if format.is_some() => self.list(shape, format)?,
                    _ if overrides => self.schema(shape)?.map(object).unwrap_or_default(),
                    _ => object(json!({"$ref": format!("#/$defs/{}", self.names[&member.target])})),
                };
                if !schema.contains_key("$ref") {
                    apply_traits(&mut schema, &shape.traits, &shape.kind);
                }
                (schema, shape.kind.clone())
            }
        };
        apply_traits(&mut schema, &member.traits, &kind);
        Ok(schema)
    }

    fn optional_member(&self, member: Option<&Member>) -> Result<Value, ContractError> {
        member.map_or(Ok(json!({})), |member| self.member(member).map(Value::Object))
    }
}

/// What a list or a map holds, with `null` where it may hold that (`@sparse`).
fn sparse(shape: &Shape, values: Value) -> Value {
    match shape.traits.contains_key("smithy.api#sparse") {
        true => json!({"anyOf": [values, {"type": "null"}]}),
        false => values,
    }
}

fn simple_schema(kind: &str) -> Map<String, Value> {
    object(match kind {
        "string" => json!({"type": "string"}),
        "blob" => json!({"type": "string", "contentEncoding": "base64"}),
        "boolean" => json!({"type": "boolean"}),
        "byte" => json!({"type": "integer", "format": "int8"}),
        "short" => json!({"type": "integer", "format": "int16"}),
        "integer" => json!({"type": "integer", "format": "int32"}),
        "long" => json!({"type": "integer", "format": "int64"}),
        "bigInteger" => json!({"type": "integer"}),
        // The format says which texts stand for numbers that JSON does not have.
        "float" | "double" => json!({"type": ["number", "string"], "format": kind}),
        "bigDecimal" => json!({"type": "number"}),
        "timestamp" => json!({"type": "number", "format": EPOCH_SECONDS}),
        "unit" => json!({"type": "object", "properties": {}}),
        _ => json!({}),
    })
}

/// `String` to `string`, `PrimitiveLong` to `long`.
fn prelude_kind(name: &str) -> String {
    let name = name.strip_prefix("Primitive").unwrap_or(name);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn apply_traits(schema: &mut Map<String, Value>, traits: &Map<String, Value>, kind: &str) {
    for (name, value) in traits {
        match name.as_str() {
            "smithy.api#length" => {
                let (min, max) = match kind {
                    "list" | "set" => ("minItems", "maxItems"),
                    "map" => ("minProperties", "maxProperties"),
                    // Of the bytes, not of the base64 that stands for them.
                    "blob" => (MIN_BYTES, MAX_BYTES),
                    _ => ("minLength", "maxLength"),
                };
                bounds(schema, value, min, max);
            }
            "smithy.api#range" => bounds(schema, value, "minimum", "maximum"),
            "smithy.api#pattern" => {
                schema.insert("pattern".into(), value.clone());
            }
            "smithy.api#uniqueItems" => {
                schema.insert("uniqueItems".into(), Value::Bool(true));
            }
            "smithy.api#mediaType" => {
                schema.insert("contentMediaType".into(), value.clone());
            }
            "smithy.api#timestampFormat" => {
                schema.shift_remove("format");
                schema.extend(timestamp(value.as_str().unwrap_or_default()));
            }
            "smithy.api#enum" => {
                let entries = || value.as_array().into_iter().flatten();
                let text = |entry: &Value| entry.get("value").cloned();
                schema.insert("enum".into(), entries().filter_map(text).collect());
                let internal = entries().filter(|entry| {
                    let tags = entry.get("tags").and_then(Value::as_array);
                    tags.is_some_and(|tags| tags.iter().any(|tag| tag == "internal"))
                });
                mark_internal(schema, internal.filter_map(text).collect());
            }
            _ => {
                let standard = NOTES.iter().find(|(id, _)| id == name).map(|(_, note)| *note);
                if let Some(note) = standard.or_else(|| name.strip_prefix("onrecord#")) {
                    schema.insert(note_key(note), value.clone());
                }
            }
        }
    }
}

fn bounds(schema: &mut Map<String, Value>, value: &Value, min: &str, max: &str) {
    for (bound, keyword) in [("min", min), ("max", max)] {
        schema.shift_remove(keyword);
        if let Some(bound) = value.get(bound) {
            schema.insert(keyword.into(), bound.clone());
        }
    }
}

fn timestamp(format: &str) -> Map<String, Value> {
    match format {
        "date-time" => object(json!({"type": "string", "format": "date-time"})),
        "http-date" => object(json!({"type": "string", "format": HTTP_DATE})),
        _ => object(json!({"type": "number", "format": EPOCH_SECONDS})),
    }
}

fn enum_values(shape: &Shape) -> Vec<Value> {
    shape.members().map(enum_value).collect()
}

fn enum_value((name, member): (&str, Member)) -> Value {
    member.traits.get("smithy.api#enumValue").cloned().unwrap_or_else(|| Value::from(name))
}

/// Notes the values of an enum that are taken, and that a server does not speak of.
fn mark_internal(schema: &mut Map<String, Value>, values: Vec<Value>) {
    if !values.is_empty() {
        schema.insert(note_key("internal"), values.into());
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
