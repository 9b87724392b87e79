//! The parts of an exchange, and how each is rewritten with every other byte kept.

use std::fmt;

use super::body;
use super::pieces;
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
    /// What stands under a name in a body that was taken apart.
    Member(Side, &'a str),
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
    /// No text: what is replaced keeps its length.
    Binary,
    /// What holds parts that are shown by themselves: it is hunted in, and no more.
    Framed,
    /// Compressed in a way that nobody can look into.
    Packed,
}

/// Sees a part, and says what to write in its place: `None` is to leave it.
pub(super) type Visit<'v> = dyn FnMut(Place<'_>, &[u8]) -> Option<Vec<u8>> + 'v;

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation => f.write_str("name of the operation"),
            Self::Method => f.write_str("request method"),
            Self::Path => f.write_str("request path"),
            Self::Query => f.write_str("request query"),
            Self::HeaderName(side) => write!(f, "name of a {side} header"),
            Self::Header(side, name) => write!(f, "{side} header `{name}`"),
            Self::Member(side, name) => write!(f, "{side} body, under `{name}`"),
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

/// Shows every part of an exchange to `look`, in the order of the wire.
pub(super) fn each_of_exchange(exchange: &Exchange, look: &mut dyn FnMut(Place<'_>, &[u8])) {
    look(Place::Operation, exchange.operation.as_deref().unwrap_or_default().as_bytes());
    each_of_request(&exchange.request, look);
    walk_response(&exchange.response, &mut |place, bytes| {
        look(place, bytes);
        None
    });
}

/// Shows every part of a request to `look`.
pub(super) fn each_of_request(request: &Request, look: &mut dyn FnMut(Place<'_>, &[u8])) {
    look(Place::Method, request.method.as_str().as_bytes());
    walk_request(request, &mut |place, bytes| {
        look(place, bytes);
        None
    });
}

/// A request of which every part was shown to `visit`; `None` if all were left.
pub(super) fn walk_request(request: &Request, visit: &mut Visit<'_>) -> Option<Request> {
    let target = &request.target;
    let path = visit(Place::Path, target.path().as_bytes());
    let query = target.query().and_then(|query| visit(Place::Query, query.as_bytes()));
    let target = (path.is_some() || query.is_some()).then(|| {
        let path = path.map_or_else(|| target.path().to_owned(), text);
        match (query.map(text), target.query()) {
            (Some(query), _) => format!("{path}?{query}"),
            (None, Some(query)) => format!("{path}?{query}"),
            (None, None) => path,
        }
    });
    let message = walk_message(Side::Request, (&request.headers, &request.body, &request.trailers), visit);
    if target.is_none() && message.is_none() {
        return None;
    }
    let mut rewritten = request.clone();
    if let Some(target) = target {
        rewritten.target = Target::new(target);
    }
    if let Some(message) = message {
        (rewritten.headers, rewritten.body, rewritten.trailers) = message;
    }
    Some(rewritten)
}

/// A response of which every part was shown to `visit`; `None` if all were left.
pub(super) fn walk_response(response: &Response, visit: &mut Visit<'_>) -> Option<Response> {
    let message = (&response.headers, &response.body, &response.trailers);
    let (headers, body, trailers) = walk_message(Side::Response, message, visit)?;
    let pieces = pieces::fitted(&response.pieces, &response.headers, &response.body, &body);
    Some(Response { status: response.status, version: response.version, headers, body, trailers, pieces })
}

type Message = (Headers, Body, Headers);

fn walk_message(
    side: Side,
    (headers, body, trailers): (&Headers, &Body, &Headers),
    visit: &mut Visit<'_>,
) -> Option<Message> {
    let new_headers = walk_headers(side, headers, visit);
    let new_body = body::walk(side, headers, body.as_bytes(), visit).map(Body::from);
    let new_trailers = walk_headers(side, trailers, visit);
    if new_headers.is_none() && new_body.is_none() && new_trailers.is_none() {
        return None;
    }
    let mut new_headers = new_headers.unwrap_or_else(|| headers.clone());
    if let Some(new_body) = &new_body
        && new_body.len() != body.len()
    {
        new_headers = with_length(&new_headers, body.len(), new_body.len());
    }
    let new_trailers = new_trailers.unwrap_or_else(|| trailers.clone());
    Some((new_headers, new_body.unwrap_or_else(|| body.clone()), new_trailers))
}

fn walk_headers(side: Side, headers: &Headers, visit: &mut Visit<'_>) -> Option<Headers> {
    let mut rewritten = Vec::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        visit(Place::HeaderName(side), name.as_bytes());
        rewritten.push(visit(Place::Header(side, name), value.as_bytes()));
    }
    if rewritten.iter().all(Option::is_none) {
        return None;
    }
    let fields = headers.iter().zip(rewritten);
    Some(Headers::from_iter(
        fields.map(|((name, value), new)| (name, new.map_or_else(|| value.clone(), HeaderValue::from))),
    ))
}

/// The header fields with a length that is true for the new body, as it was for the old one: of an
/// answer that broke off, as much is missing as before.
fn with_length(headers: &Headers, old: usize, new: usize) -> Headers {
    Headers::from_iter(headers.iter().map(|(name, value)| {
        let said = (name == "content-length").then(|| value.text().trim().parse::<usize>().ok()).flatten();
        let said = said.map(|said| (said + new).saturating_sub(old).to_string());
        (name, said.map_or_else(|| value.clone(), HeaderValue::from))
    }))
}

/// What was rewritten was text, and so is what was written into it.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
