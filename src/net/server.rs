use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use tokio::time::Instant;

use super::body::{BodyError, End, read};
use super::convert::{forwarded, header_map, request_head};
use super::{Entrance, Limits, Listener, NetError, Stop};
use crate::exchange::{Ending, Request, Response};

/// Answers requests out of what it knows. Called on a thread that serves other connections too:
/// it must not wait for anything.
pub trait Answer: Send + Sync + 'static {
    /// The response to a request.
    fn answer(&self, request: Request) -> Response;

    /// The response, and how it is to end. What the server calls; override it to break off.
    fn reply(&self, request: Request) -> Reply {
        Reply { response: self.answer(request), ending: Ending::Complete }
    }
}

/// A response, and how it is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its header fields are sent as they are, but for those that frame it: `Content-Length`
    /// is made true (in an answer to `HEAD` it is kept), a `Transfer-Encoding` leads to a
    /// chunked body, other fields for one hop only are not sent.
    pub response: Response,
    /// [`Ending::Aborted`] cuts the connection after the body's bytes.
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
        async move { Ok::<_, Infallible>(respond(request, &*answer, &limits).await) }
    });
    let open = listener.accept(&entrance, service, &limits, &stop).await;
    open.finish(Instant::now() + limits.grace).await;
}

async fn respond(
    request: hyper::Request<Incoming>,
    answer: &dyn Answer,
    limits: &Limits,
) -> hyper::Response<Outgoing> {
    if let Some(refusal) = without_host(&request) {
        return refusal;
    }
    let (parts, body) = request.into_parts();
    let (bytes, trailers, end) = read(body, limits.body, limits.idle).await;
    let request = match end {
        End::Complete => Request { body: bytes.into(), trailers, ..request_head(&parts) },
        End::Cut(why) => {
            return refuse(StatusCode::BAD_REQUEST, "request-cut", &format!("the request body: {why}"));
        }
        End::TooBig => {
            let text = format!("the request body is bigger than the limit of {} bytes", limits.body);
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "request-too-big", &text);
        }
    };
    let is_head = request.method.as_str() == "HEAD";
    outgoing(answer.reply(request), is_head)
        .unwrap_or_else(|error| refuse(StatusCode::INTERNAL_SERVER_ERROR, "unsendable", &error.to_string()))
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

pub(super) fn outgoing(reply: Reply, is_head: bool) -> Result<hyper::Response<Outgoing>, NetError> {
    let Reply { response, ending } = reply;
    let unsendable = || NetError::Unsendable { what: "status", value: response.status.to_string() };
    let status = StatusCode::from_u16(response.status).ok().filter(|status| !status.is_informational());
    let status = status.ok_or_else(unsendable)?;
    let all = header_map(&response.headers)?;
    let mut headers = forwarded(&all);
    let length = response.body.len();
    let is_bodyless = is_head || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let body = if is_bodyless {
        Outgoing::none(&headers)
    } else if ending == Ending::Aborted {
        if !promises_more(&headers, length) {
            headers = without_length(&headers);
        }
        Outgoing { bytes: Some(response.body.into_bytes()), framing: Framing::Cut(Write::Due) }
    } else if all.contains_key(TRANSFER_ENCODING) {
        headers = without_length(&headers);
        Outgoing { bytes: Some(response.body.into_bytes()), framing: Framing::Chunked }
    } else {
        if let Some(told) = headers.get_mut(CONTENT_LENGTH) {
            *told = HeaderValue::from(length);
        }
        Outgoing::whole(response.body.into_bytes())
    };
    let mut outgoing = hyper::Response::new(body);
    *outgoing.status_mut() = status;
    *outgoing.headers_mut() = headers;
    Ok(outgoing)
}

fn promises_more(headers: &hyper::HeaderMap, length: usize) -> bool {
    let told = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    told.is_some_and(|told: usize| told > length)
}

fn without_length(headers: &hyper::HeaderMap) -> hyper::HeaderMap {
    let kept = headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH);
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A body that is known before it is sent.
pub(super) struct Outgoing {
    bytes: Option<Bytes>,
    framing: Framing,
}

enum Framing {
    Whole,
    Chunked,
    Cut(Write),
}

/// hyper throws away what it has not written yet when a body fails, so it gets a turn to write.
pub(super) enum Write {
    Due,
    Done,
}

impl Outgoing {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), framing: Framing::Whole }
    }

    /// The body that an answer to `HEAD`, a 204 or a 304 does not have. Where a length is told
    /// hyper must not know that there is nothing, or it would tell another one, or none.
    pub(super) fn none(headers: &hyper::HeaderMap) -> Self {
        let framing = if headers.contains_key(CONTENT_LENGTH) { Framing::Chunked } else { Framing::Whole };
        Self { bytes: None, framing }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(bytes) = self.bytes.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match &mut self.framing {
            Framing::Whole | Framing::Chunked => Poll::Ready(None),
            Framing::Cut(Write::Done) => Poll::Ready(Some(Err("cut as recorded".into()))),
            Framing::Cut(write) => {
                *write = Write::Done;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && matches!(self.framing, Framing::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.framing {
            Framing::Whole => SizeHint::with_exact(self.bytes.as_ref().map_or(0, Bytes::len) as u64),
            Framing::Chunked | Framing::Cut(_) => SizeHint::default(),
        }
    }
}
