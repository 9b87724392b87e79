use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue, TE};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use super::Relay;
use super::upload::Upload;
use crate::net::convert::{forwarded, takes_trailers};
use crate::net::entrance::Destination;
use crate::net::pool::Pool;
use crate::net::reach::Origin;
use crate::net::server::{Outgoing, refuse};
use crate::net::{Admission, HostField, NetError};

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
    pub(super) fn of(relay: &Relay, request: &Request<Incoming>) -> Result<Self, Response<Outgoing>> {
        let own = request.headers().get(HOST).cloned();
        if let Some(destination) = request.extensions().get::<Destination>() {
            let pool = relay.pools.to(origin(destination)?);
            let host = own.map_or_else(|| named(&pool), Ok)?;
            let is_untold = destination.admission == Admission::Tunnelled;
            let untold = is_untold.then(|| pool.origin().host.clone());
            return Ok(Self { pool, host, untold });
        }
        let Some(upstream) = &relay.upstream else {
            let text = "there is no upstream for requests that name no host of their own: this is a forward \
                        proxy, to be named in HTTPS_PROXY and HTTP_PROXY";
            return Err(refuse(StatusCode::BAD_REQUEST, "no-upstream", text));
        };
        let pool = relay.pools.to(upstream.origin().clone());
        let own = own.filter(|_| upstream.host_field() == HostField::Client);
        Ok(Self { host: own.map_or_else(|| named(&pool), Ok)?, pool, untold: None })
    }

    /// An answer that cannot be made sense of.
    pub(super) fn broken(&self, why: &str) -> NetError {
        NetError::Broken { upstream: self.pool.origin().authority.clone(), why: why.to_owned() }
    }
}

/// The origin that a client named.
pub(super) fn origin(destination: &Destination) -> Result<Origin, Response<Outgoing>> {
    Origin::parse(destination.scheme, &destination.authority).map_err(|why| {
        let text = format!("cannot send a request to `{}`: {why}", destination.authority);
        refuse(StatusCode::BAD_REQUEST, "destination", &text)
    })
}

fn named(pool: &Pool<Upload>) -> Result<HeaderValue, Response<Outgoing>> {
    let authority = &pool.origin().authority;
    HeaderValue::from_str(authority).map_err(|_| {
        let text = format!("`{authority}` cannot be sent as a Host");
        refuse(StatusCode::BAD_REQUEST, "destination", &text)
    })
}

/// The request for the provider. The extensions travel along: they hold the case of the names.
pub(super) fn outgoing(route: &Route, parts: Parts, upload: Upload) -> Result<Request<Upload>, NetError> {
    let mut headers = forwarded(&parts.headers);
    if headers.get(HOST) != Some(&route.host) {
        headers.insert(HOST, route.host.clone());
    }
    if takes_trailers(&parts.headers) {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
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
