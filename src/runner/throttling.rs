//! Answers that say: not now.

use std::time::Duration;

use crate::check::Observation;
use crate::contract::Outcome;
use crate::exchange::Timestamp;

/// How often a request is sent again that was throttled.
const TRIES: u32 = 4;

/// Longer than that nobody waits for one request.
const LONGEST: Duration = Duration::from_secs(120);

/// What is waited before the first further try, where the provider does not say; twice as long before
/// each one after it.
const FIRST: Duration = Duration::from_millis(500);

/// What the errors are called that providers throttle with.
const NAMES: [&str; 6] =
    ["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "RateExceeded", "RateLimit"];

/// How long to wait before a throttled request is sent again; nothing where no further try is made. It follows from the exchange alone, so that a replay sends the same requests.
pub(super) fn pause(observation: &Observation<'_>, tries: u32) -> Option<Duration> {
    if tries >= TRIES {
        return None;
    }
    let told = told(observation);
    let pause = told.unwrap_or_else(|| FIRST * 2_u32.pow(tries));
    Some(pause).filter(|pause| *pause <= LONGEST)
}

/// Whether the provider says that it was asked too often. A 503 may have many reasons; one that says
/// when to come back is load.
pub(super) fn is_throttled(observation: &Observation<'_>) -> bool {
    let response = &observation.exchange.response;
    let is_named = || match &observation.outcome {
        Some(Outcome::Error { identity, .. }) => {
            identity.name().is_some_and(|name| NAMES.iter().any(|part| name.contains(part)))
        }
        _ => false,
    };
    match response.status {
        429 => true,
        503 => response.headers.get("retry-after").is_some() || is_named(),
        400..=499 => is_named(),
        _ => false,
    }
}

/// What `Retry-After` says (RFC 9110 section 10.2.3): seconds, or a date.
fn told(observation: &Observation<'_>) -> Option<Duration> {
    let exchange = &observation.exchange;
    let header = exchange.response.headers.get("retry-after")?;
    if let Ok(seconds) = header.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let answered = exchange.timing.started.epoch_seconds() + exchange.timing.duration.as_secs_f64();
    let wait = Timestamp::parse_http(&header)?.epoch_seconds() - answered;
    Duration::try_from_secs_f64(wait.max(0.0)).ok()
}
