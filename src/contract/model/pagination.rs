use serde_json::Value;

use super::{Source, link};
use crate::contract::at_path;
use crate::exchange::Target;

/// How an operation pages, in Smithy's terms; dotted paths of wire names.
#[derive(Debug, Clone)]
pub struct Pagination {
    /// What leads from page to page.
    pub style: PagingStyle,
    /// The input member that says where the page begins: a token, an offset or a page number.
    pub input_token: String,
    /// The output member with the items, where the contract names it.
    pub items: Option<String>,
    /// The input member that asks for a page size.
    pub page_size: Option<String>,
    /// The documented sizes.
    pub sizes: Option<PageSize>,
    /// The member of an item that tells it from others; empty where the item itself does.
    pub identity: Option<String>,
    /// The documented ways to say that there are no more pages.
    pub ends: Vec<End>,
    /// The output member that links to the next page, where there is one.
    pub next_link: Option<String>,
}

/// What leads from page to page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagingStyle {
    /// The output hands out a token in this member; it is in the query of [`Pagination::next_link`]
    /// where that is the member.
    Token(String),
    /// The client counts items.
    Offset {
        /// The output member with the number of all items.
        total: Option<String>,
    },
    /// The client counts pages, from this number on.
    Page {
        /// The number of the first page.
        first: u64,
        /// The output member with the number of all items.
        total: Option<String>,
    },
}

/// How a provider says that there are no more pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The token is not there.
    Absent,
    /// The token is null.
    Null,
    /// The token is an empty text.
    Empty,
}

/// Documented page sizes.
#[derive(Debug, Clone)]
pub struct PageSize {
    /// How many items come when no size is asked for, at most.
    pub default: Option<usize>,
    /// The largest size.
    pub maximum: Option<usize>,
    /// Where that is documented.
    pub source: Option<Source>,
}

impl Pagination {
    /// The output member with the token, where pages are led to by one.
    pub fn output_token(&self) -> Option<&str> {
        match &self.style {
            PagingStyle::Token(path) => Some(path),
            PagingStyle::Offset { .. } | PagingStyle::Page { .. } => None,
        }
    }

    /// Whether the token is in the query of a link.
    pub fn is_linked(&self) -> bool {
        self.next_link.is_some() && self.output_token() == self.next_link.as_deref()
    }

