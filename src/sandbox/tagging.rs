//! Operations that tag a thing, take tags off it and list them.

use serde_json::{Map, Value};

use super::fault::Deed;
use super::lifecycle::{Call, State, property};
use super::listing::Item;
use super::refusal::Refusal;
use crate::contract::{Kind, Resource, Schema, tags};

impl<'a> Call<'a> {
    pub(super) fn tag(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let added = self.value_of(property(resource), tags::are_tags).and_then(tags::to_map);
        let added = added.filter(|_| self.faults.does(Deed::Tag));
        self.change_tags(resource, state, |tags| tags.extend(added.unwrap_or_default()))
    }

    pub(super) fn untag(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let keys = self.value_of("", |schema| schema.kind() == Kind::List).and_then(Value::as_array);
        let is_named = |key: &str| keys.is_some_and(|keys| keys.iter().any(|named| named == key));
        self.change_tags(resource, state, |tags| tags.retain(|key, _| !is_named(key)))
    }

    pub(super) fn tags(&self, resource: &Resource, state: &mut State) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?;
        let listing = self.listing(self.operation);
        let (Some(_), Some(pair)) = (&self.operation.pagination, listing.item()) else {
            return Ok(self.show(&thing.members));
        };
        let tags = thing.members.get(property(resource)).and_then(tags::to_map).unwrap_or_default();
        let pairs =
            tags::to_pairs(pair, &tags).and_then(|pairs| pairs.as_array().cloned()).unwrap_or_default();
        let item = |(place, shown)| Item { place, shown };
        listing.output(&(1..).zip(pairs).map(item).collect::<Vec<_>>())
    }

    fn change_tags(
        &self,
        resource: &Resource,
        state: &mut State,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<Value, Refusal> {
        let thing = self.thing(resource, state)?.touch();
        if let Some(Value::Object(tags)) = thing.members.get_mut(property(resource)) {
            change(tags);
        }
        Ok(self.show(&thing.members))
    }

    /// The value of the input member of that name, else of the first that fits.
    fn value_of(&self, name: &str, fits: impl Fn(Schema<'_>) -> bool) -> Option<&'a Value> {
        let given = self.given();
        let named = given.parts().find(|part| part.name == name);
        named.or_else(|| given.parts().find(|part| fits(part.schema)))?.value
    }
}
