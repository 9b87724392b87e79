//! Lives that do not go as documented: what is seen of a thing, what is done to it, and what is said
//! of it.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Deed, Making, Scene, Sight};
use crate::contract::{Contract, Kind, Operation, Place, Resource, Schema, TimestampFormat, at_path};
use crate::exchange::Timestamp;
use crate::sandbox::given::{Given, Part, holds_members};
use crate::sandbox::plausible::written;
use crate::sandbox::store::{By, Glance};

/// A text that nothing else shows.
const OTHER: &str = "onrecord-other";

/// A day, in seconds.
const DAY: i64 = 86_400;

/// How deep instants are looked for in a shape that may hold itself.
const DEPTH: usize = 6;

pub(super) fn lost_after_list(glance: &Glance, sight: &mut Sight) {
    if glance.by == By::Read && glance.listed && !glance.gone {
        *sight = Sight::Nothing;
    }
}

pub(super) fn flaps(glance: &Glance, sight: &mut Sight) {
    if glance.by == By::Read && glance.reads == 1 && !glance.listed && !glance.gone {
        *sight = Sight::Nothing;
    }
}

/// Not before the fourth look: filters are tried with three. One of two is not at the list.
pub(super) fn goes_back(glance: &Glance, sight: &mut Sight) {
    if matches!(glance.sights, 3 | 4) && !glance.gone {
        *sight = Sight::AtFirst;
    }
}

pub(super) fn interrupted(glance: &Glance, sight: &mut Sight) {
    if glance.by == By::Read && glance.sights == 1 && !glance.gone {
        *sight = Sight::Refused;
    }
}

pub(super) fn unlisted(glance: &Glance, sight: &mut Sight) {
    if glance.by != By::Read {
        *sight = Sight::Nothing;
    }
}

/// Where nothing shows a thing alone, nobody can tell that it is gone but by the list.
pub(super) fn still_listed(glance: &Glance, sight: &mut Sight) {
    if glance.by != By::Read && glance.gone && glance.reads_alone {
        *sight = Sight::Plain;
    }
}

/// A walk goes on with what was there when it began.
pub(super) fn listed_to_the_end(glance: &Glance, sight: &mut Sight) {
    if glance.by == By::LaterPage && glance.gone && glance.listed {
        *sight = Sight::Plain;
    }
}

pub(super) fn undeleted(deed: Deed, done: bool) -> bool {
    done && deed != Deed::Delete
}

pub(super) fn untagged(deed: Deed, done: bool) -> bool {
    done && deed != Deed::Tag
}

pub(super) fn made_all_the_same(deed: Deed, done: bool) -> bool {
    done || deed == Deed::RefusedCreate
}

pub(super) fn changed_all_the_same(deed: Deed, done: bool) -> bool {
    done || deed == Deed::RefusedUpdate
}

pub(super) fn begins_settled(making: &Making<'_>, members: &mut Map<String, Value>) {
    if let Some(states) = &making.resource.states
        && let Some(settled) = states.settled.first()
    {
        members.insert(states.member.clone(), settled.as_str().into());
    }
}

pub(super) fn other_region(making: &Making<'_>, members: &mut Map<String, Value>) {
    let own = members.iter_mut().filter(|(name, _)| making.resource.calls("arn", name));
    for (_, value) in own {
        let text = value.as_str().unwrap_or_default().to_owned();
        let mut parts: Vec<_> = text.splitn(6, ':').collect();
        if let (Some(&"arn"), Some(region)) = (parts.first().copied().as_ref(), parts.get_mut(3)) {
            *region = "xx-other-1";
            *value = parts.join(":").into();
        }
    }
}

pub(super) fn set_otherwise(making: &Making<'_>, members: &mut Map<String, Value>) {
    let says = |value: &Value| !matches!(value, Value::Bool(false)) && *value != 0 && *value != "";
    let given = making.given.parts().filter(|part| part.value.is_some_and(says));
    bend(making, given, members);
}

