//! Resources, from their notes.

use serde_json::Value;

use super::{Notes, list, text};
use crate::contract::model::{Resource, States, Tagging, Unique};

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
