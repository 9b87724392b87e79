//! Where in a contract's files stands what exchanges are held to.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::places::{Place, Subject};
use super::{BUILT_IN, Contract, ContractError, Schema};

/// A place in a contract's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file, as the user named it; `built-in:msk` for one that comes with the program.
    pub file: String,
    /// JSON pointer.
    pub pointer: String,
    /// The line, counted from 1, once it is looked up.
    pub line: Option<usize>,
    /// The character in that line, counted from 1, once it is looked up.
    pub column: Option<usize>,
}

/// What of an operation something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About<'p> {
    /// All of it.
    Call,
    /// What stands at a JSON pointer in the body of a request.
    Request(&'p str),
    /// The same of a success.
    Answer(&'p str),
}

impl Contract {
    /// Where the contract speaks of it. Lines are not looked up yet, see [`look_up`].
    pub fn locate(&self, operation: &str, about: About<'_>) -> Location {
        let known = self.operation(operation);
        let member = known.and_then(|known| match about {
            About::Call => None,
            About::Request(pointer) => self.member(&known.input, known.payload(), pointer),
            About::Answer(pointer) => self.member(&known.answer.shape, known.answer.payload(), pointer),
        });
        let subject = member.unwrap_or_else(|| Subject::Operation(operation.to_owned()));
        let Place { file, pointer } = self.places.of(&subject, None);
        Location { file, pointer, line: None, column: None }
    }

    /// The deepest member with a place of its own on the way of a pointer.
    fn member(&self, shape: &str, payload: Option<&str>, pointer: &str) -> Option<Subject> {
        let (mut schema, mut shape, mut path) = (self.shape(shape), shape.to_owned(), String::new());
        let mut found = None;
        if let Some(payload) = payload {
            schema = schema.member(payload)?;
            path = payload.to_owned();
            step_into(schema, &mut shape, &mut path);
        }
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let (name, next) = match schema.member(&step) {
                Some(next) => (step.as_str(), next),
                None => ("*", schema.items().or_else(|| schema.values())?),
            };
            path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            found = Some(Subject::Member(shape.clone(), path.clone()));
            step_into(next, &mut shape, &mut path);
            schema = next;
        }
        found
    }
}

/// What is a shape of its own stands where that stands.
fn step_into(schema: Schema<'_>, shape: &mut String, path: &mut String) {
    if let Some(own) = schema.shape_name() {
        own.clone_into(shape);
        path.clear();
    }
}

/// Looks up the lines of locations in one file.
///
/// # Errors
/// Where the text cannot be read as a document.
pub fn look_up<'l>(
    locations: impl IntoIterator<Item = &'l mut Location>,
    file: &str,
    bytes: &[u8],
) -> Result<(), ContractError> {
    let document = Document::read(file, bytes)?;
    for location in locations.into_iter().filter(|location| location.file == file) {
        if let Some(at) = document.locate(&location.pointer) {
            (location.line, location.column) = (Some(at.line), Some(at.column));
        }
    }
    Ok(())
}

/// The text of a file that comes with the program.
pub fn built_in_text(file: &str) -> Option<&'static str> {
    let name = file.strip_prefix("built-in:")?;
    BUILT_IN.iter().find(|(id, _)| *id == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of the built-in contract that a place stands in.
    fn line(id: &str, operation: &str, about: About<'_>) -> String {
        let contract = Contract::built_in(id).unwrap().unwrap();
        let mut location = contract.locate(operation, about);
        let text = built_in_text(&location.file).unwrap();
        let file = location.file.clone();
        look_up([&mut location], &file, text.as_bytes()).unwrap();
        text.lines().nth(location.line.unwrap() - 1).unwrap().trim().to_owned()
    }

    #[test]
    fn what_a_finding_is_about_stands_in_a_line() {
        assert_eq!(line("msk", "ListClusters", About::Call), "\"onrecord.msk#ListClusters\": {");
        let state = About::Answer("/clusterInfoList/*/state");
        assert_eq!(line("msk", "ListClusters", state), "\"state\": {");
        assert_eq!(line("eks", "CreateCluster", About::Request("/version")), "\"version\": {");
        // What nobody documents leads to the operation.
        let beside = About::Answer("/clusterInfoList/*/state/beside");
        assert_eq!(line("msk", "ListClusters", beside), "\"onrecord.msk#ListClusters\": {");
        assert!(
            line("astronomer", "ListClusters", About::Call).contains("operationId")
                || line("astronomer", "ListClusters", About::Call).contains("get:")
        );
    }
}
