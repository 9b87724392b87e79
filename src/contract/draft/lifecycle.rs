//! Resources, from their notes.

use serde_json::Value;

use super::paging::node;
use super::{Notes, list, text};
use crate::contract::model::{Contract, Resource, States, Tagging, Unique};
use crate::contract::schema::{Kind, Schema, note_key};

pub(super) fn resource(name: &str, notes: &Notes) -> Resource {
    let of = |name: &str| notes.get(name);
    Resource {
        name: name.to_owned(),
        identifiers: texts(of("identifiers")),
        create: text(notes, "create"),
        read: text(notes, "read"),
        update: text(notes, "update"),
        delete: text(notes, "delete"),
        list: text(notes, "list"),
        tagging: of("tagging").and_then(tagging),
        unique: of("unique").and_then(unique),
        not_found: of("notFound").and_then(|entry| local(entry.get("error"))),
        states: of("states").and_then(states),
    }
}

/// An answer often shows a resource inside one member (`{"Cluster": {…}}`). Smithy's word for that is
/// `@nestedProperties`; models that have no resources do not say it.
pub(super) fn mark_wrappers(contract: &mut Contract) {
    for (shape, member) in wrappers(contract) {
        if let Some(node) = node(&mut contract.definitions, &shape, &member) {
            node.entry(note_key("nestedProperties")).or_insert_with(|| Value::Bool(true));
        }
    }
}

fn wrappers(contract: &Contract) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for resource in &contract.resources {
        let names = [&resource.create, &resource.read, &resource.update, &resource.delete];
        for operation in names.into_iter().flatten().filter_map(|name| contract.operation(name)) {
            let output = contract.output(operation);
            let shows = |schema: Schema<'_>| {
                let named =
                    |identifier: &String| schema.members().any(|it| resource.calls(identifier, it.name));
                resource.identifiers.iter().any(named)
            };
            let mut inside = output
                .members()
                .filter(|member| member.schema.kind() == Kind::Structure && shows(member.schema));
            if let (false, Some(only), None) = (shows(output), inside.next(), inside.next()) {
                found.push((operation.answer.shape.clone(), only.name.to_owned()));
            }
        }
    }
    found
}

fn tagging(tagging: &Value) -> Option<Tagging> {
    Some(Tagging {
        property: local(tagging.get("property"))?,
        tag: local(tagging.get("tag"))?,
        untag: local(tagging.get("untag"))?,
        list: local(tagging.get("list"))?,
    })
}

fn unique(unique: &Value) -> Option<Unique> {
    Some(Unique { member: local(unique.get("member"))?, error: local(unique.get("error"))? })
}

fn states(states: &Value) -> Option<States> {
    Some(States {
        member: local(states.get("member"))?,
        initial: local(states.get("initial"))?,
        settled: texts(states.get("settled")),
        deleting: local(states.get("deleting")),
        transitions: states
            .get("transitions")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(step)
            .collect(),
    })
}

fn step((from, to): (&String, &Value)) -> (String, Vec<String>) {
    (from.clone(), texts(Some(to)))
}

/// A name; a Smithy shape id loses its namespace, as shapes do.
fn local(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?;
    Some(text.split_once('#').map_or(text, |(_, name)| name).to_owned())
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value).iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
