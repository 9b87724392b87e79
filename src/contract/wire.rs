//! What a value must be beyond JSON Schema: numbers that fit, base64 that is some, unions that say
//! something.

use serde_json::Value;

use super::schema::{MAX_BYTES, MIN_BYTES, Schema};
use super::{Level, Severity, Violation};
use crate::encoding::unbase64;
use crate::exchange::Timestamp;

/// Every way in which a value, or a part of it, cannot be what its schema means.
pub(super) fn violations(schema: Schema<'_>, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    schema.walk_from(String::new(), value, &mut |schema, pointer, value| {
        if let Some((rule, demands, severity)) = broken(schema, value) {
            let (pointer, rule) = (pointer.to_owned(), rule.to_owned());
            found.push(Violation { pointer, rule, demands, severity, level: Level::Must, source: None });
        }
    });
    found
}

/// Whether a text is an RFC 3339 date-time, with the `T` that its grammar has (section 5.6).
pub(super) fn is_date_time(text: &str) -> bool {
    matches!(text.as_bytes().get(10), Some(b'T' | b't')) && Timestamp::parse(text).is_some()
}

/// Whether a text stands for a number that JSON does not have (Smithy 2.0, AWS JSON protocols).
pub(super) fn is_not_finite(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity")
}

fn broken(schema: Schema<'_>, value: &Value) -> Option<(&'static str, String, Severity)> {
    match value {
        Value::Number(number) => {
            let (format, least, most) = width(schema)?;
            let fits = match number.as_i64() {
                Some(number) => (least..=most).contains(&number),
                // With a fraction it is no integer, which the type says.
                None => number
                    .as_f64()
                    .is_some_and(|number| number.fract() != 0.0 || is_within(number, least, most)),
            };
            (!fits).then(|| ("format", format!("an integer of the format {format}"), Severity::Shape))
        }
        Value::String(text) if schema.keyword("contentEncoding").is_some_and(|it| it == "base64") => {
            let Some(bytes) = unbase64(text) else {
                return Some(("contentEncoding", "base64".to_owned(), Severity::Shape));
            };
            let bound = |keyword| schema.bound(keyword).and_then(|bound| usize::try_from(bound).ok());
            match (bound(MIN_BYTES), bound(MAX_BYTES)) {
                (Some(least), _) if bytes.len() < least => {
                    Some(("minLength", format!("at least {least} bytes"), Severity::Constraint))
                }
                (_, Some(most)) if bytes.len() > most => {
                    Some(("maxLength", format!("at most {most} bytes"), Severity::Constraint))
                }
                _ => None,
            }
        }
        Value::Object(members) if schema.note("union").is_some() => {
            let is_empty = members.values().all(Value::is_null);
            is_empty.then(|| ("union", "a structure with one member".to_owned(), Severity::Shape))
        }
        _ => None,
    }
}

/// The integers that a format takes.
fn width(schema: Schema<'_>) -> Option<(&str, i64, i64)> {
    let (least, most) = match schema.keyword("format")?.as_str()? {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (i64::MIN, i64::MAX),
        _ => return None,
    };
    Some((schema.keyword("format")?.as_str()?, least, most))
}

fn is_within(number: f64, least: i64, most: i64) -> bool {
    (least as f64..most as f64).contains(&number)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn rules(schema: Value, value: Value) -> Vec<String> {
        let definitions = Map::from_iter([("It".to_owned(), schema)]);
        let found = violations(Schema::named(&definitions, "It"), &value);
        found.into_iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn an_integer_fits_its_format() {
        let byte = || json!({"type": "integer", "format": "int8"});
        assert_eq!(rules(byte(), json!(127)), [""; 0]);
        assert_eq!(rules(byte(), json!(128)), ["format"]);
        let long = || json!({"type": "integer", "format": "int64"});
        assert_eq!(rules(long(), json!(i64::MIN)), [""; 0]);
        assert_eq!(rules(long(), json!(1.23e23)), ["format"]);
        assert_eq!(rules(long(), json!(u64::MAX)), ["format"]);
    }

    #[test]
    fn bytes_are_counted_and_not_their_letters() {
        let blob = || json!({"type": "string", "contentEncoding": "base64", MIN_BYTES: 2, MAX_BYTES: 3});
        assert_eq!(rules(blob(), json!("YWI=")), [""; 0]);
        assert_eq!(rules(blob(), json!("YQ==")), ["minLength"]);
        assert_eq!(rules(blob(), json!("YWJjZA==")), ["maxLength"]);
        assert_eq!(rules(blob(), json!("-_==")), ["contentEncoding"]);
    }
}
