//! LD-07: tags are there once they are put on, and gone once they are taken off.

use serde_json::{Map, Value};

use super::super::{Check, Reading, Ruling, Verdict};
use super::life::{Act, Event, Life};
use super::{owner, problem};
use crate::contract::{Kind, Level, Schema, at_path, tags};

/// Tags that the provider puts on by itself.
const SYSTEM: &str = "aws:";

pub(in crate::check) const TAGS: Check = Check {
    id: "LD-07",
    name: "lifecycle.tags",
    level: Level::Must,
    says: "tags that were put on are listed, those that were taken off are not, and a thing shows what is listed",
    documented: "Smithy 2.0, aws.api#taggable <https://smithy.io/2.0/aws/aws-core.html#aws-api-taggable-trait>",
    applies: |contract, operation| {
        let tagging = contract.resources.iter().filter_map(|resource| resource.tagging.as_ref());
        tagging.into_iter().any(|tagging| tagging.list == operation.name)
            || owner(contract, operation, |it| &it.read).is_some_and(|resource| {
                let shape = contract.resource_shape(resource, contract.output(operation));
                let property = resource.tagging.as_ref().map(|tagging| tagging.property.as_str());
                shape.zip(property).is_some_and(|(shape, property)| shape.member(property).is_some())
            })
    },
    judge,
};

fn judge(check: &Check, session: &Reading<'_, '_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for life in session.lives().all.iter().filter(|life| life.resource.tagging.is_some()) {
        let shown: Vec<_> =
            life.events.iter().filter_map(|event| Some((event, shown(session, life, event)?))).collect();
        let mut known: Option<(&Event<'_, '_>, &Map<String, Value>)> = None;
        for (event, tags) in &shown {
            let ruling = match known.filter(|(before, _)| is_quiet(session, life, before, event)) {
                // Whether a list is the same when it is read again is PG-T42's to say.
                Some((before, _)) if is_paged_again(before, event) => None,
                Some((before, other)) if plain(other) != plain(tags) => {
                    let texts = texts(format!("{}, as was shown before", text(other)), text(tags));
                    Some(session.difference(problem(
                        event,
                        Level::Must,
                        texts,
                        vec![before.index, event.index],
                    )))
                }
                Some(_) => Some(Ruling::Pass),
                None => after_change(session, life, event, tags),
            };
            verdicts.extend(ruling.map(|ruling| check.verdict(event.operation, ruling)));
            known = Some((event, tags));
        }
    }
    verdicts
}

/// Whether one paginated list of tags is read again.
fn is_paged_again(before: &Event<'_, '_>, after: &Event<'_, '_>) -> bool {
    before.act == Act::TagsListed && after.act == Act::TagsListed && after.operation.pagination.is_some()
}

/// Whether nothing may have changed the tags between two looks at them.
fn is_quiet(
    session: &Reading<'_, '_>,
    life: &Life<'_, '_>,
    before: &Event<'_, '_>,
    after: &Event<'_, '_>,
) -> bool {
    !session.lives().changed_between(session, life, before.index, after.index)
}

/// What the last change before a look says of it.
fn after_change(
    session: &Reading<'_, '_>,
    life: &Life<'_, '_>,
    event: &Event<'_, '_>,
    tags: &Map<String, Value>,
) -> Option<Ruling> {
    let change = life.events.iter().rfind(|it| it.index < event.index && it.act.changes())?;
    if !is_quiet(session, life, change, event) {
        return None;
    }
    let input = session.observations.get(change.index)?.input.as_ref()?;
    let schema = session.contract.input(change.operation);
    let wrong = match change.act {
        Act::Tagged | Act::Created => {
            let property = &life.resource.tagging.as_ref()?.property;
            let added = change_of(schema, input, property)?;
            let mut added = added.iter().filter(|(key, _)| !key.starts_with(SYSTEM));
            added
                .find(|(key, value)| tags.get(*key) != Some(*value))
                .map(|(key, value)| format!("{key}: {value}"))
        }
        Act::Untagged => {
            let keys = schema.members().find(|member| member.schema.kind() == Kind::List)?;
            let keys = input.get(keys.name)?.as_array()?.iter().filter_map(Value::as_str);
            keys.into_iter().find(|key| tags.contains_key(*key)).map(|key| format!("no {key}"))
        }
        _ => return None,
    };
    Some(match wrong {
        None => Ruling::Pass,
        Some(expected) => {
            let found =
                problem(event, Level::Must, texts(expected, text(tags)), vec![change.index, event.index]);
            session.difference(found)
        }
    })
}

/// The tags that an input gives: in the member of that name, else in the first that holds tags.
fn change_of(schema: Schema<'_>, input: &Value, property: &str) -> Option<Map<String, Value>> {
    let named = schema.members().find(|member| member.name == property);
    let member = named.or_else(|| schema.members().find(|member| tags::are_tags(member.schema)))?;
    tags::to_map(input.get(member.name)?)
}

/// All the tags that an answer shows; `None` where it shows none, or only some, or without their
/// values, which RS-03 tells.
fn shown(
    session: &Reading<'_, '_>,
    life: &Life<'_, '_>,
    event: &Event<'_, '_>,
) -> Option<Map<String, Value>> {
    all(session, life, event).filter(|tags| tags.values().all(Value::is_string))
}

fn all(session: &Reading<'_, '_>, life: &Life<'_, '_>, event: &Event<'_, '_>) -> Option<Map<String, Value>> {
    let seen = session.observations.get(event.index)?;
    match event.act {
        Act::Read => {
            tags::to_map(event.shown.as_ref()?.value.get(&life.resource.tagging.as_ref()?.property)?)
        }
        Act::TagsListed => {
            let (input, output) = (seen.input.as_ref()?, seen.output()?);
            if let Some(paging) = &event.operation.pagination {
                let is_sized = paging.page_size.as_ref().is_some_and(|size| at_path(input, size).is_some());
                let begins = at_path(input, &paging.input_token).is_none() && !is_sized;
                let ends = paging.next(input, output).is_none();
                return tags::to_map(at_path(output, paging.items.as_ref()?)?).filter(|_| begins && ends);
            }
            let schema = session.contract.output(event.operation);
            let member = schema.members().find(|member| tags::are_tags(member.schema))?;
            Some(output.get(member.name).and_then(tags::to_map).unwrap_or_default())
        }
        _ => None,
    }
}

fn plain(tags: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut pairs: Vec<_> = tags.iter().filter(|(key, _)| !key.starts_with(SYSTEM)).collect();
    pairs.sort_by_key(|(key, _)| *key);
    pairs
}

fn texts(expected: String, actual: String) -> (String, String, String) {
    ("response body tags".to_owned(), expected, actual)
}

fn text(tags: &Map<String, Value>) -> String {
    super::super::shape::shown(Some(&Value::Object(tags.clone())))
}
