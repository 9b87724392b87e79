//! RS-04: what an answer shows keeps the rules that are documented across its members.

use serde_json::Value;

use super::shape::{answered, place};
use super::{Check, Observation, Problem, Reading, Ruling, Seen, Verdict};
use crate::contract::{Contract, Level, Rule, region};

pub(super) const RESPONSE: Check = Check {
    id: "RS-04",
    name: "rule.response",
    level: Level::Must,
    says: "what an answer shows keeps the rules that hold between its members",
    documented: "the contract's onrecord#rules",
    applies: Contract::answers_have_rules,
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    check.each(session, |seen| match seen.observation.output() {
        Some(output) if (check.applies)(seen.contract, seen.operation) => rulings(seen, output),
        _ => Vec::new(),
    })
}

fn rulings(seen: &Seen<'_, '_>, output: &Value) -> Vec<Ruling> {
    let shape = answered(seen);
    if !speaks_of(seen.contract, shape, output) {
        return vec![Ruling::NotTestable("no answer had what a rule speaks of")];
    }
    let region = region(&seen.observation.exchange.request);
    let broken = seen.contract.broken_rules(shape, output, region.as_deref());
    if broken.is_empty() {
        return vec![Ruling::Pass];
    }
    let finding = |violation: crate::contract::Violation| {
        let at = seen.contract.shape(shape).generic(&violation.pointer);
        let place = format!("{} {}", place(seen, &at), violation.rule);
        let problem = seen.problem(violation.level, place, violation.demands, "an answer that is not so");
        let problem = Problem { source: violation.source.or(problem.source.clone()), ..problem };
        match violation.level {
            Level::Must | Level::Should => Ruling::Fail(problem),
            Level::Advisory | Level::Info => Ruling::Advisory(problem),
        }
    };
    broken.into_iter().map(finding).collect()
}

/// Whether a successful answer breaks none of its rules.
pub(super) fn keeps_rules(contract: &Contract, seen: &Observation<'_>) -> bool {
    let answer = seen.operation.map(|operation| operation.answer.shape.as_str()).zip(seen.output());
    let region = region(&seen.exchange.request);
    answer.is_none_or(|(shape, output)| contract.broken_rules(shape, output, region.as_deref()).is_empty())
}

/// Whether an output has anything that a rule is about.
fn speaks_of(contract: &Contract, shape: &str, output: &Value) -> bool {
    let is_about =
        |rule: &Rule, value: &Value| rule.when.as_ref().is_none_or(|at| value.pointer(at).is_some());
    let mut speaks = contract.rules_of(shape).iter().any(|rule| is_about(rule, output));
    contract.shape(shape).walk(output, &mut |schema, value| {
        let rules = schema.shape_name().map(|name| contract.rules_of(name)).unwrap_or_default();
        speaks |= rules.iter().any(|rule| is_about(rule, value));
    });
    speaks
}
