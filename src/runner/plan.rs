//! What a case does, as data that proptest can draw and shrink, and how it is done.

use serde_json::{Map, Value, json};

use super::case::{Alteration, Ask, Case, Permission};
use super::channel::ChannelError;
use super::scene::{IDENTIFIER, NAME, Scene, identifier};
use crate::check::Observation;
use crate::contract::{Contract, Operation, PageSize, Pagination, Resource, at_path};
use crate::exchange::Body;
use crate::generate::{
    BoxedStrategy, Just, Reason, Strategy, TestRunner, ValueTree, subsequence, unknown_identifier, valid,
};

/// How many items a walk is made over, at most.
const ITEMS: usize = 5;

/// How many pages more than items a walk follows before it gives up.
const PATIENCE: usize = 20;

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
    /// A list without and with this filter.
    Filter { member: String },
}

/// A plan that can be shrunk.
pub(super) type PlanTree<'a> = Box<dyn ValueTree<Value = Plan> + 'a>;

/// Everything that a case may need to know of its operation.
pub(super) struct Stage<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) resource: Option<&'a Resource>,
    pub(super) making: Making,
}

/// Whether a case may make resources to work on, or takes what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Allowed,
    Forbidden,
}

impl<'a> Stage<'a> {
    pub(super) fn of(contract: &'a Contract, case: &Case, permission: &Permission) -> Option<Self> {
        let operation = contract.operation(&case.operation)?;
        let resource = contract.resource_of(&operation.name);
        let lifecycle = resource.map(|resource| [&resource.create, &resource.delete]);
        let mut both = lifecycle.into_iter().flatten().map(|name| contract.operation(name.as_ref()?));
        let allowed =
            resource.is_some() && both.all(|found| found.is_some_and(|found| permission.allows(found)));
        let making = if allowed { Making::Allowed } else { Making::Forbidden };
        Some(Self { contract, operation, resource, making })
    }

    /// Why a case cannot run, if so.
    pub(super) fn obstacle(&self, ask: &Ask, permission: &Permission, most: usize) -> Option<String> {
        let allow = |name: &str| format!("--allow {name}");
        if !permission.allows(self.operation) {
            return Some(format!(
                "{} is not allowed here ({})",
                self.operation.name,
                allow(&self.operation.name)
            ));
        }
        let creates =
            self.resource.is_some_and(|resource| resource.create.as_ref() == Some(&self.operation.name));
        if creates && self.making == Making::Forbidden {
            let delete = self.resource.and_then(|resource| resource.delete.as_deref()).unwrap_or_default();
            return Some(format!("creates what nobody may delete ({})", allow(delete)));
        }
        let needs = self.needs(ask);
        if needs > most && self.making == Making::Allowed {
            return Some(format!(
                "needs {needs} resources at once, and {most} are allowed (--max-resources {needs})"
            ));
        }
        let takes_what_is_there = matches!(ask, Ask::Pages | Ask::AlteredToken(_) | Ask::Filtered { .. });
        if needs > 0 && self.making == Making::Forbidden && !takes_what_is_there {
            let lifecycle = self.resource.map(|resource| [&resource.create, &resource.delete]);
            let names: Vec<_> = lifecycle.into_iter().flatten().flatten().map(|name| allow(name)).collect();
            return Some(format!("needs a resource of its own ({})", names.join(" ")));
        }
        None
    }

