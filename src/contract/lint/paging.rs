//! Pagination and filters: their members are there, and of the right kind.

use super::Findings;
use crate::contract::places::Subject;
use crate::contract::{Filter, Kind, Operation, Pagination, PagingStyle, Schema};

/// What to do about a name that leads nowhere.
const NAMES: &str = "name a member by its dotted path, as `onrecord contract show` gives it";

pub(super) fn lint(found: &mut Findings<'_>) {
    let contract = found.contract;
    for operation in &contract.operations {
        if let Some(pagination) = &operation.pagination {
            members(operation, pagination, found);
            sizes(operation, pagination, found);
            identity(operation, pagination, found);
        }
        for filter in &operation.filters {
            filtered(operation, filter, found);
        }
    }
}

/// The items of an operation's answer.
fn items<'c>(found: &Findings<'c>, operation: &Operation, pagination: &Pagination) -> Option<Schema<'c>> {
    let list = found.contract.output(operation).path(pagination.items.as_ref()?)?;
    list.items().or_else(|| list.values())
}

/// What a member that pagination names has to be.
#[derive(Clone, Copy)]
enum Wanted {
    Anything,
    List,
    Number,
}

impl Wanted {
    fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Anything => true,
            Self::List => matches!(kind, Kind::List | Kind::Map | Kind::Any),
            Self::Number => matches!(kind, Kind::Integer | Kind::Number | Kind::Any),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::List => "a list",
            Self::Number => "a number",
        }
    }
}

fn members(operation: &Operation, pagination: &Pagination, found: &mut Findings<'_>) {
    let subject = Subject::Operation(operation.name.clone());
    let (input, output) = (found.contract.input(operation), found.contract.output(operation));
    let linked = pagination.is_linked();
    let token = match pagination.style {
        PagingStyle::Token(_) => Wanted::Anything,
        PagingStyle::Offset { .. } | PagingStyle::Page { .. } => Wanted::Number,
    };
    for (name, schema, path, wanted) in [
        ("inputToken", input, Some(pagination.input_token.as_str()), token),
        ("outputToken", output, pagination.output_token().filter(|_| !linked), Wanted::Anything),
        ("nextLink", output, pagination.next_link.as_deref(), Wanted::Anything),
        ("items", output, pagination.items.as_deref(), Wanted::List),
        ("pageSize", input, pagination.page_size.as_deref(), Wanted::Number),
        ("total", output, pagination.total(), Wanted::Number),
    ] {
        let Some(path) = path else { continue };
        match schema.path(path) {
            None => {
                let problem =
                    format!("paginated names {path} as {name}, and {} has no such member", operation.name);
                found.error(&subject, Some("paginated"), problem, NAMES);
            }
            Some(member)
                if !wanted.fits(member.kind()) && !member.branches().any(|it| wanted.fits(it.kind())) =>
            {
                let problem =
                    format!("paginated names {path} as {name}, and that is not {}", wanted.as_str());
                found.warning(&subject, Some("paginated"), problem, NAMES);
            }
            Some(_) => {}
        }
    }
}

fn sizes(operation: &Operation, pagination: &Pagination, found: &mut Findings<'_>) {
    let Some(sizes) = &pagination.sizes else { return };
    let subject = Subject::Operation(operation.name.clone());
    if let (Some(default), Some(maximum)) = (sizes.default, sizes.maximum)
        && default > maximum
    {
        let problem = format!("the default page size {default} is above the maximum {maximum}");
        found.warning(&subject, Some("pageSize"), problem, "swap or mend them");
    }
    let member = pagination.page_size.as_ref().and_then(|path| found.contract.input(operation).path(path));
    let bound =
        member.and_then(|member| member.bound("maximum")).and_then(|bound| usize::try_from(bound).ok());
    if let (Some(bound), Some(maximum)) = (bound, sizes.maximum)
        && maximum > bound
    {
        let problem =
            format!("the page size {maximum} is said to be possible, and its member takes {bound} at most");
        found.warning(&subject, Some("pageSize"), problem, "give the smaller one");
    }
}

fn identity(operation: &Operation, pagination: &Pagination, found: &mut Findings<'_>) {
    let Some(identity) = &pagination.identity else { return };
    let Some(item) = items(found, operation, pagination) else { return };
    let is_there = match identity.as_str() {
        "" => !matches!(item.kind(), Kind::Structure | Kind::Map | Kind::List),
        path => item.path(path).is_some() || is_free(item),
    };
    if !is_there {
        let problem = match identity.as_str() {
            "" => "the items of the list are no plain values, so that they do not identify themselves"
                .to_owned(),
            path => format!("identity names {path}, and the items of the list have no such member"),
        };
        found.error(&Subject::Operation(operation.name.clone()), Some("identity"), problem, NAMES);
    }
}

/// Whether nothing is documented of what is inside.
fn is_free(item: Schema<'_>) -> bool {
    matches!(item.kind(), Kind::Map | Kind::Any)
}

fn filtered(operation: &Operation, filter: &Filter, found: &mut Findings<'_>) {
    let subject = Subject::Member(operation.input.clone(), filter.member.clone());
    let output = found.contract.output(operation);
    let has_item =
        |item: Schema<'_>| filter.item.is_empty() || item.path(&filter.item).is_some() || is_free(item);
    let known = operation.pagination.as_ref().and_then(|pagination| items(found, operation, pagination));
    let is_there = match known {
        Some(item) => has_item(item),
        None => output.members().filter_map(|member| member.schema.items()).any(has_item),
    };
    if !is_there {
        let problem =
            format!("the filter looks at {}, and the items of the list have no such member", filter.item);
        found.error(&subject, Some("filter"), problem, NAMES);
    }
    let member = found.contract.input(operation).member(&filter.member);
    let is_map = member.is_some_and(|member| matches!(member.kind(), Kind::Map | Kind::Structure));
    if filter.key.is_some() && !is_map {
        let problem = format!("the filter has a key, and {} is no map", filter.member);
        found.error(&subject, Some("filter"), problem, "leave the key out, or name the map");
    }
}
