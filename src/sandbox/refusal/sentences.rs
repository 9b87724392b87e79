//! What a Smithy server says of a broken constraint (Smithy 2.0, `smithy.framework#ValidationException`
//! and its protocol tests): clients of many providers show these very words.

use serde_json::Value;

use crate::contract::{Schema, Violation};
use crate::encoding::unbase64;

/// A place of an input, and what is wrong there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) message: String,
}

/// A sentence for every violation that is one of Smithy's constraints.
pub(super) fn fields(schema: Schema<'_>, violations: &[Violation], input: &Value) -> Vec<Field> {
    violations.iter().filter_map(|violation| field(schema, violation, input)).collect()
}

/// All of them as one message; `None` if there are none.
pub(super) fn summary(fields: &[Field]) -> Option<String> {
    let errors = if fields.len() == 1 { "error" } else { "errors" };
    let messages: Vec<_> = fields.iter().map(|field| field.message.as_str()).collect();
    (!fields.is_empty())
        .then(|| format!("{} validation {errors} detected. {}", fields.len(), messages.join("; ")))
}

fn field(schema: Schema<'_>, violation: &Violation, input: &Value) -> Option<Field> {
    let path = violation.pointer.clone();
    let place = schema.at(&path)?;
    let broken = match violation.rule.as_str() {
        "required" => Broken { length: None, demand: "not be null".to_owned() },
        rule => {
            let value = input.pointer(&path)?;
            match (rule, value, place.keys()) {
                ("propertyNames", Value::Object(entries), Some(keys)) => {
                    entries.keys().find_map(|key| key_demand(keys, key))?
                }
                _ => demand(place, rule, value)?,
            }
        }
    };
    let length = broken.length.map(|length| format!(" with length {length}")).unwrap_or_default();
    let message =
        format!("Value{length} at '{path}' failed to satisfy constraint: Member must {}", broken.demand);
    Some(Field { path, message })
}

/// A constraint that a value breaks.
struct Broken {
    /// The value's length, where the constraint is about that.
    length: Option<usize>,
    /// Goes after "must".
    demand: String,
}

/// The first constraint that the key of a map breaks.
fn key_demand(schema: Schema<'_>, key: &str) -> Option<Broken> {
    let value = Value::from(key);
    let length = key.chars().count();
    let bound = |keyword| schema.bound(keyword).and_then(|bound| usize::try_from(bound).ok());
    let rule = if bound("minLength").is_some_and(|least| length < least)
        || bound("maxLength").is_some_and(|most| length > most)
    {
        "minLength"
    } else if schema.keyword("enum").is_some() {
        "enum"
    } else {
        "pattern"
    };
    demand(schema, rule, &value)
}

fn demand(schema: Schema<'_>, rule: &str, value: &Value) -> Option<Broken> {
    let plain = |demand: String| Some(Broken { length: None, demand });
    match rule {
        "minLength" | "maxLength" if schema.keyword("contentEncoding").is_some() => {
            let length = unbase64(value.as_str()?)?.len();
            sized(schema, length, "x-onrecord-minBytes", "x-onrecord-maxBytes")
        }
        "minLength" | "maxLength" => sized(schema, value.as_str()?.chars().count(), "minLength", "maxLength"),
        "minItems" | "maxItems" => sized(schema, value.as_array()?.len(), "minItems", "maxItems"),
        "minProperties" | "maxProperties" => {
            sized(schema, value.as_object()?.len(), "minProperties", "maxProperties")
        }
        "minimum" | "maximum" => plain(match (schema.keyword("minimum"), schema.keyword("maximum")) {
            (Some(least), Some(most)) => format!("be between {least} and {most}, inclusive"),
            (Some(least), None) => format!("be greater than or equal to {least}"),
            (None, Some(most)) => format!("be less than or equal to {most}"),
            (None, None) => return None,
        }),
        "enum" => {
            let values = schema.keyword("enum")?.as_array()?;
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let internal = schema.note("internal").and_then(Value::as_array);
            let is_told = |value: &&Value| internal.is_none_or(|internal| !internal.contains(value));
            let values = values.iter().filter(is_told).map(text).collect::<Vec<_>>().join(", ");
            plain(format!("satisfy enum value set: [{values}]"))
        }
        "pattern" => {
            plain(format!("satisfy regular expression pattern: {}", schema.keyword("pattern")?.as_str()?))
        }
        "uniqueItems" => plain("have unique values".to_owned()),
        _ => None,
    }
}

fn sized(schema: Schema<'_>, length: usize, min: &str, max: &str) -> Option<Broken> {
    let demand = match (schema.keyword(min), schema.keyword(max)) {
        (Some(least), Some(most)) => format!("have length between {least} and {most}, inclusive"),
        (Some(least), None) => format!("have length greater than or equal to {least}"),
        (None, Some(most)) => format!("have length less than or equal to {most}"),
        (None, None) => return None,
    };
    Some(Broken { length: Some(length), demand })
}
