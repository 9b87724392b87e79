//! Every documented constraint of an input, each as one way to break it.

use serde_json::{Map, Value};

use super::breaking::Way;
use super::breaking::breaking;
use super::place::{Place, Turn};
use super::seed::runner;
use super::valid::Known;
use crate::contract::{Condition, Contract, Kind, Level, Operation, REGION, Source};
use proptest::strategy::Strategy;

/// How deep constraints are looked for.
const DEPTH: usize = 10;

/// How many constraints of one operation are broken, and how many places looked at.
const MOST: usize = 500;
const PLACES: usize = 5_000;

/// A region, to try with.
const ANY_REGION: &str = "us-east-1";

/// How many seeds a violation is tried with before it counts as unreachable.
const SEEDS: u64 = 3;

/// The ways to break the documented constraints of an input.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    /// Those that a request can show.
    pub reachable: Vec<Violating>,
    /// Those that cannot be tested, each with the reason.
    pub unreachable: Vec<Unreachable>,
}

/// A documented constraint that no request breaks alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// As in [`Violating::label`].
    pub label: String,
    /// Why not.
    pub reason: String,
}

/// One way to break one documented constraint.
#[derive(Debug, Clone)]
pub struct Violating {
    /// A stable name, `brokerNodeGroupInfo.clientSubnets.minItems`, with `*` for elements.
    pub label: String,
    /// JSON pointer of the place, with `*` for elements.
    pub pointer: String,
    /// The keyword that is broken, or `rule:<id>`, as a [`crate::contract::Violation`] names it.
    pub rule: String,
    /// How binding the constraint is.
    pub level: Level,
    /// Where it is documented, if it has a source of its own.
    pub source: Option<Source>,
    /// The turns that lead to the place, where there are choices on the way.
    pub(super) turns: Vec<Turn>,
    pub(super) way: Way,
}

/// An input that breaks one documented constraint and no other.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The whole input.
    pub input: Value,
    /// JSON pointer of what is wrong.
    pub pointer: String,
    /// The keyword that is broken, or `rule:<id>`.
    pub rule: String,
    /// What stood there before, if anything did.
    pub old: Option<Value>,
    /// What stands there; `None`: a required member is missing.
    pub new: Option<Value>,
}

impl Violating {
    /// Inputs that break this constraint and nothing else, visibly on the wire. Members that are
    /// given have their value, unless it is them that are broken.
    pub fn strategy<'c>(
        &self,
        contract: &'c Contract,
        operation: &'c Operation,
        known: &Known,
    ) -> impl Strategy<Value = Broken, Tree: Send> + use<'c> {
        breaking(self.clone(), contract, operation, known)
    }
}

/// Every documented constraint of an operation's input, in the order of its members. What is said
/// of the region of a request counts as reachable where requests are signed at all.
pub fn violations(contract: &Contract, operation: &Operation) -> Violations {
    let mut list = List { operation, found: Vec::new(), shapes: Vec::new(), turns: Vec::new(), places: 0 };
    list.place(&Place::root(contract, operation));
    for rule in &operation.rules {
        let when = rule.when.as_deref().unwrap_or_default();
        list.found.push(Violating {
            label: format!("rule.{}", rule.id),
            pointer: format!("{}{when}", rule.at),
            rule: format!("rule:{}", rule.id),
            level: rule.level,
            source: rule.source.clone(),
            turns: Vec::new(),
            way: Way::Rule(rule.at.clone(), rule.condition.clone()),
        });
    }
    let region = contract.signing_name.as_ref().map(|_| ANY_REGION.to_owned());
    let known = Known { given: Map::new(), region };
    let mut violations = Violations::default();
    for (index, violating) in list.found.into_iter().enumerate() {
        let reason = match index {
            MOST.. => Some("an operation has too many constraints to break each of them".to_owned()),
            _ => reason(&violating, contract, operation, &known),
        };
        match reason {
            None => violations.reachable.push(violating),
            Some(reason) => {
                violations.unreachable.push(Unreachable { label: violating.label, reason });
            }
        }
    }
    violations
}

