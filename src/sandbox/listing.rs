//! Lists: which things, which of them are on the page, and the token for the rest.

use serde_json::Value;

use super::cursor::Cursors;
use super::fault::Faults;
use super::project::{project, put};
use super::refusal::Refusal;
use super::store::{Store, Thing, member_for};
use crate::contract::{Contract, Kind, Operation, Pagination, Resource, Schema, at_path};

/// How many items a page has at most where the contract does not say.
const PAGE: usize = 100;

/// What is asked of a list.
#[derive(Debug)]
pub(super) struct Query {
    /// The page size that was asked for.
    pub(super) size: Option<usize>,
    /// The documented page size when none is asked for.
    pub(super) default: usize,
    /// The longest page.
    pub(super) maximum: usize,
    /// Where the page before ended; `None` for the first page.
    pub(super) after: Option<u64>,
    /// The filters that were given: the member of an item, and how it starts.
    pub(super) prefixes: Vec<(String, String)>,
}

/// One item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its place in the list: rises from entry to entry.
    pub(super) place: u64,
    /// The position of the thing that it shows.
    pub(super) thing: u64,
}

/// The items of a list, in order, before they are cut into pages.
#[derive(Debug)]
pub(super) struct Selection {
    /// Those that fit the filters.
    pub(super) matching: Vec<Entry>,
    /// All, whatever the filters are.
    pub(super) all: Vec<Entry>,
}

/// One page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Its items.
    pub(super) entries: Vec<Entry>,
    /// Where the next page begins; `None` at the end.
    pub(super) next: Option<u64>,
}

/// A call of an operation that lists the things of a resource.
pub(super) struct Listing<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) resource: &'a Resource,
    pub(super) input: &'a Value,
    pub(super) faults: &'a Faults,
}

impl Listing<'_> {
    /// The output.
    pub(super) fn output(&self, store: &mut Store) -> Result<Value, Refusal> {
        let cursors = Cursors::new(self.binding());
        let query = self.query(&cursors)?;
        let mut selection = self.select(store, &query);
        self.faults.select(&query, &mut selection);
        let mut page = query.page_of(&selection.matching, query.limit());
        self.faults.page(&query, &selection.matching, &mut page);
        Ok(self.show(store, &page, &cursors))
    }

    /// What a token is bound to: everything that decides which items are listed.
    fn binding(&self) -> String {
        let presents = |name: &String| {
            self.operation.pagination.as_ref().is_some_and(|paged| {
                *name == paged.input_token || paged.page_size.as_ref().is_some_and(|size| name == size)
            })
        };
        let members = self.input.as_object().into_iter().flatten().filter(|(name, _)| !presents(name));
        let mut members: Vec<_> = members.map(|(name, value)| format!("{name}={value}")).collect();
        members.sort_unstable();
        format!("{} {} {}", self.contract.digest, self.operation.name, members.join("&"))
    }

    fn query(&self, cursors: &Cursors) -> Result<Query, Refusal> {
        let paged = self.operation.pagination.as_ref();
        let sizes = paged.and_then(|paged| paged.sizes.as_ref());
        let maximum =
            sizes.and_then(|sizes| sizes.maximum).unwrap_or(if paged.is_some() { PAGE } else { usize::MAX });
        let prefix = |filter: &crate::contract::Filter| {
            let text = self.input.get(&filter.member)?.as_str()?;
            Some((filter.item.clone(), text.to_owned()))
        };
        Ok(Query {
            size: paged.and_then(|paged| size(self.input, paged)),
            default: sizes.and_then(|sizes| sizes.default).unwrap_or(maximum),
            maximum,
            after: paged.map_or(Ok(None), |paged| self.faults.cursor(after(self.input, paged, cursors)))?,
            prefixes: self.operation.filters.iter().filter_map(prefix).collect(),
        })
    }

    fn select(&self, store: &Store, query: &Query) -> Selection {
        let entry = |thing: &Thing| Entry { place: thing.position, thing: thing.position };
        let under = || store.all(self.resource).filter(|thing| self.is_under_parent(thing));
        Selection {
            matching: under().filter(|thing| query.fits(&thing.members)).map(entry).collect(),
            all: under().map(entry).collect(),
        }
    }

    /// Whether a thing has the identifiers that the input gives: those of its parent.
    fn is_under_parent(&self, thing: &Thing) -> bool {
        self.resource.identifiers.iter().all(|identifier| {
            let member = member_for(self.contract, self.operation, identifier);
            let wanted = member.and_then(|member| self.input.get(member));
            wanted.is_none_or(|wanted| thing.members.get(identifier) == Some(wanted))
        })
    }

    fn show(&self, store: &mut Store, page: &Page, cursors: &Cursors) -> Value {
        let schema = self.contract.output(self.operation);
        let mut output = project(schema, &Value::Null);
        let paged = self.operation.pagination.as_ref();
        let path = paged.and_then(|paged| paged.items.as_deref()).or_else(|| only_list(schema));
        if let Some(path) = path {
            let item = schema.path(path).and_then(|list| list.items());
            let looks = page.entries.iter().filter_map(|entry| self.look(store, entry, item)).collect();
            put(&mut output, path, Value::Array(looks));
        }
        let token = paged.and_then(|paged| paged.output_token());
        if let (Some(token), Some(next)) = (token, page.next) {
            put(&mut output, token, cursors.token(next).into());
        }
        output
    }

    fn look(&self, store: &mut Store, entry: &Entry, item: Option<Schema<'_>>) -> Option<Value> {
        let members = store.at(entry.thing)?.look(self.resource.states.as_ref());
        match item {
            Some(item) if item.kind() == Kind::Structure => Some(project(item, members)),
            _ => members.get(self.resource.identifiers.last()?).cloned(),
        }
    }
}

impl Query {
    /// How many items the page has at most.
    pub(super) fn limit(&self) -> usize {
        self.size.filter(|size| *size > 0).unwrap_or(self.default).min(self.maximum).max(1)
    }

    /// The page that begins where this query says, with at most `limit` items.
    pub(super) fn page_of(&self, entries: &[Entry], limit: usize) -> Page {
        let is_left = |entry: &&Entry| self.after.is_none_or(|after| entry.place > after);
        let left: Vec<_> = entries.iter().filter(is_left).copied().collect();
        let shown: Vec<_> = left.iter().take(limit).copied().collect();
        let next = shown.last().filter(|_| left.len() > shown.len()).map(|last| last.place);
        Page { entries: shown, next }
    }

    fn fits(&self, thing: &Value) -> bool {
        self.prefixes.iter().all(|(item, prefix)| {
            at_path(thing, item).and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix))
        })
    }
}

fn size(input: &Value, paged: &Pagination) -> Option<usize> {
    let size = at_path(input, paged.page_size.as_ref()?)?;
    // Zero and less ask for the default where the contract lets them through.
    Some(size.as_u64().or(size.as_f64().map(|size| size as u64))? as usize)
}

fn after(input: &Value, paged: &Pagination, cursors: &Cursors) -> Result<Option<u64>, Refusal> {
    let Some(token) = at_path(input, &paged.input_token) else { return Ok(None) };
    let position = token.as_str().and_then(|token| cursors.position(token));
    position.map(Some).ok_or_else(|| Refusal::Cursor { member: paged.input_token.clone() })
}

/// The one list of an output: Smithy lets `items` unsaid.
fn only_list(schema: Schema<'_>) -> Option<&str> {
    let mut lists = schema.members().filter(|member| member.schema.kind() == Kind::List);
    let list = lists.next()?;
    lists.next().is_none().then_some(list.name)
}
