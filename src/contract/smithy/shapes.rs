//! Smithy shapes as JSON Schema 2020-12.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::ast::{Ast, Member, Shape, local};
use super::bindings;
use crate::contract::ContractError;
use crate::contract::schema::{EPOCH_SECONDS, note_key};

/// The name that each shape has in the contract, by shape id.
pub(super) type Names = HashMap<String, String>;

/// Traits that the generator, the sandbox or the checks read from a schema, by our short name.
const NOTES: &[(&str, &str)] = &[
    ("smithy.api#sensitive", "sensitive"),
    ("smithy.api#idempotencyToken", "idempotencyToken"),
    ("smithy.api#nestedProperties", "nestedProperties"),
    ("smithy.api#resourceIdentifier", "resourceIdentifier"),
    ("onrecord#constraints", "constraints"),
    ("onrecord#generated", "generated"),
    ("onrecord#property", "property"),
    ("onrecord#source", "source"),
    ("onrecord#values", "values"),
    ("onrecord#default", "default"),
];

/// The schema of every data shape. Two shapes with one local name keep their full ids.
pub(super) fn definitions(ast: &Ast<'_>) -> Result<(Map<String, Value>, Names), ContractError> {
    let mut names = Names::new();
    for id in ast.shapes.keys() {
        let taken = names.values().any(|name| name == local(id));
        names.insert(id.clone(), if taken { id.clone() } else { local(id).to_owned() });
    }
    let mut definitions = Map::new();
    let answers = bindings::answers(ast);
    for (id, shape) in &ast.shapes {
        let side = if answers.contains(id.as_str()) { Side::Answered } else { Side::Any };
        if let Some(schema) = (Shapes { ast, names: &names, side }).schema(shape)? {
            definitions.insert(names[id].clone(), schema);
        }
    }
    Ok((definitions, names))
}

struct Shapes<'a> {
    ast: &'a Ast<'a>,
    names: &'a Names,
    side: Side,
}

/// Which way the values of a shape travel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// From the provider only.
    Answered,
    Any,
}

impl Shapes<'_> {
    /// `None` for shapes that are not data: services, operations, resources.
    fn schema(&self, shape: &Shape) -> Result<Option<Value>, ContractError> {
        let mut schema = match shape.kind.as_str() {
            "structure" => self.structure(shape)?,
            "union" => {
                let mut union = self.structure(shape)?;
                union.insert("maxProperties".into(), json!(1));
                union
            }
            "list" | "set" => {
                let mut list = object(json!({"type": "array"}));
                list.insert("items".into(), self.optional_member(shape.member.as_ref())?);
                list
            }
            "map" => {
                let mut map = object(json!({"type": "object"}));
                map.insert("propertyNames".into(), self.optional_member(shape.key.as_ref())?);
                map.insert("additionalProperties".into(), self.optional_member(shape.value.as_ref())?);
                map
            }
            "enum" => object(json!({"type": "string", "enum": enum_values(shape)})),
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
            if self.side == Side::Answered && bindings::is_outside(&member) {
                continue;
            }
            let wire = wire_name(name, &member);
            if member.traits.contains_key("smithy.api#required") && !bindings::is_unread(&member) {
                required.push(Value::from(wire));
            }
            properties.insert(wire.to_owned(), self.member(&member)?);
        }
        let mut schema = object(json!({"type": "object"}));
        schema.insert("properties".into(), Value::Object(properties));
        if !required.is_empty() {
            schema.insert("required".into(), Value::Array(required));
        }
        Ok(schema)
    }

    fn member(&self, member: &Member) -> Result<Value, ContractError> {
        let (mut schema, kind) = match member.target.strip_prefix("smithy.api#") {
            Some("Timestamp") => (bound_timestamp(member), "timestamp".to_owned()),
            Some(prelude) => (simple_schema(&prelude_kind(prelude)), prelude_kind(prelude)),
            None => {
                let shape = self.ast.shape(&member.target)?;
                let kind = shape.kind.clone();
                // Not a reference: the member may change the type, and then both would be demanded.
                if kind == "timestamp" {
                    let mut schema = bound_timestamp(member);
                    apply_traits(&mut schema, &shape.traits, &kind);
                    apply_traits(&mut schema, &member.traits, &kind);
                    return Ok(Value::Object(schema));
                }
                (object(json!({"$ref": format!("#/$defs/{}", self.names[&member.target])})), kind)
            }
        };
        apply_traits(&mut schema, &member.traits, &kind);
        Ok(Value::Object(schema))
    }

    fn optional_member(&self, member: Option<&Member>) -> Result<Value, ContractError> {
        member.map_or(Ok(json!({})), |member| self.member(member))
    }
}

/// A timestamp as its member's binding has it written.
fn bound_timestamp(member: &Member) -> Map<String, Value> {
    bindings::timestamp_format(member).map_or_else(|| simple_schema("timestamp"), timestamp)
}

/// The name of a member in JSON (`@jsonName`). A member bound elsewhere keeps its own name.
pub(super) fn wire_name<'a>(name: &'a str, member: &'a Member) -> &'a str {
    member.traits.get("smithy.api#jsonName").and_then(Value::as_str).unwrap_or(name)
}

fn simple_schema(kind: &str) -> Map<String, Value> {
    object(match kind {
        "string" => json!({"type": "string"}),
        "blob" => json!({"type": "string", "contentEncoding": "base64"}),
        "boolean" => json!({"type": "boolean"}),
        "byte" | "short" | "integer" | "long" | "bigInteger" => json!({"type": "integer"}),
        "float" | "double" | "bigDecimal" => json!({"type": "number"}),
        "timestamp" => json!({"type": "number", "format": EPOCH_SECONDS}),
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
                let of = match kind {
                    "list" | "set" => "Items",
                    "map" => "Properties",
                    _ => "Length",
                };
                bounds(schema, value, &format!("min{of}"), &format!("max{of}"));
            }
            "smithy.api#range" => bounds(schema, value, "minimum", "maximum"),
            "smithy.api#pattern" => {
                schema.insert("pattern".into(), value.clone());
            }
            "smithy.api#uniqueItems" => {
                schema.insert("uniqueItems".into(), Value::Bool(true));
            }
            "smithy.api#timestampFormat" => {
                schema.shift_remove("format");
                schema.extend(timestamp(value.as_str().unwrap_or_default()));
            }
            "smithy.api#enum" => {
                let values =
                    value.as_array().into_iter().flatten().filter_map(|entry| entry.get("value").cloned());
                schema.insert("enum".into(), values.collect());
            }
            _ => {
                if let Some((_, note)) = NOTES.iter().find(|(id, _)| id == name) {
                    schema.insert(note_key(note), value.clone());
                }
            }
        }
    }
}

fn bounds(schema: &mut Map<String, Value>, value: &Value, min: &str, max: &str) {
    for (bound, keyword) in [("min", min), ("max", max)] {
        if let Some(bound) = value.get(bound) {
            schema.insert(keyword.into(), bound.clone());
        }
    }
}

fn timestamp(format: &str) -> Map<String, Value> {
    match format {
        "date-time" => object(json!({"type": "string", "format": "date-time"})),
        "http-date" => object(json!({"type": "string"})),
        _ => object(json!({"type": "number", "format": EPOCH_SECONDS})),
    }
}

fn enum_values(shape: &Shape) -> Vec<Value> {
    let value = |(name, member): (&str, Member)| {
        member.traits.get("smithy.api#enumValue").cloned().unwrap_or_else(|| Value::from(name))
    };
    shape.members().map(value).collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
