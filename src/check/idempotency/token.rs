//! IT-01 and IT-03: two requests with one idempotency token.

use std::collections::HashMap;

use serde_json::Value;

use super::super::pagination::{canonical, changes};
use super::super::reading::realm;
use super::super::shape::shown;
use super::super::{ACCESS_OR_LOAD, Check, Reading, Ruling, Seen, Verdict};
use super::FAILED;
use crate::contract::{Contract, Level, Operation, region};

const CLAUSE: &str = "Smithy 2.0, @idempotencyToken <https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait>; AIP-155 <https://google.aip.dev/155>";

pub(in crate::check) const REPEATED: Check = Check {
    id: "IT-01",
    name: "idempotency.repeated",
    level: Level::Must,
    says: "a request that comes again with its token is answered like the first time, and does nothing more",
    documented: CLAUSE,
    applies: has_token,
    judge: |check, session| each_pair(check, session, Parameters::Same, repeated),
};

pub(in crate::check) const MISMATCH: Check = Check {
    id: "IT-03",
    name: "idempotency.mismatch",
    level: Level::Should,
    says: "a token that comes again with other parameters is refused",
    documented: "Amazon EC2 API Reference, Ensuring idempotency: IdempotentParameterMismatch <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html>; draft-ietf-httpapi-idempotency-key-header-07 section 2.7 <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.7>",
    applies: has_token,
    judge: |check, session| each_pair(check, session, Parameters::Other, mismatched),
};

/// Whether two requests ask for the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameters {
    Same,
    Other,
}

/// The first success with a token, and a request that comes later with the same one.
struct Pair<'r, 's, 'c> {
    first: &'r Seen<'s, 'c>,
    again: &'r Seen<'s, 'c>,
}

fn has_token(contract: &Contract, operation: &Operation) -> bool {
    tokens(contract, operation).next().is_some()
}

/// The input members that tell repeated requests apart.
pub(super) fn tokens<'c>(contract: &'c Contract, operation: &Operation) -> impl Iterator<Item = &'c str> {
    let members = contract.input(operation).members();
    members.filter(|member| member.schema.note("idempotencyToken").is_some()).map(|member| member.name)
}

fn each_pair(
    check: &Check,
    session: &Reading<'_, '_>,
    parameters: Parameters,
    rule: fn(&Check, &Pair<'_, '_, '_>) -> Option<Ruling>,
) -> Vec<Verdict> {
    let changes = changes(session);
    let mut succeeded: HashMap<_, Seen<'_, '_>> = HashMap::new();
    let mut verdicts = Vec::new();
    for again in session.known() {
        let Some(input) = again.observation.input.as_ref() else { continue };
        let sent = tokens(again.contract, again.operation).find_map(|name| input.get(name)?.as_str());
        let Some(token) = sent else { continue };
        let key = (again.operation.name.as_str(), token, realm(again.observation));
        if let Some(first) = succeeded.get(&key) {
            let same = first.observation.input.as_ref().map(canonical) == Some(canonical(input));
            let still = changes[first.index + 1] == changes[again.index];
            if same == (parameters == Parameters::Same) {
                let pair = Pair { first, again: &again };
                let ruling = if still { rule(check, &pair) } else { Some(Ruling::NotTestable(CHANGED)) };
                verdicts.extend(ruling.map(|ruling| check.verdict(again.operation, ruling)));
            }
            // A further repetition is compared with this one, so that nothing lies between them.
            if !same || again.observation.output().is_none() {
                continue;
            }
        }
        if again.observation.output().is_some() {
            succeeded.insert(key, again);
        }
    }
    verdicts
}

pub(super) const CHANGED: &str = "something else was changed between the two requests";

fn repeated(check: &Check, pair: &Pair<'_, '_, '_>) -> Option<Ruling> {
    if let Some(silent) = says_nothing(pair) {
        return Some(silent);
    }
    let Some(output) = pair.again.observation.output() else {
        let response = &pair.again.observation.exchange.response;
        if response.is_success() {
            // RS-01 and RS-03 say what is wrong with it.
            return None;
        }
        let actual = response.status.to_string();
        let first = pair.first.observation.exchange.response.status;
        let expected = format!("{first}, as the first time");
        return Some(pair.fails(check, "response status", expected, actual));
    };
    let first = pair.first.observation.output()?;
    Some(match differing(pair, first, output) {
        Some((place, before, now)) => {
            let expected = format!("{}, as the first time", shown(Some(&before)));
            pair.fails(check, &format!("response body {place}"), expected, shown(Some(&now)))
        }
        None => Ruling::Pass,
    })
}

fn mismatched(check: &Check, pair: &Pair<'_, '_, '_>) -> Option<Ruling> {
    let seen = pair.again;
    let region = region(&seen.observation.exchange.request);
    let input = seen.observation.input.as_ref()?;
    if !seen.contract.input_violations(seen.operation, input, region.as_deref()).is_empty() {
        // It is refused for another reason.
        return None;
    }
    if let Some(silent) = says_nothing(pair) {
        return Some(silent);
    }
    Some(match seen.observation.exchange.response.status {
        400..500 => Ruling::Pass,
        status => {
            let expected = "a client error, for the token belongs to another request".to_owned();
            pair.fails(check, "response status", expected, status.to_string())
        }
    })
}

fn says_nothing(pair: &Pair<'_, '_, '_>) -> Option<Ruling> {
    let again = pair.again;
    if again.refused_for_access_or_load() {
        return Some(Ruling::NotTestable(ACCESS_OR_LOAD));
    }
    let failed = again.observation.broke_off() || again.observation.exchange.response.status >= 500;
    failed.then_some(Ruling::NotTestable(FAILED))
}

/// What the provider made up, or calls a resource by, and calls otherwise the second time. States
/// may have moved on, and what was not known yet may be told now.
fn differing(pair: &Pair<'_, '_, '_>, first: &Value, again: &Value) -> Option<(String, Value, Value)> {
    let Seen { contract, operation, .. } = *pair.again;
    let resource = contract.resource_of(&operation.name);
    let names = resource.into_iter().flat_map(|it| it.identifiers.iter().map(move |name| (it, name)));
    for (resource, name) in names {
        if let (Some(before), Some(now)) = (resource.shown(name, first), resource.shown(name, again))
            && before != now
        {
            return Some((format!("/{name}"), before.clone(), now.clone()));
        }
    }
    let schema = contract.output(operation);
    let mut other = None;
    schema.walk_from(String::new(), first, &mut |schema, at, before| {
        if schema.note("generated").is_some()
            && let Some(now) = again.pointer(at).filter(|now| *now != before)
        {
            other.get_or_insert((at.to_owned(), before.clone(), now.clone()));
        }
    });
    other
}

impl Pair<'_, '_, '_> {
    fn fails(&self, check: &Check, place: &str, expected: String, actual: String) -> Ruling {
        let mut problem = self.again.problem(check.level, place, expected, actual);
        problem.evidence = vec![self.first.index, self.again.index];
        Ruling::Fail(problem)
    }
}
