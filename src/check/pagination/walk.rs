//! Walks, read off a session.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::super::{Observation, Session};
use crate::contract::{Operation, Pagination, Resource, Safety, States, at_path};

/// The pages that follow from one first request by its tokens.
#[derive(Debug)]
pub struct Walk<'s> {
    /// The operation.
    pub operation: &'s Operation,
    /// The input without token and size: what is listed.
    pub query: Value,
    /// The pages, in order.
    pub pages: Vec<Page<'s>>,
    /// The request that followed the last page's token and was refused.
    pub refused: Option<usize>,
    /// The identities of its items, in order.
    pub(in crate::check) ids: Vec<String>,
    /// The same, each once.
    pub(in crate::check) distinct: BTreeSet<String>,
    /// Which walks it may be compared with; `None` if with none, for things changed meanwhile.
    pub(in crate::check) epoch: Option<Epoch>,
}

/// A time in which nothing but reads happened, by the changes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::check) struct Epoch(usize);

/// One page of a walk.
#[derive(Debug)]
pub struct Page<'s> {
    /// Its observation.
    pub index: usize,
    /// The size asked for.
    pub size: Option<i64>,
    /// Its items.
    pub items: Vec<&'s Value>,
    /// The token for the next page; `None` at the end.
    pub token: Option<&'s str>,
}

/// The walks of a session, in the order of their first pages.
pub(in crate::check) fn walks<'s>(session: &'s Session<'_>) -> Vec<Walk<'s>> {
    let mut walks: Vec<Walk<'s>> = Vec::new();
    // By operation, query and the token of the last page; the latest walk last.
    let mut open: HashMap<(&str, String, &str), Vec<usize>> = HashMap::new();
    for (index, observation) in session.observations.iter().enumerate() {
        let Some((operation, pagination)) = paged(observation) else { continue };
        let Some(input) = &observation.input else { continue };
        let page = page(pagination, index, observation);
        let query = query(pagination, input);
        let text = canonical(&query);
        let key = |token| (operation.name.as_str(), text.clone(), token);
        let followed = match token(input, &pagination.input_token) {
            None => {
                let Some(page) = page else { continue };
                walks.push(Walk::begin(operation, query, page));
                walks.len() - 1
            }
            Some(token) => {
                let Some(waiting) = open.get_mut(&key(token)) else { continue };
                let Some(page) = page else {
                    let latest = waiting.last().and_then(|latest| walks.get_mut(*latest));
                    if let Some(walk) = latest.filter(|_| refuses_token(session, observation)) {
                        walk.refused = Some(index);
                    }
                    continue;
                };
                let Some(latest) = waiting.pop() else { continue };
                let walk = &mut walks[latest];
                // What was refused once and then answered was no end.
                walk.refused = None;
                walk.pages.push(page);
                latest
            }
        };
        if let Some(token) = walks[followed].token() {
            open.entry(key(token)).or_default().push(followed);
        }
    }
    let changes = changes(session);
    walks.iter_mut().for_each(|walk| walk.read(session, &changes));
    walks
}

impl<'s> Walk<'s> {
    fn begin(operation: &'s Operation, query: Value, page: Page<'s>) -> Self {
        let (ids, distinct) = (Vec::new(), BTreeSet::new());
        Self { operation, query, pages: vec![page], refused: None, ids, distinct, epoch: None }
    }

    /// Fills in what follows from all its pages.
    fn read(&mut self, session: &Session<'_>, changes: &[usize]) {
        let resource = session.contract.resource_of(&self.operation.name);
        self.ids = self.items().map(|item| identity(resource, item)).collect();
        self.distinct = self.ids.iter().cloned().collect();
        let (first, last) = self.span();
        let still = changes[first] == changes[last + 1];
        // What is being deleted goes without any further call.
        let states = resource.and_then(|resource| resource.states.as_ref());
        let fading = states.is_some_and(|states| self.items().any(|item| is_fading(states, item)));
        self.epoch = (still && !fading).then(|| Epoch(changes[first]));
    }

