//! One case under way: what was sent so far, and what must be cleaned up.

use serde_json::{Map, Value, json};

use super::channel::{Channel, ChannelError};
use crate::check::{Coverage, Observation, Session};
use crate::contract::{Contract, Operation, Resource, at_path};
use crate::exchange::{Exchange, Request};
use crate::redact::Redacted;

/// What stands for a resource's identifier in a generated input, until there is one.
pub(super) const IDENTIFIER: &str = "onrecord:identifier";

/// What stands for a name that nothing else has.
pub(super) const NAME: &str = "onrecord:name";

/// Sends requests and keeps the exchanges.
pub(super) struct Scene<'c, 'x> {
    contract: &'c Contract,
    channel: &'x mut dyn Channel,
    exchanges: Vec<Redacted<Exchange>>,
    /// Names that were made up, so that each is used once.
    names: Names,
    created: Vec<Created>,
    /// Whether something may have been created that no answer names.
    doubtful: bool,
}

/// How often a resource is asked to go: some refuse while they are still being made.
const TRIES: usize = 3;

/// Makes up names that no other case and no other run of another seed has.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) prefix: String,
    pub(super) used: usize,
}

#[derive(Debug, Clone)]
struct Created {
    delete: String,
    label: String,
    identifier: String,
}

/// What was made and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) created: u64,
    /// The identifiers of what could not be deleted.
    pub(super) left: Vec<String>,
}

impl<'c, 'x> Scene<'c, 'x> {
    pub(super) fn new(contract: &'c Contract, channel: &'x mut dyn Channel, names: Names) -> Self {
        Self { contract, channel, exchanges: Vec::new(), names, created: Vec::new(), doubtful: false }
    }

    /// Calls an operation. Whatever it creates is deleted at the end.
    pub(super) fn call(
        &mut self,
        operation: &Operation,
        input: &Value,
    ) -> Result<Observation<'c>, ChannelError> {
        let Ok(request) = self.contract.encode(operation, input) else {
            // Generated inputs have their labels; a contract for which that fails has no case.
            return self.send(&Request::new(operation.method.clone(), crate::exchange::Target::new("/")));
        };
        self.send(&request)
    }

    /// Sends a request as it is.
    pub(super) fn send(&mut self, request: &Request) -> Result<Observation<'c>, ChannelError> {
        let exchange = self.channel.exchange(request).inspect_err(|_| self.doubtful = true)?;
        self.exchanges.push(exchange.clone());
        let observation = Observation::new(self.contract, exchange);
        self.note_created(&observation);
        Ok(observation)
    }

    /// An altered page token, as the channel writes it.
    pub(super) fn derive(&self, token: &str, change: &dyn Fn(&str) -> String) -> String {
        self.channel.derive(token, change)
    }

    /// A name that nothing else has.
    pub(super) fn fresh_name(&mut self) -> String {
        self.names.used += 1;
        format!("{}-{}", self.names.prefix, self.names.used)
    }

    /// What every fresh name of this scene begins with.
    pub(super) fn name_prefix(&self) -> &str {
        &self.names.prefix
    }

    /// Fills the placeholders of a generated input.
    pub(super) fn fill(&mut self, mut input: Value, identifier: Option<&str>) -> Value {
        let Some(members) = input.as_object_mut() else { return input };
        for value in members.values_mut() {
            if value == NAME {
                *value = Value::from(self.fresh_name());
            } else if value == IDENTIFIER {
                *value = Value::from(identifier.unwrap_or("none"));
            }
        }
        input
    }

    /// Deletes what was created, newest first, and hands over the session. What cannot be deleted is
    /// left over; a failure to delete one does not keep the others.
    pub(super) fn close(mut self) -> (Session<'c>, Balance) {
        if self.doubtful {
            self.find_doubtful();
        }
        let mut balance = Balance { created: self.created.len() as u64, left: Vec::new() };
        while let Some(created) = self.created.pop() {
            if !(0..TRIES).any(|_| self.is_deleted(&created)) {
                balance.left.push(created.identifier);
            }
        }
        (Session::new(self.contract, self.exchanges, Coverage::Whole), balance)
    }

    fn is_deleted(&mut self, created: &Created) -> bool {
        let Some(delete) = self.contract.operation(&created.delete) else { return false };
        let input = Map::from_iter([(created.label.clone(), Value::from(created.identifier.clone()))]);
        let deleted = self.call(delete, &Value::Object(input));
        deleted.is_ok_and(|deleted| deleted.exchange.response.is_success())
    }

    /// A create that failed on the provider's side may have made something all the same: what is
    /// listed under a name of ours is ours.
    fn find_doubtful(&mut self) {
        for resource in &self.contract.resources {
            let list = resource.list.as_ref().and_then(|name| self.contract.operation(name));
            let (Some(list), Some(unique)) = (list, &resource.unique) else { continue };
            let filter = list.filters.iter().find(|filter| filter.item == unique.member);
            let input =
                filter.map_or(json!({}), |filter| json!({ filter.member.as_str(): self.names.prefix }));
            let items = list.pagination.as_ref().and_then(|pagination| pagination.items.clone());
            // A look around for the clean-up's sake: no part of what is judged.
            let request = self.contract.encode(list, &input);
            let page = request.ok().and_then(|request| self.channel.exchange(&request).ok());
            let (Some(items), Some(page)) = (items, page) else { continue };
            let page = Observation::new(self.contract, page);
            let listed = page.output().and_then(|output| at_path(output, &items)?.as_array());
            for item in listed.into_iter().flatten() {
                let name = item.get(&unique.member).and_then(Value::as_str);
                let ours = name.is_some_and(|name| name.starts_with(&self.names.prefix));
                let found = created(self.contract, resource, item).filter(|_| ours);
                let known =
                    |found: &Created| self.created.iter().any(|one| one.identifier == found.identifier);
                self.created.extend(found.filter(|found| !known(found)).into_iter().collect::<Vec<_>>());
            }
        }
    }

    /// A success of a creating operation leaves something behind; a success of a deleting one
    /// takes it away.
    fn note_created(&mut self, observation: &Observation<'_>) {
        let Some(operation) = observation.operation else { return };
        let Some(resource) = self.contract.resource_of(&operation.name) else { return };
        let creates = resource.create.as_ref() == Some(&operation.name);
        let Some(output) = observation.output() else {
            self.doubtful |= creates && observation.exchange.response.status >= 500;
            return;
        };
        if creates {
            self.created.extend(created(self.contract, resource, output));
        } else if resource.delete.as_ref() == Some(&operation.name)
            && let (Some(label), Some(input)) = (operation.label(), &observation.input)
        {
            self.created
                .retain(|created| input.get(label).is_none_or(|gone| *gone != created.identifier.as_str()));
        }
    }
}

fn created(contract: &Contract, resource: &Resource, output: &Value) -> Option<Created> {
    let delete = resource.delete.as_ref()?;
    let identifier = identifier(resource, output)?;
    let label = contract.operation(delete)?.label()?.to_owned();
    Some(Created { delete: delete.clone(), label, identifier })
}

/// The identifier that the answer to a create shows.
pub(super) fn identifier(resource: &Resource, output: &Value) -> Option<String> {
    let shown = resource.identifiers.iter().find_map(|name| at_path(output, name)?.as_str());
    shown.map(str::to_owned)
}
