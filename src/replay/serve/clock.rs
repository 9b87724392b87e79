//! What of an answer says when, and how it is moved from the recording's time to now.

use std::collections::BTreeSet;

use super::super::checksums;
use super::expiry;
use crate::exchange::{Exchange, HeaderValue, Method, Timestamp, http_seconds, moved};

/// Which time it is for the clients of a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// Now: a `Date` is now, and what expires does so as long after it as it did when it was recorded.
    #[default]
    Now,
    /// Everything as it was recorded, for clients whose own clock stands still.
    Recorded,
}

/// Header fields whose whole value is an instant at which something ends, or is tried again.
const ENDS: [&str; 4] = ["expires", "retry-after", "x-rate-limit-reset", "x-ratelimit-reset"];

/// The time that has passed since an exchange was recorded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since<'c> {
    recorded: &'c Exchange,
    /// Seconds since 1970.
    now: i64,
    /// The members that the contract says expire; `None` where no contract knows the operation.
    expiring: Option<&'c BTreeSet<String>>,
}

impl<'c> Since<'c> {
    pub(super) fn new(
        recorded: &'c Exchange,
        now: Timestamp,
        expiring: Option<&'c BTreeSet<String>>,
    ) -> Self {
        Self { recorded, now: now.seconds(), expiring }
    }

    /// Whole seconds, so that fractions stay. The provider's own clock counts if it told it: what
    /// expires is as far from its `Date` as it was.
    fn seconds(&self) -> i64 {
        let date = self.recorded.response.headers.get("date").and_then(|date| http_seconds(&date));
        self.now.saturating_sub(date.unwrap_or_else(|| self.recorded.timing.started.seconds()))
    }

    /// The instants of a body, and what stands in their places now.
    pub(super) fn in_body(&self, text: &str) -> Vec<expiry::Found> {
        if self.is_stored() {
            return Vec::new();
        }
        let is_expiry = |name: &str| match self.expiring {
            Some(names) => names.contains(name),
            None => expiry::is_well_known(name),
        };
        let mut found = expiry::members(text, is_expiry);
        found.extend(expiry::signed_at(text));
        found.sort_by_key(|range| range.start);
        self.moved(text, found)
    }

    /// Whether a body is what a client has stored, and so nothing that the provider says: it was got by one
    /// who can tell by a digest or a strong validator (RFC 9110 section 8.8.1) that each byte is as it was.
    fn is_stored(&self) -> bool {
        let Exchange { request, response, .. } = self.recorded;
        let fields = &response.headers;
        let has_digest = || fields.iter().any(|(name, _)| checksums::is_digest(name));
        let has_validator = || fields.get("etag").is_some_and(|tag| !tag.starts_with("W/"));
        self.expiring.is_none() && request.method == Method::Get && (has_validator() || has_digest())
    }

    /// The instants of a header field.
    pub(super) fn in_field(&self, name: &str, value: &str) -> Vec<expiry::Found> {
        let found = match name {
            _ if ENDS.contains(&name) => std::iter::once(0..value.len()).collect(),
            "set-cookie" => expiry::cookie(value).into_iter().collect(),
            _ => expiry::signed_at(value).collect(),
        };
        self.moved(value, found)
    }

    fn moved(&self, text: &str, found: Vec<std::ops::Range<usize>>) -> Vec<expiry::Found> {
        if found.is_empty() {
            return Vec::new();
        }
        let seconds = self.seconds();
        let moved = |range: std::ops::Range<usize>| Some((range.clone(), moved(text.get(range)?, seconds)?));
        found.into_iter().filter_map(moved).collect()
    }

    /// What a `Date` says now.
    pub(super) fn date(now: Timestamp) -> HeaderValue {
        HeaderValue::from(now.http())
    }
}
