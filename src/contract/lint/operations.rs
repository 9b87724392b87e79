//! Operations: told apart on the wire, and documented.

use super::Findings;
use crate::contract::Operation;
use crate::contract::places::Subject;

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    if contract.protocol().binds_http() {
        let operations: Vec<_> = contract.operations.iter().collect();
        for (index, operation) in operations.iter().enumerate() {
            for other in &operations[..index] {
                same_requests(operation, other, found);
            }
        }
    }
    sources(found);
}

/// How many operations are named in one note.
const NAMED: usize = 5;

/// Where some operations say where they are documented, the others are named.
fn sources(found: &mut Findings<'_>) {
    let operations = &found.contract.operations;
    let without: Vec<_> = operations.iter().filter(|operation| operation.source.is_none()).collect();
    let Some(first) = without.first().filter(|_| without.len() < operations.len()) else { return };
    let names: Vec<_> = without.iter().take(NAMED).map(|operation| operation.name.as_str()).collect();
    let more = if without.len() > NAMED { " and others" } else { "" };
    let problem = format!(
        "{} of {} operations do not say where they are documented: {}{more}",
        without.len(),
        operations.len(),
        names.join(", ")
    );
    found.note(&Subject::Operation(first.name.clone()), None, problem, "add a source to each");
}

/// Which of two operations is meant must follow from method, path and query.
fn same_requests(operation: &Operation, other: &Operation, found: &mut Findings<'_>) {
    if operation.method == other.method
        && operation.host_prefix == other.host_prefix
        && operation.uri.reaches_the_same_as(&other.uri)
    {
        let problem = format!("{} and {} have the same method and path", operation.name, other.name);
        let mend = "give one of them another path, or a query parameter that is part of its path";
        found.warning(&Subject::Operation(operation.name.clone()), None, problem, mend);
    }
}
