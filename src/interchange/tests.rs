//! Any cassette comes back from HAR as it was, save what was listed.

use std::time::{Duration, SystemTime};

use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::sample::select;

use super::*;
use crate::cassette::{Cassette, Header, Origin};
use crate::encoding::pack;
use crate::exchange::{
    Body, Ending, Exchange, HeaderValue, Headers, Method, Piece, Request, Response, Target, Timestamp,
    Timing, Version,
};
use crate::redact::{PROVIDER, Redacted};

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        any::<String>().prop_map(String::into_bytes),
        "[ -~é]{0,9}".prop_map(String::into_bytes)
    ]
}

/// Fields with a body that is packed as they say, or not; with a length that fits, or not.
fn any_message() -> impl Strategy<Value = (Headers, Body)> {
    let text = select(&["", "a", "*/*", "text/plain; charset=utf-8", "a=b; c=d"][..]).prop_map(Vec::from);
    let value = prop_oneof![text, vec(any::<u8>(), 0..3)];
    let host = select(&["", "a.example", "A.example:443", "[::1]:8080"][..])
        .prop_map(|host| ("host", Vec::from(host)));
    let name = select(&["accept", "Content-Type", "cookie", "set-cookie", "location", "x-a"][..]);
    let coding = select(&["", "", "gzip", "br", "zstd", "deflate, gzip", "other"][..]);
    let length = select(&[None, Some(0), Some(1)][..]);
    (vec(prop_oneof![4 => (name, value), 1 => host], 0..5), any_body(), coding, any::<bool>(), length)
        .prop_map(|(fields, bytes, coding, broken, more)| {
            let mut headers = Headers::from_iter(fields);
            if !coding.is_empty() {
                headers.push("content-encoding", coding);
            }
            let packed = pack(coding, &bytes).filter(|_| !broken && !coding.is_empty()).unwrap_or(bytes);
            if let Some(more) = more.filter(|_| !packed.is_empty()) {
                headers.push("content-length", (packed.len() + more).to_string());
            }
            (headers, Body::from(packed))
        })
}

fn any_exchange() -> impl Strategy<Value = Exchange> {
    let method = select(&["GET", "HEAD", "POST", "PURGE", "get"][..]).prop_map(Method::from);
    let target = r"/[!-~&&[^#]]{0,9}(\?[!-~&&[^#]]{0,9})?";
    let version = || select(&[Version::Http10, Version::Http11, Version::Http2][..]);
    let heads = (method, target, version(), version(), 100_u16..1000);
    let trailers = || vec(("[a-z]{1,3}", "[a-z]{0,3}"), 0..2).prop_map(Headers::from_iter);
    let times = (0_u64..1 << 40, 0_u64..1 << 40, 0_u64..1 << 40);
    let rest = (trailers(), trailers(), any::<bool>(), any::<bool>(), any::<bool>());
    (heads, any_message(), any_message(), times, rest).prop_map(|(heads, asked, answered, times, rest)| {
        let (method, target, sent, got, status) = heads;
        let mut request = Request::new(method, Target::new(target));
        let mut response = Response::new(status);
        (request.version, response.version) = (sent, got);
        (request.headers, request.body) = asked;
        (response.headers, response.body) = answered;
        let (more, fewer, cut, streamed, known) = rest;
        (request.trailers, response.trailers) = (more, fewer);
        if streamed && !response.body.is_empty() {
            response.pieces = vec![Piece { length: response.body.len(), after: Duration::ZERO }];
        }
        let (started, first_byte, receive) = times;
        let first_byte = Duration::from_millis(first_byte);
        let timing = Timing {
            started: Timestamp::from(SystemTime::UNIX_EPOCH).plus(Duration::from_millis(started)),
            first_byte,
            duration: first_byte + Duration::from_millis(receive),
        };
        let ending = if cut { Ending::Aborted } else { Ending::Complete };
        Exchange { operation: known.then(|| "A".to_owned()), request, response, ending, timing }
    })
}

/// Takes away what a list says is not carried.
fn forget(kind: &str, it: &mut Exchange) {
    let Exchange { request, response, .. } = it;
    let mut fields = |change: &dyn Fn(&mut Headers)| {
        [&mut request.headers, &mut response.headers].into_iter().for_each(change)
    };
    let without_length = |headers: &mut Headers| headers.remove("content-length");
    match kind {
        "operations" => it.operation = None,
        "trailers" => (request.trailers, response.trailers) = Default::default(),
        "comments" => {}
        _ if kind.starts_with("pieces of event streams") => response.pieces.clear(),
        _ if kind.starts_with("that an answer was cut short") => it.ending = Ending::Complete,
        _ if kind.starts_with("packed bodies") => {
            fields(&without_length);
            (request.body, response.body) = (request.content(), response.content());
        }
        _ if kind.starts_with("content codings that are unknown") => fields(&|headers| {
            headers.remove("content-length");
            if headers.get("content-encoding").is_some_and(|coding| coding == "other") {
                headers.remove("content-encoding");
            }
        }),
        _ if kind.starts_with("lengths that do not fit") => fields(&without_length),
        "bytes of header fields that are no text" => fields(&|headers| {
            let text = |(name, value): (&str, &HeaderValue)| (name.to_owned(), value.text().into_owned());
            *headers = headers.iter().map(text).collect();
        }),
        "that a request names no host" => {
            if !request.headers.contains("host") {
                let rest = request.headers.iter().map(|(name, value)| (name.to_owned(), value.clone()));
                let first = ("host".to_owned(), HeaderValue::from(PROVIDER.to_owned()));
                request.headers = [first].into_iter().chain(rest).collect();
            }
        }
        other => panic!("nobody knows what {other} means"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_exchange_comes_back_from_har_save_what_is_listed(mut exchange in any_exchange()) {
        let origin = Origin::Emulator { name: "made".to_owned(), version: None };
        let exchanges = vec![Redacted::read_back(exchange.clone())];
        let (har, out) = export::har(&Cassette { header: Header::new(None, origin), exchanges });
        let Imported { mut exchanges, left, .. } = import("a.har", har.to_string().as_bytes(), None).unwrap();
        prop_assert_eq!(exchanges.len(), 1, "{:?}", left);
        for kind in out.details.keys().chain(left.details.keys()) {
            forget(kind, &mut exchange);
            forget(kind, &mut exchanges[0]);
        }
        prop_assert_eq!(&exchanges[0], &exchange, "{} {:?} {:?}", har, out, left);
    }
}
