use std::sync::Arc;

use super::{Caller, Issuer};

/// How clients come in.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Entrance {
    /// They address us as if we were the provider.
    #[default]
    Reverse,
    /// They use us as their proxy, and we look into what they say. A request that names no host
    /// of its own is taken as in [`Entrance::Reverse`]: one port does both.
    Proxy(Arc<Interception>),
}

/// Whom a forward proxy lets in, and how it shows itself.
pub struct Interception {
    /// Makes the certificates that clients see instead of the providers'.
    pub issuer: Issuer,
    /// What becomes of requests for a host and port. The host is in lower case, without brackets.
    pub admit: Admit,
    /// Hears, each time, of what a client cannot show its user.
    pub notice: Option<Hear>,
}

/// Says what becomes of requests for a host and port.
pub type Admit = Box<dyn Fn(&str, u16) -> Admission + Send + Sync>;

/// Hears of what a client cannot show its user.
pub type Hear = Box<dyn Fn(&Notice) + Send + Sync>;

impl Interception {
    /// With nobody to hear of notices.
    pub fn new(issuer: Issuer, admit: impl Fn(&str, u16) -> Admission + Send + Sync + 'static) -> Self {
        Self { issuer, admit: Box::new(admit), notice: None }
    }

    /// With somebody who hears of them.
    pub fn with_notice(self, notice: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self { notice: Some(Box::new(notice)), ..self }
    }
}

impl std::fmt::Debug for Interception {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interception").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What becomes of requests for a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// We answer for the host, and see what is said.
    Intercepted,
    /// What is said passes through, and nobody looks into it.
    Tunnelled,
    /// The client is told that it may not.
    Refused,
}

/// What a client of a forward proxy cannot show its user: most of them hide what a proxy says
/// about a `CONNECT`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// A request for a host that is not admitted was refused.
    #[error("refused a request for {host}, which is none of those that are let in")]
    Refused {
        /// The host, without its port.
        host: String,
    },
    /// A client did not take the certificate that we made for a host, and said so.
    #[error(
        "a client turned away from our certificate for {host}: {why}; to make it trust our authority, name \
         the authority's certificate in SSL_CERT_FILE, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or \
         NODE_EXTRA_CA_CERTS, whichever it reads (a wrapped command has all of them set)"
    )]
    Distrusted {
        /// The host, without its port.
        host: String,
        /// What it said.
        why: &'static str,
    },
}

impl Notice {
    /// The host that it is about.
    pub fn host(&self) -> &str {
        match self {
            Self::Refused { host } | Self::Distrusted { host, .. } => host,
        }
    }
}

/// Where a request that came through a forward proxy is to go; among the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) scheme: Scheme,
    /// Host and port as the client named them.
    pub(super) authority: String,
    /// [`Admission::Tunnelled`]: it is to pass untold, `CONNECT` or plain HTTP.
    pub(super) admission: Admission,
    pub(super) caller: Caller,
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}
