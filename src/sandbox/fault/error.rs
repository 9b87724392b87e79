//! Errors that are not put as documented. What is refused, and that it is refused, stays right.

use serde_json::{Map, Value, json};

use super::Scene;
use crate::contract::{ErrorKind, ErrorShape, Kind, Operation, Outcome, Protocol, Safety};
use crate::exchange::{Body, Response};
use crate::sandbox::part::not_found;
use crate::sandbox::refusal::{Refusal, Trace, bad_request};

/// Names an error in the protocols of AWS, in the header and in the body.
const IDENTITY_HEADER: &str = "x-amzn-errortype";
const IDENTITY_MEMBERS: [&str; 2] = ["__type", "code"];

/// The member that says what is wrong.
const MESSAGE: &str = "message";

/// An answer of a proxy in front of the provider. The media type stays, and so does the name.
pub(super) fn not_json(scene: &Scene<'_>, response: &mut Response) {
    if scene.refusal.is_some() {
        if let Some(error) = declared(scene, response) {
            response.headers.set(IDENTITY_HEADER, error.name.as_str());
        }
        response.body = Body::from("<html><body>Request refused</body></html>");
    }
}

/// A documented text beside the message becomes a number.
pub(super) fn other_type(scene: &Scene<'_>, response: &mut Response) {
    let Some(error) = declared(scene, response) else { return };
    let mut members = scene.contract.shape(&error.name).members();
    let text = members.find(|it| it.schema.kind() == Kind::Text && !it.name.eq_ignore_ascii_case(MESSAGE));
    if let Some(text) = text {
        change_body(scene, response, |body| body.insert(text.name.to_owned(), json!(7)));
    }
}

pub(super) fn anonymous(scene: &Scene<'_>, response: &mut Response) {
    if scene.refusal.is_some() {
        response.headers.remove(IDENTITY_HEADER);
        change_body(scene, response, |body| {
            body.retain(|name, _| !IDENTITY_MEMBERS.contains(&name.as_str()));
        });
    }
}

/// A name that nothing documents, with the right status and message.
pub(super) fn undeclared(scene: &Scene<'_>, response: &mut Response) {
    let Some(refusal) = scene.refusal else { return };
    if scene.contract.protocol() == Protocol::Http {
        // What has no name cannot have another one.
        return;
    }
    let error = ErrorShape::of_status("RequestDeclinedException", response.status);
    *response = scene.contract.refuse(&error, &refusal.message());
}

/// The documented status of another error of the operation.
pub(super) fn other_status(scene: &Scene<'_>, response: &mut Response) {
    let mut others = scene.operation.client_errors().map(ErrorShape::effective_status);
    if scene.refusal.is_some()
        && let Some(other) = others.find(|status| *status != response.status)
    {
        response.status = other;
    }
}

/// An error without a documented status comes with the status of a server error. Only where
/// something is missing, so that no other law than that of server errors is broken with it.
pub(super) fn no_default(scene: &Scene<'_>, response: &mut Response) {
    let is_open = declared(scene, response).is_some_and(|error| error.statuses.is_none());
    let mut server = scene.operation.errors.iter().filter(|error| error.kind == ErrorKind::Server);
    if let (Some(Refusal::Missing { .. }), true, Some(other)) = (scene.refusal, is_open, server.next()) {
        response.status = other.effective_status();
    }
}

/// The body names another error of the operation than the header.
pub(super) fn two_names(scene: &Scene<'_>, response: &mut Response) {
    let Some(error) = declared(scene, response) else { return };
    if let Some(other) = scene.operation.errors.iter().find(|other| other.name != error.name) {
        response.headers.set(IDENTITY_HEADER, error.name.as_str());
        change_body(scene, response, |body| {
            body.insert(IDENTITY_MEMBERS[0].to_owned(), other.name.clone().into())
        });
    }
}

pub(super) fn silent(scene: &Scene<'_>, response: &mut Response) {
    change_body(scene, response, |body| put_message(body, ""));
}

pub(super) fn stack_trace(scene: &Scene<'_>, response: &mut Response) {
    append(
        scene,
        response,
        "\njava.lang.NullPointerException\n\tat com.example.control.Requests.read(Requests.java:88)",
    );
}

