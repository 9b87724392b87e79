//! What leads from one page to the next: a token, or a link.

use serde_json::{Value, json};

use super::project::put;
use crate::contract::{Contract, End, Kind, Operation, Pagination, PagingStyle, at_path};

/// An answer that is to lead on.
pub(super) struct Leading<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    /// What was asked.
    pub(super) input: &'a Value,
}

impl Leading<'_> {
    /// Has an output lead to the page that begins with this value of the input token; `None` at the
    /// end. Who counts needs nothing but a link, where the contract has one.
    pub(super) fn lead(&self, output: &mut Value, begin: Option<Value>) {
        let Some(paged) = &self.operation.pagination else { return };
        if let Some(token) = paged.output_token().filter(|_| !paged.is_linked()) {
            self.put(output, token, begin.clone());
        }
        if let Some(link) = &paged.next_link {
            let linked = begin.and_then(|begin| self.link(paged, link, begin));
            self.put(output, link, linked);
        }
    }

    /// The link as its place has it, with the query of the request but for where the page begins.
    fn link(&self, paged: &Pagination, path: &str, begin: Value) -> Option<Value> {
        let mut input = self.input.clone();
        put(&mut input, &paged.input_token, begin);
        let url = self.contract.encode(self.operation, &input).ok()?.target.to_string();
        let member = self.contract.output(self.operation).path(path);
        let is_field = path.eq_ignore_ascii_case("link");
        Some(match member.map(|member| member.kind()) {
            Some(Kind::List) => json!([{"rel": "next", "href": url}]),
            Some(Kind::Structure | Kind::Map) => json!({ "href": url }),
            _ if is_field => json!(format!("<{url}>; rel=\"next\"")),
            _ => json!(url),
        })
    }

    /// The value, or what the contract says there is in its place at the end.
    fn put(&self, output: &mut Value, path: &str, value: Option<Value>) {
        let (holder, name) = path.rsplit_once('.').unwrap_or(("", path));
        let schema = self.contract.output(self.operation);
        let holder = if holder.is_empty() { Some(schema) } else { schema.path(holder) };
        let mut members = holder.into_iter().flat_map(|holder| holder.members());
        let member = members.find(|member| member.name == name && member.required);
        let ends = self.operation.pagination.as_ref().map_or(&[][..], |paged| &paged.ends);
        match (value, member) {
            (Some(value), _) => put(output, path, value),
            (None, Some(member)) if member.schema.kind() == Kind::List => put(output, path, json!([])),
            (None, Some(_)) if ends.contains(&End::Null) => put(output, path, Value::Null),
            (None, Some(_)) => put(output, path, "".into()),
            (None, None) => {}
        }
    }
}

/// Where the next page begins for who counts.
pub(super) fn counted(paged: &Pagination, input: &Value, shown: usize, size: usize) -> Option<Value> {
    let here = at_path(input, &paged.input_token).and_then(Value::as_u64);
    match &paged.style {
        PagingStyle::Token(_) => None,
        PagingStyle::Offset { .. } => Some(json!(here.unwrap_or_default() + shown as u64)),
        PagingStyle::Page { first, .. } => (size > 0).then(|| json!(here.unwrap_or(*first) + 1)),
    }
}
