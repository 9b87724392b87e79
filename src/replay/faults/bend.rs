//! What each fault does.

use std::time::Duration;

use serde_json::Value;

use crate::contract::{ErrorShape, Schema};
use crate::exchange::{Body, Ending, Piece, Response};
use crate::net::Reply;
use crate::replay::key::Call;

/// What errors of too many requests are called.
const THROTTLING: &[&str] =
    &["Throttl", "TooManyRequests", "ProvisionedThroughput", "RequestLimitExceeded", "SlowDown"];
/// A slow body comes in so many pieces, with so much time between them.
const PIECES: usize = 4;
const APART: Duration = Duration::from_millis(250);
/// What no contract has.
const MEMBER: &str = "onrecordUnknownMember";
const VALUE: &str = "ONRECORD_NEW_VALUE";

pub(super) fn throttle(call: Option<Call<'_>>) -> Reply {
    let is_one = |error: &ErrorShape| {
        error.effective_status() == 429 || THROTTLING.iter().any(|name| error.name.contains(name))
    };
    refusal(call, is_one, ("ThrottlingException", 429), "Rate exceeded")
}

pub(super) fn unavailable(call: Option<Call<'_>>) -> Reply {
    let is_one = |error: &ErrorShape| error.effective_status() == 503;
    refusal(call, is_one, ("ServiceUnavailableException", 503), "The service is unavailable")
}

pub(super) fn expired(call: Option<Call<'_>>) -> Reply {
    let is_one = |error: &ErrorShape| error.name.contains("ExpiredToken");
    refusal(
        call,
        is_one,
        ("ExpiredTokenException", 403),
        "The security token included in the request is expired",
    )
}

/// The documented error that is one, else one of this name and status.
fn refusal(
    call: Option<Call<'_>>,
    is_one: impl Fn(&ErrorShape) -> bool,
    (name, status): (&str, u16),
    text: &str,
) -> Reply {
    let response = match call {
        Some(Call { contract, operation }) => {
            let documented = operation.errors.iter().find(|error| is_one(error));
            let undocumented = || contract.refuse_undocumented(name, status, text);
            documented.map_or_else(undocumented, |error| contract.refuse(error, text))
        }
        None => {
            let mut response = Response::new(status);
            response.headers.push("content-type", "text/plain; charset=utf-8");
            response.body = Body::from(format!("{text}\n"));
            response
        }
    };
    Reply { response, ending: Ending::Complete }
}

/// The first byte of a body, in chunks that never end: botocore takes a body that is shorter than its
/// Content-Length for whole.
pub(super) fn dropped(_: Option<Call<'_>>) -> Reply {
    let mut response = Response::new(200);
    response.headers.push("content-type", "application/json");
    response.body = Body::from("{".to_owned());
    Reply { response, ending: Ending::Aborted }
}

pub(super) fn slow(_: Option<Call<'_>>, response: &mut Response) -> bool {
    let length = response.body.len();
    if !(200..300).contains(&response.status) || length < PIECES {
        return false;
    }
    let end = |index: usize| length * index / PIECES;
    let piece = |index: usize| Piece { length: end(index + 1) - end(index), after: APART * index as u32 };
    response.pieces = (0..PIECES).map(piece).collect();
    true
}

pub(super) fn reordered(call: Option<Call<'_>>, response: &mut Response) -> bool {
    let pagination = call.and_then(|call| call.operation.pagination.as_ref());
    let Some(items) = pagination.and_then(|pagination| pagination.items.as_deref()) else { return false };
    let pointer = format!("/{}", items.replace('.', "/"));
    changed(response, |output| match output.pointer_mut(&pointer) {
        Some(Value::Array(items)) if items.len() > 1 => {
            items.reverse();
            true
        }
        _ => false,
    })
}

pub(super) fn unknown_member(_: Option<Call<'_>>, response: &mut Response) -> bool {
    changed(response, |output| match output {
        Value::Object(members) => {
            members.insert(MEMBER.to_owned(), Value::from("something new"));
            true
        }
        _ => false,
    })
}

pub(super) fn new_enum_value(call: Option<Call<'_>>, response: &mut Response) -> bool {
    let Some(Call { contract, operation }) = call else { return false };
    let schema = contract.output(operation);
    changed(response, |output| {
        let Some(pointer) = first_enum(schema, output) else { return false };
        let Some(place) = output.pointer_mut(&pointer) else { return false };
        *place = Value::from(VALUE);
        true
    })
}

/// Where the first text of an enumeration stands.
fn first_enum(schema: Schema<'_>, output: &Value) -> Option<String> {
    let mut found = None;
    schema.walk_from(String::new(), output, &mut |schema, pointer, value| {
        if found.is_none() && value.is_string() && schema.keyword("enum").is_some() {
            found = Some(pointer.to_owned());
        }
    });
    found
}

/// Changes the JSON of a success; what is no JSON stays, and so does what is packed.
fn changed(response: &mut Response, change: impl FnOnce(&mut Value) -> bool) -> bool {
    if !(200..300).contains(&response.status) || response.headers.contains("content-encoding") {
        return false;
    }
    let Ok(mut output) = serde_json::from_slice(response.body.as_bytes()) else { return false };
    let is_changed = change(&mut output);
    if is_changed {
        response.body = Body::from(output.to_string());
        response.pieces.clear();
    }
    is_changed
}
