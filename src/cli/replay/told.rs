//! What a replay says: when it is ready and how it ended, to people and to programs.

use std::collections::BTreeMap;

use onrecord::redact::Redactor;
use onrecord::replay::sessions::{Session, Sessions};
use serde_json::{Value, json};

use super::sharing::Administration;
use crate::cli::context::Context;
use crate::cli::format::Format;

/// Whoever starts a replay reads the first line of standard output, and then knows where it is.
pub(super) fn ready(
    format: Format,
    url: &str,
    sessions: &Sessions,
    administration: Option<&Administration>,
    context: &Context,
) {
    context.tell(&format!("onrecord: replaying at {url}"));
    if let Some(administration) = administration {
        administration.tell(context);
    }
    if format == Format::Json {
        let admin = administration.map(|it| json!({ "url": it.running.url(), "token": it.token }));
        let names: Vec<_> = sessions.all().iter().map(|session| session.reach().name.to_string()).collect();
        say(&json!({ "event": "ready", "url": url, "sessions": names, "admin": admin }), context);
    }
}

/// How it ended.
pub(super) fn end(
    format: Format,
    sessions: &Sessions,
    hosts_refused: &BTreeMap<String, u64>,
    context: &Context,
) {
    let (totals, open) = (sessions.totals(), sessions.all());
    let redactor = Redactor::new();
    let refused: u64 = hosts_refused.values().sum();
    let hosts_refused: BTreeMap<_, _> =
        hosts_refused.iter().map(|(host, count)| (redactor.text(host).into_inner(), count)).collect();
    let unused: usize = open.iter().map(|session| session.replayer().left()).sum();
    // Before anything that somebody may not read.
    if format == Format::Json {
        let event = json!({
            "event": "end", "served": totals.served, "again": totals.repeated, "missed": totals.missed,
            "invalid": totals.invalid, "missigned": totals.missigned, "unverified": totals.unverified,
            "faulty": totals.faulty, "refused": refused, "hosts_refused": hosts_refused,
            "unused": unused, "closed": totals.closed, "closed_unused": totals.closed_unused,
        });
        say(&event, context);
    }
    let again = match totals.repeated {
        0 => String::new(),
        repeated => format!(" and {repeated} again"),
    };
    let (served, missed) = (totals.served, totals.missed);
    let turned_away = if refused == 0 { String::new() } else { format!(", {refused} refused") };
    context.tell(&format!("onrecord: {served} served{again}, {missed} missed, {unused} unused{turned_away}"));
    if totals.invalid > 0 {
        let invalid = totals.invalid;
        context.tell(&format!("onrecord: {invalid} refused, for they break what their contract documents"));
    }
    if totals.missigned > 0 {
        context.tell(&format!("onrecord: {} refused for their signatures", totals.missigned));
    }
    if totals.unverified > 0 {
        let unverified = totals.unverified;
        context
            .tell(&format!("onrecord: {unverified} passed, though their signatures could not be verified"));
    }
    if totals.faulty > 0 {
        context.tell(&format!("onrecord: {} answered by a planted fault, or changed by one", totals.faulty));
    }
    for (host, count) in &hosts_refused {
        context.tell(&format!("onrecord: {count} not let in: {host}"));
    }
    if totals.closed_unused > 0 {
        let left = totals.closed_unused;
        context.tell(&format!("onrecord: {left} left unused by strict sessions that were closed"));
    }
    for session in open.iter().filter(|session| session.reach().strict) {
        let of_session = prefix(session, open.len());
        for unused in session.replayer().unused() {
            context.tell(&format!("onrecord: {of_session}unused: {unused}"));
        }
    }
}

fn prefix(session: &Session, open: usize) -> String {
    if open == 1 { String::new() } else { format!("in session {}, ", session.reach().name) }
}

/// One line each.
fn say(event: &Value, context: &Context) {
    context.say(&event.to_string());
}
