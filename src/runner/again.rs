//! Requests that come again, and calls that only read.

use serde_json::Value;

use super::channel::ChannelError;
use super::plan::Stage;
use super::scene::Scene;
use crate::generate::simplest;

impl<'a> Stage<'a> {
    /// Sends a request, and then the same one or another one with the same idempotency token.
    pub(super) fn again(
        &self,
        first: &Value,
        other: Option<&Value>,
        scene: &mut Scene<'a, '_>,
    ) -> Result<(), ChannelError> {
        let first = self.prepared(first, scene)?;
        scene.call(self.operation, &first)?;
        let mut second = match other {
            Some(other) => scene.fill(self.operation, other.clone()),
            None => first.clone(),
        };
        for name in self.kept() {
            if let Some(value) = first.get(&name) {
                second[name] = value.clone();
            }
        }
        scene.call(self.operation, &second).map(drop)
    }

    /// What both requests have: the token, and what they are about.
    fn kept(&self) -> Vec<String> {
        let members = self.contract.input(self.operation).members();
        let tokens = members.filter(|member| member.schema.note("idempotencyToken").is_some());
        let tokens = tokens.map(|member| member.name.to_owned());
        tokens.chain(self.stand_ins().into_iter().map(|(name, _)| name)).collect()
    }

    /// Lists, reads one thing of the list, and lists again.
    pub(super) fn unchanged(&self, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let list = self.resource.and_then(|resource| self.contract.operation(resource.list.as_ref()?));
        let Some(thing) = self.create(1, scene)?.pop() else { return Ok(()) };
        let Some(list) = list.map(|list| self.beside(list)) else { return Ok(()) };
        let given = self.knowing(thing.names_for(self.contract, self.operation));
        let input = simplest(self.contract, self.operation, &given);
        let base = simplest(self.contract, list.operation, &list.knowing(list.parents()));
        let (Some(input), Some(base)) = (input, base) else { return Ok(()) };
        list.walk(&base, None, 1, scene)?;
        scene.call(self.operation, &input)?;
        list.walk(&base, None, 1, scene).map(drop)
    }
}
