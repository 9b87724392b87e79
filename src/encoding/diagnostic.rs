//! CBOR (RFC 8949) as JSON, to be read by people: it cannot be turned back.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value, json};

use super::base64;

/// One whole CBOR item as JSON; `None` if the bytes are not that. What JSON has not is an object
/// that says what it is (`{"bytes": "AAE="}`, `{"tag": 1, "value": 0}`) or a string.
pub fn diagnostic(mut cbor: &[u8]) -> Option<Value> {
    let item = ciborium::from_reader(&mut cbor).ok()?;
    cbor.is_empty().then(|| shown(item))
}

fn shown(item: Cbor) -> Value {
    match item {
        Cbor::Null => Value::Null,
        Cbor::Bool(bool) => Value::Bool(bool),
        Cbor::Integer(integer) => integer_shown(integer.into()),
        Cbor::Float(float) => {
            Number::from_f64(float).map_or_else(|| Value::String(float.to_string()), Value::Number)
        }
        Cbor::Text(text) => Value::String(text),
        Cbor::Bytes(bytes) => json!({ "bytes": base64(&bytes) }),
        Cbor::Tag(tag, item) => json!({ "tag": tag, "value": shown(*item) }),
        Cbor::Array(items) => items.into_iter().map(shown).collect(),
        Cbor::Map(members) => {
            let named = members.into_iter().map(|(name, member)| (key(name), shown(member)));
            Value::Object(named.collect::<Map<_, _>>())
        }
        _ => Value::String("(unknown)".to_owned()),
    }
}

fn integer_shown(integer: i128) -> Value {
    Number::from_i128(integer).map_or_else(|| Value::String(integer.to_string()), Value::Number)
}

fn key(name: Cbor) -> String {
    match name {
        Cbor::Text(text) => text,
        other => shown(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_rfc_read_well() {
        // RFC 8949 appendix A.
        let cases: [(&[u8], &str); 9] = [
            (b"\xa2\x61a\x01\x61b\x82\x02\x03", r#"{"a":1,"b":[2,3]}"#),
            (b"\xa2\x01\x02\x03\x04", r#"{"1":2,"3":4}"#),
            (b"\xc1\x1a\x51\x4b\x67\xb0", r#"{"tag":1,"value":1363896240}"#),
            (b"\x44\x01\x02\x03\x04", r#"{"bytes":"AQIDBA=="}"#),
            (b"\xf9\x7c\x00", r#""inf""#),
            (b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a", "1.1"),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", r#""-18446744073709551616""#),
            (b"\xbf\x61a\x01\x61b\x9f\x02\x03\xff\xff", r#"{"a":1,"b":[2,3]}"#),
            (b"\xf6", "null"),
        ];
        for (cbor, json) in cases {
            assert_eq!(diagnostic(cbor).unwrap().to_string(), json);
        }
        assert_eq!(diagnostic(b"\xf6\xf6"), None, "two items");
        assert_eq!(diagnostic(b"\x82\x01"), None, "cut short");
        assert_eq!(diagnostic(&[0x81; 100_000]), None, "too deep");
    }
}
