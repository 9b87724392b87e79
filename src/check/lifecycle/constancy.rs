//! WT-13 and LD-14: what is said of the past does not change, and is past.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{Check, Reading, Ruling, Verdict};
use super::life::{Life, Shown, is_own_arn, started};
use super::{each_life, problem, shown_by};
use crate::contract::{Contract, Kind, Level, Operation, Resource, Schema, TimestampFormat};
use crate::exchange::Timestamp;

/// What members are called that say when a thing was made, and when it was changed last.
const MADE: &[&str] = &["creat"];
const CHANGED: &[&str] = &["updated", "modified", "lastupdate", "lastmodif"];

/// Instants are written with fractions of a second here and without there.
const PRECISION: f64 = 1.0;

/// How far the clocks of a provider may be apart, in seconds: what it grants signatures.
const SKEW: f64 = 300.0;

/// How deep instants are looked for in a shape that may hold itself.
const DEPTH: usize = 6;

pub(in crate::check) const CONSTANT: Check = Check {
    id: "WT-13",
    name: "lifecycle.constant",
    level: Level::Must,
    says: "the time of creation and the ARN stay as they are, and the time of the last change only grows",
    documented: "AIP-148, create_time and update_time <https://google.aip.dev/148>",
    applies: |contract, operation| {
        let shape = shown_by(contract, operation).and_then(|resource| {
            Some((resource, contract.resource_shape(resource, contract.output(operation))?))
        });
        shape.is_some_and(|(resource, shape)| {
            shape.members().any(|member| {
                is_instant(member.schema, member.name, MADE) || resource.calls("arn", member.name)
            })
        })
    },
    judge: |check, session| each_life(check, session, |life| constant(check, session, life)),
};

fn constant<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let shown = life.events.iter().filter_map(|event| Some((event, event.shown.as_ref()?)));
    let mut made: Option<(f64, usize)> = None;
    let mut changed: Option<(f64, usize)> = None;
    let mut arn: Option<(&Value, usize)> = None;
    let (mut operation, mut tested) = (None, false);
    for (event, shown) in shown {
        if shown_by(session.contract, event.operation).is_some() {
            operation = Some(event.operation);
        }
        let odd = |place: &str, expected: String, actual: String, first: usize| {
            let texts = (format!("response body /{place}"), expected, actual);
            let found = problem(event, check.level, texts, vec![first, event.index]);
            Some((event.operation, Ruling::Fail(found)))
        };
        if let Some((name, at)) = instant(shown, MADE) {
            let (first, index) = *made.get_or_insert((at, event.index));
            tested |= index != event.index;
            if (first - at).abs() >= PRECISION {
                // Another one of that name, which somebody else made meanwhile.
                let before = session.observations.get(index).map(|seen| started(seen).epoch_seconds());
                if !session.is_whole() && before.is_some_and(|before| at > before) {
                    return operation
                        .map(|it| (it, Ruling::NotTestable("somebody else may have made another one")));
                }
                return odd(name, format!("{first}, as before"), at.to_string(), index);
            }
        }
        if let Some((name, at)) = instant(shown, CHANGED) {
            let (latest, index) = *changed.get_or_insert((at, event.index));
            if at + PRECISION <= latest {
                return odd(name, format!("{latest} or later"), at.to_string(), index);
            }
            changed = Some((at.max(latest), event.index));
        }
        if let Some((name, own)) = own_arn(life.resource, shown) {
            let (first, index) = *arn.get_or_insert((own, event.index));
            tested |= index != event.index;
            if first != own {
                return match session.is_whole() {
                    true => odd(name, format!("{first}, as before"), own.to_string(), index),
                    false => None,
                };
            }
        }
    }
    let ruling = if tested { Ruling::Pass } else { Ruling::NotTestable("it was looked at once only") };
    Some((operation?, ruling))
}

