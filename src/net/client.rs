use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::MapErr;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue};

use super::body::{BodyError, End, read};
use super::convert::{header_map, response_head};
use super::pool::{Lease, Pool, Worn};
use super::{Limits, NetError, Reach, Upstream};
use crate::exchange::{Body, Ending, Request, Response, Timestamp, Timing};

type Outgoing = MapErr<Full<Bytes>, fn(std::convert::Infallible) -> BodyError>;

/// Sends one request at a time and reads the answer whole. Connections are kept for the next
/// request. Blocking: take one client per thread, and none inside an async function.
pub struct Client {
    runtime: Mutex<tokio::runtime::Runtime>,
    pool: Arc<Pool<Outgoing>>,
    limits: Limits,
}

impl Client {
    /// A client of one upstream. It connects at the first request.
    pub fn new(upstream: &Upstream, limits: Limits) -> Result<Self, NetError> {
        Self::through(upstream, Reach::default(), limits)
    }

    /// A client that reaches its upstream in its own way.
    pub fn through(upstream: &Upstream, reach: Reach, limits: Limits) -> Result<Self, NetError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| NetError::Runtime { cause })?;
        let pool = Arc::new(Pool::new(upstream.origin().clone(), reach, limits.connect));
        Ok(Self { runtime: Mutex::new(runtime), pool, limits })
    }

    /// Sends a request as it is, with a `Host` and a `Content-Length` where they are missing.
    ///
    /// An answer that breaks off inside its body is an answer: [`Ending::Aborted`].
    pub fn send(&self, request: &Request) -> Result<(Response, Ending, Timing), NetError> {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(self.exchange(request))
    }

    /// The same, for whoever gives the whole exchange no more than that time, from the connection to
    /// the last byte.
    pub fn send_within(
        &self,
        request: &Request,
        patience: Duration,
    ) -> Result<(Response, Ending, Timing), NetError> {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let unfinished = |_| NetError::Unfinished { upstream: self.authority(), after: patience };
        runtime.block_on(async {
            tokio::time::timeout(patience, self.exchange(request)).await.map_err(unfinished)?
        })
    }

    async fn exchange(&self, request: &Request) -> Result<(Response, Ending, Timing), NetError> {
        let (started, clock) = (Timestamp::now(), Instant::now());
        let (answer, lease) = tokio::time::timeout(self.limits.answer, self.answer(request))
            .await
            .map_err(|_| NetError::NoAnswer { upstream: self.authority(), after: self.limits.answer })??;
        let first_byte = clock.elapsed();
        let (parts, body) = answer.into_parts();
        let (bytes, trailers, end) = read(body, self.limits.body, self.limits.idle).await;
        let ending = match end {
            End::Complete => {
                lease.keep();
                Ending::Complete
            }
            End::Cut(_) => Ending::Aborted,
            End::TooBig => {
                return Err(NetError::TooBig { upstream: self.authority(), limit: self.limits.body });
            }
        };
        let response = Response { body: Body::from(bytes), trailers, ..response_head(&parts) };
        Ok((response, ending, Timing { started, first_byte, duration: clock.elapsed() }))
    }

    async fn answer(
        &self,
        request: &Request,
    ) -> Result<(hyper::Response<hyper::body::Incoming>, Lease<Outgoing>), NetError> {
        match self.pool.send(self.outgoing(request)?).await {
            // The provider closed a kept connection while we wrote on it.
            Err(failure) if failure.worn == Worn::Reused && is_repeatable(request) => {
                self.pool.send_afresh(self.outgoing(request)?).await
            }
            answer => answer,
        }
        .map_err(|failure| failure.error)
    }

    fn outgoing(&self, request: &Request) -> Result<hyper::Request<Outgoing>, NetError> {
        let unsendable = |what, value: &str| NetError::Unsendable { what, value: value.to_owned() };
        let target = request.target.as_str();
        let mut headers = header_map(&request.headers)?;
        if !headers.contains_key(HOST) {
            let authority = &self.pool.origin().authority;
            let host = HeaderValue::from_str(authority).map_err(|_| unsendable("host", authority))?;
            headers.insert(HOST, host);
        }
        if request.body.is_empty() && matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        let body = Full::new(request.body.clone().into_bytes());
        let mut outgoing = hyper::Request::new(body.map_err(never as fn(_) -> _));
        *outgoing.uri_mut() = target.parse().map_err(|_| unsendable("target", target))?;
        *outgoing.method_mut() = hyper::Method::from_bytes(request.method.as_str().as_bytes())
            .map_err(|_| unsendable("method", request.method.as_str()))?;
        *outgoing.headers_mut() = headers;
        Ok(outgoing)
    }

    fn authority(&self) -> String {
        self.pool.origin().authority.clone()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("upstream", &self.authority()).finish_non_exhaustive()
    }
}

fn never(error: std::convert::Infallible) -> BodyError {
    match error {}
}

/// Whether sending it twice is as good as once, to the last bit of the answer: a `DELETE` is
/// idempotent (RFC 9110 section 9.2.2), but says 404 the second time.
fn is_repeatable(request: &Request) -> bool {
    matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}
