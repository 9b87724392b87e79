//! What is to be told about a document.

use std::collections::HashSet;

use super::documents::Documents;
use crate::contract::ContractError;
use crate::contract::model::Warning;

/// What is to be told, with the absolute reference of each place.
#[derive(Default)]
pub(super) struct Notices {
    warnings: Vec<(String, String, String)>,
    known: HashSet<(String, String)>,
    /// The first reference that leads nowhere, and where it stands.
    missing: Option<(String, String)>,
}

impl Notices {
    /// Adds a warning, unless it has been said of this place.
    pub(super) fn warn(&mut self, at: &str, problem: impl Into<String>, mend: &str) {
        let problem = problem.into();
        if self.known.insert((at.to_owned(), problem.clone())) {
            self.warnings.push((at.to_owned(), problem, mend.to_owned()));
        }
    }

    /// Says that the node at a place refers to what is not there.
    pub(super) fn missing(&mut self, at: &str, reference: &str) {
        if reference.split('#').next().is_some_and(|file| file.parse::<usize>().is_err()) {
            let problem = format!("{reference} is not fetched, and anything is taken there");
            return self.warn(at, problem, "put the file beside the document and refer to it by its path");
        }
        self.missing.get_or_insert_with(|| (at.to_owned(), reference.to_owned()));
    }

    /// # Errors
    /// Names the first reference that leads nowhere.
    pub(super) fn finish(self, documents: &Documents) -> Result<Vec<Warning>, ContractError> {
        if let Some((at, reference)) = self.missing {
            let ((file, pointer), (target, inside)) = (documents.place(&at), documents.place(&reference));
            let other = if target == file { "" } else { target };
            return Err(ContractError {
                file: file.to_owned(),
                line: None,
                column: None,
                pointer: Some(pointer.into()),
                problem: format!("a reference to {other}#{inside}, which is not there"),
                mend: "mend the reference, or add what it names".to_owned(),
            });
        }
        let warning = |(at, problem, mend): (String, String, String)| {
            let (file, pointer) = documents.place(&at);
            Warning { file: file.to_owned(), pointer: pointer.to_owned(), problem, mend }
        };
        Ok(self.warnings.into_iter().map(warning).collect())
    }
}
