//! Facts: one request with its response, as seen on the wire.
//!
//! What the proxy captures, the cassette stores, the replayer serves and the checks judge is
//! one and the same [`Exchange`]. Nothing here knows a socket, a file or a contract.

mod body;
mod headers;
mod host;
mod instant;
mod message;
mod naming;
mod target;
mod timestamp;

pub use body::Body;
pub use headers::{HeaderValue, Headers};
pub use host::{is_loopback, plain_host, without_port};
pub use instant::{http_seconds, moved};
pub use message::{Method, Piece, Request, Response, Version};
pub use naming::{
    EN_ROUTE, MADE_ANEW, NAMING, SELECTING, is_of_old_signature, is_of_signature, is_option, is_s3,
};
pub use target::Target;
pub use timestamp::Timestamp;

use std::time::Duration;

/// One request with its response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Which documented operation it is (`ListClusters`), where a contract could tell.
    pub operation: Option<String>,
    /// What the client sent.
    pub request: Request,
    /// What the provider answered.
    pub response: Response,
    /// How the answer ended.
    pub ending: Ending,
    /// When, and for how long.
    pub timing: Timing,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The whole body arrived.
    Complete,
    /// The provider cut the connection inside the body; what arrived before is kept.
    Aborted,
}

/// When an exchange happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// When the request arrived.
    pub started: Timestamp,
    /// From the request's arrival to the head of the response.
    pub first_byte: Duration,
    /// From the request's arrival to the end of the response.
    pub duration: Duration,
}
