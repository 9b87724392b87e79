//! What a case does, as data that proptest can draw and shrink.

use std::cell::OnceCell;

use serde_json::{Map, Value, json};

use super::case::{Alteration, Ask, Case, Detour, Parameters, Permission};
use super::thing::{NAME, member_path, set};
use crate::contract::{Contract, Operation, PageSize, Resource, Safety};
use crate::generate::{
    BoxedStrategy, Just, Known, Reason, Strategy, TestRunner, ValueTree, simplest, subsequence, valid,
};

/// Stands for an idempotency token.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

/// How many items a walk is made over, at most.
const ITEMS: usize = 5;

/// The values of one case.
#[derive(Debug, Clone)]
pub(super) enum Plan {
    /// One call with this input.
    Call(Value),
    /// One call with this input and a body that is no JSON.
    Garbled(Value),
    /// Walks over this many items, with these sizes; `None`: without a size.
    Walks { items: usize, sizes: Vec<Option<i64>> },
    /// A list that begins with this token instead of the one handed out.
    Token(Alteration),
    /// A list without and with that filter of the operation.
    Filter(usize),
    /// A thing is made, looked at, tagged, changed and deleted.
    Life(Changes),
    /// A creation with this input, which is wrong, and the list after it.
    Refused(Value),
    /// A walk that does not go on as it began.
    Detour(Detour),
    /// Windows into a counted list.
    Windows,
    /// A call that comes again with its token, with the same or with another input.
    Again { first: Value, other: Option<Value> },
    /// A list before and after this call.
    Unchanged,
}

/// What is done to a thing in its life.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// The input of an update.
    pub(super) update: Option<Value>,
    /// One with an input that is wrong.
    pub(super) refused: Option<Value>,
}

/// A plan that can be shrunk.
pub(super) type PlanTree<'a> = Box<dyn ValueTree<Value = Plan> + 'a>;

/// Everything that a case may need to know of its operation.
pub(super) struct Stage<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) resource: Option<&'a Resource>,
    pub(super) making: Making,
    permission: &'a Permission,
    region: Option<String>,
    kept: Kept,
}

/// What follows from a stage alone, once it was asked for.
#[derive(Default)]
struct Kept {
    plain: OnceCell<Option<Value>>,
    parents: OnceCell<Map<String, Value>>,
    stand_ins: OnceCell<Map<String, Value>>,
}

/// Whether a case may make resources to work on, or takes what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Allowed,
    Forbidden,
}

impl Making {
    fn of(contract: &Contract, resource: &Resource, permission: &Permission) -> Self {
        let allowed = |name: &Option<String>| {
            let operation = name.as_ref().and_then(|name| contract.operation(name));
            operation.is_some_and(|operation| permission.allows(operation))
        };
        // What nothing can delete is only made where anything may be done.
        let is_free = matches!(permission, Permission::Everything) && resource.delete.is_none();
        let cleans_up = is_free || allowed(&resource.delete);
        if allowed(&resource.create) && cleans_up { Self::Allowed } else { Self::Forbidden }
    }
}

impl<'a> Stage<'a> {
    pub(super) fn of(
        contract: &'a Contract,
        case: &Case,
        permission: &'a Permission,
        region: Option<&str>,
    ) -> Option<Self> {
        let operation = contract.operation(&case.operation)?;
        let resource = contract.subject(operation);
        let making =
            resource.map_or(Making::Forbidden, |resource| Making::of(contract, resource, permission));
        let (region, kept) = (region.map(str::to_owned), Kept::default());
        Some(Self { contract, operation, resource, making, permission, region, kept })
    }

    /// The same, about another operation of the resource.
    pub(super) fn at(&self, operation: &'a Operation) -> Self {
        Self { operation, region: self.region.clone(), kept: Kept::default(), ..*self }
    }

