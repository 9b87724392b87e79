//! An exchange as it lies on disk, in cassettes and as evidence in `run.json`.
//!
//! These structs are apart from those of [`crate::exchange`], so that the format changes only
//! on purpose. A change of a struct here is a change of the format.

mod body;
mod skimmed;
mod values;
mod view;

pub use body::{StoredBody, StoredBytes, StoredJson, StoredPacked};
pub(super) use skimmed::Skimmed;
pub use values::StoredValue;
pub(super) use values::timestamp;
pub use view::StoredView;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::exchange::{
    Ending, Exchange, Headers, Method, Piece, Request, Response, Target, Timestamp, Timing, Version,
};

/// One request with its response, whose body is kept as a `B`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "B: Deserialize<'de>"))]
pub struct StoredExchange<B = StoredBody> {
    /// Which operation it is, where a contract could tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What the client sent.
    pub request: StoredRequest,
    /// What the provider answered.
    pub response: StoredResponse<B>,
    /// When, and for how long.
    pub timing: StoredTiming,
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRequest {
    /// The method, as written.
    pub method: String,
    /// Path and query, as written.
    pub target: String,
    /// The protocol version, `HTTP/1.1`.
    #[serde(with = "values::version")]
    pub version: Version,
    /// Name and value of each field, in order.
    pub headers: Vec<(String, StoredValue)>,
    /// The body; absent if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<StoredBody>,
    /// Name and value of each field behind the body; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<(String, StoredValue)>,
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "B: Deserialize<'de>"))]
pub struct StoredResponse<B = StoredBody> {
    /// The status code, 100 to 999.
    #[serde(deserialize_with = "values::status")]
    pub status: u16,
    /// The protocol version, `HTTP/1.1`.
    #[serde(with = "values::version")]
    pub version: Version,
    /// Name and value of each field, in order.
    pub headers: Vec<(String, StoredValue)>,
    /// The body; absent if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<B>,
    /// Length of each piece of a streamed body, and the milliseconds from the request's arrival to
    /// its own; absent if they mean nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<(usize, u64)>,
    /// Name and value of each field behind the body; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<(String, StoredValue)>,
    /// How the answer ended; absent if the whole body arrived.
    #[serde(default, skip_serializing_if = "StoredEnding::is_complete")]
    pub ending: StoredEnding,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredEnding {
    /// The whole body arrived.
    #[default]
    Complete,
    /// The provider cut the connection inside the body.
    Aborted,
}

impl StoredEnding {
    fn is_complete(&self) -> bool {
        *self == Self::Complete
    }
}

/// When an exchange happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredTiming {
    /// When the request arrived, in RFC 3339.
    #[serde(with = "values::timestamp")]
    pub started: Timestamp,
    /// Milliseconds to the head of the response.
    pub first_byte_ms: u64,
    /// Milliseconds to the end of the response.
    pub duration_ms: u64,
}

/// A body lies in a file of its own; what holds it is needed to get at it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body is in a file beside its cassette ({sha256}): load the cassette to read it")]
pub struct BodyElsewhere {
    /// The name of the file, which is the SHA-256 of what it holds.
    pub sha256: String,
}

impl From<&Exchange> for StoredExchange {
    fn from(exchange: &Exchange) -> Self {
        exchange.clone().into()
    }
}

impl From<Exchange> for StoredExchange {
    fn from(exchange: Exchange) -> Self {
        let Exchange { operation, request, response, ending, timing } = exchange;
        Self {
            operation,
            request: StoredRequest {
                method: request.method.as_str().to_owned(),
                target: request.target.as_str().to_owned(),
                version: request.version,
                body: StoredBody::under(&request.headers, &request.body),
                headers: values::headers(request.headers),
                trailers: values::headers(request.trailers),
            },
            response: StoredResponse {
                status: response.status,
                version: response.version,
                body: StoredBody::under(&response.headers, &response.body),
                headers: values::headers(response.headers),
                pieces: response.pieces.iter().map(|piece| (piece.length, millis(piece.after))).collect(),
                trailers: values::headers(response.trailers),
                ending: match ending {
                    Ending::Complete => StoredEnding::Complete,
                    Ending::Aborted => StoredEnding::Aborted,
                },
            },
            timing: StoredTiming {
                started: timing.started,
                first_byte_ms: millis(timing.first_byte),
                duration_ms: millis(timing.duration),
            },
        }
    }
}

impl TryFrom<StoredExchange> for Exchange {
    type Error = BodyElsewhere;

    fn try_from(stored: StoredExchange) -> Result<Self, BodyElsewhere> {
        let StoredExchange { operation, request, response, timing } = stored;
        Ok(Self {
            operation,
            request: request.try_into()?,
            response: Response {
                status: response.status,
                version: response.version,
                headers: Headers::from_iter(response.headers),
                body: StoredBody::read(response.body)?,
                trailers: Headers::from_iter(response.trailers),
                pieces: response.pieces.into_iter().map(piece).collect(),
            },
            ending: match response.ending {
                StoredEnding::Complete => Ending::Complete,
                StoredEnding::Aborted => Ending::Aborted,
            },
            timing: Timing {
                started: timing.started,
                first_byte: Duration::from_millis(timing.first_byte_ms),
                duration: Duration::from_millis(timing.duration_ms),
            },
        })
    }
}

impl TryFrom<StoredRequest> for Request {
    type Error = BodyElsewhere;

    fn try_from(request: StoredRequest) -> Result<Self, BodyElsewhere> {
        Ok(Self {
            method: Method::from(request.method.as_str()),
            target: Target::new(request.target),
            version: request.version,
            headers: Headers::from_iter(request.headers),
            body: StoredBody::read(request.body)?,
            trailers: Headers::from_iter(request.trailers),
        })
    }
}

fn piece((length, after_ms): (usize, u64)) -> Piece {
    Piece { length, after: Duration::from_millis(after_ms) }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
