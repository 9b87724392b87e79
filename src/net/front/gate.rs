use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Version};

use super::hosts::{Place, forget_proxy, name_first};
use super::passing::Passing;
use super::{Front, HungUp, Seat, Serving};
use crate::net::entrance::Destination;
use crate::net::server::{Outgoing, refuse, without_host};
use crate::net::{Admission, Caller, Entrance, Interception, Limits, Notice, Scheme, Stop};

/// Looks at the requests of one connection.
pub(super) struct Gate<S> {
    front: Arc<Front<S>>,
    origin: Origin,
    seat: Seat,
    opened: Mutex<Option<Opened>>,
    /// Shared with every answer that is under way.
    used: Arc<()>,
    asked: AtomicUsize,
}

/// Where a connection comes from.
pub(super) enum Origin {
    /// A client's own connection.
    Outside,
    /// What a client says inside a tunnel.
    Tunnel(Destination, Place),
}

/// A `CONNECT` that we said yes to.
pub(super) struct Opened {
    pub(super) upgrade: OnUpgrade,
    pub(super) interception: Arc<Interception>,
    pub(super) authority: String,
    pub(super) place: Place,
    pub(super) caller: Caller,
    pub(super) seat: Seat,
}

/// What is said to a client instead of passing its request on.
type Instead = Option<Response<Outgoing>>;

impl<S: Serving> Gate<S> {
    pub(super) fn new(front: Arc<Front<S>>, origin: Origin, seat: Seat) -> Self {
        let (opened, used, asked) = Default::default();
        Self { front, origin, seat, opened, used, asked }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.front.limits
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.front.stop
    }

    pub(super) fn streams(&self) -> &super::Tasks {
        &self.front.streams
    }

    /// How many requests there were, and whether one is being answered.
    pub(super) fn activity(&self) -> (usize, bool) {
        (self.asked.load(Ordering::Relaxed), Arc::strong_count(&self.used) > 1)
    }

    /// The tunnel that the connection has become.
    pub(super) fn opened(&self) -> Option<Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Answers a request.
    pub(super) async fn pass(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Passing<S::Answer>>, HungUp> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let used = self.used.clone();
        match self.instead(&mut request) {
            Some(own) => Ok(own.map(|body| Passing::own(body, used))),
            None => {
                if request.headers().contains_key(UPGRADE) {
                    request.extensions_mut().insert(self.seat.clone());
                }
                let served = self.front.service.call(request).await?;
                Ok(served.map(|body| Passing::served(body, used)))
            }
        }
    }

    fn instead(&self, request: &mut Request<Incoming>) -> Instead {
        let is_connect = request.method() == Method::CONNECT;
        if let Some(refusal) = too_big(request, &self.front.limits) {
            return Some(refusal);
        }
        match (&self.origin, &self.front.entrance) {
            (Origin::Outside, Entrance::Proxy(interception)) if is_connect => {
                self.connect(request, interception)
            }
            _ if is_connect => Some(no_proxy()),
            (Origin::Outside, Entrance::Proxy(interception)) if request.uri().scheme().is_some() => {
                self.absolute(request, interception)
            }
            (Origin::Outside, entrance) => {
                if matches!(entrance, Entrance::Proxy(_)) {
                    forget_proxy(request.headers_mut());
                }
                name_by_target(request);
                without_host(request)
            }
            (Origin::Tunnel(destination, place), _) => inside(request, destination, place),
        }
    }

    /// `CONNECT host:port`
    fn connect(&self, request: &mut Request<Incoming>, interception: &Arc<Interception>) -> Instead {
        let Some((authority, place)) = wanted(request) else {
            let text = "a CONNECT names a host and a port and nothing else, as in CONNECT example.org:443";
            return Some(refuse(StatusCode::BAD_REQUEST, "connect", text));
        };
        if has_body(request) {
            return Some(refuse(StatusCode::BAD_REQUEST, "connect", "a CONNECT has no body"));
        }
        let admission = (interception.admit)(&place.host, place.port);
        let caller = Caller::of(request.headers());
        match admission {
            Admission::Refused => Some(self.refused(place.host)),
            Admission::Tunnelled => {
                let scheme = Scheme::Https;
                request.extensions_mut().insert(Destination { scheme, authority, admission, caller });
                request.extensions_mut().insert(self.seat.clone());
                forget_proxy(request.headers_mut());
                None
            }
            Admission::Intercepted => {
                let upgrade = hyper::upgrade::on(request);
                let (interception, seat) = (interception.clone(), self.seat.clone());
                let opened = Opened { upgrade, interception, authority, place, caller, seat };
                *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
                Some(Response::new(Outgoing::whole(bytes::Bytes::new())))
            }
        }
    }

