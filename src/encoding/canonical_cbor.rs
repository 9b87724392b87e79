//! CBOR (RFC 8949) as JSON that is equal only for items that say the same.

use ciborium::Value as Cbor;
use serde_json::{Map, Value, json};

use super::base64;

/// What JSON has not stands under a name that begins with this; a member's own name that does has it twice.
const OURS: char = '(';

/// A map of texts (RFC 8949 section 3.1).
pub fn cbor_map(members: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| Cbor::Text(text.to_owned());
    let members = members.iter().map(|(name, value)| (text(name), text(value))).collect();
    let mut bytes = Vec::new();
    // Memory takes what is written to it.
    let _ = ciborium::into_writer(&Cbor::Map(members), &mut bytes);
    bytes
}

/// One whole CBOR item: the order of members, the width of numbers and indefinite lengths say nothing.
/// `None` if the bytes are not that, or have two members of one name.
pub fn canonical_cbor(mut cbor: &[u8]) -> Option<Value> {
    let item = ciborium::from_reader(&mut cbor).ok()?;
    if cbor.is_empty() { value(item) } else { None }
}

fn value(item: Cbor) -> Option<Value> {
    Some(match item {
        Cbor::Null => Value::Null,
        Cbor::Bool(bool) => Value::Bool(bool),
        Cbor::Text(text) => Value::String(text),
        Cbor::Integer(integer) => match i64::try_from(integer) {
            Ok(integer) => json!(integer),
            Err(_) => json!({ "(integer)": i128::from(integer).to_string() }),
        },
        // An integer and a float are two kinds of values; all bits of a float count.
        Cbor::Float(float) => {
            json!({ "(float)": float.to_string(), "(bits)": format!("{:x}", float.to_bits()) })
        }
        Cbor::Bytes(bytes) => json!({ "(bytes)": base64(&bytes) }),
        Cbor::Tag(tag, item) => json!({ "(tag)": tag, "(item)": value(*item)? }),
        Cbor::Array(items) => items.into_iter().map(value).collect::<Option<_>>()?,
        Cbor::Map(members) => {
            let mut named = Map::new();
            for (name, member) in members {
                if named.insert(self::name(name)?, value(member)?).is_some() {
                    return None;
                }
            }
            Value::Object(named)
        }
        _ => return None,
    })
}

fn name(name: Cbor) -> Option<String> {
    Some(match name {
        Cbor::Text(text) if text.starts_with(OURS) => format!("{OURS}{text}"),
        Cbor::Text(text) => text,
        Cbor::Integer(integer) => format!("(key){}", i128::from(integer)),
        Cbor::Bytes(bytes) => format!("(key bytes){}", base64(&bytes)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_the_same_is_equal() {
        let pairs: [(&[u8], &[u8]); 4] = [
            (b"\xa2\x61a\x01\x61b\x02", b"\xa2\x61b\x02\x61a\x01"),
            (b"\x9f\x01\xff", b"\x81\x01"),
            (b"\x18\x01", b"\x01"),
            (b"\xf9\x3c\x00", b"\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
        ];
        for (one, other) in pairs {
            assert_eq!(canonical_cbor(one).unwrap(), canonical_cbor(other).unwrap());
        }
    }

    #[test]
    fn what_says_something_else_differs() {
        let items: [&[u8]; 12] = [
            b"\x01",
            b"\x61\x31",
            b"\x41\x31",
            b"\xf9\x3c\x00",
            b"\xc1\x01",
            b"\x81\x01",
            b"\xa1\x01\x01",
            b"\xa1\x61\x31\x01",
            b"\xa1\x41\x31\x01",
            b"\xa1\x67(bytes)\x64MQ==",
            b"\xa1\x68((bytes)\x64MQ==",
            b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
        ];
        for (at, one) in items.iter().enumerate() {
            for other in &items[at + 1..] {
                assert_ne!(canonical_cbor(one).unwrap(), canonical_cbor(other).unwrap());
            }
        }
        for broken in [&b"\xf6\xf6"[..], b"\x82\x01", b"\xa2\x61a\x01\x61a\x01"] {
            assert_eq!(canonical_cbor(broken), None);
        }
    }
}
