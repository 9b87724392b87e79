//! Texts of a recorded answer, and what stands in their places now.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use regex::Regex;

use super::super::substitute::{Change, of_host, of_token, spliced, whole_words};
use super::super::uuids::Uuid;
use super::clock::Since;
use super::expiry;
use crate::contract::{Contract, Operation};
use crate::encoding::pack;
use crate::exchange::{Body, HeaderValue, Piece, Request, Response};
use crate::redact::PROVIDER;

/// A shorter idempotency token may be any word of the answer.
const SHORTEST_TOKEN: usize = 8;

/// What a text holds that names a host or says when something expires. Most answers hold none of it,
/// and are looked through once.
static STIRRED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = [&[PROVIDER, "://", expiry::SIGNED_AT], &expiry::STEMS[..]].concat();
    let words: Vec<_> = words.into_iter().map(regex::escape).collect();
    Regex::new(&words.join("|")).ok()
});

/// Texts of the recording, and what stands in their places now.
#[derive(Debug, Default)]
pub(in crate::replay) struct Changes<'c> {
    tokens: Vec<Change>,
    home: Option<Home<'c>>,
    pub(super) since: Option<Since<'c>>,
}

/// Whose hosts a replay stands for.
#[derive(Debug)]
struct Home<'c> {
    /// Our own address, `http://127.0.0.1:8080`; if nobody told it, the client's word for it holds.
    origin: Option<&'c str>,
    live: &'c Request,
    recorded: &'c Request,
    /// Made when they are needed.
    changes: OnceCell<Vec<Change>>,
}

impl<'c> Changes<'c> {
    /// Our own address for the provider's: where it is `None`, the one by which the client reached us.
    /// That of the recorded host gives way to it in URLs, for outside of them its name may be a fact.
    pub(in crate::replay) fn home(
        &mut self,
        origin: Option<&'c str>,
        recorded: &'c Request,
        live: &'c Request,
    ) {
        self.home = Some(Home { origin, live, recorded, changes: OnceCell::new() });
    }

    /// The live idempotency tokens for the recorded ones.
    pub(in crate::replay) fn tokens(
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
                self.tokens.push(Change { from, to: to.clone(), part: of_token });
            }
        }
    }

    /// What clients made up in this session for what they made up when it was recorded.
    pub(in crate::replay) fn made_up(&mut self, pairs: &[(Uuid, Uuid)]) {
        let change = |(live, recorded): &(Uuid, Uuid)| Change {
            from: recorded.to_string(),
            to: live.to_string(),
            // Nothing else has a UUID in it.
            part: |_| false,
        };
        self.tokens.extend(pairs.iter().map(change));
    }

    fn words<'t>(&self, text: &'t str, marks: &mut [usize]) -> Cow<'t, str> {
        let hosts = self.home.as_ref().filter(|_| is_stirred(text)).map(Home::changes).unwrap_or_default();
        self.tokens.iter().chain(hosts).fold(Cow::Borrowed(text), |text, change| {
            match whole_words(&text, change, marks) {
                Cow::Borrowed(_) => text,
                Cow::Owned(changed) => Cow::Owned(changed),
            }
        })
    }

    /// The changed body with its pieces; `None` where nothing in it changes.
    pub(super) fn body(&self, recorded: &Response) -> Option<(Body, Vec<Piece>)> {
        let Response { headers, body, pieces, .. } = recorded;
        let content = recorded.content();
        let mut ends = ends(pieces);
        let changed = self.content(content.text()?, &mut ends)?;
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

    fn content(&self, text: &str, marks: &mut [usize]) -> Option<String> {
        let text = self.words(text, marks);
        let since = self.since.filter(|_| is_stirred(&text));
        let found = since.map(|since| since.in_body(&text)).unwrap_or_default();
        match (found.is_empty(), text) {
            (true, Cow::Borrowed(_)) => None,
            (true, Cow::Owned(text)) => Some(text),
            (false, text) => Some(spliced(&text, &found, marks)),
        }
    }

    pub(super) fn value(&self, name: &str, value: &HeaderValue) -> HeaderValue {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else { return value.clone() };
        let text = self.words(text, &mut []);
        let found = self.since.map(|since| since.in_field(name, &text)).unwrap_or_default();
        match (found.is_empty(), text) {
            (true, Cow::Borrowed(_)) => value.clone(),
            (true, Cow::Owned(text)) => HeaderValue::from(text),
            (false, text) => HeaderValue::from(spliced(&text, &found, &mut [])),
        }
    }
}

impl Home<'_> {
    fn changes(&self) -> &[Change] {
        self.changes.get_or_init(|| {
            let named = || Some(format!("http://{}", self.live.headers.get("host")?));
            let Some(origin) = self.origin.map(str::to_owned).or_else(named) else { return Vec::new() };
            let change = |from: String, to: &str| Change { from, to: to.to_owned(), part: of_host };
            let recorded = self.recorded.headers.get("host").filter(|host| host != PROVIDER);
            let hosts = recorded.iter().map(AsRef::as_ref).chain([PROVIDER]);
            let urls = hosts.flat_map(|host| ["https", "http"].map(|scheme| format!("{scheme}://{host}")));
            let mut changes: Vec<_> = urls.map(|url| change(url, &origin)).collect();
            let authority = origin.split_once("://").map_or(origin.as_str(), |(_, authority)| authority);
            changes.push(change(PROVIDER.to_owned(), authority));
            changes
        })
    }
}

fn is_stirred(text: &str) -> bool {
    STIRRED.as_ref().is_none_or(|words| words.is_match(text))
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
