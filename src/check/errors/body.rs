//! ER-01 and ER-18: the body of an error is what the contract says it is.

use serde_json::Value;

use super::super::shape::{shown, undocumented_members};
use super::super::{BROKE_OFF, Check, Ruling, Seen, Session, Verdict};
use super::{IDENTITY_CLAUSE, Refusal, errors, has_errors, names_errors, resolved};
use crate::contract::{ErrorShape, Level, Place, Severity, Violation};

pub(in crate::check) const BODY: Check = Check {
    id: "ER-01",
    name: "error.body",
    level: Level::Must,
    says: "an error's body is JSON and has the shape of the error",
    documented: IDENTITY_CLAUSE,
    applies: has_errors,
    judge: |check, session| {
        let mut verdicts = errors(check, session, body);
        verdicts.extend(broken_off(check, session));
        verdicts
    },
};

/// Clients ignore what they do not know, so that this is told and breaks nothing.
pub(in crate::check) const MEMBERS: Check = Check {
    id: "ER-18",
    name: "error.members",
    level: Level::Info,
    says: "an error's body has no members that are not documented",
    documented: "Smithy 2.0, AWS restJson1, operation error serialization: unknown members are ignored <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>; AWS JSON 1.1 <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>",
    applies: has_errors,
    judge: |check, session| errors(check, session, members),
};

/// What the protocols of AWS put into any error.
const OF_ANY: [&str; 4] = ["__type", "code", "message", "Message"];

/// Of an error that broke off, nobody knows what it would have said.
fn broken_off(check: &Check, session: &Session<'_>) -> Vec<Verdict> {
    check.each(session, |seen| {
        let refused = seen.observation.exchange.response.status >= 400;
        let broke_off = refused && seen.observation.broke_off();
        broke_off.then_some(Ruling::NotTestable(BROKE_OFF)).into_iter().collect()
    })
}

fn body(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let error = resolved(seen, refusal);
    let payload = error.and_then(|error| error.payload());
    if payload.is_none() && !names_errors(seen.contract, seen.operation) {
        // Nothing is documented of this body.
        return None;
    }
    let whole = refusal.body.filter(|body| payload.map_or(body.is_object(), |name| body.get(name).is_some()));
    let Some(whole) = whole else {
        let body = &seen.observation.exchange.response.body;
        let actual = if body.is_empty() { "no body".to_owned() } else { kind_of_body(seen) };
        return Some(Ruling::Fail(seen.problem(check.level, "error body", "a JSON object", actual)));
    };
    let violation = error.and_then(|error| misshapen(seen, error, whole));
    Some(match violation {
        None => Ruling::Pass,
        Some(violation) => {
            let inside = payload.and_then(|name| violation.pointer.strip_prefix('/')?.strip_prefix(name));
            let place = format!("error body {}", inside.unwrap_or(&violation.pointer));
            let actual = shown(whole.pointer(&violation.pointer));
            Ruling::Fail(seen.problem(check.level, place, violation.demands, actual))
        }
    })
}

/// What makes a body another shape than its error's; what does not travel in it is left out.
fn misshapen(seen: &Seen<'_, '_>, error: &ErrorShape, whole: &Value) -> Option<Violation> {
    let elsewhere = |pointer: &str| {
        let member = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        let mut bound = error.bindings.iter().filter(|binding| binding.member == member);
        bound.any(|binding| !matches!(binding.place, Place::Body | Place::Payload))
    };
    let mut found = seen.contract.violations(&error.shape, whole).into_iter();
    found.find(|it| it.severity == Severity::Shape && !elsewhere(&it.pointer))
}

/// What came instead of an object: `text/html, 265 bytes`.
fn kind_of_body(seen: &Seen<'_, '_>) -> String {
    let response = &seen.observation.exchange.response;
    let media = response.headers.get("content-type").unwrap_or("no content type".into());
    let media = media.split(';').next().unwrap_or_default().trim();
    format!("{media}, {} bytes", response.body.len())
}

fn members(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let error = resolved(seen, refusal)?;
    let schema = seen.contract.shape(&error.shape);
    let (schema, body) = match error.payload() {
        Some(payload) => (schema.member(payload)?, refusal.body?.get(payload)?),
        None if names_errors(seen.contract, seen.operation) => (schema, refusal.body?),
        None => return None,
    };
    let is_of_any =
        |pointer: &String| error.payload().is_none() && OF_ANY.contains(&pointer.trim_start_matches('/'));
    let mut undocumented = Vec::new();
    undocumented_members(schema, body, String::new(), &mut undocumented);
    let first = undocumented.into_iter().find(|pointer| !is_of_any(pointer));
    Some(first.map_or(Ruling::Pass, |pointer| {
        let place = format!("error body {}", schema.generic(&pointer));
        Ruling::Advisory(seen.problem(check.level, place, "a documented member", "an undocumented one"))
    }))
}