    /// `GET http://host/path`
    fn absolute(&self, request: &mut Request<Incoming>, interception: &Interception) -> Instead {
        let Some((destination, place)) = named(request, interception) else {
            let text = "a request to a proxy starts with http://, a host, and no user name";
            return Some(refuse(StatusCode::BAD_REQUEST, "target", text));
        };
        if destination.admission == Admission::Refused {
            return Some(self.refused(place.host));
        }
        if let Some(refusal) = without_host(request) {
            return Some(refusal);
        }
        forget_proxy(request.headers_mut());
        // What the target says counts, and has to be what the provider reads (RFC 9112 section 3.2.2).
        let headers = request.headers_mut();
        let said = headers.get(HOST).and_then(|host| Place::parse(host, destination.scheme));
        if said.as_ref() != Some(&place) {
            let host = HeaderValue::from_str(&destination.authority).ok()?;
            match headers.get_mut(HOST) {
                Some(said) => *said = host,
                None => name_first(headers, host),
            }
        }
        request.extensions_mut().insert(destination);
        None
    }

    fn refused(&self, host: String) -> Response<Outgoing> {
        let notice = Notice::Refused { host };
        self.front.notice(&notice);
        refuse(StatusCode::FORBIDDEN, "host-refused", &notice.to_string())
    }
}

/// A request inside a tunnel has to be for the host that the tunnel was opened to. A port proves
/// nothing: some clients name one of their own making.
fn inside(request: &mut Request<Incoming>, destination: &Destination, place: &Place) -> Instead {
    let scheme = destination.scheme;
    if let Some(authority) = request.uri().authority().cloned() {
        if Place::of(&authority, scheme).is_none_or(|said| said.host != place.host) {
            return Some(misdirected(authority.as_str(), destination));
        }
        name_by_target(request);
    }
    if let Some(refusal) = without_host(request) {
        return Some(refusal);
    }
    if let Some(host) = request.headers().get(HOST)
        && Place::parse(host, scheme).is_none_or(|said| said.host != place.host)
    {
        return Some(misdirected(&String::from_utf8_lossy(host.as_bytes()), destination));
    }
    request.extensions_mut().insert(destination.clone());
    None
}

/// HTTP/2 has its host in the target; all else looks for it in the field.
fn name_by_target(request: &mut Request<Incoming>) {
    let is_nameless = request.version() == Version::HTTP_2 && !request.headers().contains_key(HOST);
    let authority = request.uri().authority().filter(|_| is_nameless);
    if let Some(host) = authority.and_then(|authority| HeaderValue::from_str(authority.as_str()).ok()) {
        name_first(request.headers_mut(), host);
    }
}

fn misdirected(said: &str, destination: &Destination) -> Response<Outgoing> {
    let text = format!(
        "this connection is to {}, and the request is for {said}; open another one for that",
        destination.authority
    );
    refuse(StatusCode::MISDIRECTED_REQUEST, "misdirected", &text)
}

fn no_proxy() -> Response<Outgoing> {
    let text = "this is a reverse proxy, or the inside of a connection through a forward proxy: \
        it takes no CONNECT";
    refuse(StatusCode::NOT_IMPLEMENTED, "connect", text)
}

/// What a `CONNECT` wants to be connected to.
fn wanted(request: &Request<Incoming>) -> Option<(String, Place)> {
    let uri = request.uri();
    let authority = uri.authority().filter(|_| uri.path_and_query().is_none())?;
    authority.port_u16()?;
    Some((authority.as_str().to_owned(), Place::of(authority, Scheme::Https)?))
}

fn has_body(request: &Request<Incoming>) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// What a target in absolute form names.
fn named(request: &Request<Incoming>, interception: &Interception) -> Option<(Destination, Place)> {
    let scheme = match request.uri().scheme_str()? {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    let authority = request.uri().authority()?;
    let place = Place::of(authority, scheme)?;
    let admission = (interception.admit)(&place.host, place.port);
    let caller = Caller::of(request.headers());
    Some((Destination { scheme, authority: authority.as_str().to_owned(), admission, caller }, place))
}

fn too_big(request: &Request<Incoming>, limits: &Limits) -> Instead {
    let headers = request.headers();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let size =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() + target;
    let text = if size > limits.head {
        format!("the head of the request is bigger than the limit of {} bytes", limits.head)
    } else if headers.len() > limits.header_fields {
        format!("the request has more header fields than the limit of {}", limits.header_fields)
    } else {
        return None;
    };
    Some(refuse(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-big", &text))
}
