//! ER-01 to ER-07: an error can be read, named, and looked up in the contract.

use serde_json::Value;

use super::{Check, Ruling, Seen, Session, Verdict};
use crate::contract::{
    Contract, ErrorIdentity, ErrorShape, Level, Operation, Outcome, Place, Protocol, Severity, Violation,
};

const IDENTITY_CLAUSE: &str = "Smithy 2.0, AWS restJson1 protocol, operation error serialization <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization>";
const ERROR_CLAUSE: &str =
    "Smithy 2.0, @httpError <https://smithy.io/2.0/spec/http-bindings.html#httperror-trait>";

pub(super) const BODY: Check = Check {
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

pub(super) const IDENTITY: Check = Check {
    id: "ER-02",
    name: "error.identity",
    level: Level::Must,
    says: "an error says which one it is, in X-Amzn-Errortype, __type or code",
    documented: IDENTITY_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, identity),
};

pub(super) const DECLARED: Check = Check {
    id: "ER-03",
    name: "error.declared",
    level: Level::Must,
    says: "an error is declared on the operation, or is one that any operation may answer",
    documented: "Smithy 2.0, operation errors <https://smithy.io/2.0/spec/service-types.html#operation>",
    applies: names_errors,
    judge: |check, session| errors(check, session, declared),
};

pub(super) const STATUS: Check = Check {
    id: "ER-04",
    name: "error.status",
    level: Level::Must,
    says: "an error comes with its documented status",
    documented: ERROR_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, status),
};

pub(super) const DEFAULT_STATUS: Check = Check {
    id: "ER-05",
    name: "error.default-status",
    level: Level::Must,
    says: "an error without a documented status is a 4xx if the client's fault and a 5xx if not",
    documented: ERROR_CLAUSE,
    applies: |_, operation| operation.errors.iter().any(|error| error.statuses.is_none()),
    judge: |check, session| errors(check, session, default_status),
};

pub(super) const AGREEMENT: Check = Check {
    id: "ER-06",
    name: "error.agreement",
    level: Level::Must,
    says: "header and body name the same error",
    documented: IDENTITY_CLAUSE,
    applies: has_named_errors,
    judge: |check, session| errors(check, session, agreement),
};

pub(super) const MESSAGE: Check = Check {
    id: "ER-07",
    name: "error.message",
    level: Level::Must,
    says: "an error tells the client what is wrong, and nothing of the provider's insides",
    documented: "AIP-193, error messages <https://google.aip.dev/193>",
    applies: has_errors,
    judge: |check, session| errors(check, session, message),
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

struct Refusal<'s> {
    status: u16,
    identity: &'s ErrorIdentity,
    body: Option<&'s Value>,
}

fn errors(
    check: &Check,
    session: &Session<'_>,
    rule: impl Fn(&Check, &Seen<'_, '_>, &Refusal<'_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    check.each(session, |seen| match &seen.observation.outcome {
        Some(Outcome::Error { .. }) if !(check.applies)(seen.contract, seen.operation) => Vec::new(),
        Some(Outcome::Error { identity, body }) => {
            let status = seen.observation.exchange.response.status;
            rule(check, seen, &Refusal { status, identity, body: body.as_ref() }).into_iter().collect()
        }
        _ => Vec::new(),
    })
}

/// Of an error that broke off, nobody knows what it would have said.
fn broken_off(check: &Check, session: &Session<'_>) -> Vec<Verdict> {
    check.each(session, |seen| {
        let refused = seen.observation.exchange.response.status >= 400;
        let broke_off = refused && seen.observation.broke_off();
        broke_off.then_some(Ruling::NotTestable(super::BROKE_OFF)).into_iter().collect()
    })
}

fn has_errors(_: &Contract, operation: &Operation) -> bool {
    !operation.errors.is_empty()
}

/// Errors have names in Smithy; in OpenAPI, they are told apart by their statuses.
fn names_errors(contract: &Contract, _: &Operation) -> bool {
    contract.protocol() != Protocol::Http
}

fn has_named_errors(contract: &Contract, operation: &Operation) -> bool {
    names_errors(contract, operation) && has_errors(contract, operation)
}

/// The declared error that an answer is.
fn resolved<'c>(seen: &Seen<'_, 'c>, refusal: &Refusal<'_>) -> Option<&'c ErrorShape> {
    let name = refusal.identity.name()?;
    seen.operation.errors.iter().find(|error| error.name == name)
}

/// The statuses of the common error that an answer names.
fn common<'c>(seen: &Seen<'_, 'c>, refusal: &Refusal<'_>) -> Option<&'c [u16]> {
    let name = refusal.identity.name()?;
    let (_, statuses) = seen.contract.common_errors.iter().find(|(code, _)| code == name)?;
    Some(statuses)
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
            let actual = super::shape::shown(whole.pointer(&violation.pointer));
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
        super::reading::each_text(input, &mut |text| found |= text.contains(part));
    }
    found
}

/// What came instead of an object: `text/html, 265 bytes`.
fn kind_of_body(seen: &Seen<'_, '_>) -> String {
    let response = &seen.observation.exchange.response;
    let media = response.headers.get("content-type").unwrap_or("no content type".into());
    let media = media.split(';').next().unwrap_or_default().trim();
    format!("{media}, {} bytes", response.body.len())
}
