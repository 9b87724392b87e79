//! JSON: a strict reading, and the way to a value's place.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use super::position::Position;
use super::{DEEPEST, Unread};

/// Reads a whole text. A key that stands twice is an error: one of the two would be lost.
pub(super) fn read(text: &str) -> Result<Value, Unread> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        let full = error.to_string();
        let words = full.rsplit_once(" at line ").map_or(&*full, |(words, _)| words);
        let (problem, mend) = match words {
            // Any value is welcome, so the only data that can be wrong is a key.
            _ if error.is_data() => (words.to_owned(), "keep one of the two"),
            "recursion limit exceeded" => {
                (format!("nested deeper than {DEEPEST} levels"), "take levels out of the text")
            }
            "number out of range" => (words.to_owned(), "write a number that a double can hold"),
            _ => (format!("no JSON: {words}"), "mend the text there"),
        };
        Unread { at: Some(place(text, error.line(), error.column())), problem, mend }
    })
}

/// From a column that counts bytes to one that counts characters.
fn place(text: &str, line: usize, column: usize) -> Position {
    let before = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let before = before.char_indices().take_while(|(offset, _)| *offset + 1 < column).count();
    Position { line, column: before + 1 }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key {key:?} stands twice in one object")));
            }
            let Strict(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// Goes as far along the steps as a text that has been read leads.
pub(super) fn locate(text: &str, steps: &[String]) -> Option<Position> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.space();
    let mut found = scanner.at;
    for step in steps {
        let child = match scanner.next() {
            Some(b'{') => scanner.member(step),
            Some(b'[') => step.parse().ok().and_then(|index| scanner.element(index)),
            _ => None,
        };
        let Some(child) = child else { break };
        found = child;
    }
    Some(Position::after(text.get(..found)?))
}

/// Reads what has been found to be JSON before.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while self.next().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Passes a bracket, comma or colon, and the space behind it.
    fn mark(&mut self) {
        self.at += 1;
        self.space();
    }

    /// From the brace of an object to a member's value. Returns where its key is.
    fn member(&mut self, name: &str) -> Option<usize> {
        self.mark();
        while self.next()? == b'"' {
            let key = self.at;
            self.string();
            let text = self.text.get(key..self.at)?;
            let same = serde_json::from_str::<String>(text).is_ok_and(|text| text == name);
            self.space();
            self.mark();
            if same {
                return Some(key);
            }
            self.value();
        }
        None
    }

    /// From the bracket of a list to an element.
    fn element(&mut self, index: usize) -> Option<usize> {
        self.mark();
        for _ in 0..index {
            if self.next()? == b']' {
                return None;
            }
            self.value();
        }
        (self.next()? != b']').then_some(self.at)
    }

    /// Passes a value and what parts it from the next one.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.next() {
            match byte {
                b'"' => self.string(),
                b',' if depth == 0 => return self.mark(),
                b'}' | b']' if depth == 0 => return,
                _ => self.at += 1,
            }
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.next() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }
}
