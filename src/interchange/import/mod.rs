//! From the files of other tools.

mod har;
mod hoverfly;
mod message;
mod vcr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ImportError, Left};
use crate::contract::{Binary, Document, Reading};
use crate::exchange::Exchange;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HAR 1.2, as browsers and mitmproxy write it.
    Har,
    /// YAML or JSON of vcrpy or go-vcr.
    Vcr,
    /// A simulation of Hoverfly.
    Hoverfly,
}

impl Format {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Har => "HAR",
            Self::Vcr => "VCR",
            Self::Hoverfly => "Hoverfly",
        }
    }
}

/// What a file held. It has not passed the door.
#[derive(Debug)]
pub struct Imported {
    /// What kind of file it was.
    pub format: Format,
    /// The exchanges in the order of the file.
    pub exchanges: Vec<Exchange>,
    /// What could not be carried over.
    pub left: Left,
}

const READING: Reading = Reading {
    largest: 512 << 20,
    split: "split the file",
    give: "give a HAR file, a cassette of vcrpy or go-vcr, or a simulation of Hoverfly",
    binary: Binary::Marked,
};

/// Reads a file of another tool; `file` names it in errors. Without a format, its content tells.
///
/// # Errors
/// Says where the file is no JSON or YAML, goes beyond a limit, or is not of its format.
pub fn import(file: &str, bytes: &[u8], format: Option<Format>) -> Result<Imported, ImportError> {
    let document = Document::read_as(file, bytes, &READING)?;
    let format = match format.or_else(|| found(&document.root)) {
        Some(format) => format,
        None => Err(document.error("", "the file is of no known format", READING.give))?,
    };
    let mut left = Left::default();
    let exchanges = match format {
        Format::Har => har::read(&document, &mut left),
        Format::Vcr => vcr::read(&document, &mut left),
        Format::Hoverfly => hoverfly::read(&document, &mut left),
    }?;
    Ok(Imported { format, exchanges, left })
}

fn found(root: &Value) -> Option<Format> {
    let list = |pointer| root.pointer(pointer).is_some_and(Value::is_array);
    let known =
        [(Format::Har, "/log/entries"), (Format::Vcr, "/interactions"), (Format::Hoverfly, "/data/pairs")];
    known.into_iter().find(|(_, pointer)| list(pointer)).map(|(format, _)| format)
}

/// Reads each element of a list, with its own pointer for errors.
fn each<T: DeserializeOwned>(
    document: &Document,
    list: &str,
    mut take: impl FnMut(T, &str) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let Some(elements) = document.root.pointer(list).and_then(Value::as_array) else {
        return Err(document.error(list, format!("there is no list {list}"), READING.give).into());
    };
    for (index, element) in elements.iter().enumerate() {
        let pointer = format!("{list}/{index}");
        let read = T::deserialize(element).map_err(|error| {
            document.error(&pointer, without_values(&error.to_string()), "mend this element, or take it out")
        })?;
        take(read, &pointer)?;
    }
    Ok(())
}

/// What is wrong, without the text that is: it may be a secret.
fn without_values(problem: &str) -> String {
    match (problem.find('"'), problem.rfind('"')) {
        (Some(start), Some(end)) => format!("{}...{}", &problem[..start], &problem[end + 1..]),
        _ => problem.to_owned(),
    }
}
