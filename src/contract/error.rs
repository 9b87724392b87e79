use thiserror::Error;

/// Why a contract could not be loaded. `mend` says what to do.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{}: {problem}{}; {mend}", self.place(), self.inside())]
pub struct ContractError {
    /// The file, as the user named it.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The character in that line, counted from 1, where it is known.
    pub column: Option<usize>,
    /// JSON pointer of the value that is wrong, where one value is.
    pub pointer: Option<Box<str>>,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}

impl ContractError {
    /// `file:line:column`, as editors and terminals read it.
    fn place(&self) -> String {
        let mut place = self.file.clone();
        for number in [self.line, self.column].into_iter().flatten() {
            place.push_str(&format!(":{number}"));
        }
        place
    }

    fn inside(&self) -> String {
        self.pointer.as_ref().map(|pointer| format!(" (at {pointer})")).unwrap_or_default()
    }
}
