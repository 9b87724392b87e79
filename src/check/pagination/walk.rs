//! Walks, read off a session.

use serde_json::Value;

use super::super::{Observation, Session};
use crate::contract::{Operation, Outcome, Pagination, at_path};

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
}

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
    for (index, observation) in session.observations.iter().enumerate() {
        let Some((operation, pagination)) = paged(observation) else { continue };
        let Some(input) = &observation.input else { continue };
        let page = page(pagination, index, observation);
        let query = query(pagination, input);
        match (token(input, &pagination.input_token), page) {
            (None, Some(page)) => walks.push(Walk { operation, query, pages: vec![page], refused: None }),
            (Some(token), page) => {
                let follows = |walk: &&mut Walk<'_>| {
                    walk.operation.name == operation.name
                        && walk.query == query
                        && walk.token() == Some(token)
                };
                match (walks.iter_mut().rev().find(follows), page) {
                    (Some(walk), Some(page)) => walk.pages.push(page),
                    (Some(walk), None) => walk.refused = Some(index),
                    (None, _) => {}
                }
            }
            (None, None) => {}
        }
    }
    walks
}

impl<'s> Walk<'s> {
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
        let indices = self.indices();
        (indices.first().copied().unwrap_or_default(), indices.last().copied().unwrap_or_default())
    }
}

/// The items' identities: the resource's identifier in each, or the item itself.
pub(in crate::check) fn identities<'s>(
    session: &Session<'_>,
    operation: &Operation,
    items: impl Iterator<Item = &'s Value>,
) -> Vec<&'s Value> {
    let resource = session.contract.resource_of(&operation.name);
    let identifiers = resource.map(|resource| resource.identifiers.as_slice()).unwrap_or_default();
    items.map(|item| identifiers.iter().find_map(|name| item.get(name)).unwrap_or(item)).collect()
}

fn paged<'s>(observation: &'s Observation<'_>) -> Option<(&'s Operation, &'s Pagination)> {
    let operation = observation.operation?;
    Some((operation, operation.pagination.as_ref()?))
}

fn page<'s>(pagination: &Pagination, index: usize, observation: &'s Observation<'_>) -> Option<Page<'s>> {
    let Some(Outcome::Output(output)) = &observation.outcome else { return None };
    let items = pagination.items.as_ref().and_then(|path| at_path(output, path)).and_then(Value::as_array);
    let size =
        pagination.page_size.as_ref().and_then(|name| at_path(observation.input.as_ref()?, name)?.as_i64());
    Some(Page {
        index,
        size,
        items: items.into_iter().flatten().collect(),
        token: token(output, &pagination.output_token),
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
