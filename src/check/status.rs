//! RS-01: the status of an answer is one that is documented.

use super::{Check, Reading, Ruling, Seen, Verdict, always};
use crate::contract::Level;

pub(super) const DOCUMENTED: Check = Check {
    id: "RS-01",
    name: "status.documented",
    level: Level::Must,
    says: "the status is the documented one of success, or that of a documented error",
    documented: "Smithy 2.0, HTTP binding traits, @http code and @httpError <https://smithy.io/2.0/spec/http-bindings.html>",
    applies: always,
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    check.each(session, |seen| {
        let status = seen.observation.exchange.response.status;
        if is_documented(seen, status) {
            return vec![Ruling::Pass];
        }
        let expected = format!("{} or the status of a documented error", seen.operation.answer.statuses);
        vec![Ruling::Fail(seen.problem(check.level, "response status", expected, status.to_string()))]
    })
}

fn is_documented(seen: &Seen<'_, '_>, status: u16) -> bool {
    let answers = seen.operation.answers().map(|answer| answer.statuses);
    let errors = seen.operation.errors.iter().map(|error| error.effective_statuses());
    answers.chain(errors).any(|statuses| statuses.contain(status))
        || seen.contract.common_errors.iter().any(|(_, statuses)| statuses.contains(&status))
}