/// Changes the first plain member of a thing that some call can set.
pub(in crate::sandbox) fn bend<'a>(
    making: &Making<'_>,
    parts: impl Iterator<Item = Part<'a>>,
    members: &mut Map<String, Value>,
) {
    let Making { resource, operation, shape, .. } = *making;
    let is_label = |name: &str| {
        operation.bindings.iter().any(|binding| binding.place == Place::Label && binding.member == name)
    };
    let is_shown = |name: &str| {
        let schema = shape.and_then(|shape| shape.chosen(&Value::Object(members.clone())).member(name));
        schema.is_some_and(|schema| schema.note("property").is_none())
    };
    let parts: Vec<_> = parts
        .filter(|part| is_plain(resource, part.name) && !is_label(part.name) && is_shown(part.name))
        .collect();
    for kinds in [is_text as fn(Schema<'_>) -> bool, is_choice, |_| true] {
        for part in parts.iter().filter(|part| kinds(part.schema)) {
            let other = members.get(part.name).and_then(|value| other(part.schema, value));
            if let Some(other) = other {
                members.insert(part.name.to_owned(), other);
                return;
            }
        }
    }
}

/// Whether a member neither names the thing, nor has a part of its own in its life.
fn is_plain(resource: &Resource, name: &str) -> bool {
    let is_name = resource.identifiers.iter().any(|identifier| resource.calls(identifier, name));
    let is_unique = resource.unique.as_ref().is_some_and(|unique| unique.member == name);
    let is_state = resource.states.as_ref().is_some_and(|states| states.member == name);
    let is_tags = resource.tagging.as_ref().is_some_and(|tagging| tagging.property == name);
    !is_name && !is_unique && !is_state && !is_tags && !resource.calls("arn", name)
}

fn is_text(schema: Schema<'_>) -> bool {
    schema.kind() == Kind::Text && schema.keyword("enum").is_none() && schema.keyword("const").is_none()
}

fn is_choice(schema: Schema<'_>) -> bool {
    schema.keyword("enum").is_some() || schema.kind() == Kind::Boolean
}

fn other(schema: Schema<'_>, value: &Value) -> Option<Value> {
    match (schema.keyword("enum").and_then(Value::as_array), value) {
        (Some(values), _) => values.iter().find(|other| *other != value).cloned(),
        (None, Value::String(_)) if is_text(schema) => Some(OTHER.into()),
        (None, Value::Bool(set)) => Some((!set).into()),
        (None, Value::Number(number)) => Some((number.as_i64()? + 1).into()),
        _ => None,
    }
}

/// The items of a list have another text than the thing has where it is shown alone.
pub(super) fn listed_otherwise(scene: &Scene<'_>, output: &mut Value) {
    let Some(resource) = of(scene, |it| &it.list) else { return };
    let read = resource.read.as_ref().and_then(|name| scene.contract.operation(name));
    let alone = read.and_then(|read| scene.contract.resource_shape(resource, scene.contract.output(read)));
    let path = scene.operation.pagination.as_ref().and_then(|paging| paging.items.as_ref());
    let (Some(alone), Some(path)) = (alone, path) else { return };
    let is_filtered = |name: &str| scene.operation.filters.iter().any(|filter| filter.item == name);
    let item = scene.contract.output(scene.operation).path(path).and_then(|list| list.items());
    let pointer = format!("/{}", path.replace('.', "/"));
    let items = output.pointer_mut(&pointer).and_then(Value::as_array_mut);
    for (value, item) in items.into_iter().flatten().zip(std::iter::repeat(item)) {
        let Some(item) = item.map(|item| item.chosen(value)) else { return };
        let theirs = alone.chosen(value);
        let is_one = |name: &String| {
            is_plain(resource, name)
                && !is_filtered(name)
                && theirs.member(name).is_some()
                && item.member(name).is_some_and(is_text)
        };
        let members = value.as_object_mut().into_iter().flatten();
        if let Some((_, value)) =
            members.filter(|(_, value)| value.is_string()).find(|(name, _)| is_one(name))
        {
            *value = OTHER.into();
        }
    }
}

/// What a creation answers is not what the thing is.
pub(super) fn answers_otherwise(scene: &Scene<'_>, output: &mut Value) {
    let Some(resource) = of(scene, |it| &it.create) else { return };
    let given = Given::new(scene.contract, scene.operation, scene.input);
    let names: Vec<_> = given.parts().filter(|part| is_text(part.schema)).map(|part| part.name).collect();
    let is_name = |name: &str| resource.identifiers.iter().any(|identifier| resource.calls(identifier, name));
    let holder = match output.as_object_mut().map(|members| members.len()) {
        Some(1) if output.as_object().is_some_and(|it| it.values().all(Value::is_object)) => {
            output.as_object_mut().and_then(|members| members.values_mut().next())
        }
        _ => Some(output),
    };
    let members = holder.and_then(Value::as_object_mut).into_iter().flatten();
    let mut own = members.filter(|(name, value)| value.is_string() && names.contains(&name.as_str()));
    if let Some((_, value)) = own.find(|(name, _)| !is_name(name)) {
        *value = OTHER.into();
    }
}

pub(super) fn unknown_state(scene: &Scene<'_>, output: &mut Value) {
    let Some(states) = of(scene, |it| &it.read).and_then(|resource| resource.states.as_ref()) else { return };
    let schema = scene.contract.output(scene.operation);
    let path = [states.member.clone()].into_iter().chain(
        schema
            .members()
            .filter(|it| holds_members(it.schema))
            .map(|it| format!("{}.{}", it.name, states.member)),
    );
    let path = path.into_iter().find(|path| at_path(output, path).is_some());
    let Some(path) = path.filter(|path| schema.path(path).is_some_and(|it| it.keyword("enum").is_some()))
    else {
        return;
    };
    if let Some(state) = output.pointer_mut(&format!("/{}", path.replace('.', "/"))) {
        *state = "ONRECORD_OTHER".into();
    }
}

/// A list says that a thing was made a day earlier, its creation two.
pub(super) fn moving_birth(scene: &Scene<'_>, output: &mut Value) {
    let days = match () {
        () if of(scene, |it| &it.create).is_some() => 2,
        () if of(scene, |it| &it.list).is_some() => 1,
        () => return,
    };
    shift(scene.contract.output(scene.operation), output, -days * DAY, DEPTH);
}

pub(super) fn future(scene: &Scene<'_>, output: &mut Value) {
    shift(scene.contract.output(scene.operation), output, DAY, DEPTH);
}

/// Moves the times of creation by so many seconds.
fn shift(schema: Schema<'_>, value: &mut Value, seconds: i64, depth: usize) {
    let schema = schema.chosen(value);
    match value {
        _ if depth == 0 => {}
        Value::Array(elements) => {
            if let Some(items) = schema.items() {
                elements.iter_mut().for_each(|element| shift(items, element, seconds, depth - 1));
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let Some(member) = schema.member(name) else { continue };
                match member.kind() {
                    Kind::Timestamp(format) if name.to_ascii_lowercase().contains("creat") => {
                        if let Some(moved) = instant(value).map(|at| moved(at, seconds)) {
                            *value = in_form(format, moved);
                        }
                    }
                    _ => shift(member, value, seconds, depth - 1),
                }
            }
        }
        _ => {}
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => Timestamp::parse(text).or_else(|| Timestamp::parse_http(text)),
        _ => {
            let since = Duration::try_from_secs_f64(value.as_f64()?).ok()?;
            Some(Timestamp::from(std::time::SystemTime::UNIX_EPOCH + since))
        }
    }
}

fn moved(at: Timestamp, seconds: i64) -> Timestamp {
    let moved = u64::try_from(at.seconds() + seconds).unwrap_or_default();
    Timestamp::from(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(moved))
}

fn in_form(format: TimestampFormat, at: Timestamp) -> Value {
    written(format, at)
}

/// The resource that the call has this part in.
fn of<'a>(scene: &Scene<'a>, part: fn(&Resource) -> &Option<String>) -> Option<&'a Resource> {
    let (contract, operation): (&Contract, &Operation) = (scene.contract, scene.operation);
    contract.resources.iter().find(|resource| part(resource).as_ref() == Some(&operation.name))
}
