//! IT-14: how a client tries again. A law about the program that was recorded, not about the provider.

use std::collections::HashMap;
use std::time::Duration;

use super::super::{Check, Reading, Ruling, Seen, Verdict, always};
use super::token::tokens;
use crate::contract::Level;
use crate::exchange::Timestamp;

/// What the AWS SDKs write on all attempts of one call.
const CALL: &str = "amz-sdk-invocation-id";

/// How much earlier than told an attempt may come: clocks and waits are not exact.
const TOLERANCE: f64 = 0.05;

pub(in crate::check) const ATTEMPTS: Check = Check {
    id: "IT-14",
    name: "client.attempts",
    level: Level::Must,
    says: "all attempts of one call have one idempotency token, and none comes before Retry-After allows it",
    documented: "Smithy 2.0, @idempotencyToken <https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait>; RFC 9110 section 10.2.3 <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>",
    applies: always,
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut latest: HashMap<String, Seen<'_, '_>> = HashMap::new();
    let mut verdicts = Vec::new();
    for attempt in session.known() {
        let Some(call) = attempt.observation.exchange.request.headers.get(CALL) else { continue };
        if let Some(before) = latest.insert(call.into_owned(), attempt.clone())
            && before.operation.name == attempt.operation.name
        {
            let found = other_token(check, &before, &attempt).or_else(|| early(&before, &attempt));
            verdicts.push(check.verdict(attempt.operation, found.unwrap_or(Ruling::Pass)));
        }
    }
    verdicts
}

fn other_token(check: &Check, before: &Seen<'_, '_>, attempt: &Seen<'_, '_>) -> Option<Ruling> {
    let (first, second) = (before.observation.input.as_ref()?, attempt.observation.input.as_ref()?);
    let name = tokens(attempt.contract, attempt.operation)
        .find(|name| first.get(name).is_some() && first.get(name) != second.get(name))?;
    let texts = ("the token of the attempt before", "another one");
    Some(fails(check.level, format!("request /{name}"), texts, before, attempt))
}

/// The header is a demand on polite clients only.
fn early(before: &Seen<'_, '_>, attempt: &Seen<'_, '_>) -> Option<Ruling> {
    let exchange = &before.observation.exchange;
    let header = exchange.response.headers.get("retry-after")?;
    let answered = exchange.timing.started.epoch_seconds() + exchange.timing.duration.as_secs_f64();
    let wait = match header.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds).as_secs_f64(),
        Err(_) => Timestamp::parse_http(&header)?.epoch_seconds() - answered,
    };
    let waited = attempt.observation.exchange.timing.started.epoch_seconds() - answered;
    if waited + TOLERANCE >= wait {
        return None;
    }
    let texts =
        (format!("{wait:.1} seconds of waiting, as Retry-After says"), format!("{waited:.1} seconds"));
    Some(fails(Level::Should, "request time".to_owned(), (&texts.0, &texts.1), before, attempt))
}

fn fails(
    level: Level,
    place: String,
    (expected, actual): (&str, &str),
    before: &Seen<'_, '_>,
    attempt: &Seen<'_, '_>,
) -> Ruling {
    let mut problem = attempt.problem(level, place, expected, actual);
    problem.evidence = vec![before.index, attempt.index];
    Ruling::Fail(problem)
}
