//! Between hyper's types and ours.

use bytes::Bytes;
use hyper::Uri;
use hyper::body::Body;
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TE, TRANSFER_ENCODING,
};
use hyper::http::{request, response};

use super::{NetError, Scheme};
use crate::exchange::{Headers, Method, Request, Response, Target, Version};

/// The head of a request, as the client wrote it but for the grouping of duplicate fields.
pub(super) fn request_head(parts: &request::Parts) -> Request {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    Request {
        version: version(parts.version),
        headers: headers(&parts.headers),
        ..Request::new(Method::from(parts.method.as_str()), Target::new(target))
    }
}

/// The head of a response, likewise.
pub(super) fn response_head(parts: &response::Parts) -> Response {
    Response {
        version: version(parts.version),
        headers: headers(&parts.headers),
        ..Response::new(parts.status.as_u16())
    }
}

/// A request as HTTP/1.1 wants it: the target without its host, and a body whose length nobody
/// knows in chunks, whatever the method.
pub(super) fn for_http1<B: Body<Data = Bytes>>(
    mut request: hyper::Request<B>,
) -> Result<hyper::Request<B>, NetError> {
    *request.version_mut() = hyper::Version::HTTP_11;
    if let Some(authority) = request.uri().authority() {
        let unsendable = || NetError::Unsendable { what: "host", value: authority.to_string() };
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| unsendable())?;
        let target = request.uri().path_and_query().cloned();
        request.headers_mut().entry(HOST).or_insert(host);
        *request.uri_mut() = target.map(Uri::from).unwrap_or_default();
    }
    let is_open = !request.body().is_end_stream() && request.body().size_hint().exact().is_none();
    if is_open && !request.headers().contains_key(CONTENT_LENGTH) {
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    Ok(request)
}

/// A request as HTTP/2 wants it: its `Host` is the authority, and nothing is said of the
/// connection.
pub(super) fn for_http2<B>(
    mut request: hyper::Request<B>,
    scheme: Scheme,
) -> Result<hyper::Request<B>, NetError> {
    *request.version_mut() = hyper::Version::HTTP_2;
    let fields = std::mem::take(request.headers_mut());
    // One that comes back unsent from a connection of HTTP/2 has its authority already.
    let known = request.uri().authority().cloned();
    let field = || fields.get(HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let host = known.as_ref().map_or_else(field, |authority| authority.as_str().as_bytes());
    let unsendable =
        || NetError::Unsendable { what: "host", value: String::from_utf8_lossy(host).into_owned() };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let uri = Uri::builder().scheme(scheme.as_str()).authority(host).path_and_query(target).build();
    *request.uri_mut() = uri.map_err(|_| unsendable())?;
    *request.headers_mut() = without(&fields, |name| [HOST, CONNECTION, TRANSFER_ENCODING].contains(name));
    Ok(request)
}

/// Whether the sender of a request takes trailers.
pub(super) fn takes_trailers(headers: &HeaderMap) -> bool {
    let named = headers.get_all(TE).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

/// Fields as ours.
pub(super) fn headers(map: &HeaderMap) -> Headers {
    map.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

fn version(version: hyper::Version) -> Version {
    match version {
        hyper::Version::HTTP_09 | hyper::Version::HTTP_10 => Version::Http10,
        hyper::Version::HTTP_2 | hyper::Version::HTTP_3 => Version::Http2,
        _ => Version::Http11,
    }
}

/// Ours as hyper's.
pub(super) fn header_map(headers: &Headers) -> Result<HeaderMap, NetError> {
    map_of(headers, |_| true)
}

/// Those of ours that go on to the next hop, as hyper's.
pub(super) fn forwarded_map(headers: &Headers) -> Result<HeaderMap, NetError> {
    let named: Vec<_> = headers.all("connection").collect();
    let named = named_away(named.iter().map(AsRef::as_ref));
    map_of(headers, |name| !is_for_one_hop(name, &named))
}

fn map_of(headers: &Headers, is_in: impl Fn(&str) -> bool) -> Result<HeaderMap, NetError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| is_in(name)) {
        let unsendable = |what| NetError::Unsendable { what, value: name.to_owned() };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable("header name"))?;
        let value = HeaderValue::from_maybe_shared(value.bytes());
        let value = value.map_err(|_| unsendable("value of the header"))?;
        map.try_append(key, value).map_err(|_| unsendable("one too many header"))?;
    }
    Ok(map)
}

/// The fields that are meant for the next hop only (RFC 9110 section 7.6.1), besides those that
/// `Connection` names.
/// Not `Trailer`, which both sides need to make sense of what comes after a body; but `Expect`: we
/// give the leave to send ourselves.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The other fields, in order. A fresh map: taking a field out of hyper's would put the last one in
/// its place.
pub(super) fn without(map: &HeaderMap, is_out: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(map.len());
    for (name, value) in map.iter().filter(|(name, _)| !is_out(name)) {
        kept.append(name, value.clone());
    }
    kept
}

/// The fields that go on to the next hop, in order.
pub(super) fn forwarded(map: &HeaderMap) -> HeaderMap {
    let fields = map.get_all("connection");
    let named = named_away(fields.iter().filter_map(|value| value.to_str().ok()));
    without(map, |name| is_for_one_hop(name.as_str(), &named))
}

/// What `Connection` fields name.
fn named_away<'v>(fields: impl Iterator<Item = &'v str>) -> Vec<String> {
    fields.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn is_for_one_hop(name: &str, named: &[String]) -> bool {
    let is_named = is_nameable(name) && named.iter().any(|one| one == name);
    is_named || HOP_BY_HOP.contains(&name) || name.starts_with("proxy-")
}

/// Whether `Connection` may name a field away. Not those that frame or route the message: a
/// client that names them is mistaken or up to something (RFC 9110 section 7.6.1).
fn is_nameable(name: &str) -> bool {
    !matches!(name, "host" | "content-length" | "content-type" | "authorization")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_for_one_hop_stay_behind_and_the_rest_keeps_its_order() {
        let fields = [
            ("X-Amz-Target", "a"),
            ("Connection", "keep-alive, X-Mine, host"),
            ("X-Mine", "1"),
            ("Host", "h"),
            ("Keep-Alive", "5"),
            ("Proxy-Connection", "close"),
            ("TE", "trailers"),
            ("Trailer", "x"),
            ("Transfer-Encoding", "chunked"),
            ("Upgrade", "h2c"),
            ("Authorization", "AWS4"),
            ("Set-Cookie", "a"),
            ("Set-Cookie", "b"),
        ];
        let map = header_map(&Headers::from_iter(fields)).unwrap();
        let left: Vec<_> = headers(&forwarded(&map)).iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(left, ["x-amz-target", "host", "trailer", "authorization", "set-cookie", "set-cookie"]);
    }

    #[test]
    fn a_request_that_comes_back_unsent_is_for_the_same_host_again() {
        let request = hyper::Request::get("/a?b").header(HOST, "h:1").body(()).unwrap();
        let once = for_http2(request, Scheme::Https).unwrap();
        assert_eq!(once.uri(), "https://h:1/a?b");
        assert_eq!(for_http2(once, Scheme::Https).unwrap().uri(), "https://h:1/a?b");
    }
}
