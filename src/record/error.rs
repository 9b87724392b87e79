use crate::cassette::CassetteError;
use crate::net::NetError;

/// Why a recording could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The cassette or its journal.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// Asked for twice.
    #[error("the recording is over: its journal has been folded into the cassette already")]
    Over,
}
