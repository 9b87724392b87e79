//! ER-07 and ER-13: what an error tells its reader.

use serde_json::Value;

use super::super::reading::each_text;
use super::super::{Check, Ruling, Seen};
use super::missing::not_found;
use super::{Refusal, errors, has_errors, names_errors, resolved};
use crate::contract::{Contract, ErrorShape, Level};

pub(in crate::check) const MESSAGE: Check = Check {
    id: "ER-07",
    name: "error.message",
    level: Level::Must,
    says: "an error tells the client what is wrong, and nothing of the provider's insides",
    documented: "AIP-193, error messages <https://google.aip.dev/193>",
    applies: has_errors,
    judge: |check, session| errors(check, session, message),
};

pub(in crate::check) const NAMES_MEMBER: Check = Check {
    id: "ER-13",
    name: "error.names-member",
    level: Level::Advisory,
    says: "an error for a wrong input names the member that is wrong",
    documented: "AIP-193, error details: the field that is wrong <https://google.aip.dev/193>",
    applies: |contract, operation| {
        has_errors(contract, operation) && contract.input(operation).members().next().is_some()
    },
    judge: |check, session| errors(check, session, names_member),
};

/// Traces of the usual runtimes.
const TRACES: &[&str] = &[
    "Traceback (most recent call last)",
    "\n\tat ",
    "\n    at ",
    "panicked at",
    "goroutine ",
    ".rs:",
    ".py\", line",
    "NullPointerException",
];

/// What looks like names and addresses of private networks (RFC 1918, RFC 6762): it may be part of
/// what the client works on, so it is advice.
const HOSTS: &[&str] = &[".internal", ".local:", "ip-10-", "ip-172-", "http://10.", "http://192.168."];

fn message(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let content = seen.observation.exchange.response.content();
    let raw = content.text().unwrap_or_default();
    // JSON escapes the ends of lines; a trace is looked for as a reader would see it.
    let text = raw.replace("\\n", "\n").replace("\\t", "\t");
    let own = |part: &&&str| text.contains(**part) && !asked_with(seen, part);
    let problem = |level, part: &str| {
        let actual = format!("text with {:?}", part.trim());
        seen.problem(level, "error body", "nothing of the provider's insides", actual)
    };
    if let Some(trace) = TRACES.iter().find(own) {
        return Some(Ruling::Fail(problem(check.level, trace)));
    }
    if let Some(host) = HOSTS.iter().find(own) {
        return Some(Ruling::Advisory(problem(Level::Advisory, host)));
    }
    // What is documented to have no message needs none; a body that is no JSON has no members to look for; ER-01 says so.
    let body = refusal.body.filter(|_| refusal.status < 500)?;
    let error = resolved(seen, refusal);
    if !names_errors(seen.contract, seen.operation) && !has_message(seen.contract, error) {
        return None;
    }
    let payload = error.and_then(|error| body.get(error.payload()?));
    let inside = payload.unwrap_or(body);
    let message = ["message", "Message"].iter().find_map(|name| inside.get(name)).and_then(Value::as_str);
    // What may be left out is missed by readers, and by nothing that is documented.
    let is_optional = message.is_none() && error.is_some_and(|error| !needs_message(seen.contract, error));
    Some(match message {
        Some(text) if !text.trim().is_empty() => Ruling::Pass,
        _ if is_optional && !names_errors(seen.contract, seen.operation) => {
            Ruling::Advisory(seen.problem(Level::Advisory, "error body /message", "a message", "none"))
        }
        _ => Ruling::Fail(seen.problem(check.level, "error body /message", "a message", "none")),
    })
}

/// Whether a message is documented in the body of an error.
fn has_message(contract: &Contract, error: Option<&ErrorShape>) -> bool {
    let body = error.and_then(|error| contract.shape(&error.shape).member(error.payload()?));
    body.is_some_and(|body| body.member("message").or_else(|| body.member("Message")).is_some())
}

/// Whether the body of an error is documented never to be without a message.
fn needs_message(contract: &Contract, error: &ErrorShape) -> bool {
    let body = error.payload().and_then(|payload| contract.shape(&error.shape).member(payload));
    let mut members = body.into_iter().flat_map(|body| body.members());
    members.any(|member| matches!(member.name, "message" | "Message") && member.required)
}

/// Whether the request itself has that text, so that the answer only repeats it.
fn asked_with(seen: &Seen<'_, '_>, part: &str) -> bool {
    let mut found = seen.observation.exchange.request.target.as_str().contains(part);
    if let Some(input) = &seen.observation.input {
        each_text(input, &mut |text| found |= text.contains(part));
    }
    found
}

/// Where all that is wrong with an input is wrong in one member, its name helps the reader.
fn names_member(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let body = refusal.body.filter(|_| (400..500).contains(&refusal.status))?;
    if not_found(seen.contract, seen.operation).is_some_and(|it| refusal.identity.name() == Some(&it.name)) {
        // ER-14 says that it is another error.
        return None;
    }
    let input = seen.observation.input.as_ref().filter(|_| !seen.refused_for_access_or_load())?;
    let schema = seen.contract.input(seen.operation);
    let wrong = seen.binding_constraints();
    let mut places = wrong.iter().filter(|it| !it.rule.starts_with("rule:") && !input.is_null());
    let named = |pointer: &str| {
        let pointer = schema.generic(pointer);
        let mut steps = pointer.rsplit('/').filter(|step| !step.is_empty() && *step != "*");
        steps.next().filter(|step| seen.operation.payload() != Some(step)).map(str::to_owned)
    };
    let member = named(&places.next()?.pointer)?;
    if wrong.len() > 1 && !places.all(|it| named(&it.pointer).as_ref() == Some(&member)) {
        return None;
    }
    Some(match bare(&body.to_string()).contains(&bare(&member)) {
        true => Ruling::Pass,
        false => {
            let expected = format!("{member:?}, which is wrong");
            Ruling::Advisory(seen.problem(check.level, "error body", expected, "a text without it"))
        }
    })
}

/// `nextToken`, `NextToken` and "next token" are one name.
fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
