//! Identifiers that the contract gives no form for: what their schema takes, each of them once.

use serde_json::{Map, Value};

use super::mint::{ACCOUNT, Mint, REGION};
use crate::contract::{Contract, Kind, Operation, Resource, Schema};
use crate::encoding::hex;
use crate::generate::matching;

/// How long a text is that may have any length: long enough that none comes twice.
const LENGTH: usize = 16;

/// What makes the identifiers of new things of one resource.
pub(super) struct Coinage<'a> {
    pub(super) contract: &'a Contract,
    pub(super) resource: &'a Resource,
    pub(super) region: Option<&'a str>,
}

impl<'a> Coinage<'a> {
    /// Adds the identifiers that are still missing, and what else tells a new thing from others, by
    /// all the names that it has where it is shown.
    pub(super) fn add(&self, mint: &mut Mint, members: &mut Map<String, Value>) {
        for identifier in &self.resource.identifiers {
            if !members.contains_key(identifier) {
                let coined = self.coin(identifier, self.schema(identifier), mint);
                members.insert(identifier.clone(), coined.into());
            }
        }
        for (shape, identity) in self.shapes() {
            for member in shape.members().filter(|member| member.schema.kind() == Kind::Text) {
                let is = |name: &str| self.resource.calls(name, member.name);
                let tells = is("arn")
                    || identity == Some(member.name)
                    || self.resource.identifiers.iter().any(|it| is(it));
                if tells && !members.contains_key(member.name) {
                    let own = self.resource.shown(member.name, &Value::Object(members.clone())).cloned();
                    let own = own.unwrap_or_else(|| self.coin(member.name, Some(member.schema), mint).into());
                    members.insert(member.name.to_owned(), own);
                }
            }
        }
    }

    /// Where such a thing is shown, with the member that tells it from others in a list.
    fn shapes(&self) -> impl Iterator<Item = (Schema<'a>, Option<&'a str>)> {
        let Self { contract, resource, .. } = *self;
        let alone = [&resource.create, &resource.read].into_iter().flatten();
        let alone = alone.filter_map(|name| {
            let output = contract.output(contract.operation(name)?);
            Some((contract.resource_shape(resource, output)?, None))
        });
        let paged = resource.list.as_ref().and_then(|name| contract.operation(name));
        let listed = paged.and_then(|list| {
            let paging = list.pagination.as_ref()?;
            let items = contract.output(list).path(paging.items.as_ref()?)?.items()?;
            Some((items, paging.identity.as_deref()))
        });
        alone.chain(listed)
    }

    /// Where an input gives the identifier.
    fn schema(&self, identifier: &str) -> Option<Schema<'a>> {
        let Self { contract, resource, .. } = *self;
        let of = |operation: &'a Operation| {
            let reference = contract.references(operation).into_iter().find(|it| it.shown == identifier)?;
            contract.input(operation).member(&reference.member)
        };
        let mut operations = resource.operations().filter_map(|name| contract.operation(name));
        operations.find_map(of)
    }

    fn coin(&self, name: &str, schema: Option<Schema<'a>>, mint: &mut Mint) -> String {
        let uuid = mint.uuid();
        let drawn = schema.and_then(|schema| drawn(schema, &uuid));
        let plain = hex(uuid.as_bytes());
        let arn = name.to_ascii_lowercase().ends_with("arn");
        let candidates = match arn {
            true => [drawn.as_deref().and_then(|text| self.placed(text)), Some(self.arn(&uuid)), drawn],
            false => [
                Some(uuid.clone()),
                drawn,
                length(schema).and_then(|most| Some(plain.get(..most)?.to_owned())),
            ],
        };
        let taken = |text: &String| schema.is_none_or(|schema| self.takes(schema, text));
        candidates.into_iter().flatten().find(taken).unwrap_or(uuid)
    }

    fn takes(&self, schema: Schema<'_>, text: &str) -> bool {
        let name = schema.shape_name();
        name.is_none_or(|name| self.contract.violations(name, &text.into()).is_empty())
    }

    fn arn(&self, uuid: &str) -> String {
        let service = self.contract.signing_name.as_deref().unwrap_or(&self.contract.id);
        let kind = self.resource.name.to_ascii_lowercase();
        format!("arn:aws:{service}:{}:{ACCOUNT}:{kind}/{uuid}", self.region.unwrap_or(REGION))
    }

    /// An ARN moved to where the request was sent.
    fn placed(&self, arn: &str) -> Option<String> {
        let mut parts: Vec<_> = arn.splitn(6, ':').collect();
        let [_, partition, _, region, account, _] = parts.as_mut_slice() else { return None };
        *partition = "aws";
        for (part, ours) in [(region, self.region.unwrap_or(REGION)), (account, ACCOUNT)] {
            *part = if part.is_empty() { part } else { ours };
        }
        Some(parts.join(":"))
    }
}

/// A text of the schema's pattern; another one for each seed.
fn drawn(schema: Schema<'_>, seed: &str) -> Option<String> {
    let pattern = schema.keyword("pattern").and_then(Value::as_str)?;
    let bound = |keyword| schema.bound(keyword).and_then(|bound| usize::try_from(bound).ok());
    let most = bound("maxLength").unwrap_or(usize::MAX);
    matching(pattern, bound("minLength").unwrap_or(0).max(LENGTH.min(most))..=most, seed)
}

/// How long a text of the schema may be, up to what is long enough.
fn length(schema: Option<Schema<'_>>) -> Option<usize> {
    let most = schema?.bound("maxLength").and_then(|most| usize::try_from(most).ok());
    let least = schema?.bound("minLength").and_then(|least| usize::try_from(least).ok());
    Some(least.unwrap_or_default().max(most.unwrap_or(LENGTH).min(LENGTH)))
}
