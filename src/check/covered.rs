//! What of a contract exchanges have shown: operations, statuses, errors, members, states and steps.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Reading;
use crate::contract::{Contract, Operation, Outcome, Resource, Schema, Statuses};

/// How deep members are told apart.
const DEPTH: usize = 8;

/// What of a contract was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    /// Every operation, in the contract's order.
    pub operations: Vec<CoveredOperation>,
    /// Every resource that has states.
    pub resources: Vec<CoveredResource>,
}

/// What was shown of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredOperation {
    /// Its name.
    pub operation: String,
    /// How often it was called.
    pub calls: u64,
    /// The documented statuses.
    pub statuses: Share,
    /// Its documented errors.
    pub errors: Share,
    /// The members of its answers, by dotted paths; `*` is an element or a value.
    pub members: Share,
}

/// What was shown of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredResource {
    /// Its name; where there are several contracts, with that of its own.
    pub resource: String,
    /// The states that it was seen in.
    pub states: Share,
    /// The documented steps that it was seen to take, `CREATING > ACTIVE`.
    pub transitions: Share,
}

/// What is documented, by whether it was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Share {
    pub seen: Vec<String>,
    pub unseen: Vec<String>,
}

impl Share {
    fn of(all: impl IntoIterator<Item = String>, is_seen: impl Fn(&String) -> bool) -> Self {
        // In an order that no shard has a part in.
        let names: BTreeSet<String> = all.into_iter().collect();
        let (seen, unseen) = names.into_iter().partition(|name| is_seen(name));
        Self { seen, unseen }
    }

    /// Adds what another run has seen of the same.
    pub fn add(&mut self, other: &Self) {
        let all: Vec<_> = self.seen.iter().chain(&self.unseen).cloned().collect();
        let is_seen = |name: &String| self.seen.contains(name) || other.seen.contains(name);
        *self = Self::of(all, is_seen);
    }

    /// How much was seen, and how much there is.
    pub fn counts(&self) -> (u64, u64) {
        let seen = self.seen.len() as u64;
        (seen, seen + self.unseen.len() as u64)
    }
}

/// What sessions have shown so far.
#[derive(Debug, Default)]
pub struct Gathered {
    operations: BTreeMap<String, Calls>,
    resources: BTreeMap<String, Steps>,
}

/// The calls of an operation.
#[derive(Debug)]
struct Calls {
    count: u64,
    statuses: BTreeSet<u16>,
    errors: BTreeSet<String>,
    output: Node,
}

#[derive(Debug, Default)]
struct Steps {
    states: BTreeSet<String>,
    pairs: BTreeSet<(String, String)>,
}

impl Gathered {
    pub(super) fn note(&mut self, session: &Reading<'_, '_>) {
        for seen in &session.observations {
            let Some(operation) = seen.operation else { continue };
            let calls = self.operations.entry(operation.name.clone());
            let calls = calls.or_insert_with(|| Calls::none(session.contract, operation));
            calls.count += 1;
            calls.statuses.insert(seen.exchange.response.status);
            match &seen.outcome {
                Some(Outcome::Output(output)) => calls.output.see(output),
                Some(Outcome::Error { identity, .. }) => {
                    calls.errors.extend(identity.name().map(str::to_owned));
                }
                Some(Outcome::Unreadable | Outcome::Unjudged(_)) | None => {}
            }
        }
        for (resource, states) in session.lives().states() {
            let steps = self.resources.entry(resource.name.clone()).or_default();
            let pairs = states.windows(2).filter(|pair| pair[0] != pair[1]);
            steps.pairs.extend(pairs.map(|pair| (pair[0].to_owned(), pair[1].to_owned())));
            steps.states.extend(states.into_iter().map(str::to_owned));
        }
    }

    /// What of the contract that comes to.
    pub fn covered(&self, contract: &Contract) -> Covered {
        let with_states = contract.resources.iter().filter(|resource| resource.states.is_some());
        Covered {
            operations: contract
                .operations
                .iter()
                .map(|operation| self.operation(contract, operation))
                .collect(),
            resources: with_states.map(|resource| self.resource(contract, resource)).collect(),
        }
    }

