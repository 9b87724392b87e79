//! Bodies on disk: readable where the exact bytes can be made again from what is read.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{BodyElsewhere, StoredView, values};
use crate::cassette::layout;
use crate::encoding;
use crate::exchange::{Body, Headers};

/// The bytes of a body.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredBody {
    /// JSON without white space.
    Json(StoredJson),
    /// JSON without white space, and a line feed at the end.
    JsonLine(StoredJson),
    /// JSON with one space after each comma and colon, as Python writes.
    JsonSpaced(StoredJson),
    /// UTF-8.
    Text(String),
    /// Anything else, as padded standard base64.
    Base64(StoredBytes),
    /// Compressed, or CBOR, with what it holds.
    Packed(StoredPacked),
    /// A file beside the cassette, named by the SHA-256 of what it holds.
    File(String),
}

impl StoredBody {
    /// The body in its most readable form; `None` if it is empty.
    pub fn of(body: &Body) -> Option<Self> {
        if body.is_empty() {
            return None;
        }
        Some(match body.text() {
            Some(text) => Self::json(text).unwrap_or_else(|| Self::Text(text.to_owned())),
            None => Self::Base64(StoredBytes(body.as_bytes().to_vec())),
        })
    }

    /// The body of a message with these header fields: a compressed one has a view.
    pub(super) fn under(headers: &Headers, body: &Body) -> Option<Self> {
        let Some(view) = StoredView::of(headers, body) else { return Self::of(body) };
        let base64 = StoredBytes(body.as_bytes().to_vec());
        Some(Self::Packed(StoredPacked { base64, view: Some(view) }))
    }

    /// What a reader sees of the body: its view, if it has one.
    pub fn readable(self) -> Result<Vec<u8>, BodyElsewhere> {
        match self {
            Self::Packed(StoredPacked { view: Some(view), .. }) => Ok(view.into_text().into_bytes()),
            other => other.bytes(),
        }
    }

    /// The exact bytes.
    pub fn bytes(self) -> Result<Vec<u8>, BodyElsewhere> {
        Ok(match self {
            Self::Json(json) => json.compact().into_bytes(),
            Self::JsonLine(json) => (json.compact() + "\n").into_bytes(),
            Self::JsonSpaced(json) => layout::spaced(json.0.get()).into_bytes(),
            Self::Text(text) => text.into_bytes(),
            Self::Base64(bytes) | Self::Packed(StoredPacked { base64: bytes, .. }) => bytes.0,
            Self::File(sha256) => return Err(BodyElsewhere { sha256 }),
        })
    }

    pub(super) fn read(body: Option<Self>) -> Result<Body, BodyElsewhere> {
        body.map_or(Ok(Body::empty()), |body| body.bytes().map(Body::from))
    }

    fn json(text: &str) -> Option<Self> {
        if let Some(line) = text.strip_suffix('\n') {
            return StoredJson::compactly(line).map(Self::JsonLine);
        }
        if let Some(json) = StoredJson::compactly(text) {
            return Some(Self::Json(json));
        }
        let json = StoredJson::parse(text)?;
        (layout::spaced(text) == text).then_some(Self::JsonSpaced(json))
    }
}

/// The bytes of a compressed or CBOR body, and what they hold.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPacked {
    /// The bytes.
    pub base64: StoredBytes,
    /// What they hold. Whoever changes the bytes by hand may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<StoredView>,
}

/// JSON, token for token as it was written.
#[derive(Clone)]
pub struct StoredJson(Box<RawValue>);

impl StoredJson {
    pub(super) fn parse(text: &str) -> Option<Self> {
        RawValue::from_string(text.to_owned()).ok().map(Self)
    }

    /// In whatever spacing the text has it.
    pub(super) fn reformatted(text: &str) -> Option<Self> {
        Self::parse(&Self::parse(text)?.compact())
    }

    /// Only if the text has no white space between its tokens.
    fn compactly(text: &str) -> Option<Self> {
        if layout::is_compact(text) { Self::parse(text) } else { None }
    }

    /// The text without white space between its tokens.
    pub fn compact(&self) -> String {
        layout::compact(self.0.get())
    }
}

impl PartialEq for StoredJson {
    fn eq(&self, other: &Self) -> bool {
        self.compact() == other.compact()
    }
}

impl fmt::Debug for StoredJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredJson({} bytes)", self.0.get().len())
    }
}

impl Serialize for StoredJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

/// Bytes that are no text, as padded standard base64.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBytes(Vec<u8>);

impl fmt::Debug for StoredBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredBytes({} bytes)", self.0.len())
    }
}

impl Serialize for StoredBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoding::base64(&self.0))
    }
}

impl<'de> Deserialize<'de> for StoredBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        values::unbase64(&String::deserialize(deserializer)?).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> &'static str {
        match StoredBody::of(&Body::from(bytes.to_vec())) {
            None => "none",
            Some(StoredBody::Json(_)) => "json",
            Some(StoredBody::JsonLine(_)) => "json_line",
            Some(StoredBody::JsonSpaced(_)) => "json_spaced",
            Some(StoredBody::Text(_)) => "text",
            Some(StoredBody::Base64(_)) => "base64",
            Some(StoredBody::Packed(_)) => "packed",
            Some(StoredBody::File(_)) => "file",
        }
    }

    #[test]
    fn each_body_takes_its_most_readable_form_and_gives_its_bytes_back() {
        let deep = "[".repeat(500) + &"]".repeat(500);
        let cases: [(&[u8], &str); 14] = [
            (b"", "none"),
            (br#"{"a":1.0,"b":1E9,"a":"\u00e9\/\ud800"}"#, "json"),
            (br#"{"a": 1, "b": [1, 2], "c": {}}"#, "json_spaced"),
            (b"{\"a\":1}\n", "json_line"),
            (b"{\"a\":1}\n\n", "text"),
            (b"{ \"a\":1}", "text"),
            (b"{\"a\":1} ", "text"),
            (b"{\"a\":1", "text"),
            (b"{\"a\":1}}", "text"),
            (b"{\n  \"a\": 1\n}", "text"),
            (b"\xef\xbb\xbf{}", "text"),
            (b"12", "json"),
            (b"\xff\x00", "base64"),
            (deep.as_bytes(), "json"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(name(bytes), expected, "{}", String::from_utf8_lossy(bytes));
            let stored = StoredBody::of(&Body::from(bytes.to_vec()));
            let text = serde_json::to_string(&stored).unwrap();
            let mut pretty = String::new();
            layout::pretty(&text, 3, &mut pretty);
            let read: Option<StoredBody> = serde_json::from_str(&pretty).unwrap();
            assert_eq!(read, stored);
            assert_eq!(StoredBody::read(read).unwrap().as_bytes(), bytes);
        }
    }
}
