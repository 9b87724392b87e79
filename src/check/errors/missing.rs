//! ER-14: what is not there is answered with the error that is documented for that, and what cannot be
//! there with another one.

use super::super::input::unknown_identifier;
use super::super::{Check, Reading, Ruling, Seen, Verdict};
use crate::contract::{Contract, ErrorShape, Level, Operation, Outcome, Safety, at_path};

pub(in crate::check) const MISSING: Check = Check {
    id: "ER-14",
    name: "error.missing",
    level: Level::Should,
    says: "a well-formed name of nothing is answered with the documented error for that, and a malformed one is not",
    documented: "Smithy 2.0, operation errors <https://smithy.io/2.0/spec/service-types.html#operation>",
    applies: |contract, operation| {
        is_first_looked_up(operation)
            && !contract.own_references(operation).is_empty()
            && not_found(contract, operation).is_some()
    },
    judge,
};

/// Whether the provider has nothing to look at before the thing: the parameters of a change may be
/// refused first.
fn is_first_looked_up(operation: &Operation) -> bool {
    matches!(operation.safety, Safety::Read | Safety::Destroy)
}

/// The error that an operation documents for a thing that is not there: that of the resource, else its
/// own of status 404.
pub(in crate::check) fn not_found<'o>(
    contract: &Contract,
    operation: &'o Operation,
) -> Option<&'o ErrorShape> {
    let of_resource = contract.subject(operation).and_then(|resource| resource.not_found.as_ref());
    let own = || operation.client_errors().find(|error| error.effective_status() == 404);
    operation.client_errors().find(|error| Some(&error.name) == of_resource).or_else(own)
}

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    check.each(session, |seen| match (check.applies)(seen.contract, seen.operation) {
        true => ruling(check, session, seen).into_iter().collect(),
        false => Vec::new(),
    })
}

fn ruling(check: &Check, session: &Reading<'_, '_>, seen: &Seen<'_, '_>) -> Option<Ruling> {
    let missing = not_found(seen.contract, seen.operation)?;
    let Some(Outcome::Error { identity, .. }) = &seen.observation.outcome else { return None };
    let status = seen.observation.exchange.response.status;
    if !(400..500).contains(&status)
        || seen.refused_for_access_or_load()
        || seen.hides_input()
        || has_token(seen)
    {
        return None;
    }
    // One that is not documented is the affair of other laws.
    let name = identity.name().filter(|name| is_documented(seen, name))?;
    let says_missing = name == missing.name;
    if seen.broken_constraints().is_empty() {
        let member = unknown_identifier(session, seen)?;
        return Some(match says_missing {
            true => Ruling::Pass,
            false => {
                let place = format!("error for /{member}, which names nothing");
                Ruling::Fail(seen.problem(check.level, place, missing.name.clone(), name))
            }
        });
    }
    let own = seen.contract.own_references(seen.operation);
    let of_name = |pointer: &str| own.iter().find(|it| pointer.strip_prefix('/') == Some(&it.member));
    let wrong = seen.binding_constraints();
    let mut of_members = wrong.iter().filter(|violation| !violation.rule.starts_with("rule:"));
    let malformed = of_members.find_map(|violation| of_name(&violation.pointer))?;
    Some(match says_missing {
        false => Ruling::Pass,
        true => {
            let place = format!("error for /{}, which is malformed", malformed.member);
            let expected = "the error for a wrong input";
            Ruling::Advisory(seen.problem(Level::Advisory, place, expected, missing.name.clone()))
        }
    })
}

fn is_documented(seen: &Seen<'_, '_>, name: &str) -> bool {
    let mut common = seen.contract.common_errors.iter();
    seen.operation.errors.iter().any(|error| error.name == name) || common.any(|(code, _)| code == name)
}

/// A page token may be refused before anything is looked up.
fn has_token(seen: &Seen<'_, '_>) -> bool {
    let paged = seen.operation.pagination.as_ref().filter(|paged| paged.output_token().is_some());
    let input = seen.observation.input.as_ref();
    paged.zip(input).is_some_and(|(paged, input)| at_path(input, &paged.input_token).is_some())
}
