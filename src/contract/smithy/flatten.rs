//! Mixins and `apply`: after this, every shape says itself all that it is.
//!
//! Smithy 2.0, "Mixins": members of mixins come first, in order; traits of the shape win over those
//! of its mixins; `localTraits` and the mixin trait itself are not handed down. "Applying traits":
//! an `apply` entry adds traits to a shape, or to a member as `ns#Shape$member`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ast::Shape;

const MIXIN: &str = "smithy.api#mixin";

/// How long a chain of mixins may be.
const CHAIN: usize = 64;

pub(super) fn flatten(shapes: &mut BTreeMap<String, Shape>) {
    let with_mixins: Vec<_> =
        shapes.iter().filter(|(_, shape)| !shape.mixins.is_empty()).map(|(id, _)| id.clone()).collect();
    for id in with_mixins {
        mix(shapes, &id, CHAIN);
    }
    let applied: Vec<_> =
        shapes.iter().filter(|(_, shape)| shape.kind == "apply").map(|(id, _)| id.clone()).collect();
    for id in applied {
        if let Some(apply) = shapes.remove(&id) {
            apply_to(shapes, &id, apply.traits);
        }
    }
}

fn mix(shapes: &mut BTreeMap<String, Shape>, id: &str, left: usize) {
    let Some(mixins) = shapes.get_mut(id).map(|shape| std::mem::take(&mut shape.mixins)) else { return };
    let mut base = Shape::default();
    for reference in mixins.iter().filter(|_| left > 0) {
        mix(shapes, &reference.target, left - 1);
        if let Some(mixin) = shapes.get(&reference.target) {
            base.add(mixin);
        }
    }
    if let Some(shape) = shapes.get_mut(id) {
        base.kind.clone_from(&shape.kind);
        base.add_own(std::mem::take(shape));
        *shape = base;
    }
}

impl Shape {
    /// Adds what a mixin hands down.
    fn add(&mut self, mixin: &Shape) {
        let local = mixin.traits.get(MIXIN).and_then(|mixin| mixin.get("localTraits"));
        let is_local = |name: &String| {
            name == MIXIN
                || local.and_then(Value::as_array).is_some_and(|local| local.iter().any(|own| own == name))
        };
        let handed = mixin.traits.iter().filter(|(name, _)| !is_local(name));
        self.traits.extend(handed.map(|(name, value)| (name.clone(), value.clone())));
        self.add_parts(mixin.clone());
    }

    fn add_own(&mut self, own: Shape) {
        self.traits.extend(own.traits.clone());
        self.add_parts(own);
    }

    fn add_parts(&mut self, other: Shape) {
        for (name, member) in other.members {
            merge_member(&mut self.members, name, member);
        }
        self.errors.extend(other.errors);
        self.operations.extend(other.operations);
        self.collection_operations.extend(other.collection_operations);
        self.resources.extend(other.resources);
        self.identifiers.extend(other.identifiers);
        let parts =
            [(&mut self.member, other.member), (&mut self.key, other.key), (&mut self.value, other.value)];
        for (mine, theirs) in parts {
            if theirs.is_some() {
                *mine = theirs;
            }
        }
        let references = [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.create, other.create),
            (&mut self.put, other.put),
            (&mut self.read, other.read),
            (&mut self.update, other.update),
            (&mut self.delete, other.delete),
            (&mut self.list, other.list),
        ];
        for (mine, theirs) in references {
            if theirs.is_some() {
                *mine = theirs;
            }
        }
        if other.version.is_some() {
            self.version = other.version;
        }
    }
}

/// A member that is there already keeps its place, and its traits that the new one does not have.
fn merge_member(members: &mut Map<String, Value>, name: String, member: Value) {
    let old = members.get_mut(&name);
    let traits = |member: &Value| member.get("traits").and_then(Value::as_object).cloned();
    match old {
        Some(old) => {
            let mut all = traits(old).unwrap_or_default();
            all.extend(traits(&member).unwrap_or_default());
            *old = member;
            old["traits"] = Value::Object(all);
        }
        None => {
            members.insert(name, member);
        }
    }
}

fn apply_to(shapes: &mut BTreeMap<String, Shape>, id: &str, traits: Map<String, Value>) {
    let (shape, member) = id.split_once('$').map_or((id, None), |(shape, member)| (shape, Some(member)));
    let Some(shape) = shapes.get_mut(shape) else { return };
    match member {
        None => shape.traits.extend(traits),
        Some("member") if shape.member.is_some() => extend(shape.member.as_mut(), traits),
        Some("key") if shape.key.is_some() => extend(shape.key.as_mut(), traits),
        Some("value") if shape.value.is_some() => extend(shape.value.as_mut(), traits),
        Some(name) => {
            let member = shape.members.get_mut(name).and_then(Value::as_object_mut);
            if let Some(Value::Object(all)) =
                member.map(|member| member.entry("traits").or_insert_with(|| Map::new().into()))
            {
                all.extend(traits);
            }
        }
    }
}

fn extend(member: Option<&mut super::ast::Member>, traits: Map<String, Value>) {
    if let Some(member) = member {
        member.traits.extend(traits);
    }
}
