//! A recorded answer as it is served now.

use std::borrow::Cow;

use super::substitute::{of_host, of_token, whole_words};
use crate::contract::{Contract, Operation};
use crate::exchange::{Body, Ending, Exchange, HeaderValue, Headers, Request, Response, Timestamp};
use crate::redact::PROVIDER;

/// A shorter idempotency token may be any word of the answer.
const SHORTEST_TOKEN: usize = 8;

/// Texts of the recording, and what stands in their places now.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Change>);

#[derive(Debug)]
struct Change {
    from: String,
    to: String,
    part: fn(char) -> bool,
}

impl Changes {
    /// The live idempotency tokens for the recorded ones.
    pub(super) fn tokens(
        &mut self,
        contract: &Contract,
        operation: &Operation,
        recorded: &Request,
        live: &Request,
    ) {
        let old = contract.idempotency_tokens(operation, recorded);
        if old.is_empty() {
            return;
        }
        let new = contract.idempotency_tokens(operation, live);
        for (member, from) in old.into_iter().filter(|(_, token)| token.len() >= SHORTEST_TOKEN) {
            let live = new.iter().find(|(other, to)| *other == member && *to != from);
            if let Some((_, to)) = live.filter(|(_, to)| is_plain(&from) && is_plain(to)) {
                self.0.push(Change { from, to: to.clone(), part: of_token });
            }
        }
    }

    /// Our own address, `http://127.0.0.1:8080`, for the provider's.
    pub(super) fn origin(&mut self, origin: &str) {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        for scheme in ["https", "http"] {
            let from = format!("{scheme}://{PROVIDER}");
            self.0.push(Change { from, to: origin.to_owned(), part: of_host });
        }
        self.0.push(Change { from: PROVIDER.to_owned(), to: authority.to_owned(), part: of_host });
    }

    fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, change| {
            match whole_words(&text, &change.from, &change.to, change.part) {
                Cow::Borrowed(_) => text,
                Cow::Owned(changed) => Cow::Owned(changed),
            }
        })
    }

    fn body(&self, body: &Body) -> Option<Body> {
        let Cow::Owned(changed) = self.apply(body.text()?) else { return None };
        Some(Body::from(changed))
    }

    fn value(&self, value: &HeaderValue) -> HeaderValue {
        match std::str::from_utf8(value.as_bytes()).map(|text| self.apply(text)) {
            Ok(Cow::Owned(changed)) => HeaderValue::from(changed),
            _ => value.clone(),
        }
    }
}

/// Whether a token stands in JSON and in header fields as it is.
fn is_plain(token: &str) -> bool {
    token.chars().all(|part| part.is_ascii_graphic() && !matches!(part, '"' | '\\'))
}

/// The recorded answer: status, header fields and body as they were, but for `changes`, a `Date`
/// of now (SDKs take their clock from it) and a `Content-Length` that stays true.
pub(super) fn response(recorded: &Exchange, changes: &Changes) -> Response {
    let Response { status, version, headers, body, trailers, pieces } = &recorded.response;
    let changed = changes.body(body);
    let length = changed.as_ref().filter(|_| recorded.ending == Ending::Complete).map(Body::len);
    let field = |(name, value)| match name {
        "date" => (name, HeaderValue::from(Timestamp::now().http())),
        "content-length" if let Some(length) = length => (name, HeaderValue::from(length.to_string())),
        _ => (name, changes.value(value)),
    };
    Response {
        status: *status,
        version: *version,
        headers: Headers::from_iter(headers.iter().map(field)),
        pieces: if changed.is_none() { pieces.clone() } else { Vec::new() },
        body: changed.unwrap_or_else(|| body.clone()),
        trailers: trailers.clone(),
    }
}
