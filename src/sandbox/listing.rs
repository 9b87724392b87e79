//! Lists: which items, which of them are on the page, and what leads to the rest.

use serde_json::{Value, json};

use super::cursor::Cursors;
use super::fault::Faults;
use super::history::Before;
use super::leading::{self, Leading};
use super::paging::{Begin, Entry, PAGE, Page, Query, Selection, begin, size};
use super::project::{View, payload, put};
use super::refusal::Refusal;
use crate::contract::{Contract, Filter, Kind, Operation, Pagination, Schema, at_path};

/// A call of an operation that lists something.
pub(super) struct Listing<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) input: &'a Value,
    pub(super) faults: &'a Faults,
    /// What was asked before.
    pub(super) before: &'a Before,
}

/// Where a page is asked for, as far as faults look at it.
pub(super) struct Asked<'a> {
    contract: &'a Contract,
    pub(super) operation: &'a Operation,
    paged: &'a Pagination,
    input: &'a Value,
    before: &'a Before,
    /// The size that is asked for.
    pub(super) size: Option<usize>,
    /// The largest documented size.
    pub(super) maximum: Option<usize>,
}

/// Something that is listed.
#[derive(Debug)]
pub(super) struct Item {
    /// Its place in the list: rises from item to item, and stays while others come and go.
    pub(super) place: u64,
    /// As it is shown.
    pub(super) shown: Value,
}

impl<'a> Listing<'a> {
    /// The schema of an item, where the contract describes one.
    pub(super) fn item(&self) -> Option<Schema<'a>> {
        self.contract.output(self.operation).path(&self.items_path()?)?.items()
    }

    /// Whether a page behind the first one is asked for.
    pub(super) fn goes_on(&self) -> bool {
        let token = self.operation.pagination.as_ref().map(|paged| &paged.input_token);
        token.is_some_and(|token| at_path(self.input, token).is_some())
    }

    /// The output that lists of these items what is asked for.
    pub(super) fn output(&self, items: &[Item]) -> Result<Value, Refusal> {
        let cursors = self.cursors();
        let query = self.query(&cursors)?;
        let mut selection = select(&query, items);
        self.faults.select(&query, &mut selection);
        let mut page = query.page_of(&selection.matching, query.limit());
        self.faults.page(&query, &selection.matching, &mut page);
        Ok(self.show(items, &query, &page, &cursors))
    }

    /// The output with an empty list, where it pages through something that nothing is known of:
    /// no token leads there.
    pub(super) fn of_nothing(&self, mut output: Value) -> Result<Value, Refusal> {
        self.query(&self.cursors())?;
        let paged = self.operation.pagination.as_ref();
        let Some(path) = paged.and_then(|paged| paged.items.as_ref()) else { return Ok(output) };
        let schema = self.contract.output(self.operation).path(path);
        let is_list = schema.is_some_and(|schema| schema.kind() == Kind::List);
        if is_list && at_path(&output, path).is_none() {
            put(&mut output, path, json!([]));
        }
        Ok(output)
    }

    fn cursors(&self) -> Cursors {
        Cursors::new(binding(self.contract, self.operation, self.input))
    }

    fn query(&self, cursors: &Cursors) -> Result<Query, Refusal> {
        let paged = self.operation.pagination.as_ref();
        let sizes = paged.and_then(|paged| paged.sizes.as_ref());
        let maximum =
            sizes.and_then(|sizes| sizes.maximum).unwrap_or(if paged.is_some() { PAGE } else { usize::MAX });
        let begin = |paged: &'a Pagination| {
            let Self { contract, operation, input, before, .. } = *self;
            let maximum = paged.sizes.as_ref().and_then(|sizes| sizes.maximum);
            let size = size(input, paged);
            let asked = Asked { contract, operation, paged, input, before, size, maximum };
            self.faults.cursor(&asked, begin(input, paged, cursors))
        };
        let given = |filter: &Filter| Some((filter.clone(), filter.of(self.input)?.clone()));
        Ok(Query {
            size: paged.and_then(|paged| size(self.input, paged)),
            default: sizes.and_then(|sizes| sizes.default).unwrap_or(maximum),
            maximum,
            begin: paged.map_or(Ok(Begin::First), begin)?,
            filters: self.operation.filters.iter().filter_map(given).collect(),
            again: self.before.is_same(self.operation, self.input),
            times: self.before.times,
            after_read: self.before.has_read(self.contract, self.operation),
        })
    }

    /// Where the items stand: as the contract says, else the one list of the output.
    fn items_path(&self) -> Option<String> {
        let paged = self.operation.pagination.as_ref();
        if let Some(path) = paged.and_then(|paged| paged.items.clone()) {
            return Some(path);
        }
        match payload(self.contract, self.operation) {
            Some((name, payload)) if payload.kind() == Kind::List => Some(name.to_owned()),
            Some((name, payload)) => Some(format!("{name}.{}", only_list(payload)?)),
            None => only_list(self.contract.output(self.operation)).map(str::to_owned),
        }
    }

    fn show(&self, items: &[Item], query: &Query, page: &Page, cursors: &Cursors) -> Value {
        let mut output = View { thing: &Value::Null }.output(self.contract, self.operation);
        let Some(path) = self.items_path() else { return output };
        let shown = page.entries.iter().filter_map(|entry| Some(items.get(entry.item)?.shown.clone()));
        put(&mut output, &path, shown.collect());
        let Some(paged) = &self.operation.pagination else { return output };
        let Self { contract, operation, input, .. } = *self;
        let begin = page.next.and_then(|next| match paged.output_token() {
            Some(_) => Some(cursors.token(next).into()),
            None => leading::counted(paged, input, page.entries.len(), query.limit()),
        });
        Leading { contract, operation, input }.lead(&mut output, begin);
        if let Some(total) = paged.total() {
            put(&mut output, total, json!(page.total));
        }
        if let Some(flag) = self.contract.more_flag(self.operation) {
            put(&mut output, &flag, json!(page.next.is_some()));
        }
        if paged.output_token().is_none() {
            self.echo(&mut output, &path, paged, query);
        }
        output
    }

    /// Who counts is told again what was asked for, where the output has a member for it.
    fn echo(&self, output: &mut Value, items: &str, paged: &Pagination, query: &Query) {
        let begin = match (query.begin, &paged.style) {
            (Begin::Skip(count), _) => count,
            (Begin::SkipPages(count), crate::contract::PagingStyle::Page { first, .. }) => first + count,
            _ => return,
        };
        let asked =
            [(Some(&paged.input_token), json!(begin)), (paged.page_size.as_ref(), json!(query.limit()))];
        for (name, value) in asked.into_iter().filter_map(|(name, value)| Some((name?, value))) {
            let path = beside(items, name);
            if self.contract.output(self.operation).path(&path).is_some() {
                put(output, &path, value);
            }
        }
    }
}

