//! Parameters: what stands in the path, the query, header fields and cookies.

use serde_json::{Map, Value, json};

use super::bodies::is_json;
use super::notes;
use super::shapes::Shapes;
use crate::contract::model::{Binding, Explode, ParameterStyle, Place};
use crate::contract::{Side, draft::Notes};

/// Header fields that HTTP and the media types of the document speak of already.
const ELSEWHERE: &[&str] = &["accept", "authorization", "content-type"];

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Location {
    Path,
    Query,
    Header,
    Cookie,
}

/// A documented parameter.
pub(super) struct Parameter<'d> {
    pub(super) name: &'d str,
    pub(super) location: Location,
    pub(super) source: &'d Map<String, Value>,
    pub(super) at: String,
}

/// A member with its place.
pub(super) struct Bound {
    pub(super) binding: Binding,
    pub(super) node: Value,
    pub(super) required: bool,
}

impl Location {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "path" => Some(Self::Path),
            "query" => Some(Self::Query),
            "header" => Some(Self::Header),
            "cookie" => Some(Self::Cookie),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// The parameters of an operation: its own, and those of its path that it does not say anew. Those
/// of the path template come first, and keep their names when others have the same.
pub(super) fn parameters<'d>(
    shapes: &mut Shapes<'d>,
    lists: [(Option<&'d Value>, String); 2],
) -> Vec<Parameter<'d>> {
    let mut found: Vec<Parameter<'d>> = Vec::new();
    for (list, at) in lists {
        for (index, node) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let Some(parameter) = parameter(shapes, node, &format!("{at}/{index}")) else { continue };
            let same = |known: &&mut Parameter<'_>| {
                known.name == parameter.name && known.location == parameter.location
            };
            match found.iter_mut().find(same) {
                Some(known) => *known = parameter,
                None => found.push(parameter),
            }
        }
    }
    found.sort_by_key(|parameter| parameter.location);
    found
}

fn parameter<'d>(shapes: &mut Shapes<'d>, node: &'d Value, at: &str) -> Option<Parameter<'d>> {
    let documents = shapes.documents;
    let Some((source, place)) = documents.object(node, at) else {
        shapes.notices.missing(at, super::documents::reference_of(node).unwrap_or(at));
        return None;
    };
    let at = place;
    let text = |name: &str| source.get(name).and_then(Value::as_str);
    let location = text("in").and_then(Location::parse);
    let (Some(name), Some(location)) = (text("name"), location) else {
        let mend = "give it a name, and path, query, header or cookie as in";
        shapes.notices.warn(&at, "the parameter has no place, and is left out", mend);
        return None;
    };
    let is_elsewhere = ELSEWHERE.iter().any(|known| name.eq_ignore_ascii_case(known));
    (location != Location::Header || !is_elsewhere).then_some(Parameter { name, location, source, at })
}

/// A parameter as a member. `member` is the name that is free for it.
pub(super) fn bound(shapes: &mut Shapes<'_>, parameter: &Parameter<'_>, member: String) -> Bound {
    let (mut node, style) = schema(shapes, parameter, Side::Request);
    if let Some(node) = node.as_object_mut() {
        node.extend(notes::beside(parameter.source, &parameter.at, &mut shapes.notices));
        if let (Some(example), None) = (example(shapes, parameter), node.get("examples")) {
            node.insert("examples".into(), json!([example]));
        }
    }
    let name = parameter.name.to_owned();
    let is_map = shapes.documents.types(schema_of(parameter.source)).contains(&"object")
        && shapes
            .documents
            .parts(schema_of(parameter.source))
            .iter()
            .all(|part| !part.contains_key("properties"));
    let place = match parameter.location {
        Location::Path => Place::Label,
        Location::Query if style == ParameterStyle::Members && is_map => Place::QueryMap,
        Location::Query => Place::Query(name),
        Location::Header => Place::Header(name),
        Location::Cookie => Place::Cookie(name),
    };
    let required =
        parameter.location == Location::Path || parameter.source.get("required") == Some(&Value::Bool(true));
    Bound { binding: Binding { member, place, style }, node, required }
}

