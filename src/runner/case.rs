//! Which cases a contract has.

use std::collections::BTreeSet;

use crate::contract::{Contract, Kind, Operation, Pagination, PagingStyle, Resource, Safety};
use crate::generate::{Violating, violations};

/// One named case: what is asked, before any value is drawn.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its stable name, `CreateCluster/violates/clusterName.maxLength`.
    pub name: String,
    /// The operation that it is about.
    pub operation: String,
    pub(super) ask: Ask,
}

/// What a case asks.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// A valid input.
    Valid,
    /// An input with one documented constraint broken.
    Violates(Box<Violating>),
    /// A body that is no JSON.
    Malformed,
    /// An identifier that names nothing.
    Unknown,
    /// All items, page by page, with several sizes.
    Pages,
    /// More items than the documented default size, listed without a size.
    DefaultSize,
    /// A token that was never handed out.
    AlteredToken(Alteration),
    /// A list narrowed by that filter of the operation.
    Filtered(usize),
    /// A thing from its creation to its end.
    Lifecycle,
    /// A creation that is refused, and the list after it.
    Refused,
    /// The same walk twice, with that page size.
    Twice(Option<i64>),
    /// Walks without a size, and with the smallest and the largest that is documented.
    DocumentedSizes,
    /// A list of nothing, as far as it is ours.
    NoItems,
    /// A walk that does not go on as it began.
    Detour(Detour),
    /// Windows into a counted list: apart, over each other, and behind its end.
    Windows,
    /// The same request twice, with one idempotency token.
    Again(Parameters),
    /// A list before and after a call that only reads.
    Unchanged,
}

/// Where a walk leads that does not go on as it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detour {
    /// On with another page size.
    OtherSize,
    /// On with a filter.
    OtherFilter,
    /// To the same page a second time.
    SamePage,
    /// To another operation's list.
    OtherOperation,
    /// On, while things are deleted.
    Shrinking,
}

/// What a request has that comes again with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameters {
    Same,
    Other,
}

/// How a token that was handed out is altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alteration {
    Flipped,
    Truncated,
    /// Not made from a token at all.
    Foreign,
}

/// Which operations may be called.
#[derive(Debug, Clone)]
pub enum Permission {
    /// All of them: the sandbox, or a recording.
    Everything,
    /// Those that only read, and these by name.
    ReadsAnd(BTreeSet<String>),
}

impl Permission {
    /// Whether an operation may be called.
    pub fn allows(&self, operation: &Operation) -> bool {
        match self {
            Self::Everything => true,
            Self::ReadsAnd(names) => operation.safety == Safety::Read || names.contains(&operation.name),
        }
    }
}

impl Alteration {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Flipped, "flipped"), (Self::Truncated, "truncated"), (Self::Foreign, "foreign")];

    /// A token that differs from the one handed out; as long as it has two characters.
    pub(super) fn apply(self, token: &str) -> String {
        let mut letters: Vec<char> = token.chars().collect();
        match self {
            Self::Flipped => {
                let middle = letters.len() / 2;
                if let Some(letter) = letters.get_mut(middle) {
                    *letter = if *letter == 'A' { 'B' } else { 'A' };
                }
            }
            Self::Truncated => letters.truncate(letters.len() / 2),
            Self::Foreign => letters = "onrecord-no-such-token".chars().collect(),
        }
        letters.into_iter().collect()
    }
}

/// All cases of a contract, `valid` of them for each operation's valid inputs. What a careless provider
/// keeps of a wrong creation, it may stumble over ever after: those come last.
pub fn cases(contract: &Contract, valid: usize) -> Vec<Case> {
    let calls = contract.operations.iter().flat_map(|operation| of_operation(contract, operation, valid));
    let lives = contract.resources.iter().flat_map(|resource| of_resource(contract, resource));
    let (last, mut cases): (Vec<_>, Vec<_>) =
        calls.chain(lives).partition(|case| case.is_littering(contract));
    cases.extend(last);
    cases
}

impl Case {
    /// Whether it makes something that no provider should.
    fn is_littering(&self, contract: &Contract) -> bool {
        let creates = contract.operation(&self.operation).is_some_and(|it| it.safety == Safety::Create);
        creates && matches!(self.ask, Ask::Violates(_) | Ask::Malformed | Ask::Refused)
    }
}

/// The cases about the life of a resource go by the operation that makes it.
fn of_resource(contract: &Contract, resource: &Resource) -> Vec<Case> {
    let create = resource.create.as_ref().and_then(|name| contract.operation(name));
    let Some(create) = create.filter(|_| resource.read.is_some() || resource.list.is_some()) else {
        return Vec::new();
    };
    let case = |kind: &str, ask: Ask| Case {
        name: format!("{}/{kind}", create.name),
        operation: create.name.clone(),
        ask,
    };
    let mut cases = vec![case("lifecycle/0", Ask::Lifecycle)];
    if resource.unique.is_some() && resource.list.is_some() {
        cases.push(case("refused/0", Ask::Refused));
    }
    cases
}

