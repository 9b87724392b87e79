//! Where a connection to a provider goes, and how it is secured.

use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::chain;
use super::trust::Alpn;
use super::{NetError, Scheme, Trust};
use crate::exchange::{is_loopback, plain_host};

/// How providers are reached: whose certificates are trusted, and which connections are led
/// elsewhere. The default trusts whom the system trusts, and leads nothing elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Reach(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Made of the system's roots when the first connection needs it, unless it was given.
    trust: OnceLock<Trust>,
    connect_to: Vec<ConnectTo>,
}

impl Reach {
    /// Trusting these, and leading these connections elsewhere; the first that applies does.
    pub fn new(trust: Trust, connect_to: Vec<ConnectTo>) -> Self {
        Self(Arc::new(Inner { trust: OnceLock::from(trust), connect_to }))
    }

    /// A connection to an origin, or to where it is led.
    pub(super) async fn connect(&self, origin: &Origin, limit: Duration) -> Result<TcpStream, NetError> {
        let (host, port) = self.led(origin);
        let upstream = || match origin.host == host && origin.port == port {
            true => origin.authority.clone(),
            false => format!("{} (led to {host}:{port})", origin.authority),
        };
        let stream = tokio::time::timeout(limit, TcpStream::connect((host, port)))
            .await
            .map_err(|_| NetError::ConnectTimeout { upstream: upstream(), after: limit })?
            .map_err(|cause| NetError::Connect { upstream: upstream(), cause })?;
        // Without it small requests wait for acknowledgements; where it cannot be set they just do.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Secures a connection. The certificate has to be the origin's, wherever it was led to.
    pub(super) async fn secure(
        &self,
        origin: &Origin,
        stream: TcpStream,
        alpn: Alpn,
        limit: Duration,
    ) -> Result<TlsStream<TcpStream>, NetError> {
        let wrong = |why| NetError::Tls { upstream: origin.authority.clone(), why };
        let name = ServerName::try_from(origin.host.clone())
            .map_err(|_| wrong(format!("`{}` is no name that a certificate could have", origin.host)))?;
        let connector = TlsConnector::from(self.trust()?.config(alpn)?);
        tokio::time::timeout(limit, connector.connect(name, stream))
            .await
            .map_err(|_| NetError::ConnectTimeout { upstream: origin.authority.clone(), after: limit })?
            .map_err(|error| wrong(in_words(&error)))
    }

    fn trust(&self) -> Result<&Trust, NetError> {
        if let Some(trust) = self.0.trust.get() {
            return Ok(trust);
        }
        let system = Trust::system()?;
        Ok(self.0.trust.get_or_init(|| system))
    }

    fn led<'a>(&'a self, origin: &'a Origin) -> (&'a str, u16) {
        let rule = self.0.connect_to.iter().find(|rule| rule.applies(origin));
        rule.map_or((&origin.host, origin.port), |rule| {
            (rule.to_host.as_deref().unwrap_or(&origin.host), rule.to_port.unwrap_or(origin.port))
        })
    }
}

/// What went wrong in a handshake, with what mends it where that is known.
fn in_words(error: &std::io::Error) -> String {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    let why = cause.map_or_else(|| chain(error), |cause| chain(cause));
    match cause {
        Some(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) => {
            format!("{why}; if its authority is to be trusted, name its certificate with --upstream-ca")
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            format!("{why}; if it speaks plain HTTP there, write http://")
        }
        _ => why,
    }
}

/// Leads connections to one host and port to another one, as curl's `--connect-to` does. Nothing
/// else changes: neither the name in the certificate nor the `Host` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// Any, if there is none; likewise the port.
    host: Option<String>,
    port: Option<u16>,
    /// The same as asked for, if there is none; likewise the port.
    to_host: Option<String>,
    to_port: Option<u16>,
}

impl ConnectTo {
    /// Whether it leads to this machine, so that what answers is no provider's own service.
    pub fn is_loopback(&self) -> bool {
        self.to_host.as_deref().is_some_and(is_loopback)
    }

    fn applies(&self, origin: &Origin) -> bool {
        self.host.as_ref().is_none_or(|host| host.eq_ignore_ascii_case(&origin.host))
            && self.port.is_none_or(|port| port == origin.port)
    }
}

impl FromStr for ConnectTo {
    type Err = NetError;

