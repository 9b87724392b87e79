//! Operations.

use onrecord::contract::{
    Binding, Condition, Constraint, Contract, End, ErrorKind, ErrorShape, Filter, FilterKind, Operation,
    Pagination, PagingStyle, Place, Rule, Source,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{RoleTable, role_tables};

/// One documented call.
#[derive(Serialize)]
pub(crate) struct OperationView {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) host_prefix: Option<String>,
    pub(crate) safety: &'static str,
    pub(crate) source: Option<SourceView>,
    /// The name of the input shape.
    pub(crate) input: String,
    /// Where the input's members travel that do not travel in the body.
    pub(crate) places: Vec<PlaceView>,
    pub(crate) answers: Vec<AnswerView>,
    pub(crate) errors: Vec<ErrorView>,
    pub(crate) pagination: Option<PaginationView>,
    pub(crate) constraints: Vec<ConstraintView>,
    pub(crate) rules: Vec<RuleView>,
    /// Rules of what is answered.
    pub(crate) answer_rules: Vec<RuleView>,
    pub(crate) filters: Vec<FilterView>,
    pub(crate) examples: Vec<Value>,
    pub(crate) roles: RoleTable,
}

#[derive(Serialize)]
pub(crate) struct SourceView {
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) section: String,
}

#[derive(Serialize)]
pub(crate) struct PlaceView {
    pub(crate) member: String,
    /// `path`, `query`, `header`, `cookie`, `status` or `payload`.
    pub(crate) place: &'static str,
    /// The name there; for header maps the prefix.
    pub(crate) name: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct AnswerView {
    pub(crate) statuses: String,
    pub(crate) shape: String,
    pub(crate) places: Vec<PlaceView>,
}

#[derive(Serialize)]
pub(crate) struct ErrorView {
    pub(crate) name: String,
    pub(crate) statuses: String,
    /// `client` or `server`: whose fault it is.
    pub(crate) fault: &'static str,
    pub(crate) shape: String,
    pub(crate) source: Option<SourceView>,
}

#[derive(Serialize)]
pub(crate) struct PaginationView {
    /// `token`, `offset` or `page`.
    pub(crate) style: &'static str,
    pub(crate) input_token: String,
    pub(crate) output_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_link: Option<String>,
    pub(crate) total: Option<String>,
    pub(crate) items: Option<String>,
    pub(crate) page_size: Option<String>,
    pub(crate) default: Option<usize>,
    pub(crate) maximum: Option<usize>,
    pub(crate) source: Option<SourceView>,
    pub(crate) identity: Option<String>,
    pub(crate) ends: Vec<&'static str>,
}

#[derive(Serialize)]
pub(crate) struct ConstraintView {
    pub(crate) pointer: String,
    pub(crate) schema: Value,
    pub(crate) level: &'static str,
    pub(crate) source: Option<SourceView>,
}

#[derive(Serialize)]
pub(crate) struct RuleView {
    pub(crate) id: String,
    /// The structure that it is about, as a JSON pointer or by the shape's name.
    pub(crate) at: String,
    pub(crate) when: Option<String>,
    /// One of `schema`, `equal`, `differ` and `among`, with its value.
    pub(crate) condition: Value,
    pub(crate) level: &'static str,
    pub(crate) note: String,
    pub(crate) source: Option<SourceView>,
}

#[derive(Serialize)]
pub(crate) struct FilterView {
    pub(crate) member: String,
    pub(crate) key: Option<String>,
    pub(crate) kind: &'static str,
    pub(crate) item: String,
    pub(crate) source: Option<SourceView>,
}

impl OperationView {
    pub(super) fn of(contract: &Contract, operation: &Operation) -> Self {
        let roles = role_tables(contract, &[operation]).pop().unwrap_or_else(|| RoleTable {
            operation: operation.name.clone(),
            request: Default::default(),
            response: Default::default(),
        });
        Self {
            name: operation.name.clone(),
            method: operation.method.to_string(),
            uri: operation.uri.to_string(),
            host_prefix: operation.host_prefix.clone(),
            safety: operation.safety.as_str(),
            source: source(operation.source.as_ref()),
            input: operation.input.clone(),
            places: places(&operation.bindings),
            answers: operation
                .answers()
                .map(|answer| AnswerView {
                    statuses: answer.statuses.to_string(),
                    shape: answer.shape.clone(),
                    places: places(&answer.bindings),
                })
                .collect(),
            errors: operation.errors.iter().map(error).collect(),
            pagination: operation.pagination.as_ref().map(pagination),
            constraints: operation.constraints.iter().map(constraint).collect(),
            rules: operation.rules.iter().map(|it| rule(it, &it.at)).collect(),
            answer_rules: answer_rules(contract, operation),
            filters: operation.filters.iter().map(filter).collect(),
            examples: operation.examples.clone(),
            roles,
        }
    }
}

/// The rules of the shapes that an operation answers.
fn answer_rules(contract: &Contract, operation: &Operation) -> Vec<RuleView> {
    let shapes = super::node::answered(contract, operation);
    shapes.iter().flat_map(|shape| contract.rules_of(shape).iter().map(|it| rule(it, shape))).collect()
}

fn source(source: Option<&Source>) -> Option<SourceView> {
    source.map(|source| SourceView {
        title: source.title.clone(),
        url: source.url.clone(),
        section: source.section.clone(),
    })
}

fn places(bindings: &[Binding]) -> Vec<PlaceView> {
    let view = |binding: &Binding| {
        let (place, name) = match &binding.place {
            Place::Label => ("path", None),
            Place::Query(name) => ("query", Some(name.clone())),
            Place::QueryMap => ("query", None),
            Place::Header(name) => ("header", Some(name.clone())),
            Place::HeaderMap(prefix) => ("header", Some(format!("{prefix}*"))),
            Place::Cookie(name) => ("cookie", Some(name.clone())),
            Place::Status => ("status", None),
            Place::Payload => ("payload", None),
            Place::Body => return None,
        };
        Some(PlaceView { member: binding.member.clone(), place, name })
    };
    bindings.iter().filter_map(view).collect()
}

fn error(error: &ErrorShape) -> ErrorView {
    ErrorView {
        name: error.name.clone(),
        statuses: error.effective_statuses().to_string(),
        fault: match error.kind {
            ErrorKind::Client => "client",
            ErrorKind::Server => "server",
        },
        shape: error.shape.clone(),
        source: source(error.source.as_ref()),
    }
}

fn pagination(pagination: &Pagination) -> PaginationView {
    let sizes = pagination.sizes.as_ref();
    PaginationView {
        style: match pagination.style {
            PagingStyle::Token(_) => "token",
            PagingStyle::Offset { .. } => "offset",
            PagingStyle::Page { .. } => "page",
        },
        input_token: pagination.input_token.clone(),
        output_token: pagination.output_token().map(str::to_owned),
        next_link: pagination.next_link.clone(),
        total: pagination.total().map(str::to_owned),
        items: pagination.items.clone(),
        page_size: pagination.page_size.clone(),
        default: sizes.and_then(|sizes| sizes.default),
        maximum: sizes.and_then(|sizes| sizes.maximum),
        source: source(sizes.and_then(|sizes| sizes.source.as_ref())),
        identity: pagination.identity.clone(),
        ends: pagination
            .ends
            .iter()
            .map(|end| match end {
                End::Absent => "absent",
                End::Null => "null",
                End::Empty => "empty",
            })
            .collect(),
    }
}

fn constraint(constraint: &Constraint) -> ConstraintView {
    ConstraintView {
        pointer: constraint.pointer.clone(),
        schema: constraint.schema.clone(),
        level: constraint.level.as_str(),
        source: source(constraint.source.as_ref()),
    }
}

fn rule(rule: &Rule, at: &str) -> RuleView {
    RuleView {
        id: rule.id.clone(),
        at: at.to_owned(),
        when: rule.when.clone(),
        condition: match &rule.condition {
            Condition::Schema(schema) => json!({"schema": schema}),
            Condition::Equal(first, second) => json!({"equal": [first, second]}),
            Condition::Differ(first, second) => json!({"differ": [first, second]}),
            Condition::Among(first, second) => json!({"among": [first, second]}),
        },
        level: rule.level.as_str(),
        note: rule.note.clone(),
        source: source(rule.source.as_ref()),
    }
}

fn filter(filter: &Filter) -> FilterView {
    FilterView {
        member: filter.member.clone(),
        key: filter.key.clone(),
        kind: match filter.kind {
            FilterKind::Prefix => "prefix",
            FilterKind::OneOf => "oneOf",
        },
        item: filter.item.clone(),
        source: source(filter.source.as_ref()),
    }
}
