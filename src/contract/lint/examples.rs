//! Examples keep to what the contract says of inputs.

use super::Findings;
use crate::contract::places::Subject;

/// How many violations of one operation's examples are told.
const TOLD: usize = 5;

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    for operation in contract.operations.iter().filter(|operation| !operation.examples.is_empty()) {
        let numbered = operation.examples.iter().enumerate();
        let broken = numbered.flat_map(|(index, example)| {
            let violations = contract.input_violations(operation, example, None);
            violations.into_iter().map(move |violation| (index + 1, violation))
        });
        for (index, violation) in broken.take(TOLD) {
            let problem = format!(
                "example {index} of {} breaks {} at {}: it must be {}",
                operation.name, violation.rule, violation.pointer, violation.demands
            );
            let mend = "mend the example or the shape; an example that breaks its shape is not sent as a valid request";
            found.warning(&Subject::Operation(operation.name.clone()), None, problem, mend);
        }
    }
}
