use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue, TE};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Uri};

use super::Relay;
use super::upload::Upload;
use crate::net::convert::{forwarded, takes_trailers};
use crate::net::entrance::Destination;
use crate::net::pool::Pool;
use crate::net::reach::Origin;
use crate::net::server::{Outgoing, refuse};
use crate::net::{Admission, HostField, NetError, Upstream};

/// Where requests go that name no host of their own.
pub(super) struct Home {
    pub(super) upstream: Upstream,
    pub(super) pool: Arc<Pool<Upload>>,
}

/// Where a request goes.
pub(super) struct Route {
    pub(super) pool: Arc<Pool<Upload>>,
    /// What its `Host` will be.
    pub(super) host: HeaderValue,
    /// The host, where nobody is to look into what is said to it.
    pub(super) untold: Option<String>,
}

impl Route {
    /// To the host that the client named to a forward proxy, or else to the upstream.
    pub(super) fn of(relay: &Relay, request: &Request<Incoming>) -> Result<Self, Refusal> {
        let own = request.headers().get(HOST).cloned();
        if let Some(destination) = request.extensions().get::<Destination>() {
            let pool = relay.pools.to(origin(destination)?);
            let host = own.map_or_else(|| named(&pool), Ok)?;
            let is_untold = destination.admission == Admission::Tunnelled;
            let untold = is_untold.then(|| pool.origin().host.clone());
            return Ok(Self { pool, host, untold });
        }
        let Some(Home { upstream, pool }) = &relay.home else {
            let text = "there is no upstream for requests that name no host of their own: this is a forward \
                        proxy, to be named in HTTPS_PROXY and HTTP_PROXY";
            return Err(Refusal { kind: "no-upstream", text: text.to_owned() });
        };
        let own = own.filter(|_| upstream.host_field() == HostField::Client);
        Ok(Self { host: own.map_or_else(|| named(pool), Ok)?, pool: pool.clone(), untold: None })
    }

    /// An answer that cannot be made sense of.
    pub(super) fn broken(&self, why: &str) -> NetError {
        NetError::Broken { upstream: self.pool.origin().authority.clone(), why: why.to_owned() }
    }
}

/// Why a request goes nowhere.
pub(super) struct Refusal {
    kind: &'static str,
    text: String,
}

impl Refusal {
    /// What its client gets.
    pub(super) fn answer(&self) -> Response<Outgoing> {
        refuse(StatusCode::BAD_REQUEST, self.kind, &self.text)
    }
}

/// The origin that a client named.
pub(super) fn origin(destination: &Destination) -> Result<Origin, Refusal> {
    Origin::parse(destination.scheme, &destination.authority).map_err(|why| {
        let text = format!("cannot send a request to `{}`: {why}", destination.authority);
        Refusal { kind: "destination", text }
    })
}

fn named(pool: &Pool<Upload>) -> Result<HeaderValue, Refusal> {
    let authority = &pool.origin().authority;
    HeaderValue::from_str(authority).map_err(|_| {
        let text = format!("`{authority}` cannot be sent as a Host");
        Refusal { kind: "destination", text }
    })
}

/// The request for the provider. The extensions travel along: they hold the case of the names.
pub(super) fn outgoing(route: &Route, parts: Parts, upload: Upload) -> Request<Upload> {
    let mut headers = forwarded(&parts.headers);
    if headers.get(HOST) != Some(&route.host) {
        headers.insert(HOST, route.host.clone());
    }
    if takes_trailers(&parts.headers) {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    let mut request = Request::new(upload);
    *request.uri_mut() = parts.uri.into_parts().path_and_query.map(Uri::from).unwrap_or_default();
    *request.method_mut() = parts.method;
    *request.headers_mut() = headers;
    *request.extensions_mut() = parts.extensions;
    request
}
