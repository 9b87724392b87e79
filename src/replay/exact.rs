//! Whether JSON can be compared as values without taking two different texts for one.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// More digits than a double keeps apart.
const DIGITS: usize = 17;

/// Whether the bytes are JSON whose values say all that the text says: no object has two members
/// of one name, and no number has more digits than are kept. Anything else is compared as bytes.
pub(super) fn is_exact(bytes: &[u8]) -> bool {
    read(bytes).is_ok() && numbers_are_kept(bytes)
}

/// Why the bytes are no such JSON. Repeats nothing of them.
pub(super) fn problem(bytes: &[u8]) -> Option<String> {
    match read(bytes) {
        Err(error) => Some(error.to_string()),
        Ok(()) if numbers_are_kept(bytes) => None,
        Ok(()) => Some(format!("a number has more than {DIGITS} digits")),
    }
}

fn read(bytes: &[u8]) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Distinct.deserialize(&mut json).and_then(|()| json.end())
}

fn numbers_are_kept(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some((&first, after)) = rest.split_first() {
        rest = match first {
            b'"' => after_string(after),
            b'-' | b'0'..=b'9' => {
                let end = rest.iter().position(|byte| !is_of_number(*byte)).unwrap_or(rest.len());
                let (token, after) = rest.split_at(end);
                if !is_kept(token) {
                    return false;
                }
                after
            }
            _ => after,
        };
    }
    true
}

fn is_kept(token: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(token) else { return false };
    let digits = text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit);
    digits.count() <= DIGITS || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok()
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
}

/// What follows the string whose opening quote was just read.
fn after_string(mut rest: &[u8]) -> &[u8] {
    loop {
        match rest {
            [b'\\', _, after @ ..] => rest = after,
            [b'"', after @ ..] => return after,
            [_, after @ ..] => rest = after,
            [] => return rest,
        }
    }
}

/// Reads JSON for nothing but the names of members.
struct Distinct;

impl<'de> DeserializeSeed<'de> for Distinct {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Distinct)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member occurs twice"));
            }
            members.next_value_seed(Distinct)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_values_would_blur_is_not_exact() {
        for json in [
            r#"{"a": 1, "a": 2}"#,
            r#"[{"a": {"b": 1, "b": 1}}]"#,
            "123456789012345678901234567890",
            "0.1000000000000000055511151231257827",
            "{",
            "",
            "{} {}",
            "nothing",
        ] {
            assert!(!is_exact(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn a_problem_repeats_nothing_of_the_body() {
        let problems = [r#"{"hunter2" 1}"#, r#"{"hunter2":1,"hunter2":1}"#, "hunter2", r#""hunter2"#];
        for problem in problems.map(|json| problem(json.as_bytes()).unwrap()) {
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn ordinary_bodies_are_exact() {
        for json in [
            r#"{"a": {"b": 1}, "b": [{"b": -1.5e3}, {"b": "a\"1234567890123456789012\\"}, null, true]}"#,
            "18446744073709551615",
            "1527808069.147",
            " {} ",
        ] {
            assert!(is_exact(json.as_bytes()), "{json}");
        }
    }
}
