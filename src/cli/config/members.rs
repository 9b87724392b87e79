//! Rules about members of operations, held against the contracts that are there.

use std::collections::BTreeSet;
use std::sync::Arc;

use onrecord::contract::{BUILT_IN, Contract, Kind, Operation, Schema};

use super::near::nearest;
use crate::cli::failure::Failure;

/// `Operation.member.path`, and where the configuration says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) rule: String,
    pub(super) place: String,
}

/// How deep shapes are followed into themselves without a step of the path.
const DEPTH: usize = 8;

/// An error for the first rule that no contract knows: neither those that are loaded, nor those that are
/// named or built in, which the same configuration may be meant for.
pub(super) fn vet(spots: &[Spot], loaded: &[Arc<Contract>], named: &[String]) -> Result<(), Failure> {
    let is_known = |spot: &&Spot, contract: &Contract| problem(&spot.rule, [contract]).is_none();
    let strange: Vec<_> =
        spots.iter().filter(|spot| !loaded.iter().any(|contract| is_known(spot, contract))).collect();
    if strange.is_empty() {
        return Ok(());
    }
    let built_in = BUILT_IN.iter().filter_map(|(name, _)| Contract::built_in(name)?.ok());
    let others: Vec<_> =
        named.iter().filter_map(|name| Contract::named(name, &[]).ok()).chain(built_in).collect();
    for spot in strange {
        if others.iter().any(|contract| is_known(&spot, contract)) {
            continue;
        }
        let all = loaded.iter().map(|contract| &**contract).chain(&others);
        if let Some(problem) = problem(&spot.rule, all) {
            return Err(Failure::Input(format!("{}: member `{}`: {problem}", spot.place, spot.rule)));
        }
    }
    Ok(())
}

/// What is wrong with a rule, where none of the contracts has what it names.
fn problem<'c>(rule: &str, contracts: impl IntoIterator<Item = &'c Contract> + Clone) -> Option<String> {
    let (operation, path) = rule.split_once('.')?;
    let operations =
        || contracts.clone().into_iter().flat_map(|it| it.operations.iter().map(move |op| (it, op)));
    let own: Vec<_> = operations().filter(|(_, it)| it.name == operation).collect();
    if own.is_empty() {
        let near = nearest(operation, operations().map(|(_, it)| it.name.as_str()));
        return Some(format!("no contract has an operation {operation}{}", or(near)));
    }
    let steps: Vec<_> = path.split('.').collect();
    let mut beside = BTreeSet::new();
    let shapes = own.iter().flat_map(|(contract, operation)| shapes(contract, operation));
    if shapes.into_iter().any(|shape| leads(shape, &steps, DEPTH, &mut beside)) {
        return None;
    }
    let near = nearest(steps.last().copied().unwrap_or_default(), beside.iter().copied());
    Some(format!("{operation} has no member {path}{}", or(near)))
}

fn or(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near}?")).unwrap_or_default()
}

/// What an operation takes and answers.
fn shapes<'c>(contract: &'c Contract, operation: &'c Operation) -> Vec<Schema<'c>> {
    let answers = operation.answers().map(|answer| contract.shape(&answer.shape));
    let errors = operation.errors.iter().map(|error| contract.shape(&error.shape));
    std::iter::once(contract.input(operation)).chain(answers).chain(errors).collect()
}

/// Whether a path leads somewhere; the names that are there where its steps end.
fn leads<'c>(schema: Schema<'c>, path: &[&str], depth: usize, beside: &mut BTreeSet<&'c str>) -> bool {
    let Some((name, rest)) = path.split_first() else { return true };
    if depth == 0 || schema.kind() == Kind::Any {
        return depth > 0;
    }
    beside.extend(schema.members().map(|member| member.name));
    let member = schema.members().find(|member| member.name == *name);
    member.is_some_and(|member| leads(member.schema, rest, DEPTH, beside))
        || schema.values().is_some_and(|values| leads(values, rest, DEPTH, beside))
        || schema.items().is_some_and(|items| leads(items, path, depth - 1, beside))
        || schema.branches().any(|branch| leads(branch, path, depth - 1, beside))
}