impl Asked<'_> {
    /// The token that came.
    pub(super) fn token(&self) -> Option<&str> {
        at_path(self.input, &self.paged.input_token)?.as_str()
    }

    /// The size that the last list was asked for with, if it is the same.
    pub(super) fn last_size(&self) -> Option<Option<usize>> {
        let (_, input) = self.before.last_list.as_ref().filter(|_| self.is_last_list())?;
        Some(size(input, self.paged))
    }

    /// Whether the last list that was asked for is the same.
    pub(super) fn is_last_list(&self) -> bool {
        let last = self.before.last_list.as_ref().filter(|(name, _)| *name == self.operation.name);
        let own = || binding(self.contract, self.operation, self.input);
        last.is_some_and(|(_, input)| binding(self.contract, self.operation, input) == own())
    }

    /// What the token is for the last list that was asked for: its operation, and where its page begins.
    pub(super) fn of_last_list(&self) -> Option<(&str, Begin)> {
        let (name, input) = self.before.last_list.as_ref()?;
        let operation = self.contract.operation(name)?;
        let after = Cursors::new(binding(self.contract, operation, input)).position(self.token()?)?;
        Some((name, Begin::After(after)))
    }

    /// What says that the token is not one.
    pub(super) fn refusal(&self) -> Refusal {
        Refusal::Cursor { member: self.paged.input_token.clone() }
    }
}

/// What a token is bound to: everything that decides which items are listed.
fn binding(contract: &Contract, operation: &Operation, input: &Value) -> String {
    let presents = |name: &String| {
        operation.pagination.as_ref().is_some_and(|paged| {
            *name == paged.input_token || paged.page_size.as_ref().is_some_and(|size| name == size)
        })
    };
    let members = input.as_object().into_iter().flatten().filter(|(name, _)| !presents(name));
    let mut members: Vec<_> = members.map(|(name, value)| format!("{name}={value}")).collect();
    members.sort_unstable();
    format!("{} {} {}", contract.digest, operation.name, members.join("&"))
}

/// The path of a member of that name beside the items.
pub(super) fn beside(items: &str, name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or(name);
    match items.rsplit_once('.') {
        Some((holder, _)) => format!("{holder}.{name}"),
        None => name.to_owned(),
    }
}

fn select(query: &Query, items: &[Item]) -> Selection {
    let entries = || items.iter().enumerate();
    let entry = |(index, item): (usize, &Item)| Entry { place: item.place, item: index };
    Selection {
        matching: entries().filter(|(_, item)| query.fits(&item.shown)).map(entry).collect(),
        all: entries().map(entry).collect(),
    }
}

/// The one list of an output: Smithy lets `items` unsaid.
fn only_list(schema: Schema<'_>) -> Option<&str> {
    let mut lists = schema.members().filter(|member| member.schema.kind() == Kind::List);
    let list = lists.next()?;
    lists.next().is_none().then_some(list.name)
}
