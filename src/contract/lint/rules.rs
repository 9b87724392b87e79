//! Rules: they can be judged, their places are there, and a request can be mended.

use std::collections::BTreeSet;

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::rules::REGION;
use crate::contract::{Condition, Rule, Schema};

const PLACES: &str = "write a JSON pointer of names on the wire, with * for elements";

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    let asked = asked(found);
    for shape in contract.shapes() {
        let subject = Subject::Shape(shape.to_owned());
        let mut ids = BTreeSet::new();
        for rule in contract.rules_of(shape) {
            if !ids.insert(&rule.id) {
                let problem = format!("{shape} has two rules {}", rule.id);
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
        if !has(schema, place) {
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
    if !has(schema, when) {
        let problem = format!("rule {} applies when {when} is there, and there is no such place", rule.id);
        found.error(subject, Some("rules"), problem, PLACES);
    }
}

/// Whether a schema has such a place.
fn has(schema: Schema<'_>, place: &str) -> bool {
    place.split('/').skip(1).try_fold(schema, inside).is_some()
}

fn inside<'c>(schema: Schema<'c>, step: &str) -> Option<Schema<'c>> {
    match step.replace("~1", "/").replace("~0", "~").as_str() {
        "*" => schema.items().or_else(|| schema.values()),
        name => schema.member(name).or_else(|| schema.values()),
    }
}