/// The thing's own ARN, with the name of its member.
pub(super) fn own_arn<'v>(resource: &Resource, shown: &Shown<'v, '_>) -> Option<(&'v str, &'v Value)> {
    let mut members = shown.value.as_object().into_iter().flatten();
    let own = members.find(|(name, value)| is_own_arn(resource, name, value))?;
    Some((own.0.as_str(), own.1))
}

/// The instant that a member of such a name shows, if it is written as documented.
fn instant<'v>(shown: &Shown<'v, '_>, names: &[&str]) -> Option<(&'v str, f64)> {
    shown.value.as_object()?.iter().find_map(|(name, value)| {
        let schema = shown.member(name).filter(|schema| is_instant(*schema, name, names))?;
        Some((name.as_str(), seconds(schema, value)?))
    })
}

fn is_instant(schema: Schema<'_>, name: &str, names: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(schema.kind(), Kind::Timestamp(_)) && names.iter().any(|part| name.contains(part))
}

fn seconds(schema: Schema<'_>, value: &Value) -> Option<f64> {
    match schema.kind() {
        Kind::Timestamp(TimestampFormat::EpochSeconds) => value.as_f64(),
        Kind::Timestamp(TimestampFormat::DateTime) => {
            Some(Timestamp::parse(value.as_str()?)?.epoch_seconds())
        }
        Kind::Timestamp(TimestampFormat::HttpDate) => {
            Some(Timestamp::parse_http(value.as_str()?)?.epoch_seconds())
        }
        _ => None,
    }
}

pub(in crate::check) const NOT_IN_FUTURE: Check = Check {
    id: "LD-14",
    name: "lifecycle.not-in-future",
    level: Level::Must,
    says: "the times of creation and change are not later than the answer that shows them",
    documented: "RFC 9110 section 6.6.1, Date <https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1>",
    applies: |contract: &Contract, operation: &Operation| has_past(contract.output(operation), DEPTH),
    judge: not_in_future,
};

fn has_past(schema: Schema<'_>, depth: usize) -> bool {
    let inside = |schema: Schema<'_>| depth > 0 && has_past(schema, depth - 1);
    schema.members().any(|member| is_past(member.schema, member.name) || inside(member.schema))
        || schema.items().is_some_and(inside)
}

fn is_past(schema: Schema<'_>, name: &str) -> bool {
    is_instant(schema, name, MADE) || is_instant(schema, name, CHANGED)
}

fn not_in_future(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut grounded: HashMap<String, bool> = HashMap::new();
    let mut verdicts = Vec::new();
    for seen in session.known() {
        let (name, operation) = (&seen.operation.name, seen.operation);
        let applies = match grounded.get(name) {
            Some(applies) => *applies,
            None => *grounded.entry(name.clone()).or_insert((check.applies)(seen.contract, operation)),
        };
        let Some(output) = seen.observation.output().filter(|_| applies) else { continue };
        let mut latest: Option<(f64, String)> = None;
        seen.contract.output(operation).walk_from(String::new(), output, &mut |schema, at, value| {
            let name = at.rsplit('/').next().unwrap_or_default();
            let told = seconds(schema, value).filter(|_| is_past(schema, name));
            if let Some(told) = told.filter(|told| latest.as_ref().is_none_or(|(latest, _)| told > latest)) {
                latest = Some((told, at.to_owned()));
            }
        });
        let Some((latest, at)) = latest else { continue };
        let date = seen.observation.exchange.response.headers.get("date");
        let ruling = match date.and_then(|date| Timestamp::parse_http(&date)) {
            None => Ruling::NotTestable("the answer has no date"),
            Some(date) if latest <= date.epoch_seconds() + SKEW => Ruling::Pass,
            Some(date) => {
                let place = super::super::shape::place(&seen, &at);
                let expected = format!("not after {}", date.http());
                let later = latest - date.epoch_seconds();
                Ruling::Fail(seen.problem(check.level, place, expected, format!("{later} s later")))
            }
        };
        verdicts.push(check.verdict(operation, ruling));
    }
    verdicts
}
