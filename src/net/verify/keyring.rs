use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use crate::net::Credentials;

/// Secrets, by their access key ids. Its clones are the same one: what one learns, all know. Debug output
/// shows neither keys nor secrets.
#[derive(Clone, Default)]
pub struct Keyring(Arc<RwLock<HashMap<String, Credentials>>>);

impl Keyring {
    /// With the secret of one more key.
    #[must_use]
    pub fn and(self, credentials: &Credentials) -> Self {
        self.learn(credentials.clone());
        self
    }

    /// Learns the secret of one more key.
    pub fn learn(&self, credentials: Credentials) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(credentials.access_key.clone(), credentials);
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What nobody is to see: keys and session tokens. An access key id may be a word like any other.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.values()
            .flat_map(|one| [Some(one.secret_key.clone()), one.session_token.clone()])
            .flatten()
            .collect()
    }

    pub(super) fn secret(&self, access_key: &str) -> Option<String> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(access_key).map(|one| one.secret_key.clone())
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({})", self.len())
    }
}
