use std::pin::pin;
use std::sync::Arc;

use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};

use super::capture::Capture;
use super::checked::check;
use super::download::{Download, Held, Streaming};
use super::ongoing::{Answered, Line, Ongoing};
use super::route::{Route, outgoing};
use super::switch::{Switch, tunnel};
use super::upload::{Sent, Upload};
use super::{Lost, Part, Relay, patiently};
use crate::exchange::Ending;
use crate::net::NetError;
use crate::net::body::Patience;
use crate::net::convert::{forwarded, request_head, response_head};
use crate::net::pool::{Failure, Lease, Worn};
use crate::net::server::{Outgoing, refuse, without_host};

/// Sends a request on, and its answer back. What is rare has a box of its own here, or there would
/// have to be room for it in each exchange.
pub(super) async fn handle(relay: Arc<Relay>, mut request: Request<Incoming>) -> Response<Download> {
    if request.method() == Method::CONNECT {
        return Box::pin(tunnel(&relay, request)).await.map(Download::known);
    }
    if let Some(refusal) = without_host(&request) {
        return refusal.map(Download::known);
    }
    let route = match Route::of(&relay, &request) {
        Ok(route) => route,
        Err(refusal) => return refusal.answer().map(Download::known),
    };
    let switch = Switch::asked_by(&mut request);
    let (mut parts, body) = request.into_parts();
    let asked_over = parts.version;
    let mut ongoing = Ongoing::new(relay.clone(), request_head(&parts));
    if let Some(host) = &route.untold {
        ongoing.untell();
        relay.tap.lost(Lost::Tunnelled { host: host.clone() });
    }
    let capture = Capture::new(Part::Request, &relay.budget);
    let (upload, sent) = if relay.checkpoints.is_empty() || route.untold.is_some() {
        Upload::new(body, capture, &relay.limits)
    } else {
        match Box::pin(check(&relay, &route, &mut parts, body, capture)).await {
            Ok(checked) => checked,
            Err(stopped) => return stopped.tell(ongoing),
        }
    };
    match ask(&relay, &route, parts, upload, &sent, switch.as_ref()).await {
        Ok((answer, lease)) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => match switch {
            Some(switch) => switch.through(&relay, ongoing, answer, lease).map(Download::known),
            None => {
                unanswered(ongoing, &route.broken("it changed to another protocol without being asked to"))
            }
        },
        Ok((answer, lease)) => pass_on(ongoing, sent, answer, lease, asked_over).await,
        Err(error) => unanswered(ongoing, &error),
    }
}

fn unanswered(ongoing: Ongoing, error: &NetError) -> Response<Download> {
    ongoing.lose(Lost::NoAnswer(error.to_string()));
    refuse_for(error).map(Download::known)
}

/// What a client gets instead of an answer.
pub(super) fn refuse_for(error: &NetError) -> Response<Outgoing> {
    let (status, kind) = match error {
        NetError::NoAnswer { .. } | NetError::ConnectTimeout { .. } => {
            (StatusCode::GATEWAY_TIMEOUT, "timeout")
        }
        _ => (StatusCode::BAD_GATEWAY, "no-answer"),
    };
    refuse(status, kind, &error.to_string())
}

async fn ask(
    relay: &Relay,
    route: &Route,
    parts: Parts,
    upload: Upload,
    sent: &Sent,
    switch: Option<&Switch>,
) -> Result<(Response<Incoming>, Lease<Upload>), NetError> {
    if let Some(switch) = switch {
        let mut request = outgoing(route, parts, upload);
        switch.ask(request.headers_mut());
        return in_time(relay, route, sent, Box::pin(route.pool.send_to_switch(request))).await;
    }
    let again = upload.again().filter(|_| parts.method.is_safe()).map(|upload| (parts.clone(), upload));
    let request = outgoing(route, parts, upload);
    let asking = pin!(async {
        match (route.pool.send(request).await, again) {
            (Err(Failure { worn: Worn::Reused, .. }), Some((parts, upload))) => {
                // The provider closed a kept connection while we wrote on it.
                Box::pin(route.pool.send_afresh(outgoing(route, parts, upload))).await
            }
            (answer, _) => answer,
        }
    });
    in_time(relay, route, sent, asking).await
}

async fn in_time<T>(
    relay: &Relay,
    route: &Route,
    sent: &Sent,
    asking: impl Future<Output = Result<T, Failure>>,
) -> Result<T, NetError> {
    let limit = relay.limits.answer;
    match patiently(limit, sent.moved(), asking).await {
        Some(answer) => answer.map_err(|failure| failure.error),
        None => Err(NetError::NoAnswer { upstream: route.pool.origin().authority.clone(), after: limit }),
    }
}

async fn pass_on(
    ongoing: Ongoing,
    sent: Sent,
    answer: Response<Incoming>,
    lease: Lease<Upload>,
    asked_over: Version,
) -> Response<Download> {
    let (mut parts, body) = answer.into_parts();
    let clock = ongoing.clock();
    let answered = ongoing.answered(response_head(&parts), sent);
    let relay = answered.relay().clone();
    let mut capture = Capture::new(Part::Response, &relay.budget);
    if is_event_stream(&parts.headers) {
        capture.time_since(clock);
    }
    parts.headers = forwarded(&parts.headers);
    parts.version = Version::HTTP_11; // What the client is spoken to in is not up to us.
    let download = if body.is_end_stream() {
        // Nothing will be sent after the head, so the head is what has to wait.
        if let Some(refusal) = Box::pin(bodyless(answered, capture, lease)).await {
            return refusal.map(Download::known);
        }
        Download::known(match asked_over {
            Version::HTTP_2 => Outgoing::whole(bytes::Bytes::new()),
            _ => Outgoing::none(&parts.headers),
        })
    } else {
        let missing = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let patience = Patience::new(relay.limits.idle);
        let held = Held::default();
        Download::streaming(Streaming { body, answered, lease, capture, patience, missing, held })
    };
    Response::from_parts(parts, download)
}

/// Whether the pieces of an answer mean something.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "text/event-stream" | "application/vnd.amazon.eventstream")
}

/// Tells the tap; what the client gets instead of the answer if the tap refuses.
async fn bodyless(answered: Answered, capture: Capture, lease: Lease<Upload>) -> Option<Response<Outgoing>> {
    let told = answered.conclude(capture, Ending::Complete).await;
    let error = match told {
        Ok(Line::Free) => {
            lease.keep();
            return None;
        }
        Ok(Line::Stuck) => return None,
        Err(error) => error,
    };
    let text = format!("the exchange could not be recorded: {error}");
    Some(refuse(StatusCode::BAD_GATEWAY, "not-recorded", &text))
}
