//! What is documented across the members of an answer: a member that may not be shown is not.

use serde_json::Value;

use crate::contract::{Contract, Schema};

/// How many members one answer may have to give up.
const ROUNDS: usize = 64;

/// Takes away the optional members whose presence breaks a rule of what is shown.
pub(super) fn keep_rules(contract: &Contract, shape: &str, region: Option<&str>, output: &mut Value) {
    for _ in 0..ROUNDS {
        let broken = contract.broken_rules(shape, output, region);
        let mut places = broken.iter().map(|violation| violation.pointer.as_str());
        if !places.any(|place| is_taken_away(contract.shape(shape), output, place)) {
            return;
        }
    }
}

/// Takes the value at a pointer away, if it may be missing.
fn is_taken_away(schema: Schema<'_>, value: &mut Value, pointer: &str) -> bool {
    let mut steps = pointer.split('/').skip(1).map(unescaped).peekable();
    let (mut schema, mut value) = (schema, value);
    while let Some(step) = steps.next() {
        schema = schema.chosen(value);
        if steps.peek().is_none() {
            let is_required = schema.members().any(|member| member.name == step && member.required);
            let members = value.as_object_mut().filter(|_| !is_required);
            return members.is_some_and(|members| members.shift_remove(&step).is_some());
        }
        let part = schema.member(&step).or_else(|| schema.items()).or_else(|| schema.values());
        let inside = match value {
            Value::Array(elements) => step.parse().ok().and_then(|index: usize| elements.get_mut(index)),
            other => other.get_mut(&step),
        };
        let (Some(part), Some(inside)) = (part, inside) else { return false };
        (schema, value) = (part, inside);
    }
    false
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
