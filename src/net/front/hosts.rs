//! Which host a request says it is for.

use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::http::uri::Authority;

use crate::exchange::plain_host;
use crate::net::Scheme;

/// Host and port as they are compared and admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Place {
    /// `None` where there is no host, or more than host and port.
    pub(super) fn of(authority: &Authority, scheme: Scheme) -> Option<Self> {
        let host = authority.host();
        let port = match authority.as_str().strip_prefix(host)? {
            "" => scheme.port(),
            _ => authority.port_u16()?,
        };
        Some(Self { host: plain_host(host)?, port })
    }

    /// Reads the value of a `Host` header field.
    pub(super) fn parse(value: &HeaderValue, scheme: Scheme) -> Option<Self> {
        Self::of(&value.to_str().ok()?.parse().ok()?, scheme)
    }
}

/// Gives a request the `Host` it lacks, as its first field: hyper's maps do not tell where fields
/// go that are added later.
pub(super) fn name_first(headers: &mut HeaderMap, host: HeaderValue) {
    let mut named = HeaderMap::with_capacity(headers.len() + 1);
    named.insert(HOST, host);
    for (name, value) in headers.iter() {
        named.append(name, value.clone());
    }
    *headers = named;
}

/// Takes off what a client says to its proxy.
pub(super) fn forget_proxy(headers: &mut HeaderMap) {
    let is_ours = |name: &str| name.starts_with("proxy-");
    if headers.keys().any(|name| is_ours(name.as_str())) {
        let kept = headers.iter().filter(|(name, _)| !is_ours(name.as_str()));
        *headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_compared_by_what_they_mean() {
        let place = |text: &'static str, scheme| Place::parse(&HeaderValue::from_static(text), scheme);
        let same = Some(Place { host: "eks.example".to_owned(), port: 443 });
        for text in ["eks.example", "EKS.example:443", "eks.example.", "eks.example.:443"] {
            assert_eq!(place(text, Scheme::Https), same, "{text}");
        }
        assert_ne!(place("eks.example", Scheme::Http), same);
        assert_eq!(place("[::1]:80", Scheme::Http), place("[::1]", Scheme::Http));
        assert_eq!(place("[::1]", Scheme::Http).unwrap().host, "::1");
        for text in
            ["", ":443", "me@eks.example", "eks.example:", "eks.example:99999", "a b", "a/b", "a.example.."]
        {
            assert_eq!(place(text, Scheme::Https), None, "{text}");
        }
    }

    #[test]
    fn a_host_comes_first_and_what_is_for_a_proxy_goes() {
        let fields = [("a", "1"), ("proxy-authorization", "Basic x"), ("a", "2"), ("b", "3")];
        let mut headers: HeaderMap = fields
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        forget_proxy(&mut headers);
        name_first(&mut headers, HeaderValue::from_static("h"));
        let left: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(left, [("host", &b"h"[..]), ("a", b"1"), ("a", b"2"), ("b", b"3")]);
    }
}
