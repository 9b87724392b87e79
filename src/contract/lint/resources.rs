//! Resources: what they name is there.

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::{Contract, Kind, Operation, Resource, Schema, States};

const OPERATIONS: &str = "name an operation that `onrecord contract show` lists";
const MEMBERS: &str = "name a member that `onrecord contract show` shows, by its name on the wire";
const ERRORS: &str = "name an error of the operation, or one of commonErrors";

/// How deep a member is looked for in an answer.
const DEPTH: usize = 6;

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    for resource in &contract.resources {
        let subject = Subject::Resource(resource.name.clone());
        lifecycle(resource, &subject, found);
        identifiers(resource, &subject, found);
        unique(resource, &subject, found);
        not_found(resource, &subject, found);
        if let Some(states) = &resource.states {
            life(resource, states, &subject, found);
        }
    }
}

fn operation<'c>(contract: &'c Contract, name: &Option<String>) -> Option<&'c Operation> {
    name.as_ref().and_then(|name| contract.operation(name))
}

fn lifecycle(resource: &Resource, subject: &Subject, found: &mut Findings<'_>) {
    let tagging = resource.tagging.iter().flat_map(|it| {
        [("tagging", Some(&it.tag)), ("tagging", Some(&it.untag)), ("tagging", Some(&it.list))]
    });
    let own = [
        ("create", resource.create.as_ref()),
        ("read", resource.read.as_ref()),
        ("update", resource.update.as_ref()),
        ("delete", resource.delete.as_ref()),
        ("list", resource.list.as_ref()),
    ];
    for (word, name) in own.into_iter().chain(tagging) {
        if let Some(name) = name.filter(|name| found.contract.operation(name).is_none()) {
            let problem = format!("{} names {name} as {word}, and there is no such operation", resource.name);
            found.error(subject, Some(word), problem, OPERATIONS);
        }
    }
    let property = resource.tagging.as_ref().map(|tagging| tagging.property.as_str());
    let looks = shown(found.contract, resource);
    if let Some(property) = property.filter(|_| !looks.is_empty())
        && find(&looks, property).is_none()
    {
        let problem = format!("{} shows its tags as {property}, and no answer has that", resource.name);
        found.warning(subject, Some("tagging"), problem, MEMBERS);
    }
}

fn identifiers(resource: &Resource, subject: &Subject, found: &mut Findings<'_>) {
    let parts = [("read", &resource.read), ("update", &resource.update), ("delete", &resource.delete)];
    for identifier in &resource.identifiers {
        for (_, operation) in
            parts.iter().filter_map(|(part, name)| Some((part, operation(found.contract, name)?)))
        {
            let input = found.contract.input(operation);
            let bound =
                |schema: Schema<'_>| schema.note("resourceIdentifier").is_some_and(|it| it == identifier);
            let is_there = input.member(identifier).is_some() || input.members().any(|it| bound(it.schema));
            if !is_there {
                let problem = format!(
                    "{} is identified by {identifier}, which {} does not take",
                    resource.name, operation.name
                );
                found.warning(subject, Some("identifiers"), problem, MEMBERS);
            }
        }
    }
}

fn unique(resource: &Resource, subject: &Subject, found: &mut Findings<'_>) {
    let Some(unique) = &resource.unique else { return };
    let Some(create) = operation(found.contract, &resource.create) else {
        let problem = format!("{} has a unique member, and no operation that creates one", resource.name);
        return found.warning(subject, Some("unique"), problem, "name the operation as create");
    };
    if found.contract.input(create).path(&unique.member).is_none() {
        let problem = format!("{} is unique, and {} takes no such member", unique.member, create.name);
        found.error(subject, Some("unique"), problem, MEMBERS);
    }
    answers(create, &unique.error, "unique", subject, found);
}

fn not_found(resource: &Resource, subject: &Subject, found: &mut Findings<'_>) {
    let Some(error) = &resource.not_found else { return };
    for name in [&resource.read, &resource.delete] {
        if let Some(operation) = operation(found.contract, name) {
            answers(operation, error, "notFound", subject, found);
        }
    }
}

fn answers(operation: &Operation, error: &str, word: &str, subject: &Subject, found: &mut Findings<'_>) {
    let is_own = operation.errors.iter().any(|known| known.name == error);
    if !is_own && !found.contract.common_errors.iter().any(|(code, _)| code == error) {
        let problem = format!("{word} names {error}, and {} does not document it", operation.name);
        found.error(subject, Some(word), problem, ERRORS);
    }
}

fn life(resource: &Resource, states: &States, subject: &Subject, found: &mut Findings<'_>) {
    let looks = shown(found.contract, resource);
    let Some(member) = find(&looks, &states.member) else {
        let problem =
            format!("{} shows its state as {}, and no answer has that", resource.name, states.member);
        return found.error(subject, Some("states"), problem, MEMBERS);
    };
    let Some(known) = member.keyword("enum").and_then(serde_json::Value::as_array) else { return };
    let steps = states.transitions.iter().flat_map(|(from, to)| std::iter::once(from).chain(to));
    let mut named: Vec<_> = std::iter::once(&states.initial)
        .chain(&states.settled)
        .chain(&states.deleting)
        .chain(steps)
        .collect();
    named.sort();
    named.dedup();
    for state in named.into_iter().filter(|state| !known.iter().any(|known| known == *state)) {
        let problem = format!(
            "{state} is said to be a state of {}, and not a value of {}",
            resource.name, states.member
        );
        found.warning(subject, Some("states"), problem, "use a value of the member's enum");
    }
}

/// The answers that show a resource: of its read operation, or of those that list or create it.
fn shown<'c>(contract: &'c Contract, resource: &Resource) -> Vec<Schema<'c>> {
    let parts = [&resource.read, &resource.list, &resource.create];
    parts.into_iter().filter_map(|name| operation(contract, name)).map(|it| contract.output(it)).collect()
}

/// The first member of that name in what is shown, the outermost first.
fn find<'c>(looks: &[Schema<'c>], name: &str) -> Option<Schema<'c>> {
    let mut level = looks.to_vec();
    for _ in 0..DEPTH {
        if let Some(member) = level.iter().find_map(|schema| schema.path(name)) {
            return Some(member);
        }
        let parts = |schema: Schema<'c>| -> Vec<Schema<'c>> {
            let members = schema.members().map(|member| member.schema);
            members
                .chain(schema.items())
                .filter(|it| matches!(it.kind(), Kind::Structure | Kind::List))
                .collect()
        };
        level = level.into_iter().flat_map(parts).collect();
    }
    None
}
