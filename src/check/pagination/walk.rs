//! Walks, read off a session.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::super::{Observation, Session};
use crate::contract::{Operation, Pagination, PagingStyle, Resource, Safety, States, at_path};

/// The pages that follow from one first request, by tokens, offsets or page numbers.
#[derive(Debug)]
pub struct Walk<'s> {
    /// The operation.
    pub operation: &'s Operation,
    /// How it pages.
    pub pagination: &'s Pagination,
    /// The input without the place to begin and the size: what is listed.
    pub query: Value,
    /// The pages, in order.
    pub pages: Vec<Page<'s>>,
    /// The request that went on from the last page and was refused.
    pub refused: Option<usize>,
    /// The same, with the size that it asked for.
    pub(in crate::check) refused_size: Option<(usize, Option<i64>)>,
    /// The identities of its items, in order.
    pub(in crate::check) ids: Vec<String>,
    /// Whether the contract says by what items are told apart.
    pub(in crate::check) names_items: bool,
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
    /// What it was asked to begin at.
    pub start: Option<&'s Value>,
    /// The size asked for.
    pub size: Option<i64>,
    /// Its items.
    pub items: Vec<&'s Value>,
    /// What asks for the next page; `None` at the end.
    pub next: Option<Value>,
    /// The output.
    pub output: &'s Value,
}

/// The walks of a session, in the order of their first pages.
pub(in crate::check) fn walks<'s>(session: &'s Session<'_>) -> Vec<Walk<'s>> {
    let mut walks: Vec<Walk<'s>> = Vec::new();
    // By operation, query and what asks for the next page; the latest walk last.
    let mut open: HashMap<(&str, String, String), Vec<usize>> = HashMap::new();
    for (index, observation) in session.observations.iter().enumerate() {
        let Some((operation, pagination)) = paged(observation) else { continue };
        let Some(input) = &observation.input else { continue };
        // What is asked for against a rule may be anything.
        if !session.contract.broken_rules(&operation.input, input, None).is_empty() {
            continue;
        }
        let page = page(pagination, index, input, observation);
        let query = query(pagination, input);
        let text = asked_alike(pagination, &query, input);
        let key = |next: &Value| (operation.name.as_str(), text.clone(), plain(next));
        let followed = match start(pagination, input) {
            None => {
                let Some(page) = page else { continue };
                walks.push(Walk::begin(operation, pagination, query, page));
                walks.len() - 1
            }
            Some(start) => {
                let Some(waiting) = open.get_mut(&key(start)) else { continue };
                let Some(page) = page else {
                    let latest = waiting.last().and_then(|latest| walks.get_mut(*latest));
                    if let Some(walk) = latest.filter(|_| refuses(session, observation)) {
                        walk.refused = Some(index);
                        walk.refused_size = Some((index, size(pagination, input)));
                    }
                    continue;
                };
                let Some(latest) = waiting.pop() else { continue };
                let walk = &mut walks[latest];
                // What was refused once and then answered was no end.
                (walk.refused, walk.refused_size) = (None, None);
                walk.pages.push(page);
                latest
            }
        };
        if let Some(next) = walks[followed].next() {
            open.entry(key(next)).or_default().push(followed);
        }
    }
    let changes = changes(session);
    walks.iter_mut().for_each(|walk| walk.read(session, &changes));
    walks
}

impl<'s> Walk<'s> {
    fn begin(operation: &'s Operation, pagination: &'s Pagination, query: Value, page: Page<'s>) -> Self {
        let (ids, distinct) = (Vec::new(), BTreeSet::new());
        let (refused, refused_size) = (None, None);
        let pages = vec![page];
        let (names_items, epoch) = (false, None);
        Self { operation, pagination, query, pages, refused, refused_size, ids, names_items, distinct, epoch }
    }

    /// Fills in what follows from all its pages.
    fn read(&mut self, session: &Session<'_>, changes: &[usize]) {
        let resource = session.contract.resource_of(&self.operation.name);
        self.ids = self.items().map(|item| identity(self.pagination, resource, item)).collect();
        let names_items = self.items().all(|item| is_named(self.pagination, resource, item));
        self.names_items = names_items;
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
        self.refused.is_none() && self.next().is_none()
    }

