//! Texts of the formats that a validator looks at (JSON Schema 2020-12, "Defined Formats").

use serde_json::Value;

use super::choices::{Choices, below};
use super::draw::uuid;
use super::place::Place;

/// Each format with a text that is not of it.
const WRONG: &[(&str, &str)] = &[
    ("date", "yesterday"),
    ("date-time", "yesterday"),
    ("double", "much"),
    ("duration", "a while"),
    ("email", "nobody"),
    ("float", "much"),
    ("hostname", "-no-host-"),
    ("http-date", "yesterday"),
    ("ipv4", "10.0.0.256"),
    ("ipv6", "10.0.0.1"),
    ("time", "noon"),
    ("uri", "no uri"),
    ("uuid", "no-uuid"),
];

/// A text of the format that a place has; `None` where it has none that we know.
pub(super) fn text(place: &Place<'_>, choices: &mut Choices<'_>) -> Option<String> {
    let format = place.all("format").filter_map(Value::as_str).find(|format| wrong(format).is_some())?;
    if format == "uuid" {
        return Some(uuid(choices));
    }
    let n = choices.number(27, |rng| below(rng, 28)) + 1;
    Some(match format {
        "date" => format!("2026-01-{n:02}"),
        "duration" => format!("P{n}D"),
        "email" => format!("user{n}@example.com"),
        "hostname" => format!("host{n}.example.com"),
        "ipv4" => format!("192.0.2.{n}"),
        "ipv6" => format!("2001:db8::{n:x}"),
        "time" => format!("{:02}:00:00Z", n % 24),
        "uri" => format!("https://example.com/{n}"),
        _ => return None,
    })
}

/// A text that is not of a format; `None` for a format that no validator looks at.
pub(super) fn wrong(format: &str) -> Option<&'static str> {
    WRONG.iter().find(|(name, _)| *name == format).map(|(_, text)| *text)
}
