use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

/// Header fields in the order of the wire, duplicates kept, names in lower case.
///
/// Names are case-insensitive (RFC 9110 section 5.1); the order of fields with one name
/// matters (section 5.3). Cheap to clone, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Arc<str>, HeaderValue)>);

impl Headers {
    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.text())
    }

    /// All values under a name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.text())
    }

    /// Whether a name occurs.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Appends a field.
    pub fn push(&mut self, name: impl AsRef<str>, value: impl Into<HeaderValue>) {
        self.0.push((lower_case(name.as_ref()), value.into()));
    }

    /// Takes away every field under a name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    /// Leaves exactly one field under a name.
    pub fn set(&mut self, name: &str, value: impl Into<HeaderValue>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Name and value of each field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Headers {
    type Item = (Arc<str>, HeaderValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<N: AsRef<str>, V: Into<HeaderValue>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }
}

fn lower_case(name: &str) -> Arc<str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => name.into(),
    }
}

/// The bytes of one field's value. Mostly text, but the wire does not promise it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderValue(Bytes);

impl HeaderValue {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, shared.
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }

    /// As text; what is not UTF-8 is shown with replacement characters.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&[u8]> for HeaderValue {
    fn from(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for HeaderValue {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Vec<u8>> for HeaderValue {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl std::fmt::Debug for HeaderValue {
    /// Only the size: a value may be a credential, and debug output ends up in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HeaderValue({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_and_order_are_kept() {
        let headers = Headers::from_iter([("Server", "a"), ("date", "x"), ("server", "b")]);
        assert_eq!(headers.all("SERVER").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(headers.iter().map(|(n, _)| n).collect::<Vec<_>>(), ["server", "date", "server"]);
    }

    #[test]
    fn debug_output_shows_no_value() {
        let headers = Headers::from_iter([("authorization", "Bearer hunter2")]);
        assert!(!format!("{headers:?}").contains("hunter2"));
    }
}
