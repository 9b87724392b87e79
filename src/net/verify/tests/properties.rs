//! What we sign is right, and nothing of it can change.

use super::*;
use crate::encoding::percent_encode;

/// A character that stands for nothing else: no case, no digit of an escape.
fn another(letter: char) -> char {
    if letter == 'x' { 'y' } else { 'x' }
}

/// A text with another letter in the place of one of its own.
fn flipped(text: &str, at: prop::sample::Index) -> Option<String> {
    let places: Vec<_> = text.char_indices().filter(|(_, part)| part.is_ascii_alphanumeric()).collect();
    let (place, letter) = *places.get(at.index(places.len().max(1)))?;
    Some(format!("{}{}{}", &text[..place], another(letter), &text[place + 1..]))
}

fn path() -> impl Strategy<Value = String> {
    let segment = "[a-zA-Z0-9 :%/é~()*'.-]{1,8}".prop_filter("no dots", |text| !text.starts_with('.'));
    prop::collection::vec(segment, 1..4).prop_map(|segments| {
        let segments: Vec<_> = segments.iter().map(|segment| percent_encode(segment)).collect();
        format!("/{}", segments.join("/"))
    })
}

fn query() -> impl Strategy<Value = String> {
    let pair = ("[a-z]{1,4}", "[a-zA-Z0-9 +&=/:é%]{0,8}");
    let pair = pair.prop_map(|(name, value)| format!("{name}={}", percent_encode(&value)));
    prop::collection::vec(pair, 1..4).prop_map(|pairs| pairs.join("&"))
}

prop_compose! {
    fn signed()(
        method in "GET|PUT|POST|DELETE",
        path in path(),
        query in query(),
        kind in "[a-z]{1,9}( {1,3}[a-z]{1,4})?",
        body in "[a-z{}]{0,20}",
        service in "s3|eks|dynamodb",
        region in "us-east-1|eu-west-1",
        token in prop::option::of("[a-zA-Z0-9/+=]{4,9}"),
    ) -> Request {
        let mut request = request(&format!("{method} {path}?{query}"), &[("x-amz-kind", &kind)], &body);
        let secret_key = keys().secret(KEY).unwrap();
        let credentials = Credentials { access_key: KEY.to_owned(), secret_key, session_token: token };
        let at = Timestamp::parse("2026-11-21T07:32:37Z").unwrap();
        sign(&mut request, "127.0.0.1:4566", &service, &region, &credentials, at).unwrap();
        request
    }
}

/// A part of a signed request.
#[derive(Debug, Clone, Copy)]
enum Part {
    Method,
    Path,
    Query,
    Field,
    Host,
    Date,
    Body,
    Scope,
    Signature,
    Secret,
}

const PARTS: [Part; 10] = [
    Part::Method,
    Part::Path,
    Part::Query,
    Part::Field,
    Part::Host,
    Part::Date,
    Part::Body,
    Part::Scope,
    Part::Signature,
    Part::Secret,
];

/// The request with another letter there, and the keys.
fn changed(mut request: Request, part: Part, at: prop::sample::Index) -> Option<(Request, Keyring)> {
    let mut keys = keys();
    let (path, query) = request.target.as_str().split_once('?')?;
    let field = |name: &str| request.headers.get(name).map(std::borrow::Cow::into_owned);
    let authorization = field("authorization")?;
    match part {
        Part::Method => request.method = Method::from("PATCH"),
        Part::Path => request.target = Target::new(format!("{}?{query}", flipped(path, at)?)),
        Part::Query => request.target = Target::new(format!("{path}?{}", flipped(query, at)?)),
        Part::Field => request.headers.set("x-amz-kind", flipped(&field("x-amz-kind")?, at)?),
        Part::Host => request.headers.set("host", "127.0.0.1:4567"),
        Part::Date => request.headers.set("x-amz-date", field("x-amz-date")?.replace("37Z", "38Z")),
        Part::Body => request.body = Body::from(format!("{}x", request.body.text()?)),
        Part::Scope => request.headers.set("authorization", authorization.replace("-1/", "-2/")),
        Part::Signature => {
            let (rest, signature) = authorization.split_once("Signature=")?;
            request.headers.set("authorization", format!("{rest}Signature={}", flipped(signature, at)?));
        }
        Part::Secret => {
            let secret_key = flipped(&keys.secret(KEY)?, at)?;
            keys = keys.and(&Credentials { access_key: KEY.to_owned(), secret_key, session_token: None });
        }
    }
    Some((request, keys))
}

