//! Inputs that keep to everything the contract documents.

use proptest::strategy::Strategy;
use serde_json::{Map, Value};

use super::choices::Choices;
use super::draw::{Drawing, uuid_of};
use super::identifier::Template;
use super::place::{Place, Turn, leads_to, pointer_of, put, take};
use super::seed::rng;
use super::tree::drawn;
use crate::contract::{Contract, Kind, Operation, Violation};
use crate::encoding::sha256;

/// How often an input is drawn anew because something that prose says could not be built in.
const ATTEMPTS: usize = 8;

/// How many seeds are tried where the simplest choices lead to nothing valid.
const SEEDS: u64 = 4;

/// How many examples come, in percent, where the contract has any.
const EXAMPLES: u64 = 8;

/// How likely optional members are, in percent, each as often as it stands here.
const RICHNESS: [u64; 12] = [0, 5, 5, 10, 10, 20, 20, 30, 30, 50, 80, 100];

/// What is known before an input is drawn.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Members with a fixed value, by their dotted paths; what the input does not have is left out.
    pub given: Map<String, Value>,
    /// The region that requests are signed for.
    pub region: Option<String>,
}

/// Inputs that keep to types, constraints and rules, of every level, and that arrive on the wire
/// as they are. Page tokens are there only if given. There is no tree where what is given cannot
/// be made valid.
pub fn valid<'c>(
    contract: &'c Contract,
    operation: &'c Operation,
    known: &Known,
) -> impl Strategy<Value = Value, Tree: Send> + use<'c> {
    let asker = std::sync::Arc::new(Asker::new(contract, operation, known));
    drawn("no valid input was found", move |choices| {
        choices.attempt(ATTEMPTS, |choices| asker.valid(choices))
    })
}

/// The simplest input that is valid, the same each time; `None` where none was found.
pub fn simplest(contract: &Contract, operation: &Operation, known: &Known) -> Option<Value> {
    let asker = Asker::new(contract, operation, known);
    let drawn = |seed| {
        let mut rng = rng(seed, &operation.name);
        let mut choices = Choices::fresh(&mut rng);
        choices.attempt(ATTEMPTS, |choices| asker.valid(choices))
    };
    asker.valid(&mut Choices::plain()).or_else(|| (0..SEEDS).find_map(drawn))
}

/// The simplest input whose first list or map has that many elements, no two of them equal.
pub fn with_count(contract: &Contract, operation: &Operation, count: usize, known: &Known) -> Option<Value> {
    let asker = Asker::new(contract, operation, known);
    let is_many = |place: &Place<'_>| matches!(place.kind(), Kind::List | Kind::Map);
    let place = asker.root.members().map(|name| asker.root.member(name)).find(is_many)?;
    let asker = asker.forcing([place.pointer.clone()], &[]);
    let mut rng = rng(0, &operation.name);
    let mut choices = Choices::fresh(&mut rng);
    choices.attempt(ATTEMPTS, |choices| {
        let mut input = asker.input(choices)?;
        *input.pointer_mut(&place.pointer)? = match place.kind() {
            Kind::List => asker.drawing.list(&place, count, count, choices)?,
            _ => asker.drawing.map(&place, count, count, choices)?,
        };
        let input = asker.mended(input, Some(&place.pointer))?;
        asker.arrives(&input).then_some(input)
    })
}

/// Draws inputs of one operation.
#[derive(Debug)]
pub(super) struct Asker<'c> {
    pub(super) contract: &'c Contract,
    pub(super) operation: &'c Operation,
    pub(super) drawing: Drawing,
    pub(super) root: Place<'c>,
    region: Option<String>,
    /// The places of idempotency tokens.
    tokens: Vec<String>,
    examples: Vec<&'c Value>,
}

impl<'c> Asker<'c> {
    pub(super) fn new(contract: &'c Contract, operation: &'c Operation, known: &Known) -> Self {
        let root = Place::root(contract, operation);
        let given = known.given.iter().map(|(path, value)| (pointer_of(path), value.clone()));
        let given: Vec<_> = given.filter(|(at, _)| root.at(at, &[]).typed().is_some()).collect();
        let token = operation.pagination.as_ref().map(|pagination| pointer_of(&pagination.input_token));
        let drawing = Drawing {
            forced: given.iter().map(|(at, _)| at.clone()).collect(),
            given,
            never: token.into_iter().collect(),
            identifiers: Template::all(contract, operation),
            ..Drawing::default()
        };
        let region = known.region.clone();
        let valid =
            |example: &&Value| contract.input_violations(operation, example, region.as_deref()).is_empty();
        let examples = operation.examples.iter().filter(valid).collect();
        let tokens = tokens(&root, operation);
        Self { contract, operation, drawing, root, region, tokens, examples }
    }

    /// The same, where some places are always there, by these turns. Examples are left aside.
    pub(super) fn forcing(mut self, pointers: impl IntoIterator<Item = String>, turns: &[Turn]) -> Self {
        self.drawing.forced.extend(pointers);
        self.drawing.turns = turns.to_vec();
        self.examples.clear();
        self
    }

    fn valid(&self, choices: &mut Choices<'_>) -> Option<Value> {
        let input = self.mended(self.input(choices)?, None)?;
        self.arrives(&input).then_some(input)
    }

    /// Everything that is wrong with an input.
    pub(super) fn broken_by(&self, input: &Value) -> Vec<Violation> {
        self.contract.input_violations(self.operation, input, self.region.as_deref())
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Whether an input can be read off its request as it is, as far as bodies are read at all.
    fn arrives(&self, input: &Value) -> bool {
        let Ok(request) = self.contract.encode(self.operation, input) else { return false };
        let same = || self.contract.decode(self.operation, &request).is_ok_and(|read| read.input == *input);
        !self.contract.protocol().judges_bodies() || same()
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
        let mut input = kept(&self.root, example, choices);
        for (at, value) in &self.drawing.given {
            put(&mut input, at, value.clone());
        }
        input
    }

    /// Idempotency tokens follow from the rest of the input: while it shrinks, no two different
    /// requests come with one token.
    fn renew_tokens(&self, input: &mut Value, choices: &mut Choices<'_>) {
        let salt = choices.seed().to_string();
        let is_given = |token: &String| self.drawing.given.iter().any(|(at, _)| at == token);
        for token in self.tokens.iter().filter(|token| !is_given(token)) {
            if take(input, token).is_some() {
                let digest = sha256(format!("{salt} {token} {input}").as_bytes());
                put(input, token, Value::String(uuid_of(digest.get(..16).unwrap_or_default())));
            }
        }
    }

    /// The input without the members that make it break a rule; `None` if it still breaks
    /// something. What leads to `kept` stays; other members that can go make room for it.
    pub(super) fn mended(&self, mut input: Value, kept: Option<&str>) -> Option<Value> {
        for _ in 0..=self.operation.rules.len() {
            let found = self.broken_by(&input);
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
                || self.drawing.given.iter().any(|(at, _)| leads_to(&format!("/{name}"), at))
                || kept.is_some_and(|kept| leads_to(&format!("/{name}"), kept))
        });
        members.len() < before
    }
}

/// The places of the idempotency tokens of an input: its own, and those in its payload.
fn tokens(root: &Place<'_>, operation: &Operation) -> Vec<String> {
    let of = |place: &Place<'_>| -> Vec<String> {
        let members = place.members().map(|name| place.member(name));
        members.filter(|member| member.note("idempotencyToken").is_some()).map(|it| it.pointer).collect()
    };
    let inside = operation.payload().map(|payload| of(&root.member(payload)));
    of(root).into_iter().chain(inside.into_iter().flatten()).collect()
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
