//! Signing again, judged by a verifier of our own: what AWS documents, and nothing of the crate
//! that signs.

use std::fmt::Write as _;
use std::sync::Arc;

use onrecord::net::{
    Bearer, Checkpoint, CredentialSource, Credentials, Limits, Lost, Resigner, SharedFiles, Upstream,
};
use sha2::{Digest as _, Sha256};

use crate::checkpoints::Checked;
use crate::support::Heard;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn resigner() -> Arc<dyn Checkpoint> {
    let credentials = Credentials {
        access_key: "AKIAREAL".to_owned(),
        secret_key: SECRET.to_owned(),
        session_token: Some("the-token".to_owned()),
    };
    Arc::new(Resigner::new(CredentialSource::given(credentials)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<_>>();
    let inner = Sha256::digest([&pad(0x36), text.as_bytes()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

/// The fields of a head, by their name in lower case.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Whether a signature is right, and which fields it covers.
fn verify(head: &str, body: &[u8], is_s3: bool) -> (bool, Vec<String>) {
    let authorization =
        field(head, "authorization").expect("signed").strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let part = |name: &str| {
        let mut parts = authorization.split(", ");
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned()
    };
    let (credential, names, signature) = (part("Credential"), part("SignedHeaders"), part("Signature"));
    let scope = credential.split_once('/').unwrap().1;
    let mut first = head.lines().next().unwrap().split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if is_s3 { path.to_owned() } else { path.replace('%', "%25") };
    let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    let mut canonical = format!("{method}\n{path}\n{}\n", pairs.join("&"));
    for name in names.split(';') {
        writeln!(canonical, "{name}:{}", field(head, name).expect("signed fields are there").trim()).unwrap();
    }
    let told = field(head, "x-amz-content-sha256").map(str::to_owned);
    let digest = told.unwrap_or_else(|| hex(&Sha256::digest(body)));
    assert!(!digest.chars().all(|c| c.is_ascii_hexdigit()) || digest == hex(&Sha256::digest(body)));
    write!(canonical, "\n{names}\n{digest}").unwrap();
    let date = field(head, "x-amz-date").unwrap();
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let key = scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part));
    (hex(&hmac(&key, &text)) == signature, names.split(';').map(str::to_owned).collect())
}

/// Sends a request with a body; what arrived, and what was answered.
fn send(head: &str, body: &str) -> (Checked, String, Vec<u8>) {
    let checked = Checked::by(vec![resigner()], Limits::default());
    let mut client = checked.client();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    client.send(&format!("{head}{length}\r\n{body}"));
    assert!(client.read_head().starts_with("HTTP/1.1 200"));
    let (head, arrived) = checked.arrived();
    (checked, head, arrived)
}

#[test]
fn a_signature_for_us_becomes_one_for_the_provider() {
    let (checked, head, body) = send(
        "POST /v1/tags/arn%3Aaws%3Akafka?b=2&a=%2F HTTP/1.1\r\nHost: localhost:5000\r\n\
         X-Amz-Target: Baldr.List\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\
         amz-sdk-request: attempt=1\r\nX-Amz-Date: 20200101T000000Z\r\nX-Amz-Security-Token: fake-token\r\n\
         X-Amz-Content-Sha256: 00\r\nConnection: keep-alive\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=AKIAFAKE/20200101/eu-west-1/kafka/aws4_request, \
         SignedHeaders=amz-sdk-request;content-length;content-type;host;x-amz-date, Signature=00\r\n",
        "{\"a\": 1}",
    );
    let (is_right, signed) = verify(&head, &body, false);
    assert!(is_right, "{head}");
    for name in [
        "amz-sdk-request",
        "content-length",
        "content-type",
        "host",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
    ] {
        assert!(signed.iter().any(|one| one == name), "{name}: {signed:?}");
    }
    assert!(!signed.iter().any(|name| name == "accept-encoding"), "who is between us may change it");
    assert_eq!(field(&head, "host"), Some(checked.authority.as_str()));
    assert_eq!(field(&head, "x-amz-security-token"), Some("the-token"));
    assert!(head.contains("Credential=AKIAREAL/") && head.contains("/eu-west-1/kafka/aws4_request"));
    assert!(!head.contains("AKIAFAKE") && !head.contains("fake-token"));
    let Heard::Seen(exchange) = checked.next() else { panic!("lost") };
    let seen = exchange.request.headers;
    assert!(
        seen.get("authorization").unwrap().contains("AKIAFAKE"),
        "what the client sent is what is recorded"
    );
    assert!(
        seen.iter()
            .all(|(_, value)| !value.text().contains("the-token") && !value.text().contains("AKIAREAL"))
    );
}

#[test]
fn a_presigned_request_is_signed_in_its_head() {
    let (_, head, body) = send(
        "GET /b//k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAFAKE%2F20200101%2Fus-east-1%2Fs3%2Faws4_request\
         &versionId=3&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=00 HTTP/1.1\r\nHost: localhost\r\n",
        "",
    );
    assert!(head.starts_with("GET /b//k?versionId=3 HTTP/1.1\r\n"), "{head}");
    assert!(verify(&head, &body, true).0, "{head}");
    assert_eq!(field(&head, "x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
}

#[test]
fn a_body_stays_signed_as_it_was() {
    let s3 = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAFAKE/20200101/us-east-1/s3/aws4_request, \
              SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=00\r\n";
    let put = |told: &str, body: &str| {
        send(
            &format!("PUT /b/a%20b HTTP/1.1\r\nHost: localhost\r\nX-Amz-Content-Sha256: {told}\r\n{s3}"),
            body,
        )
    };
    for told in ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"] {
        let (_, head, body) = put(told, "5\r\nhello\r\n0\r\n\r\n");
        assert!(verify(&head, &body, true).0, "{head}");
        assert_eq!((field(&head, "x-amz-content-sha256"), body.len()), (Some(told), 15));
    }
    let (_, head, body) = put("00", "hello");
    assert!(verify(&head, &body, true).0, "{head}");
    assert_eq!(field(&head, "x-amz-content-sha256"), Some(hex(&Sha256::digest("hello")).as_str()));
    let (_, head, body) = put(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n",
    );
    assert!(verify(&head, &body, true).0, "{head}");
    assert_eq!((body.as_slice(), field(&head, "content-length")), (&b"hello"[..], Some("5")));
}

#[test]
fn what_is_not_signed_stays_unsigned() {
    let (_, head, _) = send("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n", "");
    assert_eq!(field(&head, "authorization"), Some("Bearer t"));
    assert_eq!(field(&head, "x-amz-date"), None);
}

#[test]
fn what_cannot_be_signed_again_is_refused_with_the_reason() {
    let files = SharedFiles { config: "/no/such/config".into(), credentials: "/no/such/credentials".into() };
    let without = Arc::new(Resigner::new(CredentialSource::profile("prod", files)));
    let scope = "Credential=A/20200101/us-east-1/eks/aws4_request, SignedHeaders=host, Signature=00";
    for (checkpoint, field, why) in [
        (resigner(), format!("AWS4-ECDSA-P256-SHA256 {scope}"), "AWS4-ECDSA-P256-SHA256"),
        (resigner(), "AWS A:00".to_owned(), "version 2"),
        (without, format!("AWS4-HMAC-SHA256 {scope}"), "no AWS credentials: there is no profile `prod`"),
    ] {
        let checked = Checked::by(vec![checkpoint], Limits::default());
        let mut client = checked.client();
        client.send(&format!("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: {field}\r\n\r\n"));
        assert!(client.read_head().starts_with("HTTP/1.1 400"));
        let text = client.read_until("\n");
        assert!(text.contains(why), "{text}");
        let (heard, arrived) = checked.stop();
        assert!(matches!(&heard[..], [Heard::Lost(Lost::Refused(_))]) && arrived == 0, "{heard:?}");
    }
}

#[test]
fn a_token_takes_the_place_of_the_clients() {
    let tokens = |upstream: &Upstream| -> Vec<Arc<dyn Checkpoint>> {
        // The same host and port, but in TLS; the same host and scheme, but another port.
        let secure = Upstream::parse(&upstream.to_string().replace("http:", "https:")).unwrap();
        let host = upstream.authority().split(':').next().unwrap();
        let elsewhere = Upstream::parse(&format!("http://{host}")).unwrap();
        let all = [(upstream, " real \n"), (&secure, "for TLS"), (&elsewhere, "for another port")];
        all.into_iter().map(|(to, token)| Arc::new(Bearer::new(to, token)) as Arc<dyn Checkpoint>).collect()
    };
    let checked = Checked::before(tokens, Limits::default());
    let mut client = checked.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nauthorization: Bearer fake\r\n\r\n");
    client.read_head();
    assert_eq!(field(&checked.arrived().0, "authorization"), Some("Bearer real"));
    let Heard::Seen(exchange) = checked.next() else { panic!("lost") };
    assert_eq!(exchange.request.headers.get("authorization").as_deref(), Some("Bearer fake"));
    let upstream = Upstream::parse("https://h").unwrap();
    assert_eq!(format!("{:?}", Bearer::new(&upstream, "real")), "Bearer(…)");
}
