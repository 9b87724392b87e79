use std::fmt;
use std::ops::Deref;

/// A value that has passed the door. Only this module can make one, so storing, matching or
/// showing what skipped redaction does not compile.
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    pub(super) fn passed(value: T) -> Self {
        Self(value)
    }

    /// What a cassette held: it was redacted when it was written.
    pub(crate) fn read_back(value: T) -> Self {
        Self(value)
    }

    /// The redacted value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Redacted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    /// Nothing of the value: a cassette may be redacted by older, weaker rules.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redacted(..)")
    }
}

impl<T: fmt::Display> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
