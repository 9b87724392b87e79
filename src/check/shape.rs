//! RS-03: an output is what the contract says it is.
//!
//! Types, formats and required members are demanded. Lengths, ranges, patterns and enums are
//! advice: Smithy tells clients not to enforce constraint traits on what they receive, and to take
//! unknown enum values. A `null` for an optional member is advice too: clients drop it.

use serde_json::Value;

use super::{Check, Reading, Ruling, Seen, Verdict};
use crate::contract::{Level, Member, Outcome, Schema, Severity, Violation};
use crate::redact::is_stand_in;

pub(super) const RESPONSE: Check = Check {
    id: "RS-03",
    name: "shape.response",
    level: Level::Must,
    says: "an output has the documented members, of the documented types and formats",
    documented: "Smithy 2.0, aggregate types and constraint traits <https://smithy.io/2.0/spec/constraint-traits.html>",
    applies: |contract, operation| {
        operation.answers().any(|answer| contract.shape(&answer.shape).members().next().is_some())
    },
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    check.each(session, |seen| match &seen.observation.outcome {
        _ if seen.observation.broke_off() => vec![Ruling::NotTestable(super::BROKE_OFF)],
        Some(Outcome::Output(Value::Null) | Outcome::Error { .. }) | None => Vec::new(),
        Some(Outcome::Unjudged(_)) => vec![Ruling::NotTestable("bodies of this protocol are not judged")],
        Some(Outcome::Output(output)) => rulings(check, seen, output),
        Some(Outcome::Unreadable) => {
            vec![Ruling::Fail(seen.problem(check.level, "response body", "a JSON object", "something else"))]
        }
    })
}

fn rulings(check: &Check, seen: &Seen<'_, '_>, output: &Value) -> Vec<Ruling> {
    let shape = answered(seen);
    let schema = seen.contract.shape(shape);
    let mut rulings = Vec::new();
    for violation in seen.contract.violations(shape, output) {
        let value = output.pointer(&violation.pointer);
        let is_null = value == Some(&Value::Null);
        if is_hidden(value) {
            continue;
        }
        if is_null && takes_null(schema, output, &violation.pointer) {
            continue;
        }
        let grave = violation.severity == Severity::Shape && !is_null;
        let level = if grave { check.level } else { Level::Advisory };
        let place = place(seen, &violation.pointer);
        let problem = match in_other_case(output, &violation) {
            Some(other) => seen.problem(level, place, violation.demands, format!("{other:?} instead")),
            None => seen.problem(level, place, violation.demands, shown(value)),
        };
        rulings.push(if grave { Ruling::Fail(problem) } else { Ruling::Advisory(problem) });
    }
    let mut undocumented = Vec::new();
    undocumented_members(schema, output, String::new(), &mut undocumented);
    for pointer in undocumented {
        let place = place(seen, &schema.generic(&pointer));
        match meant(schema, output, &pointer) {
            // That it is missing is told already.
            Some(member) if member.required => continue,
            Some(member) => {
                let expected = format!("{:?}, as it is documented", member.name);
                rulings.push(Ruling::Fail(seen.problem(
                    check.level,
                    place,
                    expected,
                    "another case of letters",
                )));
                continue;
            }
            None => {}
        }
        rulings.push(Ruling::Advisory(seen.problem(
            Level::Info,
            place,
            "a documented member",
            "an undocumented one",
        )));
    }
    if !rulings.iter().any(|ruling| matches!(ruling, Ruling::Fail(_))) {
        rulings.push(Ruling::Pass);
    }
    rulings
}

/// The name that a missing member goes by all the same, but for the case of its letters.
fn in_other_case<'v>(output: &'v Value, violation: &Violation) -> Option<&'v str> {
    let (holder, name) = violation.pointer.rsplit_once('/').filter(|_| violation.rule == "required")?;
    let mut names = output.pointer(holder)?.as_object()?.keys();
    names.find(|other| other.eq_ignore_ascii_case(name)).map(String::as_str)
}

/// The documented member, not there itself, that an undocumented one is but for the case of its letters.
fn meant<'c>(schema: Schema<'c>, output: &Value, pointer: &str) -> Option<Member<'c>> {
    let (holder, name) = pointer.rsplit_once('/')?;
    let there = output.pointer(holder)?;
    let mut members = schema.at(holder)?.chosen(there).members();
    members.find(|member| member.name.eq_ignore_ascii_case(name) && there.get(member.name).is_none())
}

/// Whether a value was redacted to another that does not have its form.
pub(super) fn is_hidden(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(is_stand_in)
}

/// A place of the output, as it is found in the answer: what a payload holds is the body itself.
pub(super) fn place(seen: &Seen<'_, '_>, pointer: &str) -> String {
    let status = seen.observation.exchange.response.status;
    let payload = seen.operation.answer_with(status).payload();
    let inside = payload.and_then(|payload| pointer.strip_prefix('/')?.strip_prefix(payload));
    format!("response body {}", inside.unwrap_or(pointer))
}

/// The shape that is documented for the status of an answer.
pub(super) fn answered<'c>(seen: &Seen<'_, 'c>) -> &'c str {
    let status = seen.observation.exchange.response.status;
    &seen.operation.answer_with(status).shape
}

/// Whether `null` is documented for the value at a pointer.
fn takes_null(schema: Schema<'_>, output: &Value, pointer: &str) -> bool {
    let mut takes = false;
    schema.walk_from(String::new(), output, &mut |schema, at, _| {
        takes |= at == pointer && schema.takes_null();
    });
    takes
}

/// The pointers of all members of a value that its schema does not have.
pub(super) fn undocumented_members(
    schema: Schema<'_>,
    value: &Value,
    pointer: String,
    found: &mut Vec<String>,
) {
    let schema = schema.chosen(value);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{pointer}/{name}");
                match schema.member(name).or_else(|| schema.values()) {
                    Some(member) => undocumented_members(member, value, at, found),
                    None if schema.members().next().is_some() => found.push(at),
                    None => {}
                }
            }
        }
        Value::Array(elements) => {
            if let Some(items) = schema.items() {
                for (index, element) in elements.iter().enumerate() {
                    undocumented_members(items, element, format!("{pointer}/{index}"), found);
                }
            }
        }
        _ => {}
    }
}

/// The characters of a value that a finding shows.
const SHOWN: usize = 60;

/// A value as JSON, cut if it is long.
pub(super) fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "absent".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
