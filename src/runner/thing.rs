//! A resource that the runner made, and how inputs speak of it before it is there.

use serde_json::{Map, Value, json};

use super::mark::Mark;
use crate::contract::{Contract, Kind, Operation, Resource, Safety};
use crate::encoding::{hex, is_uuid, sha256};
use crate::exchange::Timestamp;
use crate::generate::{Known, simplest};

/// What stands for a name that nothing else has; most patterns of names take it.
pub(super) const NAME: &str = "onrecord-name";

/// A resource, as it was asked for and as it was shown.
#[derive(Debug, Clone)]
pub(super) struct Thing<'c> {
    pub(super) resource: &'c Resource,
    pub(super) asked: Value,
    pub(super) shown: Value,
}

impl<'c> Thing<'c> {
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

    /// The update that takes the protection from deletion off, with its input, if there is one.
    pub(super) fn unprotecting(
        &self,
        contract: &'c Contract,
        region: &str,
    ) -> Option<(&'c Operation, Value)> {
        let update = contract.operation(self.resource.update.as_ref()?)?;
        let mut members = contract.input(update).members();
        let protection = members.find(|it| it.schema.kind() == Kind::Boolean && protects(it.name))?;
        let given = self.names_for(contract, update);
        let known = Known { given: given.clone(), region: Some(region.to_owned()) };
        let mut input = simplest(contract, update, &known).unwrap_or(Value::Object(given));
        input[protection.name] = json!(false);
        Some((update, input))
    }
}

/// Makes up names that no other case and no other run of another seed has.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) prefix: String,
    /// The mark of the run, if its target is one where things last.
    pub(super) mark: Option<Mark>,
    /// How often the case was played before.
    pub(super) played: usize,
    pub(super) used: usize,
    pub(super) tokens: usize,
}

impl Names {
    /// For a clean-up: the tokens are those of no other.
    pub(super) fn cleaning(mark: &Mark) -> Self {
        let prefix = format!("{} {}", mark.prefix(), Timestamp::now());
        Self { prefix, mark: None, played: 0, used: 0, tokens: 0 }
    }

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
        if let Some(mark) = self.mark.as_ref().filter(|_| operation.safety != Safety::Read) {
            mark.put(contract, operation, input);
            unprotect(input);
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

/// What is protected from deletion could not be cleaned up.
pub(super) fn unprotect(input: &mut Value) {
    for (name, value) in input.as_object_mut().into_iter().flatten() {
        match value {
            Value::Bool(set) if protects(name) => *set = false,
            Value::Object(_) => unprotect(value),
            _ => {}
        }
    }
}

/// Whether a member of that name protects from deletion.
fn protects(name: &str) -> bool {
    name.to_ascii_lowercase().contains("protect")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
