//! ER-11: what an error's body repeats of the answer is what the answer has.

use serde_json::Value;

use super::super::{Check, Ruling, Seen};
use super::headers::request_ids;
use super::{Refusal, errors, resolved};
use crate::contract::{Contract, ErrorShape, Kind, Level, Operation, Protocol, Schema};

pub(in crate::check) const ECHO: Check = Check {
    id: "ER-11",
    name: "error.echo",
    level: Level::Should,
    says: "a status and a request id that an error's body repeats are those of the answer",
    documented: "RFC 9457 section 3.1.2, status <https://www.rfc-editor.org/rfc/rfc9457#section-3.1.2>",
    applies: |contract, operation| {
        let repeats = |error: &ErrorShape| {
            body(contract, error).is_some_and(|body| status_of(body).or(id_of(body)).is_some())
        };
        repeats_statuses(contract, operation) && operation.errors.iter().any(repeats)
    },
    judge: |check, session| errors(check, session, echo),
};

/// What members are called that repeat the status, and the id of the request.
const STATUSES: [&str; 2] = ["statusCode", "status"];
const IDS: [&str; 2] = ["requestId", "request_id"];

/// In Smithy, what a member of such a name holds is the service's own affair.
fn repeats_statuses(contract: &Contract, _: &Operation) -> bool {
    contract.protocol() == Protocol::Http
}

fn body<'c>(contract: &'c Contract, error: &ErrorShape) -> Option<Schema<'c>> {
    contract.shape(&error.shape).member(error.payload()?)
}

fn status_of(body: Schema<'_>) -> Option<&'static str> {
    STATUSES.into_iter().find(|name| body.member(name).is_some_and(|it| it.kind() == Kind::Integer))
}

fn id_of(body: Schema<'_>) -> Option<&'static str> {
    IDS.into_iter().find(|name| body.member(name).is_some_and(|it| it.kind() == Kind::Text))
}

fn echo(check: &Check, seen: &Seen<'_, '_>, refusal: &Refusal<'_>) -> Option<Ruling> {
    let error = resolved(seen, refusal)?;
    let (schema, shown) = (body(seen.contract, error)?, refusal.body?.get(error.payload()?)?);
    let differs = |name: &str, expected: String, actual: String| {
        Ruling::Fail(seen.problem(check.level, format!("error body /{name}"), expected, actual))
    };
    let status = status_of(schema).and_then(|name| Some((name, shown.get(name)?.as_i64()?)));
    if let Some((name, status)) = status.filter(|(_, status)| *status != i64::from(refusal.status)) {
        return Some(differs(name, refusal.status.to_string(), status.to_string()));
    }
    let given = request_ids(seen);
    let id = id_of(schema).and_then(|name| Some((name, shown.get(name).and_then(Value::as_str)?)));
    match (id, given.first()) {
        (Some((name, id)), Some((field, _))) if given.iter().all(|(_, given)| given != id) => {
            Some(differs(name, format!("what {field} says"), "another id".to_owned()))
        }
        (None, _) | (_, None) if status.is_none() => None,
        _ => Some(Ruling::Pass),
    }
}
