use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRAILER, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, StatusCode, Version};
use tokio::time::Instant;

use super::body::{End, read};
use super::convert::{forwarded_map, request_head, takes_trailers, without};
use super::entrance::Destination;
use super::front::HungUp;
pub(super) use super::outgoing::{Outgoing, Turn as Write};
use super::{Admission, Caller, Entrance, Limits, Listener, NetError, Stop};
use crate::exchange::{Ending, Request, Response};

/// Answers requests out of what it knows. Called on a thread that serves other connections too:
/// it must not wait for anything.
pub trait Answer: Send + Sync + 'static {
    /// The response to a request.
    fn answer(&self, request: Request) -> Response;

    /// The response, and how it is to end; override it to break off.
    fn reply(&self, request: Request) -> Reply {
        Reply { response: self.answer(request), ending: Ending::Complete }
    }

    /// The reply to whoever asks. What the server calls; override it where that matters.
    fn reply_to(&self, _: &Caller, request: Request) -> Reply {
        self.reply(request)
    }
}

/// A response, and how it is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its header fields are sent as they are, but for those that frame it: `Content-Length`
    /// is made true (in an answer to `HEAD` it is kept), a `Transfer-Encoding` leads to a
    /// chunked body, other fields for one hop only are not sent. Its pieces are sent one by one,
    /// none sooner after the request than it says; its trailers where the client takes trailers.
    pub response: Response,
    /// [`Ending::Aborted`] cuts the connection after the body's bytes, and where there is no body (an
    /// answer to `HEAD`, a 204, a 304) before the answer; over HTTP/2 it resets the stream.
    pub ending: Ending,
}

/// Serves until told to stop, then lets exchanges in flight finish within [`Limits::grace`].
///
/// A request reaches `answer` with its whole body. One that is too big, broken or without
/// `Host` is answered here, with an `x-onrecord-error` header field.
pub async fn serve(
    listener: Listener,
    entrance: Entrance,
    answer: Arc<dyn Answer>,
    limits: Limits,
    stop: Stop,
) {
    let shared = limits.clone();
    let service = service_fn(move |request| {
        let (answer, limits) = (answer.clone(), shared.clone());
        async move { respond(request, &*answer, &limits).await }
    });
    let open = listener.accept(&entrance, service, &limits, &stop).await;
    open.finish(Instant::now() + limits.grace).await;
}

async fn respond(
    request: hyper::Request<Incoming>,
    answer: &dyn Answer,
    limits: &Limits,
) -> Result<hyper::Response<Outgoing>, HungUp> {
    if let Some(refusal) = beyond(&request) {
        return Ok(refusal);
    }
    let (parts, body) = request.into_parts();
    let (bytes, trailers, end) = read(body, limits.body, limits.idle).await;
    let request = match end {
        End::Complete => Request { body: bytes.into(), trailers, ..request_head(&parts) },
        End::Cut(why) => {
            let text = format!("the request body: {why}");
            return Ok(refuse(StatusCode::BAD_REQUEST, "request-cut", &text));
        }
        End::TooBig => {
            let text = format!("the request body is bigger than the limit of {} bytes", limits.body);
            return Ok(refuse(StatusCode::PAYLOAD_TOO_LARGE, "request-too-big", &text));
        }
    };
    let nobody = Caller::default();
    let caller = parts.extensions.get().map_or(&nobody, |destination: &Destination| &destination.caller);
    let reply = answer.reply_to(caller, request);
    if reply.ending == Ending::Aborted && is_bodyless(reply.response.status, &parts.method) {
        return Err(HungUp);
    }
    let unsendable =
        |error: NetError| refuse(StatusCode::INTERNAL_SERVER_ERROR, "unsendable", &error.to_string());
    Ok(outgoing(reply, &parts).unwrap_or_else(unsendable))
}

/// Whether an answer ends with its head (RFC 9112 section 6.3).
fn is_bodyless(status: u16, asked: &Method) -> bool {
    asked == Method::HEAD || matches!(status, 204 | 304)
}

