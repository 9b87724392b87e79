//! Inputs that keep to everything the contract documents.

use proptest::strategy::Strategy;
use serde_json::{Map, Value};

use super::choices::Choices;
use super::draw::{Drawing, uuid_of};
use super::identifier::Template;
use super::place::{Place, leads_to, take};
use super::tree::drawn;
use crate::contract::{Contract, Operation};
use crate::encoding::sha256;

/// How often an input is drawn anew because something that prose says could not be built in.
const ATTEMPTS: usize = 8;

/// How many examples come, in percent, where the contract has any.
const EXAMPLES: u64 = 8;

/// How likely optional members are, in percent, each as often as it stands here.
const RICHNESS: [u64; 12] = [0, 5, 5, 10, 10, 20, 20, 30, 30, 50, 80, 100];

/// Inputs that keep to types, constraints and rules, of every level, and that arrive on the wire
/// as they are. Members in `given` have that value, as far as the input has such members; page
/// tokens are there only if given. There is no tree where what is given cannot be made valid.
pub fn valid<'c>(
    contract: &'c Contract,
    operation: &'c Operation,
    given: &Map<String, Value>,
) -> impl Strategy<Value = Value, Tree: Send> + use<'c> {
    let asker = std::sync::Arc::new(Asker::new(contract, operation, given.clone()));
    drawn("no valid input was found", move |choices| {
        choices.attempt(ATTEMPTS, |choices| asker.input(choices).and_then(|input| asker.mended(input, None)))
    })
}

/// Draws inputs of one operation.
#[derive(Debug)]
pub(super) struct Asker<'c> {
    pub(super) contract: &'c Contract,
    pub(super) operation: &'c Operation,
    pub(super) drawing: Drawing,
    pub(super) root: Place<'c>,
    examples: Vec<&'c Value>,
}

impl<'c> Asker<'c> {
    pub(super) fn new(contract: &'c Contract, operation: &'c Operation, given: Map<String, Value>) -> Self {
        let token = operation.pagination.as_ref().map(|pagination| pagination.input_token.clone());
        let drawing = Drawing {
            given,
            never: token.into_iter().collect(),
            identifier: Template::of(contract, operation),
            ..Drawing::default()
        };
        let valid = |example: &&Value| contract.input_violations(operation, example, None).is_empty();
        let examples = operation.examples.iter().filter(valid).collect();
        Self { contract, operation, drawing, root: Place::root(contract, operation), examples }
    }

    /// The same, where some place is always there. Examples are left aside.
    pub(super) fn forcing(mut self, pointer: String) -> Self {
        self.drawing.forced = vec![pointer];
        self.examples.clear();
        self
    }

    /// An input that keeps to everything but, perhaps, the rules.
    pub(super) fn input(&self, choices: &mut Choices<'_>) -> Option<Value> {
        choices.richness = RICHNESS[choices.steer(RICHNESS.len() as u64) as usize % RICHNESS.len()];
        self.input_of_richness(choices)
    }

    pub(super) fn input_of_richness(&self, choices: &mut Choices<'_>) -> Option<Value> {
        choices.spent = 0;
        let count = self.examples.len() as u64;
        let example = choices.number(count, |rng| {
            let wanted = super::choices::below(rng, 100) < EXAMPLES;
            if wanted && count > 0 { 1 + super::choices::below(rng, count) } else { 0 }
        });
        let chosen = example.checked_sub(1).and_then(|index| self.examples.get(index as usize));
        let mut input = match chosen {
            Some(example) => choices.fixed(|choices| self.like(example, choices)),
            None if self.root.members().next().is_none() => Value::Object(Map::new()),
            None => self.drawing.value(&self.root, choices)?,
        };
        self.renew_tokens(&mut input, choices);
        Some(input)
    }

    /// An example with some optional members left out, and what is given put in.
    fn like(&self, example: &Value, choices: &mut Choices<'_>) -> Value {
        let given = self.root.members().filter_map(|name| Some((name, self.drawing.given.get(name)?)));
        let mut input = kept(&self.root, example, choices);
        if let Value::Object(members) = &mut input {
            members.extend(given.map(|(name, value)| (name.to_owned(), value.clone())));
        }
        input
    }

    /// Idempotency tokens follow from the rest of the input: while it shrinks, no two different
    /// requests come with one token.
    fn renew_tokens(&self, input: &mut Value, choices: &mut Choices<'_>) {
        let salt = choices.seed().to_string();
        let is_token = |name: &&str| {
            self.root.member(name).note("idempotencyToken").is_some()
                && !self.drawing.given.contains_key(*name)
                && input.get(*name).is_some()
        };
        let tokens: Vec<&str> = self.root.members().filter(is_token).collect();
        for name in tokens {
            take(input, &format!("/{name}"));
            let digest = sha256(format!("{salt} {name} {input}").as_bytes());
            if let (Value::Object(members), Some(bytes)) = (&mut *input, digest.get(..16)) {
                members.insert(name.to_owned(), Value::String(uuid_of(bytes)));
            }
        }
    }

    /// The input without the members that make it break a rule; `None` if it still breaks
    /// something. What leads to `kept` stays; other members that can go make room for it.
    pub(super) fn mended(&self, mut input: Value, kept: Option<&str>) -> Option<Value> {
        for _ in 0..=self.operation.rules.len() {
            let found = self.contract.input_violations(self.operation, &input, None);
            if found.is_empty() {
                return Some(input);
            }
            let rules = found.iter().filter(|violation| violation.rule.starts_with("rule:"));
            let mut mended = false;
            for pointer in rules.map(|violation| violation.pointer.as_str()) {
                let stays = kept.is_some_and(|kept| leads_to(pointer, kept));
                mended |=
                    if stays { self.bare(&mut input, kept) } else { take(&mut input, pointer).is_some() };
            }
            if !mended {
                return None;
            }
        }
        None
    }

    /// Takes away every optional top-level member that does not lead to `kept`.
    pub(super) fn bare(&self, input: &mut Value, kept: Option<&str>) -> bool {
        let Value::Object(members) = input else { return false };
        let before = members.len();
        members.retain(|name, _| {
            self.root.requires(name)
                || self.drawing.given.contains_key(name)
                || kept.is_some_and(|kept| leads_to(&format!("/{name}"), kept))
        });
        members.len() < before
    }
}

/// An example with some of its optional members left out.
fn kept(place: &Place<'_>, example: &Value, choices: &mut Choices<'_>) -> Value {
    let Value::Object(members) = example else { return example.clone() };
    let is_structure = place.members().next().is_some();
    let mut left = Map::new();
    for (name, value) in members.iter().filter(|_| is_structure) {
        let member = place.member(name);
        let value = choices.fixed(|choices| {
            let stays = place.requires(name) || choices.chance(90);
            stays.then(|| kept(&member, value, choices))
        });
        left.extend(value.map(|value| (name.clone(), value)));
    }
    if is_structure { Value::Object(left) } else { example.clone() }
}
