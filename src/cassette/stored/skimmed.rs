//! An exchange of which the answer's body is looked over and not kept.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, Visitor};

use super::{StoredBody, StoredExchange};
use crate::exchange::Request;

/// An exchange as it is read when only its request matters. Whatever it takes, a [`StoredExchange`] is.
#[derive(Deserialize)]
#[serde(transparent)]
pub(in crate::cassette) struct Skimmed(StoredExchange<SkimmedBody>);

/// A body in one of the forms of [`StoredBody`].
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SkimmedBody {
    Json(IgnoredAny),
    JsonLine(IgnoredAny),
    JsonSpaced(IgnoredAny),
    Text(IgnoredText),
    Base64(IgnoredAny),
    Packed(IgnoredAny),
    File(IgnoredAny),
}

impl Skimmed {
    /// The request. `None` if the exchange has parts that must fit together, and were not looked at.
    pub(in crate::cassette) fn request(self) -> Option<Request> {
        let StoredExchange { request, response, .. } = self.0;
        let is_plain = match response.body {
            None => true,
            Some(SkimmedBody::Json(_) | SkimmedBody::JsonLine(_) | SkimmedBody::JsonSpaced(_)) => true,
            Some(SkimmedBody::Text(_)) => true,
            Some(SkimmedBody::Base64(_) | SkimmedBody::Packed(_) | SkimmedBody::File(_)) => false,
        };
        let is_whole = !matches!(request.body, Some(StoredBody::Packed(_) | StoredBody::File(_)));
        (is_plain && is_whole && response.pieces.is_empty()).then(|| request.try_into().ok()).flatten()
    }
}

/// A string.
struct IgnoredText;

impl<'de> Deserialize<'de> for IgnoredText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Self)
    }
}

impl Visitor<'_> for IgnoredText {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}
