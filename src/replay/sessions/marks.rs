//! Which session a request names.

use std::borrow::Cow;

use crate::exchange::Request;
use crate::net::Caller;
use crate::replay::realm;

/// The header field that names a session. It is not compared with what was recorded.
pub(super) const FIELD: &str = "x-onrecord-session";

/// What a request says about its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A name, and it means no other session.
    Name(String),
    /// The access key id of its signature, which may be anybody's.
    Key(String),
    /// Nothing.
    None,
}

impl Mark {
    /// The name that a client gives on purpose.
    pub(super) fn named(request: &Request, caller: &Caller) -> Option<Self> {
        let field = request.headers.get(FIELD).map(Cow::into_owned);
        field.or_else(|| caller.proxy_user.as_deref().map(str::to_owned)).map(Self::Name)
    }

    /// What its signature says.
    pub(super) fn signed(request: &Request) -> Self {
        realm::access_key(request).map_or(Self::None, Self::Key)
    }
}

/// Whether a text can be said in all these ways.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(is_plain)
}
