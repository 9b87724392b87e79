use hyper::Uri;

use super::reach::Origin;
use super::{NetError, Scheme};
use crate::exchange::is_loopback;

/// Where requests go: the provider's scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    origin: Origin,
    host_field: HostField,
}

/// Which `Host` header field the relay sends to the provider.
///
/// The default is the provider's own authority, as nginx does: whatever serves more than one
/// name behind an address (every real provider) needs its own name there, and would not know
/// ours. It costs a signature its validity, which covers `Host`; but one made for our address
/// would not be valid at a real provider either. An emulator that verifies signatures against
/// the `Host` it receives is what [`HostField::Client`] is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostField {
    /// The provider's authority, as its URL has it.
    #[default]
    Upstream,
    /// What the client sent.
    Client,
}

impl Upstream {
    /// Reads `http://host:port` or `https://host:port`.
    pub fn parse(url: &str) -> Result<Self, NetError> {
        let wrong = |why| NetError::Upstream { url: without_user(url), why };
        let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err(wrong("it does not start with http:// or https://")),
        };
        if !matches!(uri.path_and_query().map(|rest| rest.as_str()), None | Some("" | "/")) {
            return Err(wrong("it has a path or a query")); // The client's target is forwarded as it is.
        }
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        let origin = Origin::parse(scheme, authority.as_str()).map_err(wrong)?;
        Ok(Self { origin, host_field: HostField::default() })
    }

    /// With another choice of `Host` header field.
    pub fn with_host_field(self, host_field: HostField) -> Self {
        Self { host_field, ..self }
    }

    /// Host and port as the URL has them; the value of a `Host` header field.
    pub fn authority(&self) -> &str {
        &self.origin.authority
    }

    /// Whether it is on this machine, so that what answers is no provider's own service.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.origin.host)
    }

    pub(super) fn host_field(&self) -> HostField {
        self.host_field
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// A URL as it may be told: a user name may have a password with it.
fn without_user(url: &str) -> String {
    let Some((before, rest)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}…@{rest}")
}

impl std::fmt::Display for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.origin.scheme.as_str(), self.origin.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_read_and_the_rest_is_refused() {
        let upstream = Upstream::parse("http://localhost:5000/").unwrap();
        assert_eq!((upstream.authority(), upstream.origin.port), ("localhost:5000", 5000));
        assert_eq!(Upstream::parse("http://example.org").unwrap().origin.port, 80);
        assert_eq!(Upstream::parse("https://example.org").unwrap().origin.port, 443);
        assert_eq!(Upstream::parse("https://example.org").unwrap().to_string(), "https://example.org");
        let six = Upstream::parse("http://[::1]:81").unwrap();
        assert_eq!((six.origin.host.as_str(), six.authority()), ("::1", "[::1]:81"));
        for (url, why) in [
            ("localhost:5000", "it does not start with http:// or https://"),
            ("http://example.org/v1", "it has a path or a query"),
            ("http://me@example.org", "it has a user name"),
            ("http://example.org:99999", "its port is not a port number"),
            ("http://example.org..", "a part of its host is empty"),
            ("", "it is not a URL"),
        ] {
            let error = Upstream::parse(url).unwrap_err().to_string();
            assert!(error.contains(why), "{url}: {error}");
        }
        for url in ["http://me:PW@example.org", "me:PW@example.org", "http://me:P/W@a b", "ftp://PW://PW@a@b"]
        {
            let error = Upstream::parse(url).unwrap_err().to_string();
            assert!(!error.contains("PW") && error.contains("…@"), "{url}: {error}");
        }
    }
}
