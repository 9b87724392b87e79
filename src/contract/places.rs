//! Where the facts of a contract stand in its files.

use std::collections::HashMap;

use super::schema::escaped;

/// What of a contract a word is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    Service,
    Operation(String),
    Resource(String),
    Shape(String),
    /// A shape, and the dotted path to the member.
    Member(String, String),
}

/// How a model is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Notation {
    #[default]
    Smithy,
    OpenApi,
}

/// The places of subjects and words.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The model's file, as the user named it.
    file: String,
    notation: Notation,
    subjects: HashMap<Subject, String>,
    overlaid: HashMap<(Subject, String), Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    /// JSON pointer.
    pub(super) pointer: String,
}

impl Places {
    pub(super) fn new(file: &str, notation: Notation) -> Self {
        Self { file: file.to_owned(), notation, ..Self::default() }
    }

    /// Notes where in the model a subject stands.
    pub(super) fn put(&mut self, subject: Subject, pointer: String) {
        self.subjects.insert(subject, pointer);
    }

    /// Notes that an overlay says a word.
    pub(super) fn overlay(&mut self, subject: Subject, word: &str, place: Place) {
        self.overlaid.insert((subject, word.to_owned()), place);
    }

    /// Where a word about a subject stands: in the overlay that says it, or in the model. A word that
    /// the model says in its own language has the place of its subject.
    pub(super) fn of(&self, subject: &Subject, word: Option<&str>) -> Place {
        let overlaid = word.and_then(|word| self.overlaid.get(&(subject.clone(), word.to_owned())));
        overlaid.cloned().unwrap_or_else(|| {
            let pointer = self.subject(subject);
            let pointer = word.map_or(pointer.clone(), |word| pointer + &self.in_model(word));
            Place { file: self.file.clone(), pointer }
        })
    }

    fn subject(&self, subject: &Subject) -> String {
        if let Some(known) = self.subjects.get(subject) {
            return known.clone();
        }
        match subject {
            Subject::Member(shape, path) => {
                let step = |name: &str| match (self.notation, name) {
                    (Notation::Smithy, "*") => "/member".to_owned(),
                    (Notation::Smithy, name) => format!("/members/{}", escaped(name)),
                    (Notation::OpenApi, "*") => "/items".to_owned(),
                    (Notation::OpenApi, name) => format!("/properties/{}", escaped(name)),
                };
                let inside: String = path.split('.').map(step).collect();
                self.subject(&Subject::Shape(shape.clone())) + &inside
            }
            _ => String::new(),
        }
    }

    /// From a subject to a word of ours.
    fn in_model(&self, word: &str) -> String {
        match self.notation {
            Notation::Smithy => format!("/traits/onrecord#{word}"),
            Notation::OpenApi => format!("/x-onrecord-{word}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_the_overlay_first() {
        let mut places = Places::new("model.json", Notation::Smithy);
        places.put(Subject::Shape("Thing".into()), "/shapes/x#Thing".into());
        let member = Subject::Member("Thing".into(), "a/b".into());
        let place = |file: &str, pointer: &str| Place { file: file.into(), pointer: pointer.into() };
        let in_model = place("model.json", "/shapes/x#Thing/members/a~1b/traits/onrecord#values");
        assert_eq!(places.of(&member, Some("values")), in_model);
        let overlaid = place("mine.yaml", "/shapes/Thing/members/a~1b/values");
        places.overlay(member.clone(), "values", overlaid.clone());
        assert_eq!(places.of(&member, Some("values")), overlaid);
        assert_eq!(places.of(&member, Some("default")).file, "model.json");
    }
}
