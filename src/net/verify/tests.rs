use proptest::prelude::*;

use super::*;
use crate::encoding::digest;
use crate::exchange::{Body, Method, Target, Timestamp};
use crate::net::{Credentials, sign};

mod forms;
mod properties;

/// The example keys of the AWS documentation.
const KEY: &str = "AKIDEXAMPLE";
const S3_KEY: &str = "AKIAIOSFODNN7EXAMPLE";

fn keys() -> Keyring {
    let of = |access_key: &str, secret_key: &str| Credentials {
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned(),
        session_token: None,
    };
    // One differs from the other in a sign: so it is printed.
    Keyring::default()
        .and(&of(KEY, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
        .and(&of(S3_KEY, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
}

fn request(line: &str, fields: &[(&str, &str)], body: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::new(Method::from(method), Target::new(target));
    fields.iter().for_each(|(name, value)| request.headers.push(*name, *value));
    request.body = Body::from(body.to_owned());
    request
}

fn vanilla(target: &str, signature: &str) -> Request {
    signed(&format!("GET {target}"), "service", &[], signature)
}

/// With these fields covered besides.
fn signed(line: &str, service: &str, fields: &[(&str, &str)], signature: &str) -> Request {
    let own = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    let mut all: Vec<_> = own.iter().chain(fields).copied().collect();
    let mut names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/{service}/aws4_request, \
         SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    all.push(("Authorization", &authorization));
    request(line, &all, "")
}

fn for_s3(line: &str, signature: &str) -> Request {
    signed(line, "s3", &[("x-amz-content-sha256", &digest(b""))], signature)
}

const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn wrong(request: &Request) -> Wrong {
    match verify(request, &keys()) {
        Verdict::Wrong(wrong) => wrong,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_published_examples_are_right() {
    for (target, signature) in [
        ("/", VANILLA),
        // `/example/..` and `//` are `/` for all but S3.
        ("/example1/example2/../..", VANILLA),
        ("//", VANILLA),
        ("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ] {
        assert_eq!(verify(&vanilla(target, signature), &keys()), Verdict::Right, "{target}");
    }
}

/// What S3 documents for version 4 in the header.
fn of_s3(line: &str, fields: &[(&str, &str)], signed: &str, signature: &str, body: &str) -> Request {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={S3_KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
         Signature={signature}"
    );
    let mut request = request(line, fields, body);
    request.headers.push("x-amz-date", "20130524T000000Z");
    request.headers.push("Authorization", authorization);
    request
}

#[test]
fn the_published_examples_of_s3_are_right() {
    let host = ("Host", "examplebucket.s3.amazonaws.com");
    let empty = digest(b"");
    let get = of_s3(
        "GET /test.txt",
        &[host, ("Range", "bytes=0-9"), ("x-amz-content-sha256", &empty)],
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        "",
    );
    let text = "Welcome to Amazon S3.";
    let put = of_s3(
        "PUT /test%24file.text",
        &[
            host,
            ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", &digest(text.as_bytes())),
        ],
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        text,
    );
    let chunked = of_s3(
        "PUT /examplebucket/chunkObject.txt",
        &[
            ("Host", "s3.amazonaws.com"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("Content-Length", "66824"),
        ],
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "any chunks: their signatures are not verified",
    );
    for request in [get, put, chunked] {
        assert_eq!(verify(&request, &keys()), Verdict::Right, "{}", request.target);
    }
    assert_eq!(verify(&presigned(), &keys()), Verdict::Right);
}

fn presigned() -> Request {
    let target = format!(
        "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={S3_KEY}%2F20130524%2Fus-east-1%2Fs3%2F\
         aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
    request(&target, &[("Host", "examplebucket.s3.amazonaws.com")], "")
}

#[test]
fn what_is_wrong_is_told_apart() {
    let told = |text: &str, change: (&str, &str)| {
        let mut request = vanilla("/", VANILLA);
        let said = request.headers.get("authorization").unwrap().replace(change.0, change.1);
        request.headers.set("authorization", said);
        assert_eq!(wrong(&request).to_string(), text);
    };
    told("its signature lacks Signature; sign it with an SDK, or see how one does", (", Signature=", ""));
    told(
        "its signature lacks SignedHeaders; sign it with an SDK, or see how one does",
        ("host;x-amz-date", ""),
    );
    told(&Wrong::Scope.to_string(), ("aws4_request", "aws4"));
    told(&Wrong::Scope.to_string(), ("/us-east-1", ""));
    told(&Wrong::Day.to_string(), ("20150830", "20150831"));
    told(&Wrong::Host.to_string(), ("host;", ""));
    told(
        "its signature covers content-type, which did not come; send all that is signed, and look for a proxy that \
         takes it off",
        ("host;", "content-type;host;"),
    );
    told(
        "its signature is not the one that the known secret of its key makes; the client has another secret, or \
         method, path, query, body or one of host, x-amz-date was changed after it was signed",
        ("fbf31", "fbf32"),
    );
}

#[test]
fn a_date_has_to_be_one() {
    let mut request = vanilla("/", VANILLA);
    request.headers.set("x-amz-date", "yesterday");
    assert_eq!(wrong(&request), Wrong::Date);
    request.headers.remove("x-amz-date");
    assert_eq!(wrong(&request), Wrong::Incomplete { lacking: vec!["x-amz-date"] });
    let mut request = presigned();
    request.target = Target::new(request.target.as_str().replace("&X-Amz-Expires=86400", ""));
    assert_eq!(wrong(&request), Wrong::Incomplete { lacking: vec!["X-Amz-Expires"] });
}

#[test]
fn a_digest_of_another_body_is_told_as_that() {
    let mut request = vanilla("/", VANILLA);
    request.headers.push("x-amz-content-sha256", digest(b"another"));
    assert_eq!(wrong(&request), Wrong::Digest);
}

#[test]
fn a_path_that_is_signed_as_for_another_service_is_told_as_that() {
    let path = "GET /a%20b//c";
    let escaped = "e0c3a5d901d6a55cfba72595573c7c20f5ff32e12cbc52d2268d3a5155204eca";
    assert_eq!(wrong(&for_s3(path, escaped)), Wrong::EscapedPath);
    let as_sent = "28af03acd948084753e4a12c50e81c7c2eb79fa658020c6fa798e3c6c3ce0514";
    assert_eq!(wrong(&signed(path, "eks", &[], as_sent)), Wrong::PathAsSent);
}

#[test]
fn what_nobody_can_tell_is_not_called_wrong() {
    let mut request = vanilla("/", VANILLA);
    assert_eq!(verify(&request, &Keyring::default()), Verdict::Unverified(Unverified::UnknownKey));
    request.headers.set("authorization", "AWS4-ECDSA-P256-SHA256 Credential=A/20150830/s3/aws4_request");
    assert_eq!(verify(&request, &keys()), Verdict::Unverified(Unverified::SeveralRegions));
    request.headers.set("authorization", "AWS A:c2ln");
    assert_eq!(verify(&request, &keys()), Verdict::Unverified(Unverified::Old));
    request.headers.set("authorization", "Bearer t");
    assert_eq!(verify(&request, &keys()), Verdict::Unsigned);
    let old = Request::new(Method::Get, Target::new("/b/k?AWSAccessKeyId=A&Signature=c2ln&Expires=1"));
    assert_eq!(verify(&old, &keys()), Verdict::Unverified(Unverified::Old));
}

#[test]
fn no_secret_is_shown() {
    assert_eq!(format!("{:?}", keys()), "Keyring(2)");
}
