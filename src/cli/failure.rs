//! How a command ends.

use std::io::ErrorKind;
use std::process::ExitCode;

use onrecord::cassette::CassetteError;
use onrecord::net::NetError;
use onrecord::record::RecordError;
use thiserror::Error;

/// The end of a command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All well.
    Well,
    /// Something was found.
    Found,
    /// What the wrapped command said.
    Command(u8),
}

impl End {
    /// The wrapped command's code, unless ours is worse.
    pub(super) fn with_command(self, code: u8) -> Self {
        if code == 0 { self } else { Self::Command(code) }
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Well => Self::SUCCESS,
            End::Found => Self::from(1),
            End::Command(code) => Self::from(code),
        }
    }
}

/// Why a command did not run to its end.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// Something was found that must not be: exit code 1.
    #[error("{0}")]
    Found(String),
    /// Wrong usage or bad input: exit code 2.
    #[error("{0}")]
    Input(String),
    /// The environment failed: exit code 3.
    #[error("{0}")]
    Environment(String),
}

impl From<Failure> for ExitCode {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Found(_) => Self::from(1),
            Failure::Input(_) => Self::from(2),
            Failure::Environment(_) => Self::from(3),
        }
    }
}

impl From<CassetteError> for Failure {
    fn from(error: CassetteError) -> Self {
        let text = error.to_string();
        let first = match error {
            CassetteError::NotFolded { source, .. } => *source,
            other => other,
        };
        match first {
            CassetteError::Leak { .. } => Self::Found(text),
            CassetteError::Io { source, .. } if source.kind() == ErrorKind::NotFound => Self::Input(text),
            CassetteError::Io { .. } | CassetteError::NotAppended { .. } | CassetteError::Busy { .. } => {
                Self::Environment(text)
            }
            _ => Self::Input(text),
        }
    }
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        match &error {
            NetError::Upstream { .. } | NetError::ConnectTo { .. } | NetError::Trust { .. } => {
                Self::Input(error.to_string())
            }
            _ => Self::Environment(error.to_string()),
        }
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Net(error) => error.into(),
            RecordError::Cassette(error) => error.into(),
            other => Self::Environment(other.to_string()),
        }
    }
}
