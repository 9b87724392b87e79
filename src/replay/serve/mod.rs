//! A recorded answer as it is served now.

mod changes;
mod clock;
mod expiry;

use std::collections::BTreeSet;
use std::time::Duration;

pub(super) use changes::Changes;
pub use clock::Clock;

use clock::Since;

use super::checksums;

use crate::exchange::{Ending, Exchange, HeaderValue, Piece, Response, Timestamp};

/// When the pieces of a streamed answer are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// As fast as the client takes them.
    #[default]
    None,
    /// Each as long after its request as it was recorded.
    Recorded,
}

/// How the answers of a session are served.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    pub(super) clock: Clock,
    pub(super) pace: Pace,
}

impl Manner {
    /// The recorded answer: status, header fields and body as they were, but for `changes`, a `Date`
    /// of now (SDKs take their clock from it), what expires, and a `Content-Length` that stays true.
    /// `expiring` are the members that the contract says expire.
    pub(super) fn response<'e>(
        self,
        recorded: &'e Exchange,
        mut changes: Changes<'e>,
        expiring: Option<&'e BTreeSet<String>>,
    ) -> Response {
        let now = (self.clock == Clock::Now).then(Timestamp::now);
        changes.since = now.map(|now| Since::new(recorded, now, expiring));
        let changed = changes.body(&recorded.response);
        let Response { status, version, headers, body, trailers, pieces } = &recorded.response;
        let is_changed = changed.is_some();
        let (body, pieces) = changed.unwrap_or_else(|| (body.clone(), pieces.clone()));
        let length = (is_changed && recorded.ending == Ending::Complete).then(|| body.len());
        let field = |name: &str, value: &HeaderValue| match (name, now, length) {
            _ if is_changed && checksums::is_digest(name) && !checksums::is_mended(name) => None,
            ("date", Some(now), _) => Some(Since::date(now)),
            ("content-length", _, Some(length)) => Some(HeaderValue::from(length.to_string())),
            _ => Some(changes.value(name, value)),
        };
        let mut response = Response {
            status: *status,
            version: *version,
            headers: headers.with_values(field),
            body,
            trailers: trailers.with_values(field),
            pieces: self.pace.of(pieces),
        };
        if recorded.ending == Ending::Complete {
            checksums::mend(&mut response);
        }
        response
    }
}

impl Pace {
    fn of(self, pieces: Vec<Piece>) -> Vec<Piece> {
        match self {
            Self::Recorded => pieces,
            Self::None => pieces.into_iter().map(|piece| Piece { after: Duration::ZERO, ..piece }).collect(),
        }
    }
}
