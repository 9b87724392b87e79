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
    let has_sources = contract.operations.iter().any(|operation| operation.source.is_some());
    for operation in contract.operations.iter().filter(|operation| has_sources && operation.source.is_none())
    {
        let problem = format!("{} does not say where it is documented, as others do", operation.name);
        found.note(&Subject::Operation(operation.name.clone()), None, problem, "add a source");
    }
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
