use std::fmt;

use super::refusal::Refusal;
use crate::exchange::{Request, is_loopback, plain_host, without_port};
use crate::net::is_same_secret;

/// What a client of the admin API has to know.
#[derive(Clone)]
pub struct Token(String);

/// A shorter one can be guessed.
const SHORTEST: usize = 16;

impl Token {
    /// `None` where a text is too short for it, or cannot stand in a header field.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let is_sayable = text.bytes().all(|byte| byte.is_ascii_graphic());
        (text.len() >= SHORTEST && is_sayable).then_some(Self(text))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Lets in who knows the token and is no web page.
#[derive(Debug)]
pub(super) struct Guard(Token);

impl Guard {
    pub(super) fn new(token: Token) -> Self {
        Self(token)
    }

    pub(super) fn admit(&self, request: &Request) -> Result<(), Refusal> {
        // A name that somebody makes lead here lets a web page in (DNS rebinding).
        let host = request.headers.get("host").and_then(|host| plain_host(without_port(&host)));
        if !host.is_some_and(|host| is_loopback(&host)) {
            return Err(Refusal::new(403, "host", "ask for 127.0.0.1, [::1] or localhost, by no other name"));
        }
        if request.headers.contains("origin") {
            return Err(Refusal::new(403, "origin", "web pages are not let in: send no Origin"));
        }
        let mut said = request.headers.all("authorization");
        let token = said.next().filter(|_| said.next().is_none());
        let is_known = token.is_some_and(|token| {
            // RFC 9110 section 11.1: in any case.
            let bearer = token.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let token = bearer.map_or("", |(_, token)| token);
            is_same_secret(token.as_bytes(), self.0.0.as_bytes())
        });
        match is_known {
            true => Ok(()),
            false => Err(Refusal::new(
                401,
                "token",
                "send `Authorization: Bearer TOKEN`, with the token that was told at the start",
            )
            .with("www-authenticate", "Bearer")),
        }
    }
}
