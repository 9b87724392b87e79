//! Constraints, rules, filters and common errors, from notes.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Pages, list, note};
use crate::contract::model::{Condition, Constraint, Contract, Filter, FilterKind, Level, Operation, Rule};
use crate::contract::schema::{Kind, Schema};

/// How deep facts are looked for in an input: shapes may be recursive.
const DEPTH: usize = 12;

/// How many places of one input are looked at: wide shapes in wide shapes are many.
const PLACES: usize = 50_000;

/// The rules of every shape that has some.
pub(super) fn rules(definitions: &Map<String, Value>, pages: &Pages) -> HashMap<String, Vec<Rule>> {
    let of = |node: &Value| list(note(node, "rules")).iter().filter_map(|entry| rule(entry, pages)).collect();
    let with_rules = definitions.iter().map(|(name, node)| (name.clone(), of(node)));
    with_rules.filter(|(_, rules): &(_, Vec<Rule>)| !rules.is_empty()).collect()
}

fn rule(entry: &Value, pages: &Pages) -> Option<Rule> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Rule {
        id: text("id")?,
        at: String::new(),
        when: text("when"),
        condition: condition(entry)?,
        level: level(entry),
        source: pages.source(entry.get("source")),
        note: text("note").unwrap_or_default(),
    })
}

fn condition(entry: &Value) -> Option<Condition> {
    let places = |name: &str| {
        let places = entry.get(name)?.as_array()?;
        Some((places.first()?.as_str()?.to_owned(), places.get(1)?.as_str()?.to_owned()))
    };
    if let Some((first, second)) = places("equal") {
        return Some(Condition::Equal(first, second));
    }
    if let Some((first, second)) = places("differ") {
        return Some(Condition::Differ(first, second));
    }
    if let Some((first, second)) = places("among") {
        return Some(Condition::Among(first, second));
    }
    entry.get("schema").cloned().map(Condition::Schema)
}

fn level(entry: &Value) -> Level {
    entry.get("level").and_then(Value::as_str).and_then(Level::parse).unwrap_or(Level::Must)
}

/// What prose says of the members of an input, with the place of each.
pub(super) fn constraints(contract: &Contract, operation: &Operation, pages: &Pages) -> Vec<Constraint> {
    let mut found = Vec::new();
    each_place(contract, operation, &mut |schema, pointer| {
        for entry in list(schema.note("constraints")) {
            found.push(Constraint {
                pointer: pointer.to_owned(),
                schema: entry.get("schema").cloned().unwrap_or(Value::Bool(true)),
                level: level(&entry),
                source: pages.source(entry.get("source")),
            });
        }
    });
    found
}

/// The rules of an input and of the structures in it, with the place of each.
pub(super) fn input_rules(contract: &Contract, operation: &Operation) -> Vec<Rule> {
    let mut found = contract.rules_of(&operation.input).to_vec();
    if !contract.rules.is_empty() {
        each_place(contract, operation, &mut |schema, pointer| {
            let rules = schema.shape_name().map(|name| contract.rules_of(name)).unwrap_or_default();
            found.extend(rules.iter().map(|rule| Rule { at: pointer.to_owned(), ..rule.clone() }));
        });
    }
    found
}

fn each_place<'c>(contract: &'c Contract, operation: &'c Operation, visit: &mut dyn FnMut(Schema<'c>, &str)) {
    let mut left = PLACES;
    visit_place(contract.input(operation), String::new(), &[&operation.input], &mut left, visit);
}

/// `above` are the shapes on the way here: one that holds itself would never come to an end.
fn visit_place<'c>(
    schema: Schema<'c>,
    pointer: String,
    above: &[&str],
    left: &mut usize,
    visit: &mut dyn FnMut(Schema<'c>, &str),
) {
    visit(schema, &pointer);
    for (step, part) in parts(schema) {
        let name = part.shape_name();
        if above.len() < DEPTH && *left > 0 && name.is_none_or(|name| !above.contains(&name)) {
            *left -= 1;
            let above = [above, &[name.unwrap_or_default()]].concat();
            visit_place(part, format!("{pointer}/{step}"), &above, left, visit);
        }
    }
}

/// The members of a structure and the elements of a list, each with its step in a pointer.
fn parts(schema: Schema<'_>) -> Vec<(&str, Schema<'_>)> {
    match schema.kind() {
        Kind::Structure => schema.members().map(|member| (member.name, member.schema)).collect(),
        Kind::List => schema.items().map(|items| ("*", items)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The filters of an operation's input.
pub(super) fn filters(contract: &Contract, operation: &Operation, pages: &Pages) -> Vec<Filter> {
    let mut found = Vec::new();
    for member in contract.input(operation).members() {
        let said = match member.schema.note("filter") {
            Some(Value::Array(entries)) => entries.iter().collect(),
            Some(entry) => vec![entry],
            None => Vec::new(),
        };
        found.extend(said.into_iter().filter_map(|entry| filter(member.name, entry, pages)));
    }
    found
}

fn filter(member: &str, entry: &Value, pages: &Pages) -> Option<Filter> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Filter {
        kind: match text("kind").as_deref() {
            Some("oneOf") => FilterKind::OneOf,
            _ => FilterKind::Prefix,
        },
        member: member.to_owned(),
        key: text("key"),
        item: text("item")?,
        source: pages.source(entry.get("source")),
    })
}

pub(super) fn common_errors(stated: &Value) -> Vec<(String, Vec<u16>)> {
    list(Some(stated)).iter().filter_map(common_error).collect()
}

fn common_error(entry: &Value) -> Option<(String, Vec<u16>)> {
    let statuses = entry.get("status")?.as_array()?;
    let statuses = statuses.iter().filter_map(|status| status.as_u64()?.try_into().ok()).collect();
    Some((entry.get("code")?.as_str()?.to_owned(), statuses))
}
