//! Whether JSON can be compared as values without taking two different texts for one.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// Whether the bytes are JSON whose values say all that the text says: no object has two members
/// of one name, and no number has more digits than a double keeps. Anything else is compared as bytes.
pub(super) fn is_exact(bytes: &[u8]) -> bool {
    read(bytes).is_ok() && numbers_are_kept(bytes)
}

/// Why the bytes are no such JSON. Repeats nothing of them.
pub(super) fn problem(bytes: &[u8]) -> Option<String> {
    match read(bytes) {
        Err(error) => Some(error.to_string()),
        Ok(()) if numbers_are_kept(bytes) => None,
        Ok(()) => Some("a number has more digits than a double keeps".to_owned()),
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
    match serde_json::from_slice::<Number>(token) {
        Ok(number) if number.is_f64() => {
            // Any fifteen digits come back from a double, and no others are taken for these: two
            // numbers of which each comes back are one double only if they are one number.
            std::str::from_utf8(token).is_ok_and(|text| decimal(text) == decimal(&number.to_string()))
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

/// The digits of a number without zeros at either end, and the power of ten of the last one.
/// `None` for an exponent that no double has.
fn decimal(number: &str) -> Option<(String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0').to_owned();
    if significant.is_empty() {
        return Some((significant, 0));
    }
    let last = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some((significant, last.checked_add(dropped)?))
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
            "9.007199254740992",
            "9007199254740993.0",
            "1e-400",
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
            "1527808069.147123",
            "[0.10, -0.0, 1.50e3, 1E+2, 0.00e99, 123456789012345e-20, 9007199254740992.0]",
            " {} ",
        ] {
            assert!(is_exact(json.as_bytes()), "{json}");
        }
    }
}
