//! A recorded answer as it is served now.

use std::borrow::Cow;

use super::checksums;
use super::substitute::{Change, of_host, of_token, whole_words};
use crate::contract::{Contract, Operation};
use crate::encoding::pack;
use crate::exchange::{Body, Ending, Exchange, HeaderValue, Headers, Piece, Request, Response, Timestamp};
use crate::redact::PROVIDER;

/// A shorter idempotency token may be any word of the answer.
const SHORTEST_TOKEN: usize = 8;

/// Texts of the recording, and what stands in their places now.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<Change>);

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

    fn apply<'t>(&self, text: &'t str, marks: &mut [usize]) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, change| match whole_words(&text, change, marks) {
            Cow::Borrowed(_) => text,
            Cow::Owned(changed) => Cow::Owned(changed),
        })
    }

    /// The changed body with its pieces; `None` where nothing in it changes.
    fn body(&self, recorded: &Response) -> Option<(Body, Vec<Piece>)> {
        let Response { headers, body, pieces, .. } = recorded;
        let content = recorded.content();
        let mut ends = ends(pieces);
        let Cow::Owned(changed) = self.apply(content.text()?, &mut ends) else { return None };
        if content == *body {
            return Some((Body::from(changed), ending_at(pieces, &ends)));
        }
        let codings: Vec<_> = headers.all("content-encoding").collect();
        let packed = Body::from(pack(&codings.join(","), changed.as_bytes())?);
        // Where a piece of a packed body ended says nothing of the new one: they keep their shares.
        let share = |end: usize| (end as u128 * packed.len() as u128 / body.len().max(1) as u128) as usize;
        let ends: Vec<_> = self::ends(pieces).into_iter().map(share).collect();
        Some((packed, ending_at(pieces, &ends)))
    }

    fn value(&self, value: &HeaderValue) -> HeaderValue {
        match std::str::from_utf8(value.as_bytes()).map(|text| self.apply(text, &mut [])) {
            Ok(Cow::Owned(changed)) => HeaderValue::from(changed),
            _ => value.clone(),
        }
    }
}

/// Where each piece ends in its body.
fn ends(pieces: &[Piece]) -> Vec<usize> {
    let end = |end: &mut usize, piece: &Piece| {
        *end = end.saturating_add(piece.length);
        Some(*end)
    };
    pieces.iter().scan(0, end).collect()
}

/// The pieces with other ends, at the times that they had.
fn ending_at(pieces: &[Piece], ends: &[usize]) -> Vec<Piece> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let lengths = starts.zip(ends).map(|(start, end)| end.saturating_sub(start));
    pieces.iter().zip(lengths).map(|(piece, length)| Piece { length, ..*piece }).collect()
}

/// Whether a token stands in JSON and in header fields as it is.
fn is_plain(token: &str) -> bool {
    token.chars().all(|part| part.is_ascii_graphic() && !matches!(part, '"' | '\\'))
}

/// The recorded answer: status, header fields and body as they were, but for `changes`, a `Date`
/// of now (SDKs take their clock from it) and a `Content-Length` that stays true.
pub(super) fn response(recorded: &Exchange, changes: &Changes) -> Response {
    let changed = changes.body(&recorded.response);
    let Response { status, version, headers, body, trailers, pieces } = &recorded.response;
    let (body, pieces) = changed.clone().unwrap_or_else(|| (body.clone(), pieces.clone()));
    let length = changed.filter(|_| recorded.ending == Ending::Complete).map(|(body, _)| body.len());
    let field = |(name, value)| match name {
        "date" => (name, HeaderValue::from(Timestamp::now().http())),
        "content-length" if let Some(length) = length => (name, HeaderValue::from(length.to_string())),
        _ => (name, changes.value(value)),
    };
    let trailer = |(name, value)| (name, changes.value(value));
    let mut response = Response {
        status: *status,
        version: *version,
        headers: Headers::from_iter(headers.iter().map(field)),
        body,
        trailers: Headers::from_iter(trailers.iter().map(trailer)),
        pieces,
    };
    if recorded.ending == Ending::Complete {
        checksums::mend(&mut response);
    }
    response
}
