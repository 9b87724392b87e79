use std::time::Duration;

use super::{Body, Headers, Target};

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as written.
    pub method: Method,
    /// Path and query, as written.
    pub target: Target,
    /// The protocol version on the client's side.
    pub version: Version,
    /// The header fields.
    pub headers: Headers,
    /// The bytes of the body.
    pub body: Body,
    /// The fields that came after the body.
    pub trailers: Headers,
}

impl Request {
    /// A request with neither header fields nor body.
    pub fn new(method: Method, target: Target) -> Self {
        Self {
            method,
            target,
            version: Version::Http11,
            headers: Headers::default(),
            body: Body::empty(),
            trailers: Headers::default(),
        }
    }
}

/// What a provider answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The protocol version on the provider's side.
    pub version: Version,
    /// The header fields.
    pub headers: Headers,
    /// The bytes of the body.
    pub body: Body,
    /// The fields that came after the body.
    pub trailers: Headers,
    /// The pieces that the body arrived in, where they mean something: those of an event stream.
    /// Their lengths add up to the body's. Empty for any other body.
    pub pieces: Vec<Piece>,
}

/// One piece of a streamed body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes.
    pub length: usize,
    /// When they arrived, counted from the request's arrival.
    pub after: Duration,
}

impl Response {
    /// A response with neither header fields nor body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            version: Version::Http11,
            headers: Headers::default(),
            body: Body::empty(),
            trailers: Headers::default(),
            pieces: Vec::new(),
        }
    }

    /// Whether the status is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A request method. Case-sensitive (RFC 9110 section 9.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
    /// Any other token.
    Other(String),
}

impl Method {
    /// The method as written on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Other(token) => token,
        }
    }
}

impl From<&str> for Method {
    fn from(token: &str) -> Self {
        match token {
            "DELETE" => Self::Delete,
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "OPTIONS" => Self::Options,
            "PATCH" => Self::Patch,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

impl Version {
    /// As written in a status line, `HTTP/1.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }

    /// Reads what [`Version::as_str`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Http10, Self::Http11, Self::Http2].into_iter().find(|version| version.as_str() == text)
    }
}