/// Why a constraint cannot be broken alone; tried with fixed seeds, so that the answer stays.
fn reason(
    violating: &Violating,
    contract: &Contract,
    operation: &Operation,
    known: &Known,
) -> Option<String> {
    let place = Place::root(contract, operation).at(&violating.pointer, &violating.turns);
    if let Some(hidden) = violating.way.hidden(&place) {
        return Some(hidden.to_owned());
    }
    if let Way::Rule(_, Condition::Differ(one, other)) = &violating.way
        && [one, other].iter().any(|place| *place == REGION)
        && known.region.is_none()
    {
        return Some("it takes a request that is signed for a region".to_owned());
    }
    let strategy = violating.strategy(contract, operation, known);
    let tried = (0..SEEDS).map(|seed| strategy.new_tree(&mut runner(seed, &violating.label)));
    let mut refused = None;
    for tree in tried {
        match tree {
            Ok(_) => return None,
            Err(reason) => refused = Some(reason.message().to_owned()),
        }
    }
    refused
}

struct List<'c> {
    operation: &'c Operation,
    found: Vec<Violating>,
    /// The shapes on the way to here, against recursion.
    shapes: Vec<&'c str>,
    /// The turns on the way to here.
    turns: Vec<Turn>,
    /// How many places were looked at.
    places: usize,
}

/// Whose statement it is.
type Said = (Level, Option<Source>);

impl<'c> List<'c> {
    fn place(&mut self, place: &Place<'c>) {
        for schema in place.types() {
            for (rule, way) in Way::all(place, &|keyword| schema.keyword(keyword)) {
                self.add(place, rule, way, (Level::Must, None));
            }
        }
        for constraint in &self.operation.constraints {
            if constraint.pointer == place.pointer {
                let said = (constraint.level, constraint.source.clone());
                self.said(place, &constraint.schema, &said, DEPTH);
            }
        }
        self.places += 1;
        let shape = place.typed().and_then(|schema| schema.shape_name());
        if self.places > PLACES
            || place.depth() > DEPTH
            || shape.is_some_and(|shape| self.shapes.contains(&shape))
        {
            return;
        }
        self.shapes.extend(shape);
        self.children(place);
        if shape.is_some() {
            self.shapes.pop();
        }
    }

    fn children(&mut self, place: &Place<'c>) {
        for (branch, turned) in place.branches().iter().enumerate() {
            self.turns.push(Turn { pointer: place.pointer.clone(), branch });
            self.place(turned);
            self.turns.pop();
        }
        match place.kind() {
            Kind::Structure if place.has_branches() => {}
            Kind::Structure => {
                for name in place.members() {
                    let member = place.member(name);
                    if place.requires(name) {
                        self.add(&member, "required", Way::Absent, (Level::Must, None));
                    }
                    self.place(&member);
                }
            }
            Kind::List => self.place(&place.items()),
            Kind::Map => self.place(&place.values()),
            _ => {}
        }
    }

    /// What prose says of a place, and of the places in it.
    fn said(&mut self, place: &Place<'c>, node: &'c Value, said: &Said, depth: usize) {
        for (rule, way) in Way::all(place, &|keyword| node.get(keyword)) {
            self.add(place, rule, way, said.clone());
        }
        let inner = |keyword| node.get(keyword).filter(|_| depth > 0);
        if let Some(items) = inner("items") {
            self.said(&place.items(), items, said, depth - 1);
        }
        if let Some(values) = inner("additionalProperties") {
            self.said(&place.values(), values, said, depth - 1);
        }
        for (name, member) in inner("properties").and_then(Value::as_object).into_iter().flatten() {
            self.said(&place.member(name), member, said, depth - 1);
        }
        for part in inner("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.said(place, part, said, depth - 1);
        }
    }

    fn add(&mut self, place: &Place<'c>, rule: &'static str, way: Way, (level, source): Said) {
        let path = place.pointer.trim_start_matches('/').replace('/', ".");
        let suffix = match &way {
            Way::Key(inner, _) => format!("{rule}.{inner}"),
            _ => rule.to_owned(),
        };
        let mut label =
            [path, suffix].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        if let Some(same) = self.found.iter().find(|found| found.label == label) {
            if same.way == way {
                return;
            }
            let branch = self.turns.last().map_or(level.to_string(), |turn| format!("{}", turn.branch + 1));
            label = format!("{label}@{branch}");
        }
        if self.found.iter().any(|found| found.label == label) {
            return;
        }
        let (pointer, turns) = (place.pointer.clone(), self.turns.clone());
        self.found.push(Violating { label, pointer, rule: rule.to_owned(), level, source, turns, way });
    }
}
