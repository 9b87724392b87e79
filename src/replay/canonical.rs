//! One text for all JSON values that are equal: members sorted by name, no spaces, one form of
//! each number.

use serde_json::{Number, Value};

/// Appends the canonical text of a value.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(elements) => {
            write_all(b"[]", elements.iter(), out, write);
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            write_all(b"{}", sorted.into_iter(), out, |(name, value), out| {
                write_string(name, out);
                out.push(b':');
                write(value, out);
            });
        }
    }
}

fn write_all<T>(
    [open, close]: &[u8; 2],
    parts: impl Iterator<Item = T>,
    out: &mut Vec<u8>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    out.push(*open);
    for (index, part) in parts.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(part, out);
    }
    out.push(*close);
}

/// `1`, `1.0` and `1e0` are one number.
fn write_number(number: &Number, out: &mut Vec<u8>) {
    let text = match number.as_f64().filter(|_| number.is_f64()) {
        Some(0.0) => "0".to_owned(),
        // The shortest digits, as they were read: the double's own would be those of an integer
        // that is another number.
        Some(float) if float.fract() == 0.0 && float.abs() < 1e21 => float.to_string(),
        _ => number.to_string(),
    };
    out.extend_from_slice(text.as_bytes());
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    // Writing a string to memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn order_of_members_and_form_of_numbers_do_not_matter() {
        let one: Value =
            serde_json::from_str(r#"{"b": [1.0, 2e0, -0.0, 0.5], "a": {"d": 1, "c": null}}"#).unwrap();
        let other = json!({"a": {"c": null, "d": 1}, "b": [1, 2, 0, 0.5]});
        assert_eq!(text(&one), text(&other));
        assert_eq!(text(&other), r#"{"a":{"c":null,"d":1},"b":[1,2,0,0.5]}"#);
    }

    #[test]
    fn different_values_stay_different() {
        let values = [
            json!({}),
            json!([]),
            json!(null),
            json!(""),
            json!("1"),
            json!(1),
            json!(true),
            json!({"a": null}),
            json!([[1], 2]),
            json!([1, [2]]),
            json!({"a": "b\",\"c\":\"d"}),
            json!({"a": "b", "c": "d"}),
            json!(9007199254740993_u64),
            json!(9007199254740992_u64),
            json!(12345678901234567168_u64),
            json!(1.2345678901234567e19),
        ];
        for (index, one) in values.iter().enumerate() {
            for other in &values[index + 1..] {
                assert_ne!(text(one), text(other));
            }
        }
    }
}