    /// Draws a plan of a case, to be shrunk.
    pub(super) fn tree(&self, ask: &Ask, runner: &mut TestRunner) -> Result<PlanTree<'a>, Reason> {
        let (contract, operation) = (self.contract, self.operation);
        let inputs = || valid(contract, operation, &self.given());
        match ask {
            Ask::Valid => planted(inputs().prop_map(Plan::Call), runner),
            Ask::Violates(how) => {
                let broken = how.strategy(contract, operation, &self.given());
                planted(broken.prop_map(|broken| Plan::Call(broken.input)), runner)
            }
            Ask::Malformed => planted(inputs().prop_map(Plan::Garbled), runner),
            Ask::Unknown => {
                let label = operation.label().unwrap_or_default();
                match unknown_identifier(contract, operation) {
                    None => planted(inputs().prop_map(Plan::Call), runner),
                    Some(unknown) => {
                        let with_label = move |(mut input, unknown): (Value, String)| {
                            input[label] = json!(unknown);
                            Plan::Call(input)
                        };
                        planted((inputs(), unknown).prop_map(with_label), runner)
                    }
                }
            }
            Ask::Pages => {
                let maximum = self.sizes().and_then(|sizes| sizes.maximum).unwrap_or(100);
                planted((0..=ITEMS).prop_flat_map(move |items| walks(items, maximum)), runner)
            }
            Ask::DefaultSize => {
                planted(Just(Plan::Walks { items: self.more_than_default(), sizes: vec![None] }), runner)
            }
            Ask::AlteredToken(how) => planted(Just(Plan::Token(*how)), runner),
            Ask::Filtered { member } => planted(Just(Plan::Filter { member: member.clone() }), runner),
        }
    }

    /// Placeholders for what only the scene can know.
    fn given(&self) -> Map<String, Value> {
        let mut given = Map::new();
        let Some(resource) = self.resource else { return given };
        if resource.create.as_ref() == Some(&self.operation.name) {
            given.extend(resource.unique.iter().map(|unique| (unique.member.clone(), json!(NAME))));
        } else if let Some(label) = self.operation.label() {
            given.insert(label.to_owned(), json!(IDENTIFIER));
        }
        given
    }

    /// How many resources a case needs.
    pub(super) fn needs(&self, ask: &Ask) -> usize {
        match ask {
            Ask::Valid | Ask::Violates(_) | Ask::Malformed => {
                usize::from(self.given().values().any(|v| v == IDENTIFIER))
            }
            Ask::Unknown => 0,
            Ask::Pages => ITEMS,
            Ask::DefaultSize => self.more_than_default(),
            Ask::AlteredToken(_) | Ask::Filtered { .. } => 3,
        }
    }

    fn sizes(&self) -> Option<&PageSize> {
        self.operation.pagination.as_ref()?.sizes.as_ref()
    }

    fn more_than_default(&self) -> usize {
        self.sizes().and_then(|sizes| sizes.default).unwrap_or_default() + 1
    }

    /// Does what a plan says.
    pub(super) fn play(&self, plan: &Plan, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        match plan {
            Plan::Call(input) => {
                let input = self.prepared(input, scene)?;
                scene.call(self.operation, &input).map(drop)
            }
            Plan::Garbled(input) => {
                let input = self.prepared(input, scene)?;
                let Ok(mut request) = self.contract.encode(self.operation, &input) else { return Ok(()) };
                request.body = Body::from(&b"{\"truncated\": "[..]);
                scene.send(&request).map(drop)
            }
            Plan::Walks { items, sizes } => {
                self.create(*items, scene)?;
                sizes.iter().try_for_each(|size| self.walk(&[], *size, *items, scene))
            }
            Plan::Token(how) => self.altered_token(*how, scene),
            Plan::Filter { member } => self.filtered(member, scene),
        }
    }

    /// The input with its placeholders filled; makes the resource that it is about.
    fn prepared(&self, input: &Value, scene: &mut Scene<'a, '_>) -> Result<Value, ChannelError> {
        let about =
            input.as_object().is_some_and(|members| members.values().any(|value| value == IDENTIFIER));
        let identifier = if about { self.create(1, scene)?.pop() } else { None };
        Ok(scene.fill(input.clone(), identifier.as_deref()))
    }

    /// Creates resources; those that the provider refuses are not there.
    fn create(&self, count: usize, scene: &mut Scene<'a, '_>) -> Result<Vec<String>, ChannelError> {
        let mut made = Vec::new();
        let Some(resource) = self.resource.filter(|_| self.making == Making::Allowed) else {
            return Ok(made);
        };
        let Some(create) = resource.create.as_ref().and_then(|name| self.contract.operation(name)) else {
            return Ok(made);
        };
        for _ in 0..count {
            let input = scene.fill(self.plain_input(create, resource), None);
            let created = scene.call(create, &input)?;
            made.extend(created.output().and_then(|output| identifier(resource, output)));
        }
        Ok(made)
    }

    /// The documented example, with a fresh name.
    fn plain_input(&self, create: &Operation, resource: &Resource) -> Value {
        let mut input = create.examples.first().cloned().unwrap_or_else(|| json!({}));
        if let Some(unique) = &resource.unique {
            input[unique.member.as_str()] = json!(NAME);
        }
        input
    }

    /// Follows a list from its first page to its end, or until it is clear that there is none.
    fn walk(
        &self,
        filter: &[(&str, &str)],
        size: Option<i64>,
        known: usize,
        scene: &mut Scene<'a, '_>,
    ) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        let mut input = page_input(pagination, size, None);
        for (member, value) in filter {
            input[*member] = json!(value);
        }
        let mut tokens: Vec<String> = Vec::new();
        let mut items = 0;
        while tokens.len() <= known.max(items) + PATIENCE {
            let page = scene.call(self.operation, &input)?;
            items += items_of(pagination, &page);
            let Some(token) = token_of(pagination, &page) else { break };
            input[pagination.input_token.as_str()] = json!(token);
            if tokens.contains(&token) {
                break;
            }
            tokens.push(token);
        }
        Ok(())
    }

    fn altered_token(&self, how: Alteration, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        self.create(3, scene)?;
        let first = scene.call(self.operation, &page_input(pagination, Some(1), None))?;
        let altered = match (token_of(pagination, &first), how) {
            (Some(token), _) => scene.derive(&token, &|token| how.apply(token)),
            (None, Alteration::Foreign) => how.apply(""),
            // Nothing to alter: the verdict says that the law was not tested.
            (None, _) => return Ok(()),
        };
        scene.call(self.operation, &page_input(pagination, Some(1), Some(&altered))).map(drop)
    }

    fn filtered(&self, member: &str, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let made = self.create(3, scene)?;
        self.walk(&[], None, made.len(), scene)?;
        let whole = scene.name_prefix().to_owned();
        // All three, then the first alone: names end in a number.
        for prefix in [whole.clone(), format!("{whole}-1")] {
            self.walk(&[(member, &prefix)], None, made.len(), scene)?;
        }
        Ok(())
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

fn page_input(pagination: &Pagination, size: Option<i64>, token: Option<&str>) -> Value {
    let mut input = json!({});
    if let (Some(name), Some(size)) = (&pagination.page_size, size) {
        input[name.as_str()] = json!(size);
    }
    if let Some(token) = token {
        input[pagination.input_token.as_str()] = json!(token);
    }
    input
}

fn token_of(pagination: &Pagination, page: &Observation<'_>) -> Option<String> {
    let token = at_path(page.output()?, pagination.output_token()?)?.as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

fn items_of(pagination: &Pagination, page: &Observation<'_>) -> usize {
    let items = pagination.items.as_ref().and_then(|path| at_path(page.output()?, path)?.as_array());
    items.map_or(0, Vec::len)
}
