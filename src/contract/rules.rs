//! Whether the rules of a structure hold: what prose says across members.

use std::collections::HashSet;

use serde_json::Value;

use super::validate::{Severity, Violation};
use super::{Answer, Condition, Contract, Operation, Rule, Schema};
use crate::exchange::Request;

/// The place that stands for the region of a request.
pub const REGION: &str = "{region}";

impl Contract {
    /// Whether rules hold in anything that an operation answers.
    pub fn answers_have_rules(&self, operation: &Operation) -> bool {
        let has_some = |answer: &Answer| {
            !self.rules_of(&answer.shape).is_empty()
                || has_rules(self, self.shape(&answer.shape), &mut HashSet::new())
        };
        *operation.ruled.get_or_init(|| operation.answers().any(has_some))
    }

    /// Every rule that a value of the named shape breaks, in it or in the structures it holds.
    /// `region` is the one that the request was signed for, where it is known.
    pub fn broken_rules(&self, shape: &str, value: &Value, region: Option<&str>) -> Vec<Violation> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let mut found = self.broken_here(shape, "", value, region);
        self.shape(shape).walk_from(String::new(), value, &mut |schema, pointer, value| {
            if let Some(name) = schema.shape_name() {
                found.extend(self.broken_here(name, pointer, value, region));
            }
        });
        found
    }

    fn broken_here(&self, shape: &str, at: &str, value: &Value, region: Option<&str>) -> Vec<Violation> {
        let broken = self.rules_of(shape).iter().filter(|rule| !self.holds(shape, rule, value, region));
        let violation = |rule: &Rule| Violation {
            pointer: format!("{at}{}", rule.when.as_deref().unwrap_or_default()),
            rule: format!("rule:{}", rule.id),
            demands: rule.note.clone(),
            severity: Severity::Constraint,
            level: rule.level,
            source: rule.source.clone(),
        };
        broken.map(violation).collect()
    }

    /// Whether a rule of a shape holds for one of its values.
    fn holds(&self, shape: &str, rule: &Rule, value: &Value, region: Option<&str>) -> bool {
        if rule.when.as_ref().is_some_and(|when| value.pointer(when).is_none()) {
            return true;
        }
        let places = |first, second| Some((values(value, first, region)?, values(value, second, region)?));
        match &rule.condition {
            Condition::Schema(schema) => self.satisfies(&format!("{shape} rule {}", rule.id), schema, value),
            Condition::Equal(first, second) => places(first, second).is_none_or(|(first, second)| {
                first.iter().all(|value| second.iter().all(|other| value == other))
            }),
            Condition::Differ(first, second) => {
                places(first, second).is_none_or(|(first, second)| first.is_disjoint(&second))
            }
            Condition::Among(first, second) => {
                places(first, second).is_none_or(|(first, second)| first.is_subset(&second))
            }
        }
    }
}

/// The values at a place, as JSON; `None` for a region that is not known.
fn values(value: &Value, place: &str, region: Option<&str>) -> Option<HashSet<String>> {
    if place == REGION {
        return region.map(|region| HashSet::from([Value::from(region).to_string()]));
    }
    let found = at_places(value, place).into_iter().filter(|value| !value.is_null());
    Some(found.map(Value::to_string).collect())
}

fn at_places<'v>(value: &'v Value, place: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in place.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|value| match (value, step) {
                (Value::Array(elements), "*") => elements.iter().collect(),
                (Value::Object(members), "*") => members.values().collect(),
                _ => value.get(step).into_iter().collect::<Vec<_>>(),
            })
            .collect();
    }
    found
}

/// The region in the credential scope of a request's signature (AWS Signature Version 4).
pub fn region(request: &Request) -> Option<String> {
    let header = request.headers.get("authorization");
    let in_query = || request.target.pairs().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-credential"));
    let scope = match &header {
        Some(header) => header.split_once("Credential=")?.1.split([',', ' ']).next()?.to_owned(),
        None => in_query()?.1,
    };
    scope.split('/').nth(2).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// Whether a schema has rules, or anything in it has.
fn has_rules<'c>(contract: &'c Contract, schema: Schema<'c>, seen: &mut HashSet<&'c str>) -> bool {
    if let Some(name) = schema.shape_name() {
        if !contract.rules_of(name).is_empty() {
            return true;
        }
        if !seen.insert(name) {
            return false;
        }
    }
    let members = schema.members().map(|member| member.schema);
    let elements = schema.items().into_iter().chain(schema.values()).chain(schema.branches());
    let parts: Vec<_> = members.chain(elements).collect();
    parts.into_iter().any(|part| has_rules(contract, part, seen))
}
