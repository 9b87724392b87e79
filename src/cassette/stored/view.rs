//! What a compressed or binary body holds, beside its bytes: for people who review a cassette.

use serde::{Deserialize, Serialize};

use super::StoredJson;
use crate::cassette::bodies::INLINE;
use crate::encoding;
use crate::exchange::{Body, Headers};

/// A body as people read it. Nothing is made from it: the raw bytes are what replays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredView {
    /// JSON, or CBOR as JSON.
    Json(StoredJson),
    /// UTF-8.
    Text(String),
}

impl StoredView {
    /// Of a body that its header fields call packed, if it can be unpacked to something readable.
    pub(in crate::cassette) fn of(headers: &Headers, body: &Body) -> Option<Self> {
        let codings = headers.all("content-encoding").collect::<Vec<_>>().join(",");
        let cbor = headers.get("content-type").is_some_and(|media| is_cbor(&media));
        let plain = codings.is_empty() || codings.eq_ignore_ascii_case("identity");
        if body.is_empty() || (plain && !cbor) {
            return None;
        }
        let bytes = encoding::unpack(&codings, body.as_bytes(), INLINE)?;
        if cbor {
            let json = encoding::diagnostic(&bytes)?.to_string();
            return (json.len() <= INLINE).then(|| StoredJson::parse(&json).map(Self::Json))?;
        }
        let text = String::from_utf8(bytes).ok()?;
        Some(StoredJson::reformatted(&text).map_or(Self::Text(text), Self::Json))
    }

    pub(super) fn into_text(self) -> String {
        match self {
            Self::Json(json) => json.compact(),
            Self::Text(text) => text,
        }
    }
}

/// `application/cbor`, or a media type that says that it is CBOR (RFC 6839).
fn is_cbor(media: &str) -> bool {
    let bare = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    bare == "application/cbor" || bare.ends_with("+cbor")
}
