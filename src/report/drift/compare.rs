//! Two recordings side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Answers, Place, Recording};
use super::{Change, Drift, Severity, Share, Type};

pub(super) fn recordings(old: &Recording, new: &Recording) -> Vec<Drift> {
    let mut found = Vec::new();
    for operation in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let changes = match (old.get(operation), new.get(operation)) {
            (Some(old), Some(new)) => operations(old, new),
            (Some(_), None) => vec![(Severity::Notable, Change::OperationGone)],
            _ => vec![(Severity::Added, Change::OperationNew)],
        };
        let drift = |(severity, change)| Drift { severity, operation: operation.clone(), change };
        found.extend(changes.into_iter().map(drift));
    }
    found
}

type Graded = (Severity, Change);

fn operations(old: &BTreeMap<u16, Answers>, new: &BTreeMap<u16, Answers>) -> Vec<Graded> {
    let mut found = Vec::new();
    let succeeds =
        |answers: &BTreeMap<u16, Answers>| answers.keys().any(|status| (200..300).contains(status));
    // A client that got its answer and now only gets refusals cannot work any more.
    let is_refused = succeeds(old) && !succeeds(new);
    for &status in old.keys().filter(|status| !new.contains_key(status)) {
        let broken = is_refused && (200..300).contains(&status);
        let now = new.keys().copied().collect();
        found.push((
            if broken { Severity::Breaking } else { Severity::Notable },
            Change::StatusGone { status, now },
        ));
    }
    for &status in new.keys().filter(|status| !old.contains_key(status)) {
        found.push((Severity::Notable, Change::StatusNew { status }));
    }
    for (status, old) in old {
        found.extend(new.get(status).map(|new| answers(*status, old, new)).unwrap_or_default());
    }
    found
}

fn answers(status: u16, old: &Answers, new: &Answers) -> Vec<Graded> {
    let mut found = Vec::new();
    if old.media_types != new.media_types && !old.media_types.is_empty() && !new.media_types.is_empty() {
        let severity = if old.media_types.is_disjoint(&new.media_types) {
            Severity::Breaking
        } else {
            Severity::Notable
        };
        let names = |types: &BTreeSet<String>| types.iter().cloned().collect();
        let change =
            Change::MediaType { status, before: names(&old.media_types), now: names(&new.media_types) };
        found.push((severity, change));
    }
    for name in old.headers.difference(&new.headers) {
        found.push((Severity::Notable, Change::HeaderGone { status, name: (*name).to_owned() }));
    }
    for name in new.headers.difference(&old.headers) {
        found.push((Severity::Notable, Change::HeaderNew { status, name: (*name).to_owned() }));
    }
    for (path, place) in &old.places {
        match new.places.get(path) {
            Some(now) => found.extend(types(status, path, &place.types, &now.types)),
            None => found.extend(gone(status, path, (old, place), new)),
        }
    }
    for (path, place) in new.places.iter().filter(|(path, _)| !old.places.contains_key(*path)) {
        if chances(old, path, place) > 0 {
            found.push((Severity::Added, Change::MemberNew { status, path: path.clone() }));
        }
    }
    found
}

/// A member that is in no answer any more, though it could be.
fn gone(status: u16, path: &str, (old, place): (&Answers, &Place), new: &Answers) -> Option<Graded> {
    if chances(new, path, place) == 0 {
        return None;
    }
    let before = Share { times: place.times, of: chances(old, path, place) };
    let severity = if before.times == before.of { Severity::Breaking } else { Severity::Notable };
    Some((severity, Change::MemberGone { status, path: path.to_owned(), before }))
}

/// How often a place could have been in these answers: a member as often as there are objects that
/// may have it, a body once in each. An element or the value of a map is there or not as it happens.
fn chances(answers: &Answers, path: &str, place: &Place) -> usize {
    match &place.parent {
        Some(parent) => answers.places.get(parent).map_or(0, |parent| parent.objects),
        None if path.is_empty() => answers.count,
        None => 0,
    }
}

/// `null` says nothing of what else a value may be.
fn types(status: u16, path: &str, old: &BTreeSet<Type>, new: &BTreeSet<Type>) -> Option<Graded> {
    let known = |types: &BTreeSet<Type>| -> BTreeSet<_> {
        types.iter().copied().filter(|it| *it != Type::Null).collect()
    };
    let (before, now) = (known(old), known(new));
    let is_other = !before.is_empty() && !now.is_empty() && before != now;
    let severity = match (is_other, before.is_disjoint(&now)) {
        (true, true) => Severity::Breaking,
        (true, false) => Severity::Notable,
        (false, _) if new.contains(&Type::Null) && !old.contains(&Type::Null) => Severity::Notable,
        _ => return None,
    };
    let list = |types: &BTreeSet<Type>| types.iter().copied().collect();
    Some((severity, Change::Type { status, path: path.to_owned(), before: list(old), now: list(new) }))
}
