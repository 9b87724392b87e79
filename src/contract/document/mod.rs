//! The text of a model or an overlay: JSON or YAML, read with limits, and every value's place.

mod json;
mod position;
mod scalar;
#[cfg(test)]
mod tests;
mod yaml;

use serde_json::Value;

use super::ContractError;
pub(in crate::contract) use position::{Position, step};
pub(crate) use yaml::Binary;

/// A model or an overlay of more bytes is refused.
const LARGEST: usize = 64 << 20;

/// What a text is to be, and what to do where it is not.
pub(crate) struct Reading {
    /// A text of more bytes is refused.
    pub(crate) largest: usize,
    /// What to do about a larger one.
    pub(crate) split: &'static str,
    /// What to give in the place of what is no object.
    pub(crate) give: &'static str,
    /// What `!!binary` in YAML becomes.
    pub(crate) binary: Binary,
}

const MODEL: Reading = Reading {
    largest: LARGEST,
    split: "split the model, one file for each service",
    give: "give a Smithy JSON AST, an OpenAPI document or an overlay",
    binary: Binary::Text,
};

/// Objects and lists inside each other beyond this are refused: what reads them calls itself.
const DEEPEST: usize = 127;

/// A text with its values. The places of values are looked for when an error needs one.
#[derive(Debug)]
pub(crate) struct Document {
    pub(in crate::contract) file: String,
    pub(in crate::contract) text: String,
    pub(crate) root: Value,
}

/// What keeps a text from being read.
struct Unread {
    at: Option<Position>,
    problem: String,
    mend: &'static str,
}

impl Document {
    /// Reads a model or an overlay. `file` names it in errors.
    ///
    /// # Errors
    /// Says where the text is no UTF-8, JSON or YAML, or goes beyond a limit.
    pub(in crate::contract) fn read(file: &str, bytes: &[u8]) -> Result<Self, ContractError> {
        Self::read_as(file, bytes, &MODEL)
    }

    /// Reads a text whose root is an object. `file` names it in errors.
    ///
    /// # Errors
    /// Says where the text is no UTF-8, JSON or YAML, or goes beyond a limit.
    pub(crate) fn read_as(file: &str, bytes: &[u8], reading: &Reading) -> Result<Self, ContractError> {
        let document = |text: &str| {
            let root = parse(text, reading)?;
            Ok(Self { file: file.to_owned(), text: text.to_owned(), root })
        };
        decode(bytes, reading).and_then(document).map_err(|unread| ContractError {
            file: file.to_owned(),
            line: unread.at.map(|at| at.line),
            column: unread.at.map(|at| at.column),
            pointer: None,
            problem: unread.problem,
            mend: unread.mend.to_owned(),
        })
    }

    /// Where a value stands: its key, or the element of a list; for a value that is not there, the
    /// nearest one around it. `None` if `pointer` is no JSON pointer.
    pub(in crate::contract) fn locate(&self, pointer: &str) -> Option<Position> {
        let steps = position::steps(pointer)?;
        if is_json(&self.text) { json::locate(&self.text, &steps) } else { yaml::locate(&self.text, &steps) }
    }

    /// An error about the value at a JSON pointer.
    pub(crate) fn error(
        &self,
        pointer: &str,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> ContractError {
        let at = self.locate(pointer);
        ContractError {
            file: self.file.clone(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            pointer: (!pointer.is_empty()).then(|| pointer.into()),
            problem: problem.into(),
            mend: mend.into(),
        }
    }
}

/// The text without its byte order mark.
fn decode<'b>(bytes: &'b [u8], reading: &Reading) -> Result<&'b str, Unread> {
    if bytes.len() > reading.largest {
        let problem = format!("{} bytes are more than the {} that are read", bytes.len(), reading.largest);
        return Err(Unread { at: None, problem, mend: reading.split });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let before = String::from_utf8_lossy(&bytes[..offset]);
        Unread {
            at: Some(Position::after(&before)),
            problem: format!("no UTF-8 text from byte {offset} on"),
            mend: "save the file as UTF-8",
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn parse(text: &str, reading: &Reading) -> Result<Value, Unread> {
    let root =
        if is_json(text) { json::read(text)? } else { yaml::read(text, reading.binary)?.unwrap_or_default() };
    let found = match root {
        Value::Object(_) => return Ok(root),
        Value::Null => "nothing",
        Value::Array(_) => "a list",
        _ => "a single value",
    };
    Err(Unread { at: None, problem: format!("the file holds {found}, not an object"), mend: reading.give })
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
