//! What each fault does.

use std::time::Duration;

use serde_json::Value;

use super::Asked;
use crate::contract::{Dialect, ErrorShape, Refusal, Schema};
use crate::exchange::{Body, Ending, Piece, Request, Response};
use crate::net::Reply;
use crate::replay::key::Call;
use crate::replay::realm;

/// What errors of too many requests are called.
const THROTTLING: &[&str] =
    &["Throttl", "TooManyRequests", "ProvisionedThroughput", "RequestLimitExceeded", "SlowDown"];
/// A slow body comes in so many pieces, with so much time between them.
const PIECES: usize = 4;
const APART: Duration = Duration::from_millis(250);
/// What no contract has.
const MEMBER: &str = "onrecordUnknownMember";
const VALUE: &str = "ONRECORD_NEW_VALUE";

/// What an error is called, with its status, for services that speak JSON, for those of the query
/// protocols, and for S3.
struct Named {
    json: (&'static str, u16),
    query: (&'static str, u16),
    s3: (&'static str, u16),
    text: &'static str,
}

pub(super) fn throttle(asked: &Asked<'_>, call: Option<Call<'_>>) -> Reply {
    let is_one = |error: &ErrorShape| {
        error.effective_status() == 429 || THROTTLING.iter().any(|name| error.name.contains(name))
    };
    let named = Named {
        json: ("ThrottlingException", 429),
        query: ("Throttling", 400),
        s3: ("SlowDown", 503),
        text: "Rate exceeded",
    };
    named.refusal(asked, call, is_one)
}

pub(super) fn unavailable(asked: &Asked<'_>, call: Option<Call<'_>>) -> Reply {
    let named = Named {
        json: ("ServiceUnavailableException", 503),
        query: ("ServiceUnavailable", 503),
        s3: ("ServiceUnavailable", 503),
        text: "The service is unavailable",
    };
    named.refusal(asked, call, |error| error.effective_status() == 503)
}

pub(super) fn expired(asked: &Asked<'_>, call: Option<Call<'_>>) -> Reply {
    let named = Named {
        json: ("ExpiredTokenException", 403),
        query: ("ExpiredToken", 403),
        s3: ("ExpiredToken", 400),
        text: "The security token included in the request is expired",
    };
    named.refusal(asked, call, |error| error.name.contains("ExpiredToken"))
}

impl Named {
    /// The documented error that is one, else this one in the words of whoever is asked.
    fn refusal(
        &self,
        asked: &Asked<'_>,
        call: Option<Call<'_>>,
        is_one: impl Fn(&ErrorShape) -> bool,
    ) -> Reply {
        let documented = call.and_then(|Call { contract, operation }| {
            let error = operation.errors.iter().find(|error| is_one(error))?;
            Some(contract.refuse(error, self.text))
        });
        let response = documented.unwrap_or_else(|| self.undocumented(asked.request, call));
        Reply { response, ending: Ending::Complete }
    }

    fn undocumented(&self, request: &Request, call: Option<Call<'_>>) -> Response {
        let dialect = || Dialect::of(request, realm::service(request).as_deref());
        let dialect = call.map_or_else(dialect, |call| Dialect::of_call(call.contract, request));
        let (code, status) = match dialect {
            Dialect::S3 => self.s3,
            Dialect::RestXml | Dialect::Query | Dialect::Ec2 => self.query,
            _ => self.json,
        };
        dialect.refused(Refusal { status, code, text: self.text })
    }
}

/// The first byte of a body, in chunks that never end: botocore takes a body that is shorter than its
/// Content-Length for whole. The status is the one that would have come.
pub(super) fn dropped(asked: &Asked<'_>, _: Option<Call<'_>>) -> Reply {
    let mut response = Response::new((asked.next)().unwrap_or(200));
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