    /// An operation of the resource that may be called.
    pub(super) fn may(&self, name: Option<&String>) -> Option<&'a Operation> {
        name.and_then(|name| self.contract.operation(name)).filter(|it| self.permission.allows(it))
    }

    /// Why a case cannot run, if so.
    pub(super) fn obstacle(&self, ask: &Ask, permission: &Permission, most: usize) -> Option<String> {
        let allow = |name: &str| format!("--allow {name}");
        let name = self.operation.name.as_str();
        if !permission.allows(self.operation) {
            return Some(format!("{name} is not allowed here ({})", allow(name)));
        }
        let protocol = self.contract.protocol();
        if !protocol.judges_bodies() {
            return Some(format!("requests in {protocol} are not written, only recognised"));
        }
        if self.makes_what_nobody_finds(permission) {
            return Some(
                "creates what no clean-up would find: the contract knows of no life of it".to_owned(),
            );
        }
        if self.creates() && self.making == Making::Forbidden {
            return Some(match self.resource.and_then(|resource| resource.delete.as_deref()) {
                Some(delete) => format!("creates what nobody may delete ({})", allow(delete)),
                None => "creates what no documented operation deletes".to_owned(),
            });
        }
        let needs = self.needs(ask);
        if needs > most && self.making == Making::Allowed {
            return Some(format!(
                "needs {needs} resources at once, and {most} are allowed (--max-resources {needs})"
            ));
        }
        let takes_what_is_there =
            self.lists() && !matches!(ask, Ask::DefaultSize | Ask::Again(_) | Ask::Unchanged);
        if needs > 0 && self.making == Making::Forbidden && !takes_what_is_there {
            let lifecycle = self.resource.map(|resource| [&resource.create, &resource.delete]);
            let names: Vec<_> = lifecycle.into_iter().flatten().flatten().map(|name| allow(name)).collect();
            return Some(match names.is_empty() {
                true => "needs a resource, and no documented operation makes one".to_owned(),
                false => format!("needs a resource of its own ({})", names.join(" ")),
            });
        }
        None
    }

    /// Where things last, nothing may be made that is deleted with no documented resource.
    fn makes_what_nobody_finds(&self, permission: &Permission) -> bool {
        let lasts = !matches!(permission, Permission::Everything);
        lasts && self.operation.safety == Safety::Create && !self.creates()
    }

    /// Draws a plan of a case, to be shrunk.
    pub(super) fn tree(&self, ask: &Ask, runner: &mut TestRunner) -> Result<PlanTree<'a>, Reason> {
        let (contract, operation) = (self.contract, self.operation);
        let inputs = || valid(contract, operation, &self.known());
        match ask {
            Ask::Valid => planted(inputs().prop_map(Plan::Call), runner),
            Ask::Violates(how) => {
                let broken = how.strategy(contract, operation, &self.known());
                planted(broken.prop_map(|broken| Plan::Call(broken.input)), runner)
            }
            Ask::Malformed => planted(inputs().prop_map(Plan::Garbled), runner),
            Ask::Unknown => {
                let unknown = valid(contract, operation, &self.knowing(self.parents()));
                planted(unknown.prop_map(Plan::Call), runner)
            }
            Ask::Pages => {
                let maximum = self.sizes().and_then(|sizes| sizes.maximum).unwrap_or(100);
                planted((0..=ITEMS).prop_flat_map(move |items| walks(items, maximum)), runner)
            }
            Ask::DefaultSize => {
                planted(Just(Plan::Walks { items: self.more_than_default(), sizes: vec![None] }), runner)
            }
            Ask::AlteredToken(how) => planted(Just(Plan::Token(*how)), runner),
            Ask::Filtered(index) => planted(Just(Plan::Filter(*index)), runner),
            Ask::Lifecycle => {
                let changes = self.changes(runner)?;
                planted(Just(Plan::Life(changes)), runner)
            }
            Ask::Refused => match self.wrong(runner)? {
                Some(input) => planted(Just(Plan::Refused(input)), runner),
                None => Err(Reason::from("no input of it is wrong in one place only")),
            },
            Ask::Twice(size) => planted(Just(Plan::Walks { items: 4, sizes: vec![*size; 2] }), runner),
            Ask::NoItems => planted(Just(Plan::Walks { items: 0, sizes: vec![None] }), runner),
            Ask::DocumentedSizes => {
                let maximum = self.sizes().and_then(|sizes| sizes.maximum);
                let maximum = maximum.and_then(|maximum| i64::try_from(maximum).ok());
                planted(Just(Plan::Walks { items: 1, sizes: vec![None, Some(1), maximum] }), runner)
            }
            Ask::Detour(detour) => planted(Just(Plan::Detour(*detour)), runner),
            Ask::Windows => planted(Just(Plan::Windows), runner),
            Ask::Again(parameters) => {
                let named = move |input| contract.with_tokens(operation, &input, TOKEN);
                let both = (inputs().prop_map(named), inputs().prop_map(named));
                let is_other = *parameters == Parameters::Other;
                planted(
                    both.prop_map(move |(first, other)| Plan::Again {
                        first,
                        other: is_other.then_some(other),
                    }),
                    runner,
                )
            }
            Ask::Unchanged => planted(Just(Plan::Unchanged), runner),
        }
    }

    /// The same for another operation.
    pub(super) fn beside(&self, operation: &'a Operation) -> Self {
        let resource = self.contract.subject(operation);
        let Self { contract, making, permission, ref region, .. } = *self;
        let (region, kept) = (region.clone(), Kept::default());
        Self { contract, operation, resource, making, permission, region, kept }
    }

    /// Whether the operation makes its resource.
    pub(super) fn creates(&self) -> bool {
        self.resource.is_some_and(|resource| resource.create.as_ref() == Some(&self.operation.name))
    }

    /// Whether the operation lists its resource: any that are there will do.
    pub(super) fn lists(&self) -> bool {
        self.contract.own_references(self.operation).is_empty()
    }

    pub(super) fn knowing(&self, given: Map<String, Value>) -> Known {
        Known { given, region: self.region.clone() }
    }

    /// What inputs of the operation begin with: what only the scene can know is a placeholder.
    pub(super) fn known(&self) -> Known {
        let mut given = self.parents();
        if self.creates() {
            given.extend(self.unique().map(|member| (member, json!(NAME))));
        }
        given.extend(self.stand_ins());
        self.knowing(given)
    }

    /// Well-formed names that name nothing, for those of the resource that an input is about.
    pub(super) fn stand_ins(&self) -> Map<String, Value> {
        self.kept.stand_ins.get_or_init(|| self.find_stand_ins()).clone()
    }

    fn find_stand_ins(&self) -> Map<String, Value> {
        let own = self.contract.own_references(self.operation);
        if own.is_empty() {
            return Map::new();
        }
        let plain =
            simplest(self.contract, self.operation, &self.knowing(self.parents())).unwrap_or_default();
        let named =
            own.into_iter().filter_map(|it| Some((it.member.clone(), plain.get(&it.member)?.clone())));
        named.collect()
    }

    /// The path of the member that no two resources share, in the input that makes one.
    pub(super) fn unique(&self) -> Option<String> {
        let resource = self.resource?;
        let create = self.contract.operation(resource.create.as_ref()?)?;
        member_path(self.contract, create, &resource.unique.as_ref()?.member)
    }

    /// What resources lie in is the same in all of a case: the value that the plain input has.
    pub(super) fn parents(&self) -> Map<String, Value> {
        self.kept.parents.get_or_init(|| self.find_parents()).clone()
    }

    fn find_parents(&self) -> Map<String, Value> {
        let Some(resource) = self.resource else { return Map::new() };
        let parents = self.contract.parents(resource);
        if parents.is_empty() {
            return Map::new();
        }
        let plain = self.plain_input().unwrap_or_default();
        let shown = |name: String| Some((name.clone(), plain.get(&name)?.clone()));
        parents.into_iter().filter_map(shown).collect()
    }

    /// What resources are made with: the documented example, or else the simplest input, with a
    /// fresh name.
    pub(super) fn plain_input(&self) -> Option<Value> {
        self.kept.plain.get_or_init(|| self.find_plain_input()).clone()
    }

    fn find_plain_input(&self) -> Option<Value> {
        let resource = self.resource?;
        let create = self.contract.operation(resource.create.as_ref()?)?;
        let region = self.region.as_deref();
        let fits = |example: &&Value| self.contract.input_violations(create, example, region).is_empty();
        let example = create.examples.iter().find(fits).cloned();
        let mut input = example.or_else(|| simplest(self.contract, create, &self.knowing(Map::new())))?;
        self.contract.renew_tokens(create, &mut input, TOKEN);
        if let Some(unique) = self.unique() {
            set(&mut input, &unique, json!(NAME));
        }
        Some(input)
    }

    /// How many resources a case needs.
    pub(super) fn needs(&self, ask: &Ask) -> usize {
        match ask {
            Ask::Unknown => 0,
            _ if !self.lists() => 1,
            Ask::Valid | Ask::Violates(_) | Ask::Malformed => 0,
            Ask::Pages => ITEMS,
            Ask::DefaultSize => self.more_than_default(),
            Ask::AlteredToken(_) | Ask::Filtered(_) | Ask::Detour(_) => 3,
            Ask::Twice(_) | Ask::Windows => 4,
            Ask::Again(_) => 2,
            Ask::Lifecycle | Ask::DocumentedSizes => 1,
            Ask::Refused | Ask::NoItems | Ask::Unchanged => 0,
        }
    }

    fn sizes(&self) -> Option<&PageSize> {
        self.operation.pagination.as_ref()?.sizes.as_ref()
    }

    fn more_than_default(&self) -> usize {
        self.sizes().and_then(|sizes| sizes.default).unwrap_or_default() + 1
    }
}

fn planted<'a, S>(strategy: S, runner: &mut TestRunner) -> Result<PlanTree<'a>, Reason>
where
    S: Strategy<Value = Plan>,
    S::Tree: 'a,
{
    Ok(Box::new(strategy.new_tree(runner)?))
}

/// Several sizes over some items, none among them; small ones first.
fn walks(items: usize, maximum: usize) -> BoxedStrategy<Plan> {
    let size = |size: usize| i64::try_from(size.max(1)).ok();
    let mut sizes = vec![size(1), size(2), size(items), size(maximum), None];
    sizes.sort_by_key(|size| size.unwrap_or(i64::MAX));
    sizes.dedup();
    let count = sizes.len();
    subsequence(sizes, 2..=count).prop_map(move |sizes| Plan::Walks { items, sizes }).boxed()
}
