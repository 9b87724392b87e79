//! Bodies by media type.

use serde_json::{Map, Value};

use super::styles;
use crate::contract::ParameterStyle;
use crate::contract::schema::{Kind, MEDIA_TYPES, Schema};
use crate::encoding::{base64, unbase64};
use crate::exchange::{Body, Target};

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    /// `application/x-www-form-urlencoded`
    Pairs,
    Text,
    /// The value is base64.
    Bytes,
    /// Text where it is some, else base64.
    Raw,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is not what its media type says.
    Broken,
    /// Its media type is documented, and not one that we judge.
    Unjudged,
}

/// How a body is to be read that came with this content type.
pub(super) fn form_of(schema: Schema<'_>, given: Option<&str>) -> Result<Form, Unread> {
    let documented = Form::documented(schema);
    let Some(given) = given.map(essence).filter(|given| !given.is_empty()) else { return Ok(documented) };
    let chosen = schema.keyword("contentMediaType").and_then(Value::as_str).map(essence).unwrap_or_default();
    if given == chosen || (documented == Form::Json && is_json(&given)) {
        return Ok(documented);
    }
    let all = schema.keyword(MEDIA_TYPES).and_then(Value::as_array).into_iter().flatten();
    let is_other =
        all.filter_map(Value::as_str).map(essence).any(|range| fits(&range, &given) && range != chosen);
    if is_other { Err(Unread::Unjudged) } else { Ok(documented) }
}

/// Every documented media type of a body.
pub(super) fn documented(schema: Schema<'_>) -> Vec<&str> {
    let all = schema.keyword(MEDIA_TYPES).and_then(Value::as_array);
    let chosen = schema.keyword("contentMediaType").and_then(Value::as_str);
    match all {
        Some(all) => all.iter().filter_map(Value::as_str).collect(),
        None => chosen.into_iter().collect(),
    }
}

/// Whether a content type is in a documented range (RFC 9110 section 12.5.1), whatever its parameters.
pub fn is_in(range: &str, given: &str) -> bool {
    fits(&essence(range), &essence(given))
}

impl Form {
    /// How the documented body is written.
    pub(super) fn documented(schema: Schema<'_>) -> Self {
        let media_type = schema.keyword("contentMediaType").and_then(Value::as_str).map(essence);
        match media_type.as_deref() {
            None => Self::Json,
            Some(media_type) if is_json(media_type) => Self::Json,
            Some("application/x-www-form-urlencoded") => Self::Pairs,
            Some(_) if schema.kind() != Kind::Text => Self::Raw,
            Some(_) if schema.keyword("contentEncoding").is_some() => Self::Bytes,
            Some(_) => Self::Text,
        }
    }

    pub(super) fn write(self, value: &Value) -> Body {
        match (self, value) {
            (Self::Bytes, Value::String(text)) => {
                Body::from(unbase64(text).unwrap_or_else(|| text.clone().into_bytes()))
            }
            (Self::Text | Self::Raw, Value::String(text)) => Body::from(text.clone()),
            (Self::Pairs, Value::Object(members)) => {
                let pairs = members
                    .iter()
                    .flat_map(|(name, value)| styles::query(ParameterStyle::Plain, name, value));
                Body::from(pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
            }
            (_, value) => Body::from(value.to_string()),
        }
    }

    /// `None` if the body is something else.
    pub(super) fn read(self, schema: Schema<'_>, body: &Body) -> Option<Value> {
        match self {
            Self::Json => body.json(),
            Self::Pairs => Some(pairs(schema, body.text()?)),
            Self::Text => body.text().map(Value::from),
            Self::Bytes => Some(base64(body.as_bytes()).into()),
            Self::Raw => Some(body.text().map_or_else(|| base64(body.as_bytes()), str::to_owned).into()),
        }
    }
}

/// A form's fields, as what their schemas make of them. A plus sign is a space.
fn pairs(schema: Schema<'_>, text: &str) -> Value {
    let target = Target::new(format!("?{}", text.replace('+', "%20")));
    let raw: Vec<_> = target
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut used = vec![false; raw.len()];
    let mut members = Map::new();
    for member in schema.members() {
        let is_object = matches!(member.schema.kind(), Kind::Structure | Kind::Map | Kind::Choice);
        let style = if is_object { ParameterStyle::Json } else { ParameterStyle::Plain };
        let value =
            styles::from_query(Some(member.schema), style, member.name, &raw, &mut |at| used[at] = true);
        members.extend(value.map(|value| (member.name.to_owned(), value)));
    }
    for ((name, value), _) in target.pairs().zip(&used).filter(|(_, used)| !**used) {
        members.entry(name).or_insert(Value::String(value));
    }
    Value::Object(members)
}

/// Whether a media type is JSON, or a dialect of it.
fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

fn fits(range: &str, given: &str) -> bool {
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => given.split('/').next() == Some(family),
        None => range == given,
    }
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
