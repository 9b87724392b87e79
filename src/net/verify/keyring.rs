use std::collections::HashMap;

use crate::net::Credentials;

/// Secrets, by their access key ids. Debug output shows neither.
#[derive(Clone, Default)]
pub struct Keyring(HashMap<String, Credentials>);

impl Keyring {
    /// With the secret of one more key.
    #[must_use]
    pub fn and(mut self, credentials: &Credentials) -> Self {
        self.0.insert(credentials.access_key.clone(), credentials.clone());
        self
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What nobody is to see: keys and session tokens. An access key id may be a word like any other.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|one| [Some(&*one.secret_key), one.session_token.as_deref()]).flatten()
    }

    pub(super) fn secret(&self, access_key: &str) -> Option<&str> {
        self.0.get(access_key).map(|one| one.secret_key.as_str())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.len())
    }
}
