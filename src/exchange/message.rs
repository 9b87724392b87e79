use std::time::Duration;

use super::{Body, Headers, Target};
use crate::encoding::unpack;

/// The biggest body that is unpacked: a few bytes may stand for any number.
const UNPACKED: usize = 128 << 20;

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
    /// The bytes of the body, as they were on the wire.
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

    /// What the body says: its bytes without their content codings (RFC 9110 section 8.4). Those that
    /// cannot be undone stay as they are.
    pub fn content(&self) -> Body {
        content(&self.headers, &self.body)
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
    /// The bytes of the body, as they were on the wire.
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

    /// What the body says, see [`Request::content`].
    pub fn content(&self) -> Body {
        content(&self.headers, &self.body)
    }

    /// Whether the status is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn content(headers: &Headers, body: &Body) -> Body {
    let codings: Vec<_> = headers.all("content-encoding").collect();
    if codings.is_empty() {
        return body.clone();
    }
    unpack(&codings.join(","), body.as_bytes(), UNPACKED).map_or_else(|| body.clone(), Body::from)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::pack;

    #[test]
    fn what_a_body_says_does_not_depend_on_its_coding() {
        let text = b"{\"a\":1}";
        let mut request = Request::new(Method::Post, Target::new("/"));
        for codings in ["gzip", "X-GZIP", "deflate", "br", "zstd", "gzip, br", "identity"] {
            request.headers.set("content-encoding", codings);
            request.body = pack(codings, text).unwrap().into();
            assert_eq!(request.content().as_bytes(), text, "{codings}");
        }
        let mut response = Response::new(200);
        response.body = pack("br, gzip", text).unwrap().into();
        assert_eq!(response.content(), response.body, "nothing says that it is packed");
        response.headers.push("content-encoding", "br");
        response.headers.push("content-encoding", "gzip");
        assert_eq!(response.content().as_bytes(), text);
    }

    #[test]
    fn what_cannot_be_unpacked_stays_as_it_is() {
        let mut response = Response::new(200);
        response.body = Body::from("plain after all");
        for codings in ["gzip", "zstd", "aws-chunked", "gzip, unheard-of", ""] {
            response.headers.set("content-encoding", codings);
            assert_eq!(response.content().text(), Some("plain after all"), "{codings}");
        }
    }
}
