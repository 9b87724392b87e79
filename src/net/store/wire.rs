//! How the store's client reaches the network: over our own connections.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::MapErr;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

use crate::net::body::{BodyError, End, read};
use crate::net::pools::Pools;
use crate::net::reach::Origin;
use crate::net::{Limits, NetError, Reach, Scheme};

type Outgoing = MapErr<Full<Bytes>, fn(std::convert::Infallible) -> BodyError>;

#[derive(Clone)]
pub(super) struct Wire(Arc<Inner>);

struct Inner {
    pools: Pools<Outgoing>,
    limits: Limits,
}

impl Wire {
    pub(super) fn new(reach: Reach, limits: Limits) -> Self {
        Self(Arc::new(Inner { pools: Pools::new(reach, limits.connect), limits }))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Wire {
    fn call<'s, 'f>(
        &'s self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(self.0.exchange(request))
    }
}

impl Inner {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut parts, body) = request.into_parts();
        let origin = origin(&parts.uri).map_err(|error| failed(HttpErrorKind::Unknown, error))?;
        let body = body.collect().await?.to_bytes();
        let host = HeaderValue::from_str(&origin.authority);
        let host = host.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        parts.headers.entry(HOST).or_insert(host);
        parts.uri = parts.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/")).into();
        let body = Full::new(body).map_err(never as fn(_) -> _);
        let upstream = origin.authority.clone();
        let sent = self.pools.to(origin);
        let sent = sent.send(hyper::Request::from_parts(parts, body));
        let late = |_| {
            let error = NetError::NoAnswer { upstream: upstream.clone(), after: self.limits.answer };
            failed(HttpErrorKind::Timeout, error)
        };
        let answer = tokio::time::timeout(self.limits.answer, sent).await.map_err(late)?;
        let (answer, lease) = answer.map_err(|failure| failed(kind(&failure.error), failure.error))?;
        let (parts, body) = answer.into_parts();
        let (bytes, _, end) = read(body, self.limits.body, self.limits.idle).await;
        match end {
            End::Complete => lease.keep(),
            End::Cut(why) => {
                return Err(failed(HttpErrorKind::Interrupted, NetError::Broken { upstream, why }));
            }
            End::TooBig => {
                let error = NetError::TooBig { upstream, limit: self.limits.body };
                return Err(failed(HttpErrorKind::Decode, error));
            }
        }
        Ok(HttpResponse::from_parts(parts, bytes.into()))
    }
}

fn origin(uri: &hyper::Uri) -> Result<Origin, NetError> {
    let wrong = |why| NetError::Upstream { url: uri.to_string(), why };
    let scheme = match uri.scheme_str() {
        Some("http") => Scheme::Http,
        Some("https") => Scheme::Https,
        _ => return Err(wrong("it does not start with http:// or https://")),
    };
    let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
    Origin::parse(scheme, authority.as_str()).map_err(wrong)
}

/// What is worth another try.
fn kind(error: &NetError) -> HttpErrorKind {
    match error {
        NetError::Connect { .. } | NetError::ConnectTimeout { .. } => HttpErrorKind::Connect,
        NetError::Broken { .. } => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    }
}

fn failed(kind: HttpErrorKind, error: NetError) -> HttpError {
    HttpError::new(kind, error)
}

fn never(error: std::convert::Infallible) -> BodyError {
    match error {}
}
