//! A resource that the runner made, and how inputs speak of it before it is there.

use serde_json::{Map, Value, json};

use crate::contract::{Contract, Operation, Resource};
use crate::encoding::{hex, is_uuid, sha256};

/// What stands for a name that nothing else has; most patterns of names take it.
pub(super) const NAME: &str = "onrecord-name";

/// A resource, as it was asked for and as it was shown.
#[derive(Debug, Clone)]
pub(super) struct Thing<'c> {
    pub(super) resource: &'c Resource,
    pub(super) asked: Value,
    pub(super) shown: Value,
}

impl Thing<'_> {
    /// What the resource calls itself under a name.
    pub(super) fn name(&self, name: &str) -> Option<&Value> {
        let own = self.shown.as_str().is_some().then_some(&self.shown);
        self.resource.shown(name, &self.shown).or_else(|| self.resource.shown(name, &self.asked)).or(own)
    }

    /// All its identifiers, to be read by people.
    pub(super) fn text(&self) -> String {
        let names = self.resource.identifiers.iter().filter_map(|name| self.name(name));
        names.map(plain).collect::<Vec<_>>().join(" ")
    }

    /// The members of an operation's input that name this resource and what it lies in.
    pub(super) fn names_for(&self, contract: &Contract, operation: &Operation) -> Map<String, Value> {
        let references = contract.references(operation).into_iter();
        let named = references.filter_map(|it| Some((it.member, self.name(&it.shown)?.clone())));
        named.collect()
    }

    /// Whether an input of an operation names this resource.
    pub(super) fn is_named(&self, contract: &Contract, operation: &Operation, input: &Value) -> bool {
        let references = contract.own_references(operation);
        let same = |member: &str, shown: &str| input.get(member) == self.name(shown);
        !references.is_empty() && references.iter().all(|it| same(&it.member, &it.shown))
    }
}

/// Makes up names that no other case and no other run of another seed has.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) prefix: String,
    /// How often the case was played before.
    pub(super) played: usize,
    pub(super) used: usize,
    pub(super) tokens: usize,
}

impl Names {
    fn fresh(&mut self) -> String {
        self.used += 1;
        format!("{}-{}", self.prefix, self.used)
    }

    fn token(&mut self) -> String {
        self.tokens += 1;
        let digest = sha256(format!("{} {} {}", self.prefix, self.played, self.tokens).as_bytes());
        let digits = hex(digest.get(..16).unwrap_or_default());
        let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
        format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
    }

    /// Fills what stands for something in a generated input. Idempotency tokens are new each time,
    /// as those of a client are.
    pub(super) fn fill(&mut self, contract: &Contract, operation: &Operation, input: &mut Value) {
        let mut tokens = Vec::new();
        contract.input(operation).walk_from(String::new(), input, &mut |schema, at, value| {
            let is_ours = value.as_str().is_some_and(is_uuid);
            if is_ours && schema.note("idempotencyToken").is_some() {
                tokens.push(at.to_owned());
            }
        });
        for at in tokens {
            if let Some(slot) = input.pointer_mut(&at) {
                *slot = Value::from(self.token());
            }
        }
        self.fill_names(input);
    }

    fn fill_names(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if text == NAME => *text = self.fresh(),
            Value::Object(members) => members.values_mut().for_each(|member| self.fill_names(member)),
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.fill_names(element)),
            _ => {}
        }
    }
}

/// Sets the member at a dotted path, with the structures on the way there.
pub(super) fn set(input: &mut Value, path: &str, value: Value) {
    let mut here = input;
    for step in path.split('.') {
        if !here.is_object() {
            *here = json!({});
        }
        here = &mut here[step];
    }
    *here = value;
}

/// The dotted path of a member of an input, which may be inside its payload.
pub(super) fn member_path(contract: &Contract, operation: &Operation, member: &str) -> Option<String> {
    let input = contract.input(operation);
    let inside = operation.payload().map(|payload| format!("{payload}.{member}"));
    [Some(member.to_owned()), inside].into_iter().flatten().find(|path| input.path(path).is_some())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
