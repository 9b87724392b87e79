//! IN-01 and IN-02: a client's mistake is refused as such.
//!
//! What counts as a mistake is read from the bytes that were sent, not from what somebody meant to
//! send: a request whose input breaks a documented constraint, or that names a resource which the
//! session shows not to exist.

use serde_json::Value;

use super::shape::is_hidden;
use super::{ACCESS_OR_LOAD, Check, Observation, Problem, Reading, Ruling, Seen};
use crate::contract::{Contract, Level, Operation, Safety, Severity, Violation, region};

pub(super) const REFUSED: Check = Check {
    id: "IN-01",
    name: "input.refused",
    level: Level::Must,
    says: "a request that breaks a documented constraint is answered with a client error",
    documented: "Smithy 2.0, constraint trait enforcement <https://smithy.io/2.0/spec/constraint-traits.html>",
    applies: has_input,
    judge: |check, session| {
        check.each(session, |seen| {
            let status = seen.observation.exchange.response.status;
            let mistakes = seen.binding_constraints();
            match status {
                _ if mistakes.is_empty() => Vec::new(),
                _ if seen.refused_for_access_or_load() => vec![Ruling::NotTestable(ACCESS_OR_LOAD)],
                200..400 => mistakes.iter().map(|violation| accepted(seen, violation)).collect(),
                400..500 => vec![Ruling::Pass],
                // A server error refuses nothing; IN-02 judges it.
                _ => Vec::new(),
            }
        })
    },
};

pub(super) const NO_SERVER_ERROR: Check = Check {
    id: "IN-02",
    name: "input.no-server-error",
    level: Level::Must,
    says: "a client's mistake is never answered with a server error",
    documented: "RFC 9110 section 15.6: 5xx says that the server failed <https://www.rfc-editor.org/rfc/rfc9110#section-15.6>",
    applies: has_input,
    judge: |check, session| {
        check.each(session, |seen| {
            let response = &seen.observation.exchange.response;
            let Some(mistake) = mistake(session, seen) else { return Vec::new() };
            if seen.refused_for_access_or_load() {
                return vec![Ruling::NotTestable(ACCESS_OR_LOAD)];
            }
            if response.status < 500 {
                return vec![Ruling::Pass];
            }
            let actual = response.status.to_string();
            vec![Ruling::Fail(seen.problem(check.level, format!("request {mistake}"), "a 4xx", actual))]
        })
    },
};

fn has_input(contract: &Contract, operation: &Operation) -> bool {
    contract.input(operation).members().next().is_some()
}

fn accepted(seen: &Seen<'_, '_>, violation: &Violation) -> Ruling {
    let pointer = match seen.observation.input {
        Some(_) => seen.contract.input(seen.operation).generic(&violation.pointer),
        None => violation.pointer.clone(),
    };
    let place = format!("request {pointer} {}", violation.rule);
    let expected = match violation.rule.as_str() {
        "required" => "a client error, for the member is required".to_owned(),
        rule if rule.starts_with("rule:") => format!("a client error: {}", violation.demands),
        _ => format!("a client error, for the value must be {}", violation.demands),
    };
    let actual = seen.observation.exchange.response.status.to_string();
    let mut problem: Problem = seen.problem(violation.level, place, expected, actual);
    problem.source = violation.source.clone().or(problem.source);
    Ruling::Fail(problem)
}

/// What is wrong with a request, as a place in it; `None` if nothing is.
fn mistake(session: &Reading<'_, '_>, seen: &Seen<'_, '_>) -> Option<String> {
    let broken = seen.broken_constraints();
    if let Some(violation) = broken.iter().find(|violation| violation.level == Level::Must) {
        return Some(format!("{} {}", violation.pointer, violation.rule));
    }
    unknown_identifier(session, seen).map(|name| format!("/{name}, which names nothing"))
}

/// The member whose value no answer has ever shown. A creation that the server failed over may have
/// made something all the same.
pub(super) fn unknown_identifier(session: &Reading<'_, '_>, seen: &Seen<'_, '_>) -> Option<String> {
    let before = session.observations.get(..seen.index)?;
    let fails = |other: &Observation<'_>| {
        let creates = other.operation.is_some_and(|operation| operation.safety == Safety::Create);
        creates && other.exchange.response.status >= 500
    };
    if !session.is_whole() || before.iter().any(fails) {
        return None;
    }
    let input = seen.observation.input.as_ref()?;
    let references = seen.contract.own_references(seen.operation).into_iter();
    let mut unknown = references.filter(|reference| {
        let value = input.get(&reference.member).and_then(Value::as_str);
        value.is_some_and(|value| !session.shown_before(value, seen.index))
    });
    unknown.next().map(|reference| reference.member)
}

impl Seen<'_, '_> {
    /// Those that oblige the provider to refuse. What is documented as advice, it may accept.
    pub(super) fn binding_constraints(&self) -> Vec<Violation> {
        let mut broken = self.broken_constraints();
        broken.retain(|violation| violation.level >= Level::Should);
        broken
    }

    /// Whether requests like this one are read at all.
    fn is_readable(&self) -> bool {
        self.contract.protocol_of(&self.observation.exchange.request).judges_bodies()
    }

    /// Whether something of the input is not shown: nobody can say whether it was right.
    pub(super) fn hides_input(&self) -> bool {
        fn hides(value: &Value) -> bool {
            match value {
                Value::Array(elements) => elements.iter().any(hides),
                Value::Object(members) => members.values().any(hides),
                value => is_hidden(Some(value)),
            }
        }
        self.observation.input.as_ref().is_some_and(hides)
    }

    /// The documented constraints that the request's input breaks, as far as it is shown.
    pub(super) fn broken_constraints(&self) -> Vec<Violation> {
        match &self.observation.input {
            Some(input) => {
                let region = region(&self.observation.exchange.request);
                let mut broken = self.contract.input_violations(self.operation, input, region.as_deref());
                broken.retain(|violation| !is_hidden(input.pointer(&violation.pointer)));
                broken
            }
            None if !self.is_readable() => Vec::new(),
            None => vec![Violation {
                pointer: "body".to_owned(),
                rule: "json".to_owned(),
                demands: "a JSON object".to_owned(),
                severity: Severity::Shape,
                level: Level::Must,
                source: None,
            }],
        }
    }
}
