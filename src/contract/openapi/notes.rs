//! Our own extensions, `x-onrecord-NAME`, where they do not stand in a schema.

use serde_json::{Map, Value};

use super::notices::Notices;
use crate::contract::draft::{Notes, WORDS};

const PREFIX: &str = "x-onrecord-";

/// The notes of the document or of an operation, without prefix. `more` are words that are read
/// elsewhere.
pub(super) fn notes(holder: &Map<String, Value>, at: &str, notices: &mut Notices) -> Notes {
    let mut found = Notes::new();
    for (name, value) in holder {
        let Some(word) = name.strip_prefix(PREFIX).filter(|word| *word != "resources") else { continue };
        if WORDS.contains(&word) {
            found.insert(word.to_owned(), value.clone());
        } else {
            let problem = format!("the word {word} is not in the vocabulary");
            notices.warn(&format!("{at}/{name}"), problem, "see docs/contracts.md for the words");
        }
    }
    found
}

/// The notes of something that has a schema: they go onto its node, with their prefix.
pub(super) fn beside(holder: &Map<String, Value>, at: &str, notices: &mut Notices) -> Notes {
    let found = notes(holder, at, notices).into_iter();
    found
        .filter(|(_, value)| *value != Value::Bool(false))
        .map(|(word, value)| (format!("{PREFIX}{word}"), value))
        .collect()
}
