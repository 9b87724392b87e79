//! Swagger 2.0 as OpenAPI 3.0. Schemas stay where they are: a reference may lead anywhere.

mod parameters;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::documents::{Documents, reference_of};
use super::notices::Notices;
use crate::contract::schema::escaped;

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch"];

/// Turns the document into one of OpenAPI 3.0.
pub(super) fn convert(documents: &mut Documents, notices: &mut Notices) {
    let mut root = documents.root().as_object().cloned().unwrap_or_default();
    let mut conversion = Conversion { documents, root: &root, notices, responses: BTreeMap::new() };
    let paths = conversion.paths();
    let schemes = conversion.schemes();
    let responses = conversion.responses;
    root.insert("servers".into(), servers(&root));
    root.insert("paths".into(), paths.into());
    let components = root.entry("components").or_insert_with(|| json!({}));
    if let Some(components) = components.as_object_mut() {
        components.insert("securitySchemes".into(), schemes.into());
    }
    if let Some(own) = root.get_mut("responses").and_then(Value::as_object_mut) {
        own.extend(responses);
    }
    documents.replace_root(root.into());
}

struct Conversion<'a> {
    documents: &'a Documents,
    root: &'a Map<String, Value>,
    notices: &'a mut Notices,
    /// The document's own responses, converted, by name.
    responses: BTreeMap<String, Value>,
}

impl Conversion<'_> {
    fn paths(&mut self) -> Map<String, Value> {
        let mut paths = Map::new();
        for (path, item) in self.root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let at = format!("0#/paths/{}", escaped(path));
            match self.documents.object(item, &at) {
                _ if path.starts_with("x-") => {}
                Some((item, at)) => {
                    paths.insert(path.clone(), self.item(item, &at).into());
                }
                None => self.notices.missing(&at, reference_of(item).unwrap_or(&at)),
            }
        }
        paths
    }

    fn item(&mut self, item: &Map<String, Value>, at: &str) -> Map<String, Value> {
        let shared = item.get("parameters");
        let mut converted = Map::new();
        for (name, value) in item {
            match value {
                Value::Object(operation) if METHODS.contains(&name.as_str()) => {
                    let at = format!("{at}/{name}");
                    converted.insert(name.clone(), self.operation(operation, shared, &at).into());
                }
                _ if name == "parameters" => {}
                _ => {
                    converted.insert(name.clone(), value.clone());
                }
            }
        }
        converted
    }

    fn operation(
        &mut self,
        operation: &Map<String, Value>,
        shared: Option<&Value>,
        at: &str,
    ) -> Map<String, Value> {
        let media = |name: &str| media_types(operation.get(name).or_else(|| self.root.get(name)));
        let (consumes, produces) = (media("consumes"), media("produces"));
        let mut converted = operation.clone();
        for name in ["parameters", "consumes", "produces", "schemes"] {
            converted.shift_remove(name);
        }
        let own = [(shared, at), (operation.get("parameters"), at)];
        let parameters = parameters::convert(self.documents, own, &consumes, self.notices);
        converted.insert("parameters".into(), parameters.others.into());
        if let Some(body) = parameters.body {
            converted.insert("requestBody".into(), body);
        }
        if let Some(Value::Object(responses)) = converted.get_mut("responses") {
            for (code, response) in responses {
                let at = format!("{at}/responses/{code}");
                *response = self.response(response, &produces, &at);
            }
        }
        converted
    }

    /// A response; one that is shared stays so.
    fn response(&mut self, node: &Value, produces: &[String], at: &str) -> Value {
        let Some((source, place)) = self.documents.object(node, at) else {
            self.notices.missing(at, reference_of(node).unwrap_or(at));
            return json!({});
        };
        let Some(name) = reference_of(node).and_then(|_| place.strip_prefix("0#/responses/")) else {
            return response(source, produces);
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        // All that refer to it share it with the media types of the first.
        self.responses.entry(name).or_insert_with(|| response(source, produces));
        node.clone()
    }

    fn schemes(&self) -> Map<String, Value> {
        let stated = self.root.get("securityDefinitions").and_then(Value::as_object);
        let scheme = |(name, scheme): (&String, &Value)| {
            let is_basic = scheme.get("type").is_some_and(|kind| kind == "basic");
            let scheme = if is_basic { json!({"type": "http", "scheme": "basic"}) } else { scheme.clone() };
            (name.clone(), scheme)
        };
        stated.into_iter().flatten().map(scheme).collect()
    }
}

fn response(source: &Map<String, Value>, produces: &[String]) -> Value {
    let mut converted = source.clone();
    let schema = converted.shift_remove("schema");
    let examples = converted.shift_remove("examples");
    if let Some(schema) = schema {
        let is_file = schema.get("type").is_some_and(|kind| kind == "file");
        let usual = if is_file { "application/octet-stream" } else { "application/json" };
        let media = if produces.is_empty() { vec![usual.to_owned()] } else { produces.to_vec() };
        let content: Map<_, _> = media
            .into_iter()
            .map(|media| {
                let mut holder = Map::from_iter([("schema".to_owned(), schema.clone())]);
                let example = examples.as_ref().and_then(|examples| examples.get(&media));
                holder.extend(example.map(|example| ("example".to_owned(), example.clone())));
                (media, Value::Object(holder))
            })
            .collect();
        converted.insert("content".into(), content.into());
    }
    if let Some(Value::Object(headers)) = converted.get_mut("headers") {
        for header in headers.values_mut() {
            *header = header.as_object().map(parameters::described).unwrap_or_default().into();
        }
    }
    converted.into()
}

fn media_types(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|media| media.as_str().map(str::to_owned)).collect()
}

/// Scheme, host and base path, each of which may be missing.
fn servers(root: &Map<String, Value>) -> Value {
    let text = |name: &str| root.get(name).and_then(Value::as_str).unwrap_or_default();
    let base = match text("basePath").trim_matches('/') {
        "" => String::new(),
        base => format!("/{base}"),
    };
    let host = text("host");
    if host.is_empty() {
        return if base.is_empty() { json!([]) } else { json!([{ "url": base }]) };
    }
    let schemes = media_types(root.get("schemes"));
    let schemes = if schemes.is_empty() { vec!["https".to_owned()] } else { schemes };
    schemes.iter().map(|scheme| json!({ "url": format!("{scheme}://{host}{base}") })).collect()
}
