//! Rules: they can be judged, their places are there, and a request can be mended.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::rules::REGION;
use crate::contract::{Condition, Rule, Schema};

const PLACES: &str = "write a JSON pointer of names on the wire, with * for elements";

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    let asked = asked(found);
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for shape in contract.shapes() {
        let subject = Subject::Shape(shape.to_owned());
        for rule in contract.rules_of(shape) {
            if let Some(other) = ids.insert(&rule.id, shape) {
                let problem = format!("{shape} and {other} both have a rule {}", rule.id);
                found.warning(&subject, Some("rules"), problem, "give each rule an id of its own");
            }
            condition(contract.shape(shape), rule, &subject, found);
            when(contract.shape(shape), rule, asked.contains(shape), &subject, found);
        }
    }
    for operation in &contract.operations {
        for constraint in &operation.constraints {
            if !contract.is_schema(&constraint.schema) {
                let problem =
                    format!("a constraint of {} at {} is no JSON Schema", operation.name, constraint.pointer);
                let subject = Subject::Operation(operation.name.clone());
                found.error(&subject, None, problem, "write keywords of JSON Schema 2020-12");
            }
        }
    }
}

/// The shapes that stand in a request.
fn asked<'c>(found: &Findings<'c>) -> BTreeSet<&'c str> {
    let contract = found.contract;
    if contract.rules.is_empty() {
        return BTreeSet::new();
    }
    let mut asked: BTreeSet<_> =
        contract.operations.iter().map(|operation| operation.input.as_str()).collect();
    let mut left: Vec<_> = contract.operations.iter().map(|operation| contract.input(operation)).collect();
    while let Some(schema) = left.pop() {
        let members = schema.members().map(|member| member.schema);
        for part in members.chain(schema.items()).chain(schema.values()).chain(schema.branches()) {
            if part.shape_name().is_none_or(|name| asked.insert(name)) {
                left.push(part);
            }
        }
    }
    asked
}

fn condition(schema: Schema<'_>, rule: &Rule, subject: &Subject, found: &mut Findings<'_>) {
    let (first, second) = match &rule.condition {
        Condition::Schema(condition) => {
            if !found.contract.is_schema(condition) {
                let problem = format!("the schema of rule {} is no JSON Schema", rule.id);
                found.error(subject, Some("rules"), problem, "write keywords of JSON Schema 2020-12");
            }
            return;
        }
        Condition::Equal(first, second)
        | Condition::Differ(first, second)
        | Condition::Among(first, second) => (first, second),
    };
    for place in [first, second].into_iter().filter(|place| *place != REGION) {
        if at(schema, place).is_none() {
            let problem = format!("rule {} looks at {place}, and there is no such place", rule.id);
            found.error(subject, Some("rules"), problem, PLACES);
        }
    }
}

fn when(schema: Schema<'_>, rule: &Rule, is_asked: bool, subject: &Subject, found: &mut Findings<'_>) {
    let Some(when) = &rule.when else {
        if is_asked {
            let problem = format!("rule {} does not say when it applies", rule.id);
            let mend =
                "add `when`, a member whose absence makes it hold: a request is mended by leaving it out";
            found.warning(subject, Some("rules"), problem, mend);
        }
        return;
    };
    match at(schema, when) {
        None => {
            let problem =
                format!("rule {} applies when {when} is there, and there is no such place", rule.id);
            found.error(subject, Some("rules"), problem, PLACES);
        }
        Some(is_required) if is_required && is_asked => {
            let problem = format!("rule {} cannot be mended by leaving {when} out: it is required", rule.id);
            found.warning(subject, Some("rules"), problem, "name an optional member as `when`");
        }
        Some(_) => {}
    }
}

/// Whether the member at a place is required; `None` where there is no such place.
fn at(schema: Schema<'_>, place: &str) -> Option<bool> {
    let (mut schema, mut is_required) = (schema, false);
    for step in place.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let element = || schema.items().or_else(|| schema.values());
        is_required = schema.members().any(|member| member.name == step && member.required);
        schema = match step.as_str() {
            "*" => element()?,
            name => schema.member(name).or_else(|| schema.values())?,
        };
    }
    Some(is_required)
}
