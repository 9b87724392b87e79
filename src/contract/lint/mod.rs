//! What is wrong with a contract, or odd about it: the checks of `onrecord contract lint`.

mod examples;
mod generated;
mod nodes;
mod operations;
mod paging;
mod resources;
mod rules;
mod secrets;
#[cfg(test)]
mod tests;

use super::document::Document;
use super::places::Subject;
use super::{Contract, ContractError};

/// Something that a reader of a contract should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub grade: Grade,
    /// The file that it is in, as the user named it.
    pub file: String,
    /// The line, counted from 1, once it is looked up.
    pub line: Option<usize>,
    /// The character in that line, counted from 1, once it is looked up.
    pub column: Option<usize>,
    /// Where in the document it stands, as a JSON pointer.
    pub pointer: String,
    /// What it is.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Worth a look.
    Note,
    /// Read otherwise than it stands there, or not at all; or two statements that contradict each other.
    Warning,
    /// Something is named that is not there.
    Error,
}

impl Grade {
    /// As written in listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Contract {
    /// Everything that is wrong with the contract or odd about it, the loader's warnings first. Lines
    /// are not looked up yet, see [`locate`].
    pub fn lint(&self) -> Vec<Problem> {
        let mut found = Findings { contract: self, problems: Vec::new() };
        for warning in &self.warnings {
            found.problems.push(Problem {
                grade: Grade::Warning,
                file: warning.file.clone(),
                line: None,
                column: None,
                pointer: warning.pointer.clone(),
                problem: warning.problem.clone(),
                mend: warning.mend.clone(),
            });
        }
        operations::lint(&mut found);
        paging::lint(&mut found);
        examples::lint(&mut found);
        resources::lint(&mut found);
        rules::lint(&mut found);
        nodes::lint(&mut found);
        found.problems
    }
}

/// Looks up the lines of the problems in one file.
///
/// # Errors
/// Where the text cannot be read as a document.
pub fn locate(problems: &mut [Problem], file: &str, bytes: &[u8]) -> Result<(), ContractError> {
    let document = Document::read(file, bytes)?;
    for problem in problems.iter_mut().filter(|problem| problem.file == file) {
        if let Some(at) = document.locate(&problem.pointer) {
            (problem.line, problem.column) = (Some(at.line), Some(at.column));
        }
    }
    Ok(())
}

/// What has been found so far.
struct Findings<'c> {
    contract: &'c Contract,
    problems: Vec<Problem>,
}

impl Findings<'_> {
    /// A subject names something that is not there.
    fn error(&mut self, subject: &Subject, word: Option<&str>, problem: String, mend: &str) {
        self.add(Grade::Error, subject, word, problem, mend);
    }

    /// Two statements contradict each other.
    fn warning(&mut self, subject: &Subject, word: Option<&str>, problem: String, mend: &str) {
        self.add(Grade::Warning, subject, word, problem, mend);
    }

    fn note(&mut self, subject: &Subject, word: Option<&str>, problem: String, mend: &str) {
        self.add(Grade::Note, subject, word, problem, mend);
    }

    fn add(&mut self, grade: Grade, subject: &Subject, word: Option<&str>, problem: String, mend: &str) {
        let place = self.contract.places.of(subject, word);
        self.problems.push(Problem {
            grade,
            file: place.file,
            line: None,
            column: None,
            pointer: place.pointer,
            problem,
            mend: mend.to_owned(),
        });
    }
}
