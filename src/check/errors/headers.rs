//! ER-08, ER-10 and ER-12: the header fields of errors that clients act on.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{Check, Problem, Reading, Ruling, Seen, Verdict};
use super::{Refusal, errors, has_errors, names_errors, resolved};
use crate::contract::{Answer, Binding, ErrorShape, Kind, Level, Operation, Place, Protocol, Statuses};
use crate::exchange::Timestamp;

pub(in crate::check) const RETRY_AFTER: Check = Check {
    id: "ER-08",
    name: "error.retry-after",
    level: Level::Must,
    says: "Retry-After is a number of seconds or a date to come, and what the body says of it agrees",
    documented: "RFC 9110 section 10.2.3, Retry-After <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>",
    applies: has_errors,
    judge: |check, session| errors(check, session, retry_after),
};

pub(in crate::check) const CHALLENGE: Check = Check {
    id: "ER-10",
    name: "error.challenge",
    level: Level::Should,
    says: "a 401 has WWW-Authenticate, and a 405 has Allow",
    documented: "RFC 9110 sections 15.5.2 and 15.5.6 <https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2>",
    applies: |contract, operation| {
        let one = |error: &ErrorShape| matches!(error.statuses, Some(Statuses::One(status)) if challenge(status).is_some());
        contract.protocol() == Protocol::Http && operation.errors.iter().any(one)
    },
    judge: |check, session| errors(check, session, challenged),
};

pub(in crate::check) const REQUEST_ID: Check = Check {
    id: "ER-12",
    name: "error.request-id",
    level: Level::Should,
    says: "no two answers have the same request id",
    documented: "Amazon S3 User Guide, request ids: one for each request <https://docs.aws.amazon.com/AmazonS3/latest/userguide/get-request-ids.html>",
    applies: |contract, operation| names_errors(contract, operation) || documents_id(operation),
    judge: unique_ids,
};

/// What request ids are called.
const IDS: [&str; 4] = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id", "x-request-id"];

/// The member that repeats `Retry-After`.
const SECONDS: &str = "retryAfterSeconds";

fn retry_after(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    const PLACE: &str = "error header retry-after";
    let headers = &seen.observation.exchange.response.headers;
    let told = headers.get("retry-after")?;
    let fails = |expected: &str| Ruling::Fail(seen.problem(check.level, PLACE, expected, told.as_ref()));
    let advice =
        |expected: &str| Ruling::Advisory(seen.problem(Level::Advisory, PLACE, expected, told.as_ref()));
    let Ok(seconds) = told.trim().parse::<u64>() else {
        let Some(date) = Timestamp::parse_http(&told) else {
            return Some(fails("a number of seconds, or a date"));
        };
        let answered = headers.get("date").and_then(|date| Timestamp::parse_http(&date));
        return Some(match answered {
            _ if is_declared_number(seen, refusal) => fails("a number of seconds, as is documented"),
            Some(answered) if date < answered => advice("a date to come"),
            _ => Ruling::Pass,
        });
    };
    let repeated = refusal.body.and_then(|body| body.get(SECONDS)).and_then(Value::as_u64);
    Some(match repeated {
        Some(repeated) if repeated != seconds => advice(&format!("{repeated}, as the body says")),
        _ if seconds == 0 => advice("at least one second"),
        _ => Ruling::Pass,
    })
}

/// Whether the contract says that the field holds a number.
fn is_declared_number(seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> bool {
    let Some(error) = resolved(seen, refusal) else { return false };
    let is_it =
        |place: &Place| matches!(place, Place::Header(name) if name.eq_ignore_ascii_case("retry-after"));
    let bound = error.bindings.iter().find(|binding| is_it(&binding.place));
    let schema = bound.and_then(|it| seen.contract.shape(&error.shape).member(&it.member));
    schema.is_some_and(|schema| matches!(schema.kind(), Kind::Integer | Kind::Number))
}

/// The field that an answer with a status has.
fn challenge(status: u16) -> Option<&'static str> {
    match status {
        401 => Some("www-authenticate"),
        405 => Some("allow"),
        _ => None,
    }
}

fn challenged(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let field = challenge(refusal.status)?;
    if seen.observation.exchange.response.headers.get(field).is_some() {
        return Some(Ruling::Pass);
    }
    let expected = format!("it, with a {}", refusal.status);
    Some(Ruling::Fail(seen.problem(check.level, format!("error header {field}"), expected, "absent")))
}

fn documents_id(operation: &Operation) -> bool {
    let is_id = |binding: &Binding| matches!(&binding.place, Place::Header(name) if IDS.iter().any(|id| id.eq_ignore_ascii_case(name)));
    let of_success = |answer: &Answer| answer.bindings.iter().any(is_id);
    operation.answers().any(of_success)
        || operation.errors.iter().any(|error| error.bindings.iter().any(is_id))
}

/// The ids of a request, each with the field that has it; none that the client chose.
pub(super) fn request_ids(seen: &Seen<'_, '_>) -> Vec<(&'static str, String)> {
    let exchange = &seen.observation.exchange;
    let given = |field: &'static str| Some((field, exchange.response.headers.get(field)?.into_owned()));
    let chosen = |(field, id): &(&str, String)| exchange.request.headers.get(field).as_deref() == Some(id);
    IDS.into_iter().filter_map(given).filter(|it| !chosen(it)).collect()
}

fn unique_ids(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut verdicts = Vec::new();
    for seen in session.known().filter(|seen| (check.applies)(seen.contract, seen.operation)) {
        let Some((field, id)) = request_ids(&seen).into_iter().next() else { continue };
        let ruling = match first.get(&id).copied() {
            None => {
                first.insert(id, seen.index);
                Ruling::Pass
            }
            Some(before) => {
                let place = format!("response header {field}");
                let mut found =
                    seen.problem(check.level, place, "an id of its own", "that of another answer");
                found.evidence.insert(0, before);
                // Where nobody documents the field, it may be that of an answer that is given again.
                match documents_id(seen.operation) {
                    true => session.difference(found),
                    false => Ruling::Advisory(Problem { level: Level::Advisory, ..found }),
                }
            }
        };
        verdicts.push(check.verdict(seen.operation, ruling));
    }
    verdicts
}