fn of_operation(contract: &Contract, operation: &Operation, valid: usize) -> Vec<Case> {
    let case = |kind: String, ask: Ask| Case {
        name: format!("{}/{kind}", operation.name),
        operation: operation.name.clone(),
        ask,
    };
    let mut cases: Vec<_> = (0..valid).map(|n| case(format!("valid/{n}"), Ask::Valid)).collect();
    let broken = violations(contract, operation).reachable.into_iter();
    cases.extend(broken.map(|how| case(format!("violates/{}", how.label), Ask::Violates(Box::new(how)))));
    if takes_json(contract, operation) {
        cases.push(case("malformed/body".to_owned(), Ask::Malformed));
    }
    if let Some(reference) = contract.own_references(operation).last() {
        cases.push(case(format!("unknown/{}", reference.member), Ask::Unknown));
    }
    if let Some(pagination) = &operation.pagination {
        cases.extend((0..valid.div_ceil(2)).map(|n| case(format!("pages/{n}"), Ask::Pages)));
        if pagination.sizes.as_ref().is_some_and(|sizes| sizes.default.is_some()) {
            cases.push(case("pages/default-size".to_owned(), Ask::DefaultSize));
        }
        let altered = Alteration::ALL.into_iter().filter(|_| pagination.output_token().is_some());
        cases.extend(altered.map(|(how, name)| case(format!("token/{name}"), Ask::AlteredToken(how))));
        cases.extend(of_walks(contract, operation, pagination).map(|(kind, ask)| case(kind.to_owned(), ask)));
    }
    cases.extend(of_repetition(contract, operation).map(|(kind, ask)| case(kind.to_owned(), ask)));
    cases.extend(operation.filters.iter().enumerate().map(|(index, filter)| {
        let key = filter.key.iter().map(|key| format!(".{key}"));
        case(format!("filter/{}{}", filter.member, key.collect::<String>()), Ask::Filtered(index))
    }));
    cases
}

/// What else may happen on the way from page to page.
fn of_walks(
    contract: &Contract,
    operation: &Operation,
    pagination: &Pagination,
) -> impl Iterator<Item = (&'static str, Ask)> {
    let by_token = |operation: &Operation| {
        operation.pagination.as_ref().is_some_and(|pagination| pagination.output_token().is_some())
    };
    let others = contract.operations.iter().any(|other| other.name != operation.name && by_token(other));
    let (is_by_token, sized) = (by_token(operation), pagination.page_size.is_some());
    let has_maximum = pagination.sizes.as_ref().is_some_and(|sizes| sizes.maximum.is_some());
    let resource = contract.resources.iter().find(|it| it.list.as_ref() == Some(&operation.name));
    let shrinks =
        resource.is_some_and(|it| [&it.create, &it.read, &it.delete].iter().all(|name| name.is_some()));
    let by_offset = matches!(pagination.style, PagingStyle::Offset { .. });
    let all = [
        (true, "pages/none", Ask::NoItems),
        (true, "pages/twice-whole", Ask::Twice(None)),
        (sized, "pages/twice", Ask::Twice(Some(2))),
        (sized && has_maximum, "pages/documented-sizes", Ask::DocumentedSizes),
        (sized && by_offset, "pages/windows", Ask::Windows),
        (sized && is_by_token, "token/other-size", Ask::Detour(Detour::OtherSize)),
        (
            is_by_token && !operation.filters.is_empty(),
            "token/other-filter",
            Ask::Detour(Detour::OtherFilter),
        ),
        (is_by_token, "token/same-page", Ask::Detour(Detour::SamePage)),
        (is_by_token && others, "token/other-operation", Ask::Detour(Detour::OtherOperation)),
        (sized && is_by_token && shrinks, "token/shrinking", Ask::Detour(Detour::Shrinking)),
    ];
    all.into_iter().filter(|(has_ground, ..)| *has_ground).map(|(_, kind, ask)| (kind, ask))
}

/// What a request may do when it comes again, or when it only reads.
fn of_repetition(contract: &Contract, operation: &Operation) -> impl Iterator<Item = (&'static str, Ask)> {
    let has_token =
        contract.input(operation).members().any(|it| it.schema.note("idempotencyToken").is_some());
    let has_parameters = has_token && matches!(operation.safety, Safety::Create | Safety::Change);
    let list = contract.subject(operation).and_then(|it| contract.operation(it.list.as_ref()?));
    let is_listed = list.is_some_and(|list| list.pagination.is_some() && list.name != operation.name);
    let reads = operation.safety == Safety::Read && !contract.own_references(operation).is_empty();
    let all = [
        (has_token, "again/same", Ask::Again(Parameters::Same)),
        (has_parameters, "again/other", Ask::Again(Parameters::Other)),
        (reads && is_listed, "readonly/unchanged", Ask::Unchanged),
    ];
    all.into_iter().filter(|(has_ground, ..)| *has_ground).map(|(_, kind, ask)| (kind, ask))
}

/// Whether a body that is no JSON is a mistake.
fn takes_json(contract: &Contract, operation: &Operation) -> bool {
    let payload = operation.payload().and_then(|payload| contract.input(operation).member(payload));
    let is_json = payload.is_none_or(|payload| payload.kind() != Kind::Text);
    operation.has_body() && is_json && contract.protocol().judges_bodies()
}
