//! Patterns that the validator cannot read.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::contract::model::Warning;
use crate::contract::validate::is_readable;

/// Takes patterns that cannot be read out of the schemas, so that everything else is still held
/// to. Returns each with the first shape that has it, to be told.
pub(super) fn drop_unreadable(file: &str, definitions: &mut Map<String, Value>) -> Vec<Warning> {
    let mut patterns = Patterns::default();
    for (name, schema) in definitions {
        patterns.visit(name, schema);
    }
    let warning = |(pattern, shape): (String, String)| Warning {
        file: file.to_owned(),
        pointer: format!("/shapes/{shape}"),
        problem: format!("the pattern {pattern} cannot be read, and is not held to"),
        mend: "write it without what only some engines know".to_owned(),
    };
    patterns.dropped.into_iter().map(warning).collect()
}

#[derive(Default)]
struct Patterns {
    /// Models repeat their patterns, and compiling one takes a while.
    known: HashMap<String, bool>,
    dropped: Vec<(String, String)>,
}

impl Patterns {
    fn visit(&mut self, shape: &str, value: &mut Value) {
        match value {
            Value::Object(members) => {
                // A member of that name is an object, not text.
                let pattern = members.get("pattern").and_then(Value::as_str);
                if pattern.is_some_and(|pattern| !self.is_readable(shape, pattern)) {
                    members.shift_remove("pattern");
                }
                members.values_mut().for_each(|value| self.visit(shape, value));
            }
            Value::Array(elements) => elements.iter_mut().for_each(|value| self.visit(shape, value)),
            _ => {}
        }
    }

    fn is_readable(&mut self, shape: &str, pattern: &str) -> bool {
        if let Some(known) = self.known.get(pattern) {
            return *known;
        }
        let readable = is_readable(pattern);
        self.known.insert(pattern.to_owned(), readable);
        if !readable {
            self.dropped.push((pattern.to_owned(), shape.to_owned()));
        }
        readable
    }
}
