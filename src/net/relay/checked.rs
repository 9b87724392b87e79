//! Requests that somebody has a word on before they are sent.

use std::future::poll_fn;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderValue, TRAILER};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::capture::Capture;
use super::download::Download;
use super::ongoing::Ongoing;
use super::route::Route;
use super::upload::{Sent, Upload};
use super::{Lost, Relay};
use crate::exchange::Request;
use crate::net::body::Patience;
use crate::net::convert::{header_map, request_head};
use crate::net::server::{Outgoing, outgoing, refuse};
use crate::net::{NetError, Passage, Towards};

/// Why a request is not sent on, and what its client gets instead.
pub(super) struct Stopped {
    why: Option<Lost>,
    answer: Response<Outgoing>,
}

impl Stopped {
    /// Tells the tap what there is to tell.
    pub(super) fn tell(self, mut ongoing: Ongoing) -> Response<Download> {
        match self.why {
            Some(why) => ongoing.lose(why),
            None => ongoing.untell(),
        }
        self.answer.map(Download::known)
    }

    fn refused(status: StatusCode, kind: &'static str, text: &str) -> Self {
        Self { why: Some(Lost::Refused(text.to_owned())), answer: refuse(status, kind, text) }
    }
}

/// Reads a request whole, and lets the checkpoints have their word on it. `parts` is what is
/// sent on then; the capture is what the client sent.
pub(super) async fn check(
    relay: &Relay,
    route: &Route,
    parts: &mut Parts,
    body: Incoming,
    capture: Capture,
) -> Result<(Upload, Sent), Stopped> {
    let mut capture = read(relay, body, capture).await.map_err(unread)?;
    let kept = capture.kept().map_err(unread)?;
    let mut request = Request { body: kept.body, trailers: kept.trailers, ..request_head(parts) };
    let host = String::from_utf8_lossy(route.host.as_bytes());
    let towards = Towards { host: &host, origin: route.pool.origin() };
    for checkpoint in &relay.checkpoints {
        request = match checkpoint.pass(request, towards) {
            Passage::On(request) => request,
            Passage::Answered(reply) => {
                let answer = outgoing(reply, parts);
                return Err(answer.map_or_else(unsendable, |answer| Stopped { why: None, answer }));
            }
            Passage::Refused(text) => {
                return Err(Stopped::refused(StatusCode::BAD_REQUEST, "refused", &text));
            }
        };
    }
    let upload = Upload::known(request.body.clone().into_bytes());
    replace(parts, &request).map_err(unsendable)?;
    Ok((upload, Sent::Whole(capture)))
}

async fn read(relay: &Relay, mut body: Incoming, mut capture: Capture) -> Result<Capture, Lost> {
    let mut patience = Patience::new(relay.limits.idle);
    while let Some(frame) = poll_fn(|cx| patience.poll_frame(&mut body, cx)).await {
        capture.add_frame(&frame.map_err(Lost::RequestCut)?);
        if capture.is_over() {
            break;
        }
    }
    Ok(capture)
}

/// The head of what is sent on. It has a length now, so it has no trailers.
fn replace(parts: &mut Parts, request: &Request) -> Result<(), NetError> {
    let wrong = |what, value: &str| NetError::Unsendable { what, value: value.to_owned() };
    let (target, method) = (request.target.as_str(), request.method.as_str());
    parts.uri = target.parse().map_err(|_| wrong("target", target))?;
    parts.method = Method::from_bytes(method.as_bytes()).map_err(|_| wrong("method", method))?;
    parts.version = hyper::Version::HTTP_11;
    parts.headers = header_map(&request.headers)?;
    parts.headers.remove(TRAILER);
    if !request.body.is_empty() || parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    Ok(())
}

fn unread(why: Lost) -> Stopped {
    let (status, kind) = match &why {
        Lost::TooBig { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "request-too-big"),
        Lost::Crowded { .. } => (StatusCode::SERVICE_UNAVAILABLE, "crowded"),
        _ => (StatusCode::BAD_REQUEST, "request-cut"),
    };
    let answer = refuse(status, kind, &format!("the request was not sent on: {why}"));
    Stopped { why: Some(why), answer }
}

fn unsendable(error: NetError) -> Stopped {
    Stopped::refused(StatusCode::BAD_GATEWAY, "unsendable", &error.to_string())
}
