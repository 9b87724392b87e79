//! The patterns of whole schemas.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Translated, translate};
use crate::contract::schema::note_key;
use crate::contract::validate::is_readable;

/// A pattern that is not held to, and the first definition that has it.
pub(in crate::contract) struct Unreadable {
    pub(in crate::contract) pattern: String,
    pub(in crate::contract) definition: String,
}

/// Keywords whose values are examples of what a schema describes, not schemas.
const VALUES: &[&str] = &["const", "default", "enum", "examples"];

/// Makes every pattern one that the validator and the generator read.
#[derive(Default)]
pub(in crate::contract) struct Patterns {
    /// Models repeat their patterns, and compiling one takes a while.
    known: HashMap<String, Option<String>>,
    pub(in crate::contract) unreadable: Vec<Unreadable>,
}

impl Patterns {
    /// Where a pattern changes, the note `pattern` keeps what was written. One that cannot be read
    /// is taken out, so that everything else is still held to.
    pub(in crate::contract) fn translate(&mut self, definition: &str, schema: &mut Value) {
        match schema {
            Value::Object(members) => {
                self.pattern(definition, members);
                self.pattern_properties(definition, members);
                let inner = members.iter_mut().filter(|(name, _)| !VALUES.contains(&name.as_str()));
                inner.for_each(|(_, value)| self.translate(definition, value));
            }
            Value::Array(elements) => {
                elements.iter_mut().for_each(|value| self.translate(definition, value));
            }
            _ => {}
        }
    }

    fn pattern(&mut self, definition: &str, schema: &mut Map<String, Value>) {
        // A member of that name is an object, not text.
        let Some(Value::String(written)) = schema.get("pattern") else { return };
        let written = written.clone();
        match self.translated(definition, &written) {
            None => {
                schema.shift_remove("pattern");
            }
            Some(translated) if translated != written => {
                schema.insert("pattern".into(), translated.into());
                schema.insert(note_key("pattern"), written.into());
            }
            Some(_) => {}
        }
    }

    /// Members that an unreadable pattern would allow must not count as undocumented.
    fn pattern_properties(&mut self, definition: &str, schema: &mut Map<String, Value>) {
        let Some(Value::Object(written)) = schema.get_mut("patternProperties") else { return };
        let count = written.len();
        let translated = std::mem::take(written).into_iter().filter_map(|(pattern, value)| {
            let translated = self.translated(definition, &pattern)?;
            Some((translated, value))
        });
        *written = translated.collect();
        if written.len() < count {
            schema.shift_remove("additionalProperties");
            schema.shift_remove("unevaluatedProperties");
        }
    }

    fn translated(&mut self, definition: &str, written: &str) -> Option<String> {
        if let Some(known) = self.known.get(written) {
            return known.clone();
        }
        let translated = match translate(written) {
            Translated::Linear(text) | Translated::Backtracking(text) => Some(text),
            Translated::Unreadable => None,
        };
        let translated = translated.filter(|text| is_readable(text));
        if translated.is_none() {
            let (pattern, definition) = (written.to_owned(), definition.to_owned());
            self.unreadable.push(Unreadable { pattern, definition });
        }
        self.known.insert(written.to_owned(), translated.clone());
        translated
    }
}
