//! LD-06: an ARN names what it belongs to.

use super::super::{Check, Reading, Ruling};
use super::constancy::own_arn;
use super::life::{Event, Life};
use super::{each_life, problem, shown_by};
use crate::contract::{Level, Operation, region};

pub(in crate::check) const ARN: Check = Check {
    id: "LD-06",
    name: "lifecycle.arn",
    level: Level::Must,
    says: "an ARN has the Region of the request, the account of the other ARNs and the name of its thing",
    documented: "AWS General Reference, ARN format <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>",
    applies: |contract, operation| {
        let shape = shown_by(contract, operation).and_then(|resource| {
            Some((resource, contract.resource_shape(resource, contract.output(operation))?))
        });
        shape
            .is_some_and(|(resource, shape)| shape.members().any(|member| resource.calls("arn", member.name)))
    },
    judge: |check, session| each_life(check, session, |life| named(check, session, life)),
};

fn named<'s>(
    check: &Check,
    session: &'s Reading<'_, '_>,
    life: &'s Life<'s, '_>,
) -> Option<(&'s Operation, Ruling)> {
    let mut looks =
        life.looks().filter_map(|look| Some((look, own_arn(life.resource, look.shown.as_ref()?)?)));
    let (look, (member, own)) = looks.next()?;
    let own = own.as_str()?;
    let odd = |expected: String, evidence: Vec<usize>| {
        let texts = (format!("response body /{member}"), expected, own.to_owned());
        Some((look.operation, Ruling::Fail(problem(look, check.level, texts, evidence))))
    };
    let parts: Vec<_> = own.splitn(6, ':').collect();
    let [_, _, _, told, account, rest] = parts.as_slice() else {
        return odd("an ARN of six parts".to_owned(), vec![look.index]);
    };
    let asked = session.observations.get(look.index).and_then(|seen| region(&seen.exchange.request));
    if let Some(asked) = asked.filter(|asked| !told.is_empty() && asked != told) {
        return odd(format!("an ARN in {asked}, where the request was sent"), vec![look.index]);
    }
    for name in names_in(life, look, member) {
        if !rest.contains(name) {
            return odd(format!("an ARN with {name}"), vec![look.index]);
        }
    }
    let others = session.lives().all.iter().filter(|other| other.is_in(life.realm()));
    let first = others.flat_map(Life::looks).find_map(|look| {
        let (_, other) = own_arn(life.resource, look.shown.as_ref()?)?;
        Some((look.index, other.as_str()?.split(':').nth(4)?))
    });
    match first {
        Some((index, other)) if other != *account => {
            odd(format!("an ARN of the account {other}, as before"), vec![index, look.index])
        }
        _ => Some((look.operation, Ruling::Pass)),
    }
}

/// The names that the documented form of an ARN takes up, as they are shown beside it.
fn names_in<'s>(life: &Life<'s, '_>, look: &Event<'s, '_>, member: &str) -> Vec<&'s str> {
    let Some(shown) = &look.shown else { return Vec::new() };
    let form = shown.member(member).and_then(|schema| schema.note("generated")?.as_str()).unwrap_or_default();
    let parts = form.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
    let names = parts.filter_map(|name| life.resource.shown(name, shown.value)?.as_str());
    names.filter(|name| !name.starts_with("arn:")).collect()
}
