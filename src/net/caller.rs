use std::sync::Arc;

use hyper::header::{HeaderMap, PROXY_AUTHORIZATION};

use crate::encoding::unbase64;

/// A longer name is none of ours.
const LONGEST: usize = 256;

/// Who asks, as far as the way that a request came says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The user that the client named to its proxy (`http://USER:x@127.0.0.1:8080`). Not compared
    /// with anything here, and no part of the request.
    pub proxy_user: Option<Arc<str>>,
}

impl Caller {
    /// Reads what a client says to its proxy.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { proxy_user: headers.get(PROXY_AUTHORIZATION).and_then(|value| user(value.as_bytes())) }
    }
}

/// `Basic` and user:password in base64 (RFC 7617).
fn user(value: &[u8]) -> Option<Arc<str>> {
    let (scheme, credentials) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    let credentials = scheme.eq_ignore_ascii_case("basic").then(|| unbase64(credentials.trim()))??;
    let (user, _) = std::str::from_utf8(&credentials).ok()?.split_once(':')?;
    (!user.is_empty() && user.len() <= LONGEST).then(|| user.into())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_user_is_read_and_the_password_is_not() {
        let user = |value: &str| super::user(value.as_bytes()).map(|user| user.to_string());
        assert_eq!(user("Basic dGVzdC0xOng=").as_deref(), Some("test-1"));
        assert_eq!(user("basic  dGVzdC0xOmE6Yg==").as_deref(), Some("test-1"));
        for none in ["Bearer dGVzdC0xOng=", "Basic", "Basic dGVzdC0x", "Basic OmE=", "Basic ???"] {
            assert_eq!(user(none), None, "{none}");
        }
    }
}
