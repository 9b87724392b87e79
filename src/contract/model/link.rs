//! Links from one page of a list to the next.

use serde_json::Value;

use crate::exchange::Target;

/// The relation of the next page (RFC 8288, the registry of link relations).
const NEXT: &str = "next";

/// A URL that leads to the next page, read where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Host and port, where it names them.
    pub authority: Option<String>,
    /// Path and query.
    pub target: Target,
}

impl Link {
    /// Reads a URL, or a reference that is relative to what was asked for. `None` for what HTTP cannot
    /// ask for.
    pub fn read(url: &str, asked: &Target) -> Option<Self> {
        let url = url.split('#').next().unwrap_or_default();
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if let Some(rest) = rest.or_else(|| url.strip_prefix("//")) {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let slash = if path.starts_with('/') { "" } else { "/" };
            let target = Target::new(format!("{slash}{path}"));
            return (!authority.is_empty()).then(|| Self { authority: Some(authority.to_owned()), target });
        }
        let has_scheme = url.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
        let path = asked.path();
        let target = match url.chars().next()? {
            _ if has_scheme => return None,
            '/' => url.to_owned(),
            '?' => format!("{path}{url}"),
            _ => format!("{}/{url}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
        };
        Some(Self { authority: None, target: Target::new(target) })
    }
}

/// The URL of the next page in what a provider puts at the place for it: a URL; a `Link` field
/// (RFC 8288); an object with `href`; a list of such objects with `rel`.
pub(super) fn url(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) if text.trim_start().starts_with('<') => in_field(text),
        Value::String(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
        Value::Object(link) => link.get("href")?.as_str(),
        Value::Array(links) => {
            let is_next = |link: &&Value| link.get("rel").and_then(Value::as_str) == Some(NEXT);
            links.iter().find(is_next).and_then(url)
        }
        _ => None,
    }
}

/// The target of the link with the relation `next` in a `Link` field.
fn in_field(field: &str) -> Option<&str> {
    field.split('<').skip(1).find_map(|link| {
        let (url, parameters) = link.split_once('>')?;
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
            name.trim().eq_ignore_ascii_case("rel") && relations.any(|one| one.eq_ignore_ascii_case(NEXT))
        });
        is_next.then_some(url)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_is_read_in_every_form_that_it_is_given_in() {
        let field = r#"<https://a.example/t?page=1>; rel="first", <https://a.example/t?a=x,y&page=3>; title="a; b"; rel="next last""#;
        for (value, expected) in [
            (json!("https://a.example/t?page=3"), Some("https://a.example/t?page=3")),
            (json!(field), Some("https://a.example/t?a=x,y&page=3")),
            (json!("<t?page=1>; rel=prev"), None),
            (json!("<t?page=1>; rel=next"), Some("t?page=1")),
            (json!({"href": "/t"}), Some("/t")),
            (json!([{"rel": "self", "href": "/a"}, {"rel": "next", "href": "/b"}]), Some("/b")),
            (json!([{"rel": "self", "href": "/a"}]), None),
            (json!(""), None),
            (json!(null), None),
            (json!({}), None),
        ] {
            assert_eq!(url(&value), expected, "{value}");
        }
    }

    #[test]
    fn a_reference_is_relative_to_what_was_asked_for() {
        let asked = Target::new("/v1/things?size=2");
        let read = |url: &str| {
            Link::read(url, &asked).map(|link| (link.authority.unwrap_or_default(), link.target.to_string()))
        };
        let expected = |authority: &str, target: &str| Some((authority.to_owned(), target.to_owned()));
        assert_eq!(read("http://a.example:80/t?x#top"), expected("a.example:80", "/t?x"));
        assert_eq!(read("https://a.example"), expected("a.example", "/"));
        assert_eq!(read("https://a.example?x=1"), expected("a.example", "/?x=1"));
        assert_eq!(read("//a.example/t"), expected("a.example", "/t"));
        assert_eq!(read("/t?x"), expected("", "/t?x"));
        assert_eq!(read("?page=2"), expected("", "/v1/things?page=2"));
        assert_eq!(read("others?at=a:b"), expected("", "/v1/others?at=a:b"));
        for none in ["", "#top", "mailto:a@a.example", "http://", "ftp://a.example/t"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
