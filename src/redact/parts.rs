//! The parts of an exchange, and how each is rewritten with every other byte kept.

use std::fmt;

use crate::exchange::{Body, Exchange, HeaderValue, Headers, Request, Response, Target};

/// Where in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Operation,
    Method,
    Path,
    Query,
    HeaderName(Side),
    Header(Side, &'a str),
    /// A body. The second member is what it is written in.
    Body(Side, Syntax),
}

/// Which message of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// What a body is written in, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Form,
    Json,
    Text,
    /// No text: it is hunted in, and else left as it is.
    Binary,
}

/// How far a body is looked into for a NUL, which no text has (git decides so too).
const LOOKED_INTO: usize = 8000;

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation => f.write_str("name of the operation"),
            Self::Method => f.write_str("request method"),
            Self::Path => f.write_str("request path"),
            Self::Query => f.write_str("request query"),
            Self::HeaderName(side) => write!(f, "name of a {side} header"),
            Self::Header(side, name) => write!(f, "{side} header `{name}`"),
            Self::Body(side, _) => write!(f, "{side} body"),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

/// Every part of an exchange, in the order of the wire.
pub(super) fn each_of_exchange<'a>(exchange: &'a Exchange, look: &mut impl FnMut(Place<'a>, &'a [u8])) {
    look(Place::Operation, exchange.operation.as_deref().unwrap_or_default().as_bytes());
    each_of_request(&exchange.request, look);
    let Response { headers, body, .. } = &exchange.response;
    each_of_message(Side::Response, headers, body, look);
}

/// Every part of a request.
pub(super) fn each_of_request<'a>(request: &'a Request, look: &mut impl FnMut(Place<'a>, &'a [u8])) {
    look(Place::Method, request.method.as_str().as_bytes());
    look(Place::Path, request.target.path().as_bytes());
    look(Place::Query, request.target.query().unwrap_or_default().as_bytes());
    each_of_message(Side::Request, &request.headers, &request.body, look);
}

fn each_of_message<'a>(
    side: Side,
    headers: &'a Headers,
    body: &'a Body,
    look: &mut impl FnMut(Place<'a>, &'a [u8]),
) {
    for (name, value) in headers.iter() {
        look(Place::HeaderName(side), name.as_bytes());
        look(Place::Header(side, name), value.as_bytes());
    }
    look(body_place(side, headers, body), body.as_bytes());
}

/// A request of which every part was rewritten.
pub(super) fn rewrite_request(
    request: &Request,
    rewrite: &mut impl FnMut(Place<'_>, &[u8]) -> Vec<u8>,
) -> Request {
    let path = text(rewrite(Place::Path, request.target.path().as_bytes()));
    let target = match request.target.query() {
        Some(query) => format!("{path}?{}", text(rewrite(Place::Query, query.as_bytes()))),
        None => path,
    };
    let (headers, body) = rewrite_message(Side::Request, &request.headers, &request.body, rewrite);
    Request {
        method: request.method.clone(),
        target: Target::new(target),
        version: request.version,
        headers,
        body,
        trailers: request.trailers.clone(),
    }
}

/// A response of which every part was rewritten.
pub(super) fn rewrite_response(
    response: &Response,
    rewrite: &mut impl FnMut(Place<'_>, &[u8]) -> Vec<u8>,
) -> Response {
    let (headers, body) = rewrite_message(Side::Response, &response.headers, &response.body, rewrite);
    Response {
        status: response.status,
        version: response.version,
        headers,
        body,
        trailers: response.trailers.clone(),
        pieces: response.pieces.clone(),
    }
}

fn rewrite_message(
    side: Side,
    headers: &Headers,
    body: &Body,
    rewrite: &mut impl FnMut(Place<'_>, &[u8]) -> Vec<u8>,
) -> (Headers, Body) {
    let place = body_place(side, headers, body);
    let rewritten = if body.is_empty() { body.clone() } else { Body::from(rewrite(place, body.as_bytes())) };
    let length = (rewritten.len() != body.len()).then(|| rewritten.len().to_string());
    let fields = headers.iter().map(|(name, value)| match &length {
        Some(length) if name == "content-length" => (name, HeaderValue::from(length.as_str())),
        _ => (name, HeaderValue::from(rewrite(Place::Header(side, name), value.as_bytes()))),
    });
    (Headers::from_iter(fields), rewritten)
}

/// Which body nobody can look into, if one is so.
pub(super) fn compressed(exchange: &Exchange) -> Option<&'static str> {
    let is_coded = |headers: &Headers, body: &Body| {
        let mut fields = headers.all("content-encoding");
        !body.is_empty() && fields.any(|field| field.split(',').any(hides))
    };
    let Exchange { request, response, .. } = exchange;
    if is_coded(&request.headers, &request.body) {
        return Some("request body");
    }
    is_coded(&response.headers, &response.body).then_some("response body")
}

/// Whether a content coding hides the text. Clients also write there what is none, such as a
/// character set, or the framing of an upload to S3; any other coding may pack the body.
fn hides(coding: &str) -> bool {
    let plain = ["", "identity", "none", "utf-8", "utf8", "aws-chunked"];
    !plain.iter().any(|plain| coding.trim().eq_ignore_ascii_case(plain))
}

/// Decided by the bytes that say it: one byte that is no UTF-8 does not make a body unreadable.
fn body_place<'a>(side: Side, headers: &Headers, body: &Body) -> Place<'a> {
    let content = headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    if content.starts_with("application/x-www-form-urlencoded") {
        return Place::Body(side, Syntax::Form);
    }
    let text = body.as_bytes();
    if text.iter().take(LOOKED_INTO).any(|byte| *byte == 0) {
        return Place::Body(side, Syntax::Binary);
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let json = matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'));
    Place::Body(side, if json { Syntax::Json } else { Syntax::Text })
}

/// What was rewritten was text, and so is what was written into it.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
