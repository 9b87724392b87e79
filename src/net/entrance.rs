/// How clients come in.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Entrance {
    /// They address us as if we were the provider.
    #[default]
    Reverse,
}

/// Where a request that came through a forward proxy is to go; among the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) scheme: Scheme,
    /// Host and port as the client named them.
    pub(super) authority: String,
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}