    /// The URL of the next page that an output links to.
    pub fn link<'v>(&self, output: &'v Value) -> Option<&'v str> {
        link::url(at_path(output, self.next_link.as_ref()?)?)
    }

    /// The token that an output hands out; `None` at the end, and where the client counts.
    pub fn token(&self, output: &Value) -> Option<Value> {
        let path = self.output_token()?;
        let token = match self.is_linked() {
            false => at_path(output, path)?.clone(),
            true => {
                let url = self.link(output)?.split('#').next().map(Target::new)?;
                let (_, token) = url.pairs().find(|(name, _)| *name == self.input_token)?;
                token.into()
            }
        };
        (!token.is_null() && token != "").then_some(token)
    }

    /// How an output says that there are no more pages, if it does.
    pub fn end(&self, output: &Value) -> Option<End> {
        let here = self.output_token().and_then(|path| at_path(output, path));
        match here {
            None => Some(End::Absent),
            Some(Value::Null) => Some(End::Null),
            _ if self.token(output).is_some() => None,
            // A field or a list of links that has others.
            Some(value) if self.is_linked() && *value != "" => Some(End::Absent),
            Some(_) => Some(End::Empty),
        }
    }

    /// The output member with the number of all items.
    pub fn total(&self) -> Option<&str> {
        match &self.style {
            PagingStyle::Token(_) => None,
            PagingStyle::Offset { total } | PagingStyle::Page { total, .. } => total.as_deref(),
        }
    }

    /// How many items an output has; `None` where the contract or the output does not say.
    pub fn count(&self, output: &Value) -> Option<u64> {
        let items = at_path(output, self.items.as_ref()?)?;
        let count = items.as_array().map(Vec::len).or_else(|| items.as_object().map(serde_json::Map::len))?;
        Some(count as u64)
    }

    /// The value of [`Pagination::input_token`] that asks for the next page; `None` at the end.
    pub fn next(&self, input: &Value, output: &Value) -> Option<Value> {
        let here = at_path(input, &self.input_token).and_then(Value::as_u64);
        match &self.style {
            PagingStyle::Token(_) => self.token(output),
            PagingStyle::Offset { total } => {
                let next = here.unwrap_or(0) + self.count(output).filter(|count| *count > 0)?;
                let total = total.as_ref().and_then(|total| at_path(output, total)?.as_u64());
                total.is_none_or(|total| next < total).then(|| next.into())
            }
            PagingStyle::Page { first, total } => {
                let count = self.count(output).filter(|count| *count > 0)?;
                let size = self.page_size.as_ref().and_then(|size| at_path(input, size)?.as_u64());
                let size = size.unwrap_or(count).max(1);
                let page = here.unwrap_or(*first);
                let total = total.as_ref().and_then(|total| at_path(output, total)?.as_u64());
                let seen = page.saturating_sub(*first).saturating_add(1).saturating_mul(size);
                total.is_none_or(|total| seen < total).then(|| (page + 1).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paging(style: PagingStyle) -> Pagination {
        Pagination {
            style,
            input_token: "at".into(),
            items: Some("items".into()),
            page_size: Some("size".into()),
            sizes: None,
            identity: None,
            ends: vec![End::Absent],
            next_link: None,
        }
    }

    #[test]
    fn a_token_leads_on_unless_it_is_empty() {
        let paging = paging(PagingStyle::Token("next".into()));
        assert_eq!(paging.next(&json!({}), &json!({"next": "a"})), Some(json!("a")));
        for end in [json!({}), json!({"next": null}), json!({"next": ""})] {
            assert_eq!(paging.next(&json!({}), &end), None);
        }
    }

    #[test]
    fn a_token_may_be_in_a_link() {
        let paging =
            Pagination { next_link: Some("links".into()), ..paging(PagingStyle::Token("links".into())) };
        let to = |url: &str| json!({"links": [{"rel": "self", "href": "/"}, {"rel": "next", "href": url}]});
        assert_eq!(paging.next(&json!({}), &to("https://a.example/?size=1&at=a%3D&b#x")), Some(json!("a=")));
        assert_eq!(paging.end(&to("/?at=a")), None);
        assert_eq!(paging.next(&json!({}), &to("/?to=a")), None);
        let ended = json!({"links": [{"rel": "self", "href": "/"}]});
        assert_eq!((paging.next(&json!({}), &ended), paging.end(&ended)), (None, Some(End::Absent)));
        assert_eq!(paging.end(&json!({"links": null})), Some(End::Null));
        assert_eq!(paging.end(&json!({"links": ""})), Some(End::Empty));
    }

    #[test]
    fn an_offset_goes_on_to_the_total() {
        let paging = paging(PagingStyle::Offset { total: Some("total".into()) });
        let output = json!({"items": [1, 2], "total": 5});
        assert_eq!(paging.next(&json!({}), &output), Some(json!(2)));
        assert_eq!(paging.next(&json!({"at": 3}), &output), None);
        assert_eq!(paging.next(&json!({}), &json!({"items": [], "total": 5})), None);
    }

    #[test]
    fn a_page_number_goes_on_to_the_total() {
        let paging = paging(PagingStyle::Page { first: 1, total: Some("total".into()) });
        let output = json!({"items": [1, 2], "total": 5});
        assert_eq!(paging.next(&json!({"size": 2}), &output), Some(json!(2)));
        assert_eq!(paging.next(&json!({"at": 2, "size": 2}), &output), Some(json!(3)));
        assert_eq!(paging.next(&json!({"at": 3, "size": 2}), &output), None);
    }
}
