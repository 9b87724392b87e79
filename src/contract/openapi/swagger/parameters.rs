//! Parameters of Swagger 2.0: some are the body, or a part of it.

use serde_json::{Map, Value, json};

use crate::contract::openapi::documents::{Documents, reference_of};
use crate::contract::openapi::notices::Notices;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// What belongs to a parameter; everything else is about its value.
const OWN: &[&str] = &[
    "name",
    "in",
    "required",
    "description",
    "collectionFormat",
    "allowEmptyValue",
    "schema",
    "content",
    "style",
    "explode",
];

/// The parameters of an operation, the body apart.
#[derive(Default)]
pub(super) struct Converted {
    pub(super) others: Vec<Value>,
    pub(super) body: Option<Value>,
}

/// Converts the parameters of a path and of its operation, where the latter win.
pub(super) fn convert(
    documents: &Documents,
    lists: [(Option<&Value>, &str); 2],
    consumes: &[String],
    notices: &mut Notices,
) -> Converted {
    let mut all: Vec<&Map<String, Value>> = Vec::new();
    for (list, at) in lists {
        for (index, node) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let at = format!("{at}/parameters/{index}");
            let Some((parameter, _)) = documents.object(node, &at) else {
                notices.missing(&at, reference_of(node).unwrap_or(&at));
                continue;
            };
            let key = |parameter: &Map<String, Value>| {
                (parameter.get("name").cloned(), parameter.get("in").cloned())
            };
            match all.iter_mut().find(|known| key(known) == key(parameter)) {
                Some(known) => *known = parameter,
                None => all.push(parameter),
            }
        }
    }
    let is_in =
        |place: &'static str| move |it: &&&Map<String, Value>| it.get("in").is_some_and(|it| it == place);
    let body = all.iter().find(is_in("body")).map(|parameter| body(parameter, consumes));
    let fields: Vec<_> = all.iter().filter(is_in("formData")).copied().collect();
    let form = || (!fields.is_empty()).then(|| form(&fields, consumes));
    let others = all.iter().filter(|it| !is_in("body")(it) && !is_in("formData")(it));
    Converted { others: others.map(|it| described(it).into()).collect(), body: body.or_else(form) }
}

fn body(parameter: &Map<String, Value>, consumes: &[String]) -> Value {
    let schema = parameter.get("schema").cloned().unwrap_or_else(|| json!({}));
    let media = consumes.iter().filter(|media| !matches!(media.as_str(), FORM | MULTIPART));
    let mut content: Map<_, _> = media.map(|media| (media.clone(), json!({ "schema": schema }))).collect();
    if content.is_empty() {
        content.insert("application/json".into(), json!({ "schema": schema }));
    }
    let mut body = parameter.clone();
    body.retain(|name, _| name == "required" || name.starts_with("x-"));
    body.insert("content".into(), content.into());
    body.into()
}

fn form(fields: &[&Map<String, Value>], consumes: &[String]) -> Value {
    let is = |field: &Map<String, Value>, name: &str, value: &Value| field.get(name) == Some(value);
    let has_file = fields.iter().any(|field| is(field, "type", &json!("file")));
    let media =
        if has_file || (consumes.iter().any(|it| it == MULTIPART) && !consumes.iter().any(|it| it == FORM)) {
            MULTIPART
        } else {
            FORM
        };
    let name =
        |field: &Map<String, Value>| field.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let properties: Map<_, _> =
        fields.iter().map(|field| (name(field), Value::Object(value(field)))).collect();
    let required: Vec<_> =
        fields.iter().filter(|field| is(field, "required", &json!(true))).map(|field| name(field)).collect();
    json!({
        "required": !required.is_empty(),
        "content": {media: {"schema": {"type": "object", "properties": properties, "required": required}}},
    })
}

/// A parameter or a header field whose value has a schema.
pub(super) fn described(parameter: &Map<String, Value>) -> Map<String, Value> {
    let mut described = parameter.clone();
    described.retain(|name, _| OWN.contains(&name.as_str()) || name.starts_with("x-"));
    described.entry("schema").or_insert_with(|| Value::Object(value(parameter)));
    let place = parameter.get("in").and_then(Value::as_str).unwrap_or("header");
    let format = described.shift_remove("collectionFormat");
    let style = match (format.as_ref().and_then(Value::as_str), place) {
        (Some("multi"), _) => ("form", true),
        (Some("ssv"), "query") => ("spaceDelimited", false),
        (Some("pipes"), "query") => ("pipeDelimited", false),
        (Some("tsv"), "query") => ("tabDelimited", false),
        (_, "query") => ("form", false),
        _ => ("simple", false),
    };
    described.insert("style".into(), style.0.into());
    described.insert("explode".into(), style.1.into());
    described
}

/// The schema of a parameter's value.
fn value(parameter: &Map<String, Value>) -> Map<String, Value> {
    let mut value = parameter.clone();
    value.retain(|name, _| !OWN.contains(&name.as_str()));
    value
}