/// A refusal for requests to hosts that nobody looks into: they would need a network.
fn beyond(request: &hyper::Request<Incoming>) -> Option<hyper::Response<Outgoing>> {
    let destination: &Destination = request.extensions().get()?;
    let text = format!("nothing answers for {} here: this is no recording", destination.authority);
    (destination.admission == Admission::Tunnelled)
        .then(|| refuse(StatusCode::FORBIDDEN, "host-refused", &text))
}

/// A refusal for requests that do not say which host they are for (RFC 9112 section 3.2).
pub(super) fn without_host(request: &hyper::Request<Incoming>) -> Option<hyper::Response<Outgoing>> {
    let count = request.headers().get_all(HOST).iter().count();
    if count == 1 || (count == 0 && request.version() < hyper::Version::HTTP_11) {
        return None;
    }
    let text = format!("a request needs exactly one host header field, this one has {count}");
    Some(refuse(StatusCode::BAD_REQUEST, "host", &text))
}

/// An answer of our own: nothing the provider said.
pub(super) fn refuse(status: StatusCode, kind: &'static str, text: &str) -> hyper::Response<Outgoing> {
    let mut response = hyper::Response::new(Outgoing::whole(format!("onrecord: {text}\n").into()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert("x-onrecord-error", HeaderValue::from_static(kind));
    response
}

pub(super) fn outgoing(reply: Reply, asked: &Parts) -> Result<hyper::Response<Outgoing>, NetError> {
    let Reply { response, ending } = reply;
    let unsendable = || NetError::Unsendable { what: "status", value: response.status.to_string() };
    let status = StatusCode::from_u16(response.status).ok().filter(|status| !status.is_informational());
    let status = status.ok_or_else(unsendable)?;
    let mut headers = forwarded_map(&response.headers)?;
    let body = if is_bodyless(response.status, &asked.method) {
        match asked.version {
            Version::HTTP_2 => Outgoing::whole(bytes::Bytes::new()),
            _ => Outgoing::none(&headers),
        }
    } else if ending == Ending::Aborted {
        cut(response, &mut headers, asked.version)
    } else {
        complete(response, &mut headers, asked)?
    };
    let mut outgoing = hyper::Response::new(body);
    *outgoing.status_mut() = status;
    *outgoing.headers_mut() = headers;
    Ok(outgoing)
}

fn cut(response: Response, headers: &mut HeaderMap, version: Version) -> Outgoing {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_none_or(|told: usize| told <= response.body.len()) {
        *headers = without_length(headers);
    }
    Outgoing::cut(response.body.into_bytes(), version).in_pieces(response.pieces)
}

fn complete(response: Response, headers: &mut HeaderMap, asked: &Parts) -> Result<Outgoing, NetError> {
    let trailers = forwarded_map(&response.trailers)?;
    // HTTP/2 has a place for them; a client of HTTP/1.1 has to ask (RFC 9110 section 6.5.1).
    let takes_them = asked.version == Version::HTTP_2 || takes_trailers(&asked.headers);
    let trailers = Some(trailers).filter(|trailers| !trailers.is_empty() && takes_them);
    let is_chunked = response.headers.contains(TRANSFER_ENCODING.as_str());
    let is_streamed = !response.pieces.is_empty() && !headers.contains_key(CONTENT_LENGTH);
    let must_be_chunked = trailers.is_some() && asked.version != Version::HTTP_2;
    let length = response.body.len();
    let bytes = response.body.into_bytes();
    let body = if is_chunked || is_streamed || must_be_chunked {
        *headers = without_length(headers);
        Outgoing::chunked(bytes)
    } else {
        if let Some(told) = headers.get_mut(CONTENT_LENGTH) {
            *told = HeaderValue::from(length);
        }
        Outgoing::whole(bytes)
    };
    let body = body.in_pieces(response.pieces);
    let Some(trailers) = trailers else { return Ok(body) };
    let names: Vec<_> = trailers.keys().map(HeaderName::as_str).collect();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(TRAILER, names);
    }
    Ok(body.with_trailers(trailers))
}

fn without_length(headers: &HeaderMap) -> HeaderMap {
    without(headers, |name| name == CONTENT_LENGTH)
}
