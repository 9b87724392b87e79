//! How a plan is done.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::case::Alteration;
use super::channel::ChannelError;
use super::plan::{Making, Plan, Stage};
use super::scene::Scene;
use super::thing::{Thing, set};
use crate::check::{Observation, next_page};
use crate::contract::{Filter, FilterKind, Kind, Operation, Pagination, at_path};
use crate::exchange::Body;
use crate::generate::{simplest, with_count};

/// How many pages more than different items a walk follows before it gives up.
const PATIENCE: usize = 20;

/// No walk has more pages: of a list that goes on, the laws about its end are not testable.
const MOST_PAGES: usize = 200;

impl<'a> Stage<'a> {
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
                let Some(base) = self.set_up(*items, scene)? else { return Ok(()) };
                sizes.iter().try_for_each(|size| self.walk(&base, *size, *items, scene).map(drop))
            }
            Plan::Token(how) => self.altered_token(*how, scene),
            Plan::Filter(index) => self.filtered(*index, scene),
            Plan::Life(changes) => self.live(changes, scene),
            Plan::Refused(input) => self.refused(input, scene),
            Plan::Detour(detour) => self.detour(*detour, scene),
            Plan::Windows => self.windows(scene),
            Plan::Again { first, other } => self.again(first, other.as_ref(), scene),
            Plan::Unchanged => self.unchanged(scene),
        }
    }

    /// The input with the names of a resource for those that stand for them; makes the resource.
    pub(super) fn prepared(&self, input: &Value, scene: &mut Scene<'a, '_>) -> Result<Value, ChannelError> {
        let mut input = input.clone();
        let stand_ins = self.stand_ins();
        let is_meant = |(member, value): (&String, &Value)| input.get(member) == Some(value);
        let is_about_one = stand_ins.iter().any(is_meant);
        if is_about_one && let Some(thing) = self.create(1, scene)?.pop() {
            input = self.about(&thing, input);
        }
        Ok(scene.fill(self.operation, input))
    }

    /// An input with the names of a resource for those that stand for them.
    pub(super) fn about(&self, thing: &Thing<'a>, mut input: Value) -> Value {
        let names = thing.names_for(self.contract, self.operation);
        for (member, stand_in) in self.stand_ins() {
            if let (Some(name), true) = (names.get(&member), input.get(&member) == Some(&stand_in)) {
                input[member.as_str()] = name.clone();
            }
        }
        input
    }

    /// Creates resources; those that the provider refuses are not there.
    pub(super) fn create(
        &self,
        count: usize,
        scene: &mut Scene<'a, '_>,
    ) -> Result<Vec<Thing<'a>>, ChannelError> {
        let mut made = Vec::new();
        let Some(resource) = self.resource.filter(|_| self.making == Making::Allowed) else {
            return Ok(made);
        };
        let create = resource.create.as_ref().and_then(|name| self.contract.operation(name));
        let (Some(create), Some(plain)) = (create, self.plain_input()) else { return Ok(made) };
        for _ in 0..count {
            let asked = scene.fill(create, plain.clone());
            let created = scene.call(create, &asked)?;
            let shown = created.output().cloned();
            made.extend(shown.map(|shown| Thing { resource, asked, shown }));
        }
        Ok(made)
    }

    /// Makes that many items for a list to show, and gives the input that lists them; `None` where
    /// there is none.
    pub(super) fn set_up(
        &self,
        items: usize,
        scene: &mut Scene<'a, '_>,
    ) -> Result<Option<Value>, ChannelError> {
        if self.lists() {
            self.create(items, scene)?;
            return Ok(simplest(self.contract, self.operation, &self.knowing(self.parents())));
        }
        let Some(thing) = self.create(1, scene)?.pop() else { return Ok(None) };
        if let Some(tag) = self.tag_operation().filter(|_| items > 0) {
            let given = self.knowing(thing.names_for(self.contract, tag));
            if let Some(input) = with_count(self.contract, tag, items, &given) {
                scene.call(tag, &input)?;
            }
        }
        let given = thing.names_for(self.contract, self.operation);
        Ok(simplest(self.contract, self.operation, &self.knowing(given)))
    }

    /// The operation that adds what this one lists.
    fn tag_operation(&self) -> Option<&'a Operation> {
        let tagging = self.resource?.tagging.as_ref()?;
        let tag = self.contract.operation(&tagging.tag);
        tag.filter(|_| tagging.list == self.operation.name)
    }

    /// Follows a list from its first page to its end, or until it is clear that there is none.
    pub(super) fn walk(
        &self,
        base: &Value,
        size: Option<i64>,
        known: usize,
        scene: &mut Scene<'a, '_>,
    ) -> Result<Vec<Value>, ChannelError> {
        let mut items = Vec::new();
        let Some(pagination) = &self.operation.pagination else { return Ok(items) };
        let mut input = sized(pagination, base, size);
        let (mut news, mut seen, mut link) = (HashSet::new(), HashSet::new(), None);
        while seen.len() <= known.max(news.len()) + PATIENCE && seen.len() < MOST_PAGES {
            let page = scene.follow(self.operation, &input, link)?;
            let of_page = items_of(pagination, &page);
            news.extend(of_page.iter().map(Value::to_string));
            items.extend(of_page);
            let Some(next) = page.output().and_then(|output| pagination.next(&input, output)) else { break };
            if !seen.insert(next.to_string()) {
                break;
            }
            set(&mut input, &pagination.input_token, next);
            link = next_page(&page);
        }
        Ok(items)
    }

    fn altered_token(&self, how: Alteration, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(pagination) = &self.operation.pagination else { return Ok(()) };
        let Some(base) = self.set_up(3, scene)? else { return Ok(()) };
        let mut input = sized(pagination, &base, Some(1));
        let first = scene.call(self.operation, &input)?;
        let token = first.output().and_then(|output| pagination.next(&input, output));
        let altered = match (token.as_ref().and_then(Value::as_str), how) {
            (Some(token), _) => scene.derive(token, &|token| how.apply(token)),
            (None, Alteration::Foreign) => how.apply(""),
            // Nothing to alter: the verdict says that the law was not tested.
            (None, _) => return Ok(()),
        };
        set(&mut input, &pagination.input_token, json!(altered));
        scene.call(self.operation, &input).map(drop)
    }

    fn filtered(&self, index: usize, scene: &mut Scene<'a, '_>) -> Result<(), ChannelError> {
        let Some(filter) = self.operation.filters.get(index) else { return Ok(()) };
        let Some(base) = self.set_up(3, scene)? else { return Ok(()) };
        let items = self.walk(&base, None, 3, scene)?;
        for value in self.filter_values(filter, &items, scene.name_prefix()) {
            let mut input = base.clone();
            let path = filter.key.iter().fold(filter.member.clone(), |path, key| format!("{path}.{key}"));
            set(&mut input, &path, value);
            self.walk(&input, None, 3, scene)?;
        }
        Ok(())
    }

    /// Values that let several items through, and one. Of names, those that begin like ours.
    pub(super) fn filter_values(&self, filter: &Filter, items: &[Value], prefix: &str) -> Vec<Value> {
        let unique = self.resource.and_then(|resource| Some((resource, resource.unique.as_ref()?)));
        let by_name = unique.is_some_and(|(resource, it)| resource.calls(&filter.item, &it.member));
        if filter.kind == FilterKind::Prefix && by_name {
            // Names end in a number.
            return vec![json!(prefix), json!(format!("{prefix}-1"))];
        }
        let mut shown: Vec<&Value> = items.iter().filter_map(|item| at_path(item, &filter.item)).collect();
        shown.dedup();
        let Some(first) = shown.first() else { return Vec::new() };
        match filter.kind {
            FilterKind::Prefix => {
                let text = first.as_str().unwrap_or_default();
                let half: String = text.chars().take(text.chars().count().div_ceil(2)).collect();
                vec![json!(half), json!(text)]
            }
            FilterKind::OneOf if self.takes_list(filter) => {
                let two: Vec<_> = shown.iter().take(2).collect();
                vec![json!([first]), json!(two)]
            }
            FilterKind::OneOf => vec![(*first).clone()],
        }
    }

    fn takes_list(&self, filter: &Filter) -> bool {
        let member = self.contract.input(self.operation).path(&filter.member);
        let value = match filter.key {
            Some(_) => member.and_then(|member| member.values()),
            None => member,
        };
        value.is_some_and(|value| value.kind() == Kind::List)
    }
}

pub(super) fn sized(pagination: &Pagination, base: &Value, size: Option<i64>) -> Value {
    let mut input = base.clone();
    if let (Some(name), Some(size)) = (&pagination.page_size, size) {
        set(&mut input, name, json!(size));
    }
    input
}

pub(super) fn items_of(pagination: &Pagination, page: &Observation<'_>) -> Vec<Value> {
    let items = pagination.items.as_ref().and_then(|path| at_path(page.output()?, path)?.as_array());
    items.cloned().unwrap_or_default()
}
