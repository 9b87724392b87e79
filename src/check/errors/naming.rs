//! ER-02 to ER-06: an error says which one it is, and is one that is documented.

use super::super::{Check, Ruling, Seen};
use super::{
    ERROR_CLAUSE, IDENTITY_CLAUSE, Refusal, common, errors, has_named_errors, names_errors, resolved,
};
use crate::contract::Level;

pub(in crate::check) const IDENTITY: Check = Check {
    id: "ER-02",
    name: "error.identity",
    level: Level::Must,
    says: "an error says which one it is, in X-Amzn-Errortype, __type or code",
    documented: IDENTITY_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, identity),
};

pub(in crate::check) const DECLARED: Check = Check {
    id: "ER-03",
    name: "error.declared",
    level: Level::Must,
    says: "an error is declared on the operation, or is one that any operation may answer",
    documented: "Smithy 2.0, operation errors <https://smithy.io/2.0/spec/service-types.html#operation>",
    applies: names_errors,
    judge: |check, session| errors(check, session, declared),
};

pub(in crate::check) const STATUS: Check = Check {
    id: "ER-04",
    name: "error.status",
    level: Level::Must,
    says: "an error comes with its documented status",
    documented: ERROR_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, status),
};

pub(in crate::check) const DEFAULT_STATUS: Check = Check {
    id: "ER-05",
    name: "error.default-status",
    level: Level::Must,
    says: "an error without a documented status is a 4xx if the client's fault and a 5xx if not",
    documented: ERROR_CLAUSE,
    applies: |_, operation| operation.errors.iter().any(|error| error.statuses.is_none()),
    judge: |check, session| errors(check, session, default_status),
};

pub(in crate::check) const AGREEMENT: Check = Check {
    id: "ER-06",
    name: "error.agreement",
    level: Level::Must,
    says: "header and body name the same error",
    documented: IDENTITY_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, agreement),
};

fn identity(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    Some(match refusal.identity.name() {
        Some(_) => Ruling::Pass,
        None => Ruling::Fail(seen.problem(
            check.level,
            "error identity",
            "X-Amzn-Errortype, __type or code",
            format!("a {} that names no error", refusal.status),
        )),
    })
}

fn declared(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let name = refusal.identity.name()?;
    if resolved(seen, refusal).is_some() || common(seen, refusal).is_some() {
        return Some(Ruling::Pass);
    }
    let names: Vec<_> = seen.operation.errors.iter().map(|error| error.name.as_str()).collect();
    let expected = if names.is_empty() { "a common error".to_owned() } else { names.join(", ") };
    Some(Ruling::Fail(seen.problem(check.level, "error identity", expected, name)))
}

fn status(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let allowed: Vec<u16> = match resolved(seen, refusal) {
        Some(error) if error.statuses?.contain(refusal.status) => return Some(Ruling::Pass),
        Some(error) => vec![error.effective_status()],
        None => common(seen, refusal)?.to_vec(),
    };
    if allowed.contains(&refusal.status) {
        return Some(Ruling::Pass);
    }
    let allowed = allowed.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let expected = format!("{allowed} for {}", refusal.identity.name().unwrap_or_default());
    Some(Ruling::Fail(seen.problem(check.level, "error status", expected, refusal.status.to_string())))
}

fn default_status(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let error = resolved(seen, refusal).filter(|error| error.statuses.is_none())?;
    let expected = error.effective_status() / 100;
    if refusal.status / 100 == expected {
        return Some(Ruling::Pass);
    }
    let expected = format!("{expected}xx for {}", error.name);
    Some(Ruling::Fail(seen.problem(check.level, "error status", expected, refusal.status.to_string())))
}

fn agreement(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let names: Vec<_> = refusal.identity.all().collect();
    let (first, rest) = names.split_first()?;
    if rest.is_empty() {
        return Some(Ruling::NotTestable("only one place names the error"));
    }
    match rest.iter().find(|name| *name != first) {
        None => Some(Ruling::Pass),
        Some(other) => {
            let expected = format!("{first} everywhere");
            Some(Ruling::Fail(seen.problem(check.level, "error identity", expected, format!("also {other}"))))
        }
    }
}