    fn operation(&self, contract: &Contract, operation: &Operation) -> CoveredOperation {
        let none = Calls::none(contract, operation);
        let calls = self.operations.get(&operation.name).unwrap_or(&none);
        let answers = operation.answers().map(|answer| answer.statuses);
        let documented: Vec<Statuses> =
            answers.chain(operation.errors.iter().map(|error| error.effective_statuses())).collect();
        let statuses: BTreeSet<String> =
            calls.statuses.iter().filter_map(|status| exact(&documented, *status)).collect();
        let error_names = operation.errors.iter().map(|error| error.name.clone());
        // In OpenAPI an error is called as its statuses.
        let errors = Share::of(error_names, |name| calls.errors.contains(name) || statuses.contains(name));
        let mut members = BTreeMap::new();
        calls.output.tell("", &mut members);
        CoveredOperation {
            operation: operation.name.clone(),
            calls: calls.count,
            statuses: Share::of(documented.iter().map(Statuses::to_string), |name| statuses.contains(name)),
            errors,
            members: Share::of(members.keys().cloned(), |name| members[name]),
        }
    }

    fn resource(&self, contract: &Contract, resource: &Resource) -> CoveredResource {
        let none = Steps::default();
        let steps = self.resources.get(&resource.name).unwrap_or(&none);
        let told: Vec<_> = resource.states.iter().collect();
        let transitions = told.iter().flat_map(|states| &states.transitions);
        let pairs: Vec<(&String, &String)> =
            transitions.flat_map(|(from, to)| to.iter().map(move |to| (from, to))).collect();
        let said = told.iter().flat_map(|states| {
            [&states.initial].into_iter().chain(&states.settled).chain(&states.deleting).cloned()
        });
        let of_steps = pairs.iter().flat_map(|(from, to)| [(*from).clone(), (*to).clone()]);
        let states = said.chain(of_steps).chain(listed(contract, resource)).filter(|state| !state.is_empty());
        let step = |(from, to): &(&String, &String)| format!("{from} > {to}");
        let taken: BTreeSet<String> = steps.pairs.iter().map(|(from, to)| step(&(from, to))).collect();
        CoveredResource {
            resource: resource.name.clone(),
            states: Share::of(states, |state| steps.states.contains(state)),
            transitions: Share::of(pairs.iter().map(step), |step| taken.contains(step)),
        }
    }
}

