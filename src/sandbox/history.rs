//! What was asked before a request. Only faults look at it.

use std::collections::HashMap;

use serde_json::Value;

use crate::contract::{Contract, Operation, Safety};

/// The latest requests.
#[derive(Debug, Default)]
pub(super) struct History {
    last: Option<(String, Value)>,
    last_list: Option<(String, Value)>,
    /// How often each input came since another operation was called.
    repeated: HashMap<String, usize>,
}

/// What was asked before a request.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The operation of the last request, and its input.
    pub(super) last: Option<(String, Value)>,
    /// The same of the last list that was asked for.
    pub(super) last_list: Option<(String, Value)>,
    /// How often the very same came already since another operation was called.
    pub(super) times: usize,
}

impl History {
    /// Notes a request, and tells what was before.
    pub(super) fn note(&mut self, operation: &Operation, input: &Value) -> Before {
        let last = self.last.replace((operation.name.clone(), input.clone()));
        if last.as_ref().is_none_or(|(name, _)| *name != operation.name) {
            self.repeated.clear();
        }
        let times = self.repeated.entry(input.to_string()).or_default();
        *times += 1;
        let last_list = self.last_list.clone();
        if operation.pagination.is_some() {
            self.last_list = Some((operation.name.clone(), input.clone()));
        }
        Before { last, last_list, times: *times - 1 }
    }
}

impl Before {
    /// Whether the last request was the very same.
    pub(super) fn is_same(&self, operation: &Operation, input: &Value) -> bool {
        self.last.as_ref().is_some_and(|(name, before)| *name == operation.name && before == input)
    }

    /// Whether the last request read one thing, by another operation than this one.
    pub(super) fn has_read(&self, contract: &Contract, now: &Operation) -> bool {
        let last = self.last.as_ref().filter(|(name, _)| *name != now.name);
        let operation = last.and_then(|(name, _)| contract.operation(name));
        let reads = |it: &Operation| it.safety == Safety::Read && !contract.own_references(it).is_empty();
        operation.is_some_and(reads)
    }
}