/// What a parameter or a header field is documented to hold, and how it is written.
pub(super) fn schema(
    shapes: &mut Shapes<'_>,
    parameter: &Parameter<'_>,
    side: Side,
) -> (Value, ParameterStyle) {
    let source = parameter.source;
    if let Some((media, content)) =
        source.get("content").and_then(Value::as_object).and_then(|it| it.iter().next())
    {
        let at = format!("{}/content/{}/schema", parameter.at, crate::contract::schema::escaped(media));
        if !is_json(media) {
            let schema = content.get("schema").filter(|it| shapes.documents.types(it) == ["string"]);
            let schema = schema.map_or_else(|| json!({"type": "string"}), |it| shapes.schema(it, &at, side));
            return (schema, ParameterStyle::Plain);
        }
        let schema = content.get("schema").map_or_else(|| json!({}), |it| shapes.schema(it, &at, side));
        return (schema, ParameterStyle::Json);
    }
    let at = format!("{}/schema", parameter.at);
    let Some(schema) = source.get("schema") else {
        shapes.notices.warn(
            &parameter.at,
            "the parameter has no schema, and any text is taken",
            "give it one",
        );
        return (json!({"type": "string"}), ParameterStyle::Plain);
    };
    let style = style(shapes, parameter, schema);
    (shapes.schema(schema, &at, side), style)
}

fn schema_of(source: &Map<String, Value>) -> &Value {
    source.get("schema").unwrap_or(&Value::Null)
}

/// How a value is written at a parameter's place (OpenAPI 3.1, "Style Values").
fn style(shapes: &mut Shapes<'_>, parameter: &Parameter<'_>, schema: &Value) -> ParameterStyle {
    let kinds = shapes.documents.types(schema);
    let (is_list, is_object) = (kinds.contains(&"array"), kinds.contains(&"object"));
    let usual = match parameter.location {
        Location::Path | Location::Header => "simple",
        Location::Query | Location::Cookie => "form",
    };
    let style = parameter.source.get("style").and_then(Value::as_str).unwrap_or(usual);
    let explode = parameter.source.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    let parts = if explode { Explode::Apart } else { Explode::Together };
    match style {
        "simple" | "form" if is_object && explode => ParameterStyle::Members,
        "simple" if is_object => ParameterStyle::Joined(','),
        "simple" => ParameterStyle::Plain,
        "form" | "spaceDelimited" | "pipeDelimited" | "tabDelimited"
            if explode || !(is_list || is_object) =>
        {
            ParameterStyle::Plain
        }
        "form" => ParameterStyle::Joined(','),
        "spaceDelimited" => ParameterStyle::Joined(' '),
        "pipeDelimited" => ParameterStyle::Joined('|'),
        "tabDelimited" => ParameterStyle::Joined('\t'),
        "deepObject" if is_object => ParameterStyle::Deep,
        "deepObject" => ParameterStyle::Plain,
        "label" => ParameterStyle::Dotted(parts),
        "matrix" => ParameterStyle::Matrix(parts),
        other => {
            let problem = format!("there is no style {other}, and the usual one is taken");
            shapes.notices.warn(&format!("{}/style", parameter.at), problem, "use a style of OpenAPI");
            ParameterStyle::Plain
        }
    }
}

/// The first example of a parameter or of a media type.
pub(super) fn example(shapes: &Shapes<'_>, parameter: &Parameter<'_>) -> Option<Value> {
    examples(shapes, parameter.source, &parameter.at).into_iter().next()
}

/// The examples beside a schema.
pub(super) fn examples(shapes: &Shapes<'_>, holder: &Map<String, Value>, at: &str) -> Vec<Value> {
    let single = holder.get("example").cloned();
    let named = holder.get("examples").and_then(Value::as_object);
    let behind = |node: &Value| shapes.documents.object(node, at)?.0.get("value").cloned();
    single.into_iter().chain(named.into_iter().flat_map(Map::values).filter_map(behind)).collect()
}

/// A label that no parameter describes.
pub(super) fn undescribed(name: &str) -> Bound {
    Bound {
        binding: Binding { member: name.to_owned(), place: Place::Label, style: ParameterStyle::Plain },
        node: json!({"type": "string"}),
        required: true,
    }
}

/// A structure of members with their places.
pub(super) fn structure(members: Vec<Bound>, said: Notes) -> (Value, Vec<Binding>) {
    let required: Vec<_> =
        members.iter().filter(|it| it.required).map(|it| it.binding.member.clone()).collect();
    let bindings = members.iter().map(|it| it.binding.clone()).collect();
    let properties: Map<_, _> = members.into_iter().map(|it| (it.binding.member, it.node)).collect();
    let mut structure =
        Map::from_iter([("type".to_owned(), json!("object")), ("properties".to_owned(), properties.into())]);
    if !required.is_empty() {
        structure.insert("required".into(), required.into());
    }
    structure.extend(said);
    (structure.into(), bindings)
}