/// The states that the member's schema lists.
fn listed(contract: &Contract, resource: &Resource) -> Vec<String> {
    let shows = resource.read.as_ref().or(resource.list.as_ref());
    let output = shows.and_then(|name| contract.operation(name)).map(|operation| contract.output(operation));
    let shape = output.and_then(|output| contract.resource_shape(resource, output));
    let member = resource.states.as_ref().and_then(|states| shape?.member(&states.member));
    let values = member.and_then(|member| member.keyword("enum")?.as_array());
    values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The most exact of the documented statuses that one is.
fn exact(documented: &[Statuses], status: u16) -> Option<String> {
    let of = documented.iter().filter(|statuses| statuses.contain(status));
    of.min_by_key(|statuses| statuses.breadth()).map(Statuses::to_string)
}

impl Calls {
    fn none(contract: &Contract, operation: &Operation) -> Self {
        let output = Node::of(contract.output(operation), &mut Vec::new());
        Self { count: 0, statuses: BTreeSet::new(), errors: BTreeSet::new(), output }
    }
}

/// A part of an output, and whether it was seen.
#[derive(Debug, Default)]
struct Node {
    is_seen: bool,
    /// Whether nothing below is left to be seen.
    is_whole: bool,
    members: Vec<(String, Node)>,
    /// What each element of a list or value of a map is.
    each: Option<Box<Node>>,
}

impl Node {
    /// Shapes that hold themselves are opened once.
    fn of<'c>(schema: Schema<'c>, above: &mut Vec<&'c str>) -> Self {
        let shape = schema.shape_name();
        if above.len() > DEPTH || shape.is_some_and(|shape| above.contains(&shape)) {
            return Self::default();
        }
        above.push(shape.unwrap_or_default());
        let of_branches = schema.branches().flat_map(|branch| branch.members());
        let mut members: Vec<(String, Self)> = Vec::new();
        for member in schema.members().chain(of_branches) {
            if !members.iter().any(|(name, _)| name == member.name) {
                members.push((member.name.to_owned(), Self::of(member.schema, above)));
            }
        }
        let each = schema.items().or_else(|| schema.values());
        let each = each.map(|each| Box::new(Self::of(each, above)));
        above.pop();
        Self { members, each, ..Self::default() }
    }

    fn see(&mut self, value: &Value) {
        if self.is_whole {
            return;
        }
        self.is_seen = true;
        match value {
            Value::Object(object) => {
                for (name, node) in &mut self.members {
                    object.get(name).into_iter().for_each(|value| node.see(value));
                }
                if let (Some(each), true) = (&mut self.each, self.members.is_empty()) {
                    object.values().for_each(|value| each.see(value));
                }
            }
            Value::Array(elements) => {
                if let Some(each) = &mut self.each {
                    elements.iter().for_each(|element| each.see(element));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        let below = self.members.iter().map(|(_, node)| node).chain(self.each.as_deref());
        self.is_whole = below.into_iter().all(|node| node.is_whole);
    }

    /// The paths of all that have a name.
    fn tell(&self, path: &str, paths: &mut BTreeMap<String, bool>) {
        let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for (name, node) in &self.members {
            let path = inside(name);
            node.tell(&path, paths);
            paths.insert(path, node.is_seen);
        }
        if let Some(each) = &self.each {
            each.tell(&inside("*"), paths);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::script::{Script, error};
    use super::*;

    fn cluster(status: &str) -> Value {
        json!({"identifier": "a".repeat(26), "status": status, "creationTime": 1_700_000_000})
    }

    #[test]
    fn what_exchanges_show_is_told_apart_from_what_else_is_documented() {
        let mut script = Script::of("dsql");
        let name = json!({"identifier": "a".repeat(26)});
        script.call("CreateCluster", &json!({}), 200, &cluster("CREATING"));
        script.call("GetCluster", &name, 200, &cluster("CREATING"));
        script.call("GetCluster", &name, 200, &cluster("ACTIVE"));
        script.call(
            "GetCluster",
            &json!({"identifier": "b".repeat(26)}),
            404,
            &error("ResourceNotFoundException"),
        );
        let covered = script.covered();
        let of = |name: &str| covered.operations.iter().find(|it| it.operation == name).unwrap();
        let get = of("GetCluster");
        assert_eq!(get.calls, 3);
        assert_eq!(get.statuses.seen, ["200", "404"]);
        assert_eq!(get.errors.seen, ["ResourceNotFoundException"]);
        assert_eq!(get.members.seen, ["creationTime", "identifier", "status"]);
        assert!(get.members.unseen.contains(&"multiRegionProperties.witnessRegion".to_owned()), "{get:?}");
        let list = of("ListClusters");
        assert_eq!((list.calls, list.members.counts().0), (0, 0));
        assert!(list.members.unseen.contains(&"clusters.*.arn".to_owned()), "{list:?}");
        let [resource] = &covered.resources[..] else { panic!("{:?}", covered.resources) };
        assert_eq!(resource.states.seen, ["ACTIVE", "CREATING"]);
        assert_eq!(resource.transitions.seen, ["CREATING > ACTIVE"]);
        assert!(resource.transitions.counts().1 > 1);
    }

    #[test]
    fn what_two_runs_have_seen_is_seen() {
        let of = |seen: &[&str]| {
            Share::of(["a", "b", "c"].map(str::to_owned), |name| seen.contains(&name.as_str()))
        };
        let mut share = of(&["c"]);
        share.add(&of(&["a"]));
        assert_eq!(share, of(&["a", "c"]));
        assert_eq!(share.counts(), (2, 3));
    }
}
