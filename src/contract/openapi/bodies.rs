//! Bodies and their media types.

use serde_json::{Map, Value, json};

use super::shapes::Shapes;
use super::{notes, parameters};
use crate::contract::Side;
use crate::contract::schema::{MEDIA_TYPES, escaped};

/// The name of the member that is the whole body.
pub(super) const BODY: &str = "body";

/// A documented body.
pub(super) struct Content {
    pub(super) node: Value,
    pub(super) examples: Vec<Value>,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Json,
    Pairs,
    Text,
    Bytes,
    /// Not judged.
    Other,
}

/// The body that a request or an answer documents in its media types. `name` is for a structure
/// that is described on the spot.
pub(super) fn content(
    shapes: &mut Shapes<'_>,
    content: &Map<String, Value>,
    at: &str,
    side: Side,
    name: &str,
) -> Option<Content> {
    let (media, holder) = content.iter().min_by_key(|(media, _)| preference(media))?;
    let at = format!("{at}/{}", escaped(media));
    let nothing = Map::new();
    let holder = holder.as_object().unwrap_or(&nothing);
    let form = form(media);
    let mut node = match (form, holder.get("schema")) {
        (Form::Json | Form::Pairs, Some(schema)) => {
            shapes.named_schema(schema, &format!("{at}/schema"), side, name)
        }
        (Form::Text, Some(schema)) if shapes.documents.types(schema).contains(&"string") => {
            shapes.named_schema(schema, &format!("{at}/schema"), side, name)
        }
        (Form::Text, _) => super::shapes::object(json!({"type": "string"})),
        (Form::Bytes, _) => super::shapes::object(json!({"type": "string", "contentEncoding": "base64"})),
        (Form::Json | Form::Pairs | Form::Other, _) => Map::new(),
    };
    if form == Form::Other {
        let problem = format!("bodies in {media} are recorded and replayed, and not judged");
        shapes.notices.warn(&at, problem, "describe the body in application/json, if the provider takes it");
    }
    node.insert("contentMediaType".into(), concrete(media).into());
    let all: Vec<_> = content.keys().map(|media| media.trim().to_ascii_lowercase()).collect();
    node.insert(MEDIA_TYPES.into(), all.into());
    node.extend(notes::beside(holder, &at, &mut shapes.notices));
    let examples = if form == Form::Json { parameters::examples(shapes, holder, &at) } else { Vec::new() };
    Some(Content { node: node.into(), examples })
}

/// What we would rather send and read, and JSON itself before its dialects.
fn preference(media: &str) -> (Form, bool, bool) {
    let plain = essence(media);
    (form(media), plain != "application/json", media.contains(';'))
}

fn form(media: &str) -> Form {
    match essence(media).as_str() {
        _ if is_json(media) => Form::Json,
        "application/x-www-form-urlencoded" => Form::Pairs,
        "text/event-stream" => Form::Other,
        "application/octet-stream" => Form::Bytes,
        text if text.starts_with("text/") && !text.ends_with("xml") => Form::Text,
        _ => Form::Other,
    }
}

/// Whether bodies of a media type are JSON; a range that JSON is in counts.
pub(super) fn is_json(media: &str) -> bool {
    let media = essence(media);
    let sequence = ["+json-seq", "/json-seq", "json-lines"].iter().any(|end| media.ends_with(end));
    !sequence
        && (matches!(
            media.as_str(),
            "*/*" | "*" | "application/*" | "application/json" | "text/json" | "json"
        ) || media.ends_with("+json")
            || media.ends_with("/vnd.api+json"))
}

/// A media type without its parameters.
fn essence(media: &str) -> String {
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The media type to send where the document gives a range.
fn concrete(media: &str) -> String {
    match essence(media).as_str() {
        "*/*" | "*" | "application/*" | "json" => "application/json".to_owned(),
        "text/*" => "text/plain".to_owned(),
        range if range.contains('*') => "application/octet-stream".to_owned(),
        _ => media.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_before_others() {
        let choose = |of: &[&'static str]| *of.iter().min_by_key(|media| preference(media)).unwrap();
        assert_eq!(
            choose(&["application/xml", "text/plain", "application/json; charset=utf-8"]),
            "application/json; charset=utf-8"
        );
        assert_eq!(choose(&["application/vnd.a+json", "application/json"]), "application/json");
        assert_eq!(
            choose(&["multipart/form-data", "application/x-www-form-urlencoded"]),
            "application/x-www-form-urlencoded"
        );
        assert_eq!(concrete("*/*"), "application/json");
        assert_eq!(concrete("text/*"), "text/plain");
        assert_eq!(concrete("image/*"), "application/octet-stream");
        assert!(
            is_json("Application/Problem+JSON;q=1")
                && !is_json("application/jsonl")
                && !is_json("application/json-seq")
        );
    }
}
