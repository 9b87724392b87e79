//! Ways to be wrong, read off a schema, and values that are wrong.

use serde_json::{Value, json};

use super::breaking::Way;
use super::choices::Choices;
use super::place::Place;
use super::wire::Wire;
use crate::contract::{Kind, TimestampFormat};
use crate::encoding::base64;

/// Keywords of a schema that no value is known to break, as opposed to those that say nothing.
const UNKNOWN: &[&str] = &[
    "if",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "prefixItems",
    "unevaluatedProperties",
];

/// Texts longer than this are not sent.
const LONGEST: usize = 100_000;

/// The same for texts in path, query and header: servers refuse long heads on other grounds.
const LONGEST_IN_HEAD: usize = 4_000;

type Found = Vec<(&'static str, Way)>;

impl Way {
    /// Every way to break the keywords of one schema, each with the rule that a validator names.
    pub(super) fn all<'v>(place: &Place<'v>, get: &dyn Fn(&str) -> Option<&'v Value>) -> Found {
        let mut ways = Vec::new();
        if !place.pointer.is_empty() && get("type").is_some() {
            ways.push(("type", Self::WrongType));
        }
        let list = |value: &Value| value.as_array().cloned().map(Self::Foreign);
        ways.extend(get("enum").and_then(list).map(|way| ("enum", way)));
        ways.extend(get("const").map(|value| ("const", Self::Foreign(vec![value.clone()]))));
        texts(place, get, &mut ways);
        amounts(get, &mut ways);
        counts(get, &mut ways);
        if let Some(names) = get("propertyNames") {
            let shape = names.get("$ref").and_then(Value::as_str);
            let shape = shape.and_then(|name| name.strip_prefix("#/$defs/"));
            let shape = shape.map(|name| place.contract.shape(name));
            let inner =
                Self::all(&place.keys(), &|keyword| names.get(keyword).or_else(|| shape?.keyword(keyword)));
            let inner = inner.into_iter().filter(|(rule, _)| *rule != "type");
            ways.extend(inner.map(|(rule, way)| ("propertyNames", Self::Key(rule, Box::new(way)))));
        }
        ways.extend(get("not").map(|schema| ("not", Self::Refused(schema.clone()))));
        let choices = ["anyOf", "oneOf"].into_iter().filter(|keyword| get(keyword).is_some());
        ways.extend(choices.map(|keyword| (keyword, Self::Astray)));
        let unknown = UNKNOWN.iter().filter(|keyword| get(keyword).is_some());
        ways.extend(unknown.map(|keyword| (*keyword, Self::Unknown)));
        ways
    }

    /// Why no request shows it, where that is so by the place's nature.
    pub(super) fn hidden(&self, place: &Place<'_>) -> Option<&'static str> {
        let judged = place.contract.protocol().judges_bodies();
        let is_text = matches!(place.kind(), Kind::Text | Kind::Timestamp(_));
        let is_many = matches!(place.kind(), Kind::List | Kind::Map | Kind::Structure);
        match (self, place.wire) {
            (Self::TooLong, _) => Some("it takes a text longer than servers read"),
            (Self::Unknown, _) => Some("no value is known that breaks this keyword"),
            (Self::Astray, _) if fixed(place).is_none() => Some("no value is known that breaks this keyword"),
            (_, Wire::Json | Wire::Raw) if !judged => Some("bodies of this protocol are not judged yet"),
            (_, Wire::Json) => None,
            (Self::Absent | Self::Length(0), Wire::Raw) => Some("an empty body counts as absent"),
            (Self::Absent | Self::Length(0), Wire::Label) => Some("a path always has a value there"),
            (Self::Length(0), wire) if wire.loses_empty() => Some("an empty text counts as absent there"),
            (Self::WrongType, _) if is_text => Some("every value there is a text"),
            (Self::WrongType, _) if is_many => Some("every value there is a list of texts"),
            (Self::Count(0), _) => Some("an empty list leaves no trace in a request's head"),
            _ => None,
        }
    }
}

fn texts<'v>(place: &Place<'_>, get: &dyn Fn(&str) -> Option<&'v Value>, ways: &mut Found) {
    let count = |keyword: &str| get(keyword).and_then(Value::as_i64);
    let longest = if place.wire == Wire::Json { LONGEST } else { LONGEST_IN_HEAD };
    let of_length = |length: i64| match usize::try_from(length) {
        Ok(length) if length <= longest => Way::Length(length),
        _ => Way::TooLong,
    };
    let short = count("minLength").filter(|least| *least > 0).map(|least| least - 1);
    ways.extend(short.map(|length| ("minLength", of_length(length))));
    ways.extend(count("maxLength").map(|most| ("maxLength", of_length(most.saturating_add(1)))));
    let pattern = get("pattern").and_then(Value::as_str);
    ways.extend(pattern.map(|pattern| ("pattern", Way::Mismatch(pattern.to_owned()))));
    let wrong = get("format").and_then(Value::as_str).and_then(super::format::wrong);
    ways.extend(wrong.map(|text| ("format", Way::Format(text))));
    let bytes = |least: Option<i64>, by: i64| {
        let count = usize::try_from(least?.checked_add(by)?).ok()?;
        Some(match count <= longest / 2 {
            true => Way::Exactly(base64(&vec![0x2a; count]).into()),
            false => Way::TooLong,
        })
    };
    let few = bytes(count("x-onrecord-minBytes").filter(|least| *least > 0), -1);
    ways.extend(few.map(|way| ("minLength", way)));
    ways.extend(bytes(count("x-onrecord-maxBytes"), 1).map(|way| ("maxLength", way)));
}