    /// What asks for the page after the last one.
    pub fn next(&self) -> Option<&Value> {
        self.pages.last()?.next.as_ref()
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

/// An item's identity: what the contract says of it, or all of its resource's identifiers that it
/// has, or the item itself.
pub(in crate::check) fn identity(
    pagination: &Pagination,
    resource: Option<&Resource>,
    item: &Value,
) -> String {
    if let Some(path) = &pagination.identity {
        return at_path(item, path).unwrap_or(item).to_string();
    }
    let identifiers = resource.into_iter().flat_map(|it| it.identifiers.iter().map(move |name| (it, name)));
    let own: Vec<_> =
        identifiers.filter_map(|(it, name)| it.shown(name, item)).map(Value::to_string).collect();
    if own.is_empty() { item.to_string() } else { own.join(" ") }
}

/// Whether an item shows all that it is told apart by.
fn is_named(pagination: &Pagination, resource: Option<&Resource>, item: &Value) -> bool {
    match (&pagination.identity, resource) {
        (Some(path), _) => at_path(item, path).is_some(),
        (None, Some(resource)) if !resource.identifiers.is_empty() => {
            resource.identifiers.iter().all(|name| resource.shown(name, item).is_some())
        }
        (None, _) => false,
    }
}

fn is_fading(states: &States, item: &Value) -> bool {
    let state = item.get(&states.member).and_then(Value::as_str);
    state.is_some() && state == states.deleting.as_deref()
}

/// How many observations before each one may have changed something; one number more than
/// observations.
pub(in crate::check) fn changes(session: &Session<'_>) -> Vec<usize> {
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
fn refuses(session: &Session<'_>, observation: &Observation<'_>) -> bool {
    (400..500).contains(&observation.exchange.response.status)
        && !observation.refused_for_access_or_load(session.contract)
}

fn paged<'s>(observation: &'s Observation<'_>) -> Option<(&'s Operation, &'s Pagination)> {
    let operation = observation.operation?;
    Some((operation, operation.pagination.as_ref()?))
}

fn page<'s>(
    pagination: &Pagination,
    index: usize,
    input: &'s Value,
    observation: &'s Observation<'_>,
) -> Option<Page<'s>> {
    let output = observation.output()?;
    let items = match pagination.items.as_ref().and_then(|path| at_path(output, path)) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(items)) => items.values().collect(),
        _ => Vec::new(),
    };
    let size = size(pagination, input);
    let start = at_path(input, &pagination.input_token);
    Some(Page { index, start, size, items, next: pagination.next(input, output), output })
}

fn size(pagination: &Pagination, input: &Value) -> Option<i64> {
    at_path(input, pagination.page_size.as_ref()?)?.as_i64()
}

/// Where a page after the first begins; an empty token, the offset 0 and the first page's number
/// begin a walk.
fn start<'v>(pagination: &Pagination, input: &'v Value) -> Option<&'v Value> {
    let start = at_path(input, &pagination.input_token)?;
    let is_first = match &pagination.style {
        PagingStyle::Token(_) => start.as_str().is_none_or(str::is_empty),
        PagingStyle::Offset { .. } => start.as_u64() == Some(0),
        PagingStyle::Page { first, .. } => start.as_u64() == Some(*first),
    };
    (!is_first).then_some(start)
}

/// What the requests of one walk have in common: a client that counts keeps to its size.
fn asked_alike(pagination: &Pagination, query: &Value, input: &Value) -> String {
    let size = pagination.page_size.as_ref().filter(|_| pagination.output_token().is_none());
    let size = size.and_then(|name| at_path(input, name));
    format!("{} {size:?}", canonical(query))
}

/// A token in a link is a text, whatever it is elsewhere.
fn plain(token: &Value) -> String {
    token.as_str().map_or_else(|| token.to_string(), str::to_owned)
}

/// What is listed, wherever a page begins and however long it is.
pub(super) fn query(pagination: &Pagination, input: &Value) -> Value {
    let mut query = input.clone();
    for path in [Some(&pagination.input_token), pagination.page_size.as_ref()].into_iter().flatten() {
        let pointer: String = path.split('.').map(|step| format!("/{step}")).collect();
        if let Some((parent, name)) = pointer.rsplit_once('/')
            && let Some(Value::Object(members)) = query.pointer_mut(parent)
        {
            members.shift_remove(name);
        }
    }
    query
}
