//! Single values on disk. What a field may not hold is refused while reading, so that the
//! error knows line and column.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::encoding;
use crate::exchange::{HeaderValue, Headers};

/// The value of a header field: a string, or `{"base64": "..."}` if it is not UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredValue(HeaderValue);

impl fmt::Debug for StoredValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredValue({} bytes)", self.0.as_bytes().len())
    }
}

impl From<StoredValue> for HeaderValue {
    fn from(value: StoredValue) -> Self {
        value.0
    }
}

pub(super) fn headers(headers: Headers) -> Vec<(String, StoredValue)> {
    headers.into_iter().map(|(name, value)| (name.to_string(), StoredValue(value))).collect()
}

impl Serialize for StoredValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0.as_bytes()) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &encoding::base64(self.0.as_bytes()))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for StoredValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = StoredValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header value: a string or {\"base64\": \"...\"}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<StoredValue, E> {
        Ok(StoredValue(text.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StoredValue, A::Error> {
        let Some((key, text)) = map.next_entry::<String, String>()? else {
            return Err(A::Error::missing_field("base64"));
        };
        if key != "base64" {
            return Err(A::Error::unknown_field(&key, &["base64"]));
        }
        if let Some(extra) = map.next_key::<String>()? {
            return Err(A::Error::unknown_field(&extra, &["base64"]));
        }
        unbase64(&text).map(|bytes| StoredValue(bytes.into()))
    }
}

pub(super) fn unbase64<E: Error>(text: &str) -> Result<Vec<u8>, E> {
    encoding::unbase64(text).ok_or_else(|| E::custom("not padded standard base64"))
}

pub(super) fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let status = u16::deserialize(deserializer)?;
    if (100..1000).contains(&status) {
        return Ok(status);
    }
    Err(D::Error::invalid_value(Unexpected::Unsigned(status.into()), &"a status from 100 to 999"))
}

pub(super) mod version {
    use super::{Deserialize as _, Deserializer, Error as _, Serializer, Unexpected};
    use crate::exchange::Version;

    pub(in crate::cassette::stored) fn serialize<S: Serializer>(
        version: &Version,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(version.as_str())
    }

    pub(in crate::cassette::stored) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Version, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "`HTTP/1.0`, `HTTP/1.1` or `HTTP/2`";
        Version::parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
    }
}

pub(in crate::cassette) mod timestamp {
    use super::{Deserialize as _, Deserializer, Error as _, Serializer, Unexpected};
    use crate::exchange::Timestamp;

    pub(in crate::cassette) fn serialize<S: Serializer>(
        at: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(in crate::cassette) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        let expected = "an RFC 3339 time as `2026-11-21T07:32:37.250Z`";
        Timestamp::parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected))
    }
}
