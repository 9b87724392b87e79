//! What one session's clients made up, and what it stands for in the recording: the same throughout.

use std::sync::{Arc, PoisonError, RwLock};
use std::{fmt, iter};

use super::library::{Library, Meant};
use super::terms::Terms;
use super::uuids::{self, Uuid};
use crate::exchange::{Body, HeaderValue, Headers, Request, Target};

/// Live UUIDs, each with the recorded one that it stands for; one for one.
#[derive(Debug, Default)]
pub(super) struct Unified(RwLock<Pairs>);

/// Shared, so that no look-up waits for another.
pub(super) type Pairs = Arc<Vec<(Uuid, Uuid)>>;

/// A UUID that a client made up, taken for the one that it made up when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenFor {
    /// The client's.
    pub live: String,
    /// That of the recording.
    pub recorded: String,
}

impl fmt::Display for TakenFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "taken as made up: {} for {}", self.live, self.recorded)
    }
}

impl Unified {
    pub(super) fn pairs(&self) -> Pairs {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The request with what its clients made up when it was recorded; `None` if it has nothing of that.
    pub(super) fn as_recorded(&self, request: &Request) -> Option<Request> {
        with(request, &self.pairs())
    }

    /// Has live UUIDs stand for recorded ones, and gives those that did not before; `None` if one of them
    /// means something else already.
    pub(super) fn unify(&self, new: &[(Uuid, Uuid)]) -> Option<Vec<(Uuid, Uuid)>> {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let contradicts = |(live, recorded): &(Uuid, Uuid)| {
            held.iter().any(|(own, meant)| (own == live) != (meant == recorded))
        };
        if new.iter().any(contradicts) {
            return None;
        }
        let missing: Vec<_> = new.iter().filter(|pair| !held.contains(pair)).cloned().collect();
        if !missing.is_empty() {
            Arc::make_mut(&mut held).extend(missing.iter().cloned());
        }
        Some(missing)
    }
}

impl Library {
    /// What a request means whose client made something up, and what is known of that only now: asked once
    /// nothing equal is found.
    pub(super) fn find_unified(
        &self,
        terms: &Terms,
        request: &Request,
        unified: &Unified,
    ) -> Option<(Meant<'_>, Vec<(Uuid, Uuid)>)> {
        let made_up = self.made_up.as_ref()?;
        let find = |request: &Request| self.find(terms, &self.readings(request), request).ok();
        let known = unified.as_recorded(request);
        if let Some(meant) = known.as_ref().and_then(find) {
            return Some((meant, Vec::new()));
        }
        let known = known.as_ref().unwrap_or(request);
        let others = self.as_recorded(terms, known);
        let mut forms = iter::once(known).chain(&others).flat_map(|form| self.readings(form));
        let new = forms.find_map(|reading| made_up.stood_for(&reading.key))?;
        let meant = find(&with(known, &new)?)?;
        Some((meant, unified.unify(&new)?))
    }
}

/// The request with recorded UUIDs for live ones; `None` if it has none of these.
fn with(request: &Request, pairs: &[(Uuid, Uuid)]) -> Option<Request> {
    if pairs.is_empty() {
        return None;
    }
    let swap = |uuid: &str| pairs.iter().find(|(live, _)| **live == *uuid).map(|(_, own)| own.clone());
    let mut changed = request.clone();
    let content = request.content();
    let body = uuids::replaced(content.as_bytes(), swap);
    let target = uuids::replaced(request.target.as_str().as_bytes(), swap);
    let mut is_changed = body.is_some() || target.is_some();
    if let Some(body) = body {
        // It is unpacked now.
        if content != request.body {
            changed.headers.remove("content-encoding");
        }
        changed.body = Body::from(body);
    }
    if let Some(target) = target.and_then(|target| String::from_utf8(target).ok()) {
        changed.target = Target::new(target);
    }
    let fields = changed.headers.iter().map(|(name, value)| {
        let value = match uuids::replaced(value.as_bytes(), swap) {
            Some(other) => {
                is_changed = true;
                HeaderValue::from(other)
            }
            None => value.clone(),
        };
        (name.to_owned(), value)
    });
    changed.headers = fields.collect::<Headers>();
    is_changed.then_some(changed)
}
