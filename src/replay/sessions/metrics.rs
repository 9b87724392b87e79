//! What sessions did, as Prometheus reads it. Counted when it is asked for, so that serving costs
//! nothing.

use prometheus::{Error, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};

use super::{Session, Sessions};

/// Where no contract knows the requests.
const UNDOCUMENTED: &str = "undocumented";

/// Misses beyond those that are kept: of which operation they were is not known any more.
const FURTHER: &str = "further";

/// The text format, version 0.0.4.
pub(super) fn text(sessions: &Sessions) -> Result<String, Error> {
    let registry = Registry::new();
    let by = &["session", "operation"];
    let opts = |name: &str, help: &str| Opts::new(format!("onrecord_{name}"), help);
    let served = IntCounterVec::new(opts("served_total", "Recorded exchanges that were served."), by)?;
    let missed = IntCounterVec::new(opts("missed_total", "Requests that no exchange answers."), by)?;
    let unused = IntGaugeVec::new(opts("unused", "Recorded exchanges that nobody asked for yet."), by)?;
    let open = IntGauge::with_opts(opts("sessions", "Sessions that are open."))?;
    let closed = IntCounter::with_opts(opts("sessions_closed_total", "Sessions that were closed."))?;
    let astray = IntCounter::with_opts(opts("astray_total", "Requests that no open session is meant by."))?;

    let each = [
        ("invalid_total", "Requests that were refused for breaking what their contract documents."),
        ("missigned_total", "Requests that were refused for their signatures."),
        ("unverified_total", "Requests that passed though nobody could verify their signatures."),
    ];
    let each = each.map(|(name, help)| IntCounterVec::new(opts(name, help), &["session"]));

    for session in sessions.all() {
        count(&session, &served, &missed, &unused);
        let replayer = &session.replayer;
        let counts = [replayer.invalid(), replayer.missigned(), replayer.unverified()];
        for (counter, count) in each.iter().flatten().zip(counts) {
            counter.with_label_values(&[&*session.reach.name]).inc_by(count as u64);
        }
        open.inc();
    }
    let totals = sessions.totals();
    closed.inc_by(totals.closed as u64);
    astray.inc_by(totals.astray as u64);
    registry.register(Box::new(served))?;
    registry.register(Box::new(missed))?;
    registry.register(Box::new(unused))?;
    for counter in each {
        registry.register(Box::new(counter?))?;
    }
    registry.register(Box::new(open))?;
    registry.register(Box::new(closed))?;
    registry.register(Box::new(astray))?;
    TextEncoder::new().encode_to_string(&registry.gather())
}

fn count(session: &Session, served: &IntCounterVec, missed: &IntCounterVec, unused: &IntGaugeVec) {
    let name = &*session.reach.name;
    let mut known = 0;
    for usage in session.usage() {
        let operation = usage.operation.as_deref().unwrap_or(UNDOCUMENTED);
        let labels = &[name, operation];
        served.with_label_values(labels).inc_by(usage.served as u64);
        missed.with_label_values(labels).inc_by(usage.missed as u64);
        let left = usage.recorded.saturating_sub(usage.served);
        unused.with_label_values(labels).add(i64::try_from(left).unwrap_or(i64::MAX));
        known += usage.missed;
    }
    if let further @ 1.. = session.replayer.missed().saturating_sub(known) {
        missed.with_label_values(&[name, FURTHER]).inc_by(further as u64);
    }
}
