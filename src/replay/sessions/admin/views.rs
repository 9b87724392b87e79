//! Sessions as JSON.

use serde_json::{Value, json};

use crate::replay::Unused;
use crate::replay::sessions::{Session, Totals};

/// Exchanges that are listed, at most; all of them are counted.
const LISTED: usize = 100;

/// A session, and where it is reached.
pub(super) fn session(session: &Session, url: &str) -> Value {
    let mut value = counts(session);
    value["url"] = json!(session.url().as_deref().unwrap_or(url));
    value["port"] = json!(session.port.as_ref().map(|port| port.local_addr().port()));
    value["access_key_id"] = json!(session.reach.access_key_id);
    value["strict"] = json!(session.reach.strict);
    value["cassettes"] = json!(session.cassettes());
    value
}

/// What a session did, for whoever closes it.
pub(super) fn summary(session: &Session) -> Value {
    let mut value = counts(session);
    value["misses"] = misses(session)["misses"].take();
    value["unused_exchanges"] = unused(session)["unused_exchanges"].take();
    value
}

pub(super) fn misses(session: &Session) -> Value {
    let replayer = &session.replayer;
    let misses = replayer.misses().into_iter().map(|miss| {
        json!({
            "request": miss.line,
            "operation": miss.operation,
            "reason": miss.reason.name(),
            "explanation": miss.to_string(),
        })
    });
    json!({ "missed": replayer.missed(), "misses": misses.collect::<Vec<_>>() })
}

pub(super) fn unused(session: &Session) -> Value {
    let listed = session.replayer.first_unused(LISTED).into_iter().map(|unused| {
        let Unused { cassette, exchange, operation, method, target } = unused;
        json!({
            "cassette": cassette,
            "exchange": exchange,
            "operation": operation,
            "request": format!("{method} {target}"),
        })
    });
    json!({ "unused": session.replayer.left(), "unused_exchanges": listed.collect::<Vec<_>>() })
}

pub(super) fn coverage(session: &Session) -> Value {
    json!({ "operations": session.usage(), "never_recorded": session.never_recorded() })
}

pub(super) fn totals(totals: &Totals) -> Value {
    let Totals { served, missed, invalid, missigned, unverified, closed, astray, .. } = totals;
    json!({
        "served": served, "missed": missed, "invalid": invalid, "missigned": missigned,
        "unverified": unverified, "closed": closed, "without_session": astray,
    })
}

fn counts(session: &Session) -> Value {
    let replayer = &session.replayer;
    json!({
        "name": *session.reach.name,
        "served": replayer.served(),
        "missed": replayer.missed(),
        "invalid": replayer.invalid(),
        "missigned": replayer.missigned(),
        "unverified": replayer.unverified(),
        "unused": replayer.left(),
    })
}