fn amounts<'v>(get: &dyn Fn(&str) -> Option<&'v Value>, ways: &mut Found) {
    let beyond = |bound: &Value, by: i64| match bound.as_i64() {
        Some(bound) => bound.checked_add(by).map(Value::from),
        None => bound.as_f64().map(|bound| json!(bound + by as f64)),
    };
    let keywords = [
        ("minimum", -1),
        ("maximum", 1),
        ("exclusiveMinimum", 0),
        ("exclusiveMaximum", 0),
        ("multipleOf", 1),
    ];
    for (keyword, by) in keywords {
        let amount = get(keyword).and_then(|bound| beyond(bound, by));
        ways.extend(amount.map(|amount| (keyword, Way::Exactly(amount))));
    }
}

fn counts<'v>(get: &dyn Fn(&str) -> Option<&'v Value>, ways: &mut Found) {
    let count = |keyword: &str| get(keyword).and_then(Value::as_u64);
    for (least, most) in [("minItems", "maxItems"), ("minProperties", "maxProperties")] {
        let few = count(least).and_then(|least| least.checked_sub(1)).filter(|few| *few < 10_000);
        ways.extend(few.and_then(|few| few.try_into().ok()).map(|few| (least, Way::Count(few))));
        let many = count(most).and_then(|most| most.checked_add(1)).filter(|many| *many < 10_000);
        ways.extend(many.and_then(|many| many.try_into().ok()).map(|many| (most, Way::Count(many))));
    }
    let unique = get("uniqueItems").is_some_and(|unique| *unique == true);
    ways.extend(unique.then_some(("uniqueItems", Way::Twice)));
}

/// A value of another type than the contract's, of those that the place can show.
pub(super) fn wrong_type(place: &Place<'_>, choices: &mut Choices<'_>) -> Option<Value> {
    let mut wrong = match (place.wire, place.kind()) {
        (Wire::Json, kind) => of_other_kinds(kind),
        (Wire::Raw, _) => return None,
        (_, Kind::Integer | Kind::Number | Kind::Timestamp(TimestampFormat::EpochSeconds)) => {
            vec![json!("many"), json!("one"), json!("1e")]
        }
        (_, Kind::Boolean) => vec![json!("perhaps"), json!("maybe")],
        _ => return None,
    };
    wrong.retain(|value| !place.types().any(|schema| is_among_types(schema.keyword("type"), value)));
    wrong.get(choices.index(wrong.len())).cloned()
}

fn of_other_kinds(kind: Kind) -> Vec<Value> {
    match kind {
        Kind::Text | Kind::Timestamp(TimestampFormat::DateTime | TimestampFormat::HttpDate) => {
            vec![json!(12), json!(true), json!(["text"]), json!({"text": "text"})]
        }
        Kind::Integer | Kind::Number | Kind::Timestamp(TimestampFormat::EpochSeconds) => {
            vec![json!("many"), json!(true), json!([1]), json!({"value": 1})]
        }
        Kind::Boolean => vec![json!("perhaps"), json!(12), json!([true]), json!({"on": true})],
        Kind::Structure | Kind::Map => vec![json!("text"), json!(12), json!(true)],
        Kind::List => vec![json!("text"), json!(12), json!(true), json!({"0": "text"})],
        Kind::Choice => vec![json!("text"), json!(12), json!(true)],
        Kind::Any => Vec::new(),
    }
}

/// Whether a type is one of several that are all right.
fn is_among_types(types: Option<&Value>, value: &Value) -> bool {
    let name = match value {
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Number(_) => "number",
        Value::Null => "null",
    };
    types.and_then(Value::as_array).is_some_and(|types| types.iter().any(|kind| kind == name))
}

/// A member that can have one value only in each branch of a choice: what tells the branches apart.
pub(super) fn fixed(place: &Place<'_>) -> Option<String> {
    let branch = place.branches().into_iter().next()?;
    let is_fixed = |name: &&str| branch.member(name).listed().is_some_and(|listed| listed.len() == 1);
    branch.members().find(is_fixed).map(str::to_owned)
}

/// A value that is not in a list; in another list of the same place, if there is such a value.
pub(super) fn foreign(place: &Place<'_>, list: &[Value], choices: &mut Choices<'_>) -> Option<Value> {
    let others = place.all("enum").filter_map(Value::as_array).flatten();
    let mut values: Vec<Value> = others.filter(|value| !list.contains(value)).cloned().collect();
    if values.is_empty() {
        values = list.iter().flat_map(near).filter(|value| !list.contains(value)).collect();
        values.retain(|value| value.as_str().is_none_or(|text| allows_length(place, text)));
    }
    values.dedup();
    values.get(choices.index(values.len())).cloned()
}

/// Values that are nearly one of a list.
fn near(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => [format!("{text}X"), format!("not-{text}"), "ELSEWHERE".to_owned()]
            .into_iter()
            .chain(text.len().checked_sub(1).and_then(|end| text.get(..end)).map(str::to_owned))
            .filter(|text| !text.is_empty())
            .map(Value::from)
            .collect(),
        Value::Number(number) => number.as_i64().into_iter().map(|n| json!(n.saturating_add(1))).collect(),
        Value::Bool(bool) => vec![json!(!bool)],
        _ => Vec::new(),
    }
}

fn allows_length(place: &Place<'_>, text: &str) -> bool {
    let room = super::text::room(place);
    (room.least..=room.most).contains(&text.chars().count())
}