    /// Whether its last page says that it is the last.
    pub fn ended(&self) -> bool {
        self.refused.is_none() && self.token().is_none()
    }

    /// The token of the last page.
    pub fn token(&self) -> Option<&'s str> {
        self.pages.last()?.token
    }

    /// The size that all its pages were asked for; `None` if they differ or none was asked for.
    pub fn size(&self) -> Option<i64> {
        let size = self.pages.first()?.size;
        self.pages.iter().all(|page| page.size == size).then_some(size)?
    }

    /// All items, page after page.
    pub fn items(&self) -> impl Iterator<Item = &'s Value> {
        self.pages.iter().flat_map(|page| page.items.iter().copied())
    }

    /// The observations of its pages, in order.
    pub fn indices(&self) -> Vec<usize> {
        self.pages.iter().map(|page| page.index).chain(self.refused).collect()
    }

    /// The first and the last of its observations.
    pub fn span(&self) -> (usize, usize) {
        let first = self.pages.first().map(|page| page.index).unwrap_or_default();
        let last = self.pages.last().map(|page| page.index).unwrap_or_default();
        (first, self.refused.unwrap_or(last))
    }
}

/// A value's text, the same whatever the order of its outermost members.
pub(in crate::check) fn canonical(value: &Value) -> String {
    match value.as_object() {
        Some(members) => format!("{:?}", members.iter().collect::<BTreeMap<_, _>>()),
        None => value.to_string(),
    }
}

/// An item's identity: all of its resource's identifiers that it has, or the item itself.
pub(in crate::check) fn identity(resource: Option<&Resource>, item: &Value) -> String {
    let identifiers = resource.map(|resource| resource.identifiers.as_slice()).unwrap_or_default();
    let own: Vec<_> = identifiers.iter().filter_map(|name| item.get(name)).map(Value::to_string).collect();
    if own.is_empty() { item.to_string() } else { own.join(" ") }
}

fn is_fading(states: &States, item: &Value) -> bool {
    let state = item.get(&states.member).and_then(Value::as_str);
    state.is_some() && state == states.deleting.as_deref()
}

/// How many observations before each one may have changed something; one number more than
/// observations.
fn changes(session: &Session<'_>) -> Vec<usize> {
    let mut counts = vec![0];
    let mut count = 0;
    for seen in &session.observations {
        let reads = seen.operation.is_some_and(|operation| operation.safety == Safety::Read);
        count += usize::from(!reads);
        counts.push(count);
    }
    counts
}

/// A client error for reasons of access or load says nothing of the token, nor does a server error.
fn refuses_token(session: &Session<'_>, observation: &Observation<'_>) -> bool {
    (400..500).contains(&observation.exchange.response.status)
        && !observation.refused_for_access_or_load(session.contract)
}

fn paged<'s>(observation: &'s Observation<'_>) -> Option<(&'s Operation, &'s Pagination)> {
    let operation = observation.operation?;
    Some((operation, operation.pagination.as_ref()?))
}

fn page<'s>(pagination: &Pagination, index: usize, observation: &'s Observation<'_>) -> Option<Page<'s>> {
    let output = observation.output()?;
    let items = pagination.items.as_ref().and_then(|path| at_path(output, path)).and_then(Value::as_array);
    let size =
        pagination.page_size.as_ref().and_then(|name| at_path(observation.input.as_ref()?, name)?.as_i64());
    Some(Page {
        index,
        size,
        items: items.into_iter().flatten().collect(),
        token: pagination.output_token().and_then(|path| token(output, path)),
    })
}

/// An empty token is no token.
fn token<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    at_path(value, path)?.as_str().filter(|text| !text.is_empty())
}

fn query(pagination: &Pagination, input: &Value) -> Value {
    let mut query = input.clone();
    if let Some(members) = query.as_object_mut() {
        members.remove(&pagination.input_token);
        if let Some(size) = &pagination.page_size {
            members.remove(size);
        }
    }
    query
}
