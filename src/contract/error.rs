use thiserror::Error;

/// Why a contract could not be loaded. `mend` says what to do.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{file}{}: {problem}; {mend}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ContractError {
    /// The file, as the user named it.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub mend: String,
}
