use super::stock::MakingError;
use crate::net::NetError;

/// Why a session was not opened, closed or reset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The name cannot be one.
    #[error("`{0}` cannot name a session: take 1 to 128 letters, digits, `-`, `.` and `_`")]
    Name(String),
    /// Another session has that name or key.
    #[error(
        "a session is open that is named `{0}` or has it as its access key id; close it, or take another"
    )]
    Taken(String),
    /// None has that name.
    #[error("no session is named `{0}`; GET /sessions lists those that are open")]
    Unknown(String),
    /// The default session cannot be closed.
    #[error("the default session is open for as long as the process runs; reset it instead")]
    Lasting,
    /// As many are open as may be.
    #[error("{0} sessions are open, which is the limit; close some, or raise --max-sessions")]
    TooMany(usize),
    /// It would have nothing to replay.
    #[error("a session needs cassettes; name at least one")]
    NoCassettes,
    /// A cassette, or its contract, cannot be read.
    #[error(transparent)]
    Library(MakingError),
    /// Nothing can be opened here beside what is open.
    #[error("sessions have no ports of their own here; reach this one by its name")]
    NoPorts,
    /// The port could not be opened.
    #[error("{0}")]
    Port(#[from] NetError),
}
