//! `run.json`: a run on disk.

use serde::Deserialize;

use super::Run;

/// Why a run could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A later version of this program wrote it.
    #[error(
        "{file}: the run is in format {format}, and this onrecord reads formats up to {}: upgrade onrecord, \
         or run the checks again with this one",
        Run::FORMAT
    )]
    Newer {
        /// The file, as the user named it.
        file: String,
        /// The format that it says it is in.
        format: u32,
    },
    /// It is not a run, or a damaged one.
    #[error("{file}:{line}:{column}: {problem}: give a run.json that `onrecord check --report` wrote")]
    Unreadable {
        /// The file, as the user named it.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
}

/// As much of a run as every format has.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

impl Run {
    /// The run as it is written to disk: the same bytes for the same run.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("a run has string keys only, and is written to memory") + "\n"
    }

    /// Reads what [`Run::to_json`] wrote. The file is named in errors only.
    pub fn from_json(file: &str, text: &str) -> Result<Self, RunError> {
        let unreadable = |error| unreadable(file, &error);
        let Versioned { format } = serde_json::from_str(text).map_err(unreadable)?;
        if format > Self::FORMAT {
            return Err(RunError::Newer { file: file.to_owned(), format });
        }
        serde_json::from_str(text).map_err(unreadable)
    }
}

fn unreadable(file: &str, error: &serde_json::Error) -> RunError {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let problem = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    RunError::Unreadable { file: file.to_owned(), line, column, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_run_survives_the_disk_byte_for_byte() {
        for run in [example::moto(), example::clean(), example::nothing()] {
            let text = run.to_json();
            let read = Run::from_json("run.json", &text).unwrap();
            assert_eq!(read, run);
            assert_eq!(read.to_json(), text);
        }
    }

    #[test]
    fn a_newer_format_says_what_to_do() {
        // A newer format need not look like this one in anything but its version.
        let error = Run::from_json("out/run.json", r#"{"format": 2, "verdicts": []}"#).unwrap_err();
        insta::assert_snapshot!(error, @"out/run.json: the run is in format 2, and this onrecord reads formats up to 1: upgrade onrecord, or run the checks again with this one");
    }

    #[test]
    fn what_is_damaged_is_named_with_its_place() {
        let text = example::moto().to_json().replacen("\"MUST\"", "\"OUGHT\"", 1);
        let line = text.lines().position(|line| line.contains("OUGHT")).unwrap() + 1;
        let error = Run::from_json("run.json", &text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("run.json:{line}:")), "{error}");
        assert!(error.contains("invalid value: string \"OUGHT\", expected one of `MUST`"), "{error}");
        for text in ["", "{}", "[1]", "{\"format\": 1}", "not json"] {
            let error = Run::from_json("run.json", text).unwrap_err().to_string();
            assert!(error.starts_with("run.json:1:"), "{error}");
        }
    }
}
