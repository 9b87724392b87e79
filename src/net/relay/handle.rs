use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body as _, Incoming};
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use super::capture::Capture;
use super::download::{Download, Streaming};
use super::ongoing::{Answered, Ongoing};
use super::upload::{Sent, Upload};
use super::{Lost, Part, Relay, patiently};
use crate::exchange::Ending;
use crate::net::body::Patience;
use crate::net::convert::{forwarded, request_head, response_head};
use crate::net::pool::{Failure, Lease, Worn};
use crate::net::server::{Outgoing, refuse, without_host};
use crate::net::{HostField, NetError};

/// Sends a request on, and its answer back.
pub(super) async fn handle(relay: Arc<Relay>, request: Request<Incoming>) -> Response<Download> {
    if let Some(refusal) = without_host(&request) {
        return refusal.map(Download::known);
    }
    if request.uri().path_and_query().is_none() {
        let text = "this is a reverse proxy: it takes no CONNECT";
        return refuse(StatusCode::NOT_IMPLEMENTED, "connect", text).map(Download::known);
    }
    let (parts, body) = request.into_parts();
    let ongoing = Ongoing::new(relay.clone(), request_head(&parts));
    let capture = Capture::new(Part::Request, relay.budget.clone());
    let (upload, sent) = Upload::new(body, capture, &relay.limits);
    match ask(&relay, parts, upload, &sent).await {
        Ok((answer, lease)) => pass_on(ongoing, sent, answer, lease).await,
        Err(error) => {
            let text = error.to_string();
            ongoing.lose(Lost::NoAnswer(text.clone()));
            refuse(StatusCode::BAD_GATEWAY, "no-answer", &text).map(Download::known)
        }
    }
}

async fn ask(
    relay: &Relay,
    parts: Parts,
    upload: Upload,
    sent: &Sent,
) -> Result<(Response<Incoming>, Lease<Upload>), NetError> {
    let upstream = relay.pool.upstream();
    let again = matches!(sent, Sent::Whole(_)).then(|| parts.clone());
    let asking = async {
        let answer = relay.pool.send(outgoing(relay, parts, upload)?).await;
        match (answer, again) {
            (Err(Failure { worn: Worn::Reused, .. }), Some(parts)) if parts.method.is_safe() => {
                // The provider closed a kept connection while we wrote on it.
                relay.pool.send_afresh(outgoing(relay, parts, Upload::empty())?).await
            }
            (answer, _) => answer,
        }
        .map_err(|failure| failure.error)
    };
    let limit = relay.limits.answer;
    patiently(limit, sent.moved(), asking).await.unwrap_or_else(|| {
        Err(NetError::NoAnswer { upstream: upstream.authority().to_owned(), after: limit })
    })
}

/// The request for the provider. The extensions travel along: they hold the case of the names.
fn outgoing(relay: &Relay, parts: Parts, upload: Upload) -> Result<Request<Upload>, NetError> {
    let upstream = relay.pool.upstream();
    let mut headers = forwarded(&parts.headers);
    ask_for_plain_bodies(&mut headers);
    if upstream.host_field() == HostField::Upstream || !headers.contains_key(HOST) {
        let authority = upstream.authority();
        let host = HeaderValue::from_str(authority)
            .map_err(|_| NetError::Unsendable { what: "host", value: authority.to_owned() })?;
        headers.insert(HOST, host);
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::new(upload);
    *request.uri_mut() =
        target.parse().map_err(|_| NetError::Unsendable { what: "target", value: target.to_owned() })?;
    *request.method_mut() = parts.method;
    *request.headers_mut() = headers;
    *request.extensions_mut() = parts.extensions;
    Ok(request)
}

/// A compressed answer cannot be redacted, so none is asked for; a client takes plain ones always
/// (RFC 9110 section 12.5.3). What a signature covers stays as it is.
fn ask_for_plain_bodies(headers: &mut HeaderMap) {
    let signed = headers.get(AUTHORIZATION).is_some_and(|value| {
        let value = value.to_str().unwrap_or_default();
        let names = value.split("SignedHeaders=").nth(1).and_then(|rest| rest.split(',').next());
        names.is_some_and(|names| names.split(';').any(|name| name == "accept-encoding"))
    });
    if headers.contains_key(ACCEPT_ENCODING) && !signed {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
}

async fn pass_on(
    ongoing: Ongoing,
    sent: Sent,
    answer: Response<Incoming>,
    lease: Lease<Upload>,
) -> Response<Download> {
    let (mut parts, body) = answer.into_parts();
    let answered = ongoing.answered(response_head(&parts), sent);
    let relay = answered.relay().clone();
    let capture = Capture::new(Part::Response, relay.budget.clone());
    parts.headers = forwarded(&parts.headers);
    parts.version = hyper::Version::HTTP_11;
    let download = if body.is_end_stream() {
        // Nothing will be sent after the head, so the head is what has to wait.
        if let Some(refusal) = bodyless(answered, capture, lease).await {
            return refusal.map(Download::known);
        }
        Download::known(Outgoing::none(&parts.headers))
    } else {
        let missing = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let patience = Patience::new(relay.limits.idle);
        Download::streaming(Streaming { body, answered, lease, capture, patience, missing, held: None })
    };
    Response::from_parts(parts, download)
}

/// Tells the tap; what the client gets instead of the answer if the tap refuses.
async fn bodyless(answered: Answered, capture: Capture, lease: Lease<Upload>) -> Option<Response<Outgoing>> {
    let relay = answered.relay().clone();
    let told = answered.conclude(capture, Ending::Complete).await;
    relay.pool.keep(lease);
    let text = format!("the exchange could not be recorded: {}", told.err()?);
    Some(refuse(StatusCode::BAD_GATEWAY, "not-recorded", &text))
}

/// An exchange that goes on when its client has gone: the provider acts on it all the same.
pub(super) struct Detach<F: Future<Output = Response<Download>> + Send + 'static> {
    relay: Arc<Relay>,
    exchange: Option<Pin<Box<F>>>,
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Detach<F> {
    pub(super) fn new(relay: Arc<Relay>, exchange: F) -> Self {
        Self { relay, exchange: Some(Box::pin(exchange)) }
    }
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Future for Detach<F> {
    type Output = Response<Download>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(exchange) = &mut self.exchange else { return Poll::Pending };
        let response = std::task::ready!(exchange.as_mut().poll(cx));
        self.exchange = None;
        Poll::Ready(response)
    }
}

impl<F: Future<Output = Response<Download>> + Send + 'static> Drop for Detach<F> {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            // Dropping the answer reads it to its end, see `Download`.
            self.relay.detach(async move { drop(exchange.await) });
        }
    }
}