pub(super) fn internal_host(scene: &Scene<'_>, response: &mut Response) {
    append(scene, response, " (answered by ip-10-0-3-17.ec2.internal)");
}

/// What is wrong is neither told nor listed.
pub(super) fn vague(scene: &Scene<'_>, response: &mut Response) {
    if matches!(scene.refusal, Some(Refusal::Invalid(violations)) if !violations.is_empty()) {
        change_body(scene, response, |body| {
            put_message(body, "the request is not valid");
            body.retain(|_, value| !value.is_array());
        });
    }
}

/// The documented error for a wrong input. What was there and is gone keeps its own: who waits for its
/// end looks for that.
pub(super) fn missing_is_invalid(scene: &Scene<'_>, response: &mut Response) {
    if let Some(refusal @ Refusal::Missing { trace: Trace::None, .. }) = scene.refusal
        && is_first_looked_up(scene.operation)
    {
        let wrong = bad_request(scene.contract, scene.operation);
        if scene.operation.errors.iter().any(|error| error.name == wrong.name) {
            *response = refusal.as_error(scene.contract, &wrong);
        }
    }
}

/// The documented error for a name of nothing, where it is the name that is malformed.
pub(super) fn invalid_is_missing(scene: &Scene<'_>, response: &mut Response) {
    let Some(refusal @ Refusal::Invalid(violations)) = scene.refusal else { return };
    let own = scene.contract.own_references(scene.operation);
    let is_own = |pointer: &str| own.iter().any(|it| pointer.strip_prefix('/') == Some(&it.member));
    let resource = scene.contract.subject(scene.operation);
    let name = resource.and_then(|resource| not_found(resource, scene.operation));
    let error = scene.operation.errors.iter().find(|error| Some(error.name.as_str()) == name);
    if let Some(error) = error.filter(|_| violations.iter().any(|violation| is_own(&violation.pointer))) {
        *response = refusal.as_error(scene.contract, error);
    }
}

/// What is gone cannot be deleted again.
pub(super) fn gone_is_invalid(scene: &Scene<'_>, response: &mut Response) {
    if let Some(refusal @ Refusal::Missing { trace: Trace::Left, .. }) = scene.refusal
        && scene.operation.safety == Safety::Destroy
    {
        let wrong = bad_request(scene.contract, scene.operation);
        if scene.operation.errors.iter().any(|error| error.name == wrong.name) {
            *response = refusal.as_error(scene.contract, &wrong);
        }
    }
}

fn is_first_looked_up(operation: &Operation) -> bool {
    matches!(operation.safety, Safety::Read | Safety::Destroy)
}

pub(super) fn more_members(scene: &Scene<'_>, response: &mut Response) {
    change_body(scene, response, |body| body.insert("onrecordHint".to_owned(), "ask again".into()));
}

fn append(scene: &Scene<'_>, response: &mut Response, text: &str) {
    let Some(refusal) = scene.refusal else { return };
    let message = refusal.message() + text;
    change_body(scene, response, |body| put_message(body, &message));
}

/// Says something else, under the name that the message has.
fn put_message(body: &mut Map<String, Value>, message: &str) {
    let name = body.keys().find(|name| name.eq_ignore_ascii_case(MESSAGE)).cloned();
    body.insert(name.unwrap_or_else(|| MESSAGE.to_owned()), message.into());
}

/// The declared error that an answer names.
fn declared<'a>(scene: &Scene<'a>, response: &Response) -> Option<&'a ErrorShape> {
    let Outcome::Error { identity, .. } = scene.contract.outcome(scene.operation, response) else {
        return None;
    };
    scene.operation.errors.iter().find(|error| Some(error.name.as_str()) == identity.name())
}

/// Changes the members of the body of an error.
pub(super) fn change_body<T>(
    scene: &Scene<'_>,
    response: &mut Response,
    change: impl FnOnce(&mut Map<String, Value>) -> T,
) {
    if scene.refusal.is_some()
        && let Some(Value::Object(mut members)) = response.body.json()
    {
        change(&mut members);
        response.body = Body::from(Value::Object(members).to_string());
    }
}
