//! An answer that breaks what is documented across its members.

use serde_json::{Map, Value, json};

use super::Scene;
use crate::contract::{Condition, Contract, Kind, Rule, Schema};
use crate::sandbox::project::View;

/// How deep structures are looked for: shapes may be recursive.
const DEPTH: usize = 6;

/// A text that nothing else shows.
const OTHER: &str = "onrecord-other";

/// The first change of one place that breaks a rule is made.
pub(super) fn broken(scene: &Scene<'_>, output: &mut Value) {
    let shape = &scene.operation.answer.shape;
    let breaks = |changed: &Value| !scene.contract.broken_rules(shape, changed, scene.region).is_empty();
    let schema = scene.contract.output(scene.operation);
    let search = Search { contract: scene.contract, region: scene.region.unwrap_or(OTHER), breaks: &breaks };
    if let Some(changed) = search.inside(schema, Some(shape), output, &|changed| changed, DEPTH) {
        *output = changed;
    }
}

struct Search<'s> {
    contract: &'s Contract,
    /// What a region that something must differ from is.
    region: &'s str,
    breaks: &'s dyn Fn(&Value) -> bool,
}

impl Search<'_> {
    /// The whole with a change somewhere in `value`; `whole` puts a changed value into its place.
    fn inside(
        &self,
        schema: Schema<'_>,
        name: Option<&str>,
        value: &Value,
        whole: &dyn Fn(Value) -> Value,
        depth: usize,
    ) -> Option<Value> {
        let rules = name.map(|name| self.contract.rules_of(name)).unwrap_or_default();
        let here = rules.iter().flat_map(|rule| self.candidates(rule, schema, value)).map(whole);
        if let Some(changed) = here.into_iter().find(|changed| (self.breaks)(changed)) {
            return Some(changed);
        }
        let depth = depth.checked_sub(1)?;
        match value {
            Value::Object(members) => schema.chosen(value).members().find_map(|member| {
                let is_new = !members.contains_key(member.name);
                let empty = json!({});
                let old = members.get(member.name).unwrap_or(&empty);
                if is_new && member.schema.kind() != Kind::Structure {
                    return None;
                }
                let put = |changed| with(members, member.name, changed);
                self.inside(
                    member.schema,
                    member.schema.shape_name(),
                    old,
                    &|changed| whole(put(changed)),
                    depth,
                )
            }),
            Value::Array(elements) => elements.iter().enumerate().find_map(|(index, element)| {
                let items = schema.items()?;
                let put = |changed| {
                    let mut elements = elements.clone();
                    elements[index] = changed;
                    Value::Array(elements)
                };
                self.inside(items, items.shape_name(), element, &|changed| whole(put(changed)), depth)
            }),
            _ => None,
        }
    }

    /// The structure with one more value at a place that a rule is about.
    fn candidates(&self, rule: &Rule, schema: Schema<'_>, value: &Value) -> Vec<Value> {
        let set = |place: &str, text: &str| {
            let steps: Vec<_> = place.split('/').skip(1).collect();
            let mut changed = value.clone();
            fill(schema, &mut changed, &steps, text);
            changed
        };
        match &rule.condition {
            Condition::Equal(_, second) => vec![set(second, OTHER)],
            Condition::Differ(first, _) => vec![set(first, self.region)],
            Condition::Among(first, _) => vec![set(first, OTHER)],
            Condition::Schema(_) => {
                let when = rule.when.iter().map(|when| set(when, OTHER));
                let members = schema.chosen(value).members();
                let absent = members.filter(|member| value.get(member.name).is_none());
                when.chain(absent.map(|member| set(&format!("/{}", member.name), OTHER))).collect()
            }
        }
    }
}

/// Puts a value at a place, and what is missing on the way.
fn fill(schema: Schema<'_>, value: &mut Value, steps: &[&str], text: &str) {
    let view = View { thing: &Value::Null };
    let Some((step, rest)) = steps.split_first() else {
        *value = if schema.kind() == Kind::Text { text.into() } else { view.plausible(schema, 1) };
        return;
    };
    let schema = schema.chosen(value);
    if *step == "*"
        && let Some(items) = schema.items()
    {
        if !value.is_array() {
            *value = json!([]);
        }
        let mut element = view.plausible(items, 1);
        fill(items, &mut element, rest, text);
        value.as_array_mut().into_iter().for_each(|elements| elements.push(element.clone()));
        return;
    }
    let Some(part) = schema.member(step).or_else(|| schema.values()) else { return };
    if !value.is_object() {
        *value = json!({});
    }
    if value.get(step).is_none() {
        value[*step] = if rest.is_empty() { Value::Null } else { view.plausible(part, 1) };
    }
    fill(part, &mut value[*step], rest, text);
}

fn with(members: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut members = members.clone();
    members.insert(name.to_owned(), value);
    Value::Object(members)
}