    /// Reads `HOST:PORT:HOST2:PORT2`. An empty `HOST` or `PORT` stands for any, an empty `HOST2`
    /// or `PORT2` for what was asked for; IPv6 addresses stand in brackets.
    fn from_str(text: &str) -> Result<Self, NetError> {
        let wrong = |why| NetError::ConnectTo { text: text.to_owned(), why };
        let mut rest = text;
        let mut next = || -> Result<Option<&str>, NetError> {
            let end = match rest.strip_prefix('[') {
                Some(address) => 1 + address.find(']').ok_or_else(|| wrong("a bracket is not closed"))? + 1,
                None => rest.find(':').unwrap_or(rest.len()),
            };
            let (part, after) = rest.split_at(end);
            rest = match after.strip_prefix(':') {
                Some(after) => after,
                None if after.is_empty() => after,
                None => return Err(wrong("a colon is missing after a bracket")),
            };
            Ok(Some(part.trim_matches(['[', ']'])).filter(|part| !part.is_empty()))
        };
        let port = |text: Option<&str>| {
            text.map(|text| text.parse().map_err(|_| wrong("a port is not a port number"))).transpose()
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let rule = Self {
            host: owned(next()?),
            port: port(next()?)?,
            to_host: owned(next()?),
            to_port: port(next()?)?,
        };
        if !rest.is_empty() {
            return Err(wrong("it has more than four parts"));
        }
        if rule.to_host.is_none() && rule.to_port.is_none() {
            return Err(wrong("it does not say where to connect instead"));
        }
        Ok(rule)
    }
}

/// What requests are sent to: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) scheme: Scheme,
    /// As it is compared.
    pub(super) host: String,
    pub(super) port: u16,
    /// Host and port as they were written.
    pub(super) authority: String,
}

impl Origin {
    /// Reads `host` or `host:port`; what is wrong with it otherwise.
    pub(super) fn parse(scheme: Scheme, authority: &str) -> Result<Self, &'static str> {
        let parsed: hyper::http::uri::Authority = authority.parse().map_err(|_| "it has no host")?;
        if authority.contains('@') {
            return Err("it has a user name");
        }
        let port = match authority.strip_prefix(parsed.host()) {
            None | Some("") => scheme.port(),
            Some(port) => {
                port.trim_start_matches(':').parse().map_err(|_| "its port is not a port number")?
            }
        };
        let host = plain_host(parsed.host()).ok_or("a part of its host is empty")?;
        Ok(Self { scheme, host, port, authority: authority.to_owned() })
    }

    /// Whether both mean the same, however they are written.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.port) == (other.scheme, &other.host, other.port)
    }
}

impl Scheme {
    /// The port where nothing else is said.
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// As in a URL.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn led(rules: &[&str], scheme: Scheme, authority: &str) -> (String, u16) {
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let trust = Trust::default();
        let reach = Reach::new(trust, rules);
        let origin = Origin::parse(scheme, authority).unwrap();
        let (host, port) = reach.led(&origin);
        (host.to_owned(), port)
    }

    #[test]
    fn connections_are_led_as_curl_does() {
        let led = |rule, authority| led(&[rule], Scheme::Https, authority);
        let to = |host: &str, port| (host.to_owned(), port);
        assert_eq!(led("a.org:443:127.0.0.1:5000", "a.org"), to("127.0.0.1", 5000));
        assert_eq!(led("A.org:443:127.0.0.1:5000", "a.ORG:443"), to("127.0.0.1", 5000));
        assert_eq!(led("a.org:443:127.0.0.1:5000", "b.org"), to("b.org", 443));
        assert_eq!(led("a.org:443:127.0.0.1:5000", "a.org:444"), to("a.org", 444));
        assert_eq!(led("::127.0.0.1:5000", "a.org:444"), to("127.0.0.1", 5000));
        assert_eq!(led(":444:127.0.0.1:", "a.org:444"), to("127.0.0.1", 444));
        assert_eq!(led("a.org:::5000", "a.org"), to("a.org", 5000));
        assert_eq!(led("[::1]:443:[::2]:80", "[::1]"), to("::2", 80));
        assert_eq!(led(":::5000", "a.org"), to("a.org", 5000));
    }

    #[test]
    fn the_first_rule_that_applies_does() {
        let rules = ["a.org::x.org:1", "::y.org:2"];
        assert_eq!(led(&rules, Scheme::Http, "a.org"), ("x.org".to_owned(), 1));
        assert_eq!(led(&rules, Scheme::Http, "b.org"), ("y.org".to_owned(), 2));
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        for (text, why) in [
            ("a.org:443", "it does not say where to connect instead"),
            ("", "it does not say where to connect instead"),
            ("a.org:x:b.org:1", "a port is not a port number"),
            ("a.org:1:b.org:1:c", "it has more than four parts"),
            ("[::1:1:b.org:1", "a bracket is not closed"),
            ("[::1]x:1:b.org:1", "a colon is missing after a bracket"),
        ] {
            let error = text.parse::<ConnectTo>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(error.contains("HOST:PORT:HOST2:PORT2"), "{error}");
        }
    }
}
