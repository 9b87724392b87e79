//! One text out of a JSON document, without building the rest of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The text at a dotted path of member names; `None` if there is none, or if the bytes are no JSON.
/// Of members that are there twice the last counts.
pub(super) fn at(json: &[u8], dotted: &str) -> Option<String> {
    let path: Vec<&str> = dotted.split('.').collect();
    let mut reader = serde_json::Deserializer::from_slice(json);
    let found = Below(&path).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    found
}

/// What is below these names.
struct Below<'p>(&'p [&'p str]);

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            match self.0.split_first() {
                Some((first, rest)) if *first == name => found = members.next_value_seed(Below(rest))?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.is_empty().then(|| text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::at_path;

    #[test]
    fn it_finds_what_the_whole_document_has_there() {
        for text in [
            r#"{"a":"x","next":"t"}"#,
            r#"{"a":["next",{"next":"no"}],"n\u0065xt":"t"}"#,
            r#"{"next":"s","next":"t"}"#,
            r#"{"next":"t","next":{"a":"u"}}"#,
            r#"{"next":"t","next":["a", 1, -2, 0.5, true, null]}"#,
            r#"{"next":null}"#,
            r#"{"next":{"token":"t"}}"#,
            r#"["next"]"#,
            r#""next""#,
            r#"{"next":"t"} x"#,
            r#"{"next":"t""#,
            "",
        ] {
            for path in ["next", "next.token", "next.a"] {
                let whole = serde_json::from_str::<serde_json::Value>(text).ok();
                let expected = whole.as_ref().and_then(|whole| at_path(whole, path)?.as_str());
                assert_eq!(at(text.as_bytes(), path).as_deref(), expected, "{path} of {text}");
            }
        }
    }
}
