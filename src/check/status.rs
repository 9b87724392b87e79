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
        if documented(seen).any(|known| known == status) {
            return vec![Ruling::Pass];
        }
        let expected = format!("{} or the status of a documented error", seen.operation.status);
        vec![Ruling::Fail(seen.problem(check.level, "response status", expected, status.to_string()))]
    })
}

fn documented<'s>(seen: &'s Seen<'_, '_>) -> impl Iterator<Item = u16> + 's {
    let errors = seen.operation.errors.iter().map(|error| error.effective_status());
    let common = seen.contract.common_errors.iter().flat_map(|(_, statuses)| statuses.iter().copied());
    [seen.operation.status].into_iter().chain(errors).chain(common)
}