/// What may be put to a signed request, or be there once more.
#[derive(Debug, Clone, Copy)]
enum Added {
    Pair,
    Parameter,
    Again,
    Path,
    Value,
    Field,
    Said,
    Name,
    Body,
}

const ADDED: [Added; 9] = [
    Added::Pair,
    Added::Parameter,
    Added::Again,
    Added::Path,
    Added::Value,
    Added::Field,
    Added::Said,
    Added::Name,
    Added::Body,
];

fn added(mut request: Request, part: Added, text: &str) -> Request {
    let Request { target, headers, body, .. } = &mut request;
    let is_presigned = !headers.contains("authorization");
    let said = headers.get("authorization").unwrap_or_default().into_owned();
    let value = headers.get("host").unwrap().into_owned();
    let query = target.query().unwrap().to_owned();
    match part {
        Added::Pair => *target = target.with_pair(text, text),
        Added::Parameter => *target = target.with_pair("X-Amz-Expires", text),
        Added::Again => *target = Target::new(format!("{target}&{}", query.split('&').next_back().unwrap())),
        Added::Path => *target = Target::new(format!("{}/{text}?{query}", target.path())),
        Added::Value => headers.set("host", format!("{value}{text}")),
        Added::Field => headers.push("host", value),
        Added::Said if is_presigned => *target = Target::new(format!("{target}{text}")),
        Added::Said => headers.set("authorization", format!("{said}{text}")),
        Added::Name if is_presigned => *target = Target::new(target.as_str().replace("=host", "=host;host")),
        Added::Name => headers.set("authorization", said.replace("Headers=", "Headers=host;")),
        // S3 does not sign the body of what is presigned.
        Added::Body if is_presigned => headers.push("x-amz-content-sha256", text),
        Added::Body => *body = Body::from(format!("{}{text}", body.text().unwrap())),
    }
    request
}

proptest! {
    #[test]
    fn what_we_sign_is_right(request in signed()) {
        prop_assert_eq!(verify(&request, &keys()), Verdict::Right);
    }

    #[test]
    fn nothing_that_is_signed_can_change(
        request in signed(),
        part in prop::sample::select(&PARTS[..]),
        at in any::<prop::sample::Index>(),
    ) {
        if let Some((changed, keys)) = changed(request, part, at) {
            let verdict = verify(&changed, &keys);
            prop_assert_ne!(verdict, Verdict::Right, "{:?}", part);
        }
    }

    #[test]
    fn nothing_can_be_added(request in signed(), part in prop::sample::select(&ADDED[..]), text in "[a-z0-9]{1,5}") {
        prop_assert_ne!(verify(&added(request, part, &text), &keys()), Verdict::Right, "{:?}", part);
        prop_assert_ne!(verify(&added(presigned(), part, &text), &keys()), Verdict::Right, "{:?}", part);
    }

    #[test]
    fn no_request_makes_it_panic(authorization in "AWS4-HMAC-SHA256 [ -~]{0,60}", target in "/[!-~é]{0,40}", date in "[ -~é]{0,20}") {
        let fields = [("host", "h"), ("authorization", &*authorization), ("x-amz-date", &*date)];
        let _ = verify(&request(&format!("GET {target}"), &fields, ""), &keys());
        let scoped = format!(
            "AWS4-HMAC-SHA256 Credential={KEY}/20150830/r/s/aws4_request, SignedHeaders=host;{date}, Signature=0"
        );
        let fields = [("host", &*date), ("authorization", &scoped), ("x-amz-date", "20150830T123600Z")];
        let _ = verify(&request(&format!("GET {target}"), &fields, ""), &keys());
    }
}
