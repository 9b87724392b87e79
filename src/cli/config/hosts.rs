//! Hosts as people name them.

use std::net::{IpAddr, Ipv6Addr};

use onrecord::exchange::plain_host;

/// A host, or all below a domain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub(in crate::cli) enum Host {
    /// `*`
    Any,
    /// `*.example.com`: every host below it, however deep, but not itself. Holds `.example.com`.
    Below(String),
    /// One host.
    One(String),
}

impl Host {
    /// Whether it means this host. Case, and a dot at the end, say nothing.
    pub(in crate::cli) fn means(&self, host: &str) -> bool {
        let Some(host) = plain_host(host) else { return false };
        match self {
            Self::Any => true,
            Self::Below(domain) => host.len() > domain.len() && host.ends_with(domain),
            Self::One(one) => host == *one,
        }
    }
}

impl std::str::FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let host = plain_host(text).unwrap_or_default();
        let name = host.strip_prefix("*.").unwrap_or(&host);
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        match &*host {
            "*" => Ok(Self::Any),
            _ if host.parse::<IpAddr>().is_ok() => Ok(Self::One(host)),
            _ if name.split('.').all(is_label) => Ok(match host.strip_prefix('*') {
                Some(domain) => Self::Below(domain.to_owned()),
                None => Self::One(host),
            }),
            _ if has_port(&host) => {
                Err(format!("`{text}` has a port; write the host alone, all its ports are meant"))
            }
            _ => Err(format!("`{text}` is no host; write a name such as api.example.com, or *.example.com")),
        }
    }
}

fn has_port(host: &str) -> bool {
    host.parse::<Ipv6Addr>().is_err()
        && host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_itself_and_a_star_is_what_is_below() {
        let host = |text: &str| text.parse::<Host>().unwrap();
        assert!(host("API.example.com").means("api.example.com."));
        assert!(!host("example.com").means("api.example.com"));
        assert!(host("*.example.com").means("a.b.Example.com"));
        assert!(!host("*.example.com").means("example.com"));
        assert!(!host("*.example.com").means("notexample.com"));
        assert!(host("*").means("anything"));
        assert!(host("[::1]").means("::1"));
        for (text, why) in [
            ("", "is no host"),
            ("https://example.com", "is no host"),
            ("*example.com", "is no host"),
            ("example.com..", "is no host"),
            ("a.*.com", "is no host"),
            ("example.com:443", "has a port"),
        ] {
            assert!(text.parse::<Host>().unwrap_err().contains(why), "{text}");
        }
    }
}
