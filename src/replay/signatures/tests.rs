use std::sync::Mutex;

use super::*;
use crate::exchange::Timestamp;
use crate::net::{Credentials, sign};
use crate::replay::fixtures::{model, recorded, request};
use crate::replay::{Library, Replayer};

fn credentials(secret: &str) -> Credentials {
    Credentials { access_key: "AKIDEXAMPLE".to_owned(), secret_key: secret.to_owned(), session_token: None }
}

const RIGHT: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn signed(line: &str, body: &str, service: &str, secret: &str) -> Request {
    let mut request = request(line, body);
    let at = Timestamp::parse("2026-11-21T07:32:37Z").unwrap();
    sign(&mut request, "127.0.0.1:8080", service, "us-east-1", &credentials(secret), at).unwrap();
    request
}

type Doubts = Arc<Mutex<Vec<Doubt>>>;

/// The notes, of which copies may be made by anybody; and what is said of requests.
fn replayer() -> (Replayer, Doubts) {
    let mut model = model("notes");
    model["shapes"]["x#Copy"]["traits"]["smithy.api#optionalAuth"] = serde_json::json!({});
    let contract = Contract::from_smithy("notes", "notes.json", &model.to_string()).unwrap();
    let cassette =
        recorded(&[("GET /notes", "", "[]"), ("POST /notes/a/copy", "{}", "{}"), ("GET /any", "", "any")]);
    let doubts = Doubts::default();
    let told = doubts.clone();
    let replayer = Replayer::over(Arc::new(Library::new(vec![Arc::new(contract)], vec![cassette])))
        .with_secrets(["AKIDEXAMPLE", RIGHT])
        .verifying(Keyring::default().and(&credentials(RIGHT)), move |doubt| {
            told.lock().unwrap().push(doubt.clone());
        });
    (replayer, doubts)
}

#[test]
fn what_is_signed_right_is_answered_and_nothing_is_said() {
    let (replayer, doubts) = replayer();
    assert_eq!(replayer.answer(&signed("GET /notes", "", "notes", RIGHT)).status, 200);
    assert_eq!((replayer.missigned(), replayer.unverified()), (0, 0));
    assert!(doubts.lock().unwrap().is_empty());
}

#[test]
fn what_is_signed_wrong_is_refused_before_it_is_looked_for() {
    let (replayer, doubts) = replayer();
    let refused = replayer.answer(&signed("GET /notes", "", "notes", "another"));
    assert_eq!(refused.status, 403);
    assert_eq!(refused.headers.get("x-amzn-errortype").as_deref(), Some("InvalidSignatureException"));
    assert_eq!(refused.headers.get(MARKER).as_deref(), Some("wrong"));
    assert_eq!((replayer.missigned(), replayer.unverified()), (1, 0));
    assert_eq!((replayer.served(), replayer.missed()), (0, 0));
    let doubts = doubts.lock().unwrap();
    assert_eq!(doubts[0].operation.as_deref(), Some("List"));
    assert_eq!(doubts[0].to_json()["code"], "InvalidSignatureException");
}

#[test]
fn what_is_not_signed_is_refused_only_where_the_contract_wants_it_signed() {
    let (replayer, doubts) = replayer();
    assert_eq!(replayer.answer(&request("POST /notes/a/copy", "{}")).status, 200);
    assert!(doubts.lock().unwrap().is_empty(), "anybody may");
    assert_eq!(replayer.answer(&request("GET /any", "")).status, 200);
    assert_eq!((replayer.missigned(), replayer.unverified()), (0, 1));
    let refused = replayer.answer(&request("GET /notes", ""));
    assert_eq!(
        refused.headers.get("x-amzn-errortype").as_deref(),
        Some("MissingAuthenticationTokenException")
    );
    assert_eq!((replayer.missigned(), replayer.unverified()), (1, 1));
}

#[test]
fn a_key_whose_secret_is_not_known_passes_and_is_counted() {
    let (replayer, doubts) = replayer();
    let mut request = signed("GET /notes", "", "notes", "another");
    let said = request.headers.get("authorization").unwrap().replace("AKIDEXAMPLE", "AKIDOTHER");
    request.headers.set("authorization", said);
    assert_eq!(replayer.answer(&request).status, 200);
    assert_eq!((replayer.missigned(), replayer.unverified()), (0, 1));
    let doubts = doubts.lock().unwrap();
    assert_eq!(doubts[0].code, None);
    assert!(!doubts[0].to_string().contains("AKID"), "{}", doubts[0]);
}

#[test]
fn each_protocol_has_its_own_names() {
    let (replayer, _) = replayer();
    let refused = |mut request: Request, change: (&str, &str)| {
        let said = request.headers.get("authorization").unwrap().replace(change.0, change.1);
        request.headers.set("authorization", said);
        let response = replayer.answer(&request);
        let code = response.headers.get("x-amzn-errortype").map(std::borrow::Cow::into_owned);
        format!("{} {}{}", response.status, code.unwrap_or_default(), response.body.text().unwrap())
    };
    let (none, wrong) = (("", ""), "another");
    let lacking = ("SignedHeaders=", "Headers=");
    let s3 = || signed("PUT /bucket/key", "body", "s3", wrong);
    let query = || signed("GET /?Action=ListUsers", "", "iam", wrong);
    let rest = || signed("GET /functions", "", "lambda", wrong);
    let mut json = signed("POST /", "{}", "dynamodb", wrong);
    json.headers.push("x-amz-target", "DynamoDB_20120810.GetItem");
    let zone = signed("GET /2013-04-01/hostedzone", "", "route53", wrong);
    let (mut undigested, mut word) = (s3(), s3());
    undigested.headers.remove("x-amz-content-sha256");
    let said = undigested.headers.get("authorization").unwrap().replace("x-amz-content-sha256;", "");
    undigested.headers.set("authorization", said);
    word.headers.set("x-amz-content-sha256", "STREAMING-FOO");
    let mut digest = s3();
    digest.body = "another".into();
    for (told, [status, code]) in [
        (refused(s3(), none), ["403", "<Code>SignatureDoesNotMatch<"]),
        (refused(s3(), lacking), ["400", "<Code>AuthorizationHeaderMalformed<"]),
        (refused(digest, none), ["400", "<Code>XAmzContentSHA256Mismatch<"]),
        (refused(query(), none), ["403", "<Code>SignatureDoesNotMatch<"]),
        (refused(query(), lacking), ["400", "<Code>IncompleteSignature<"]),
        (refused(query(), ("/us-east-1/iam/aws4_request", "")), ["400", "<Code>IncompleteSignature<"]),
        (refused(s3(), ("/aws4_request", "")), ["400", "<Code>AuthorizationHeaderMalformed<"]),
        (refused(undigested, none), ["400", "<Code>MissingSecurityHeader<"]),
        (refused(word, none), ["400", "<Code>InvalidArgument<"]),
        (
            refused(zone, none),
            ["403", "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch<"],
        ),
        (refused(rest(), none), ["403", "InvalidSignatureException{"]),
        (refused(rest(), lacking), ["403", "IncompleteSignatureException{"]),
        (refused(json, none), ["400", r#""__type":"InvalidSignatureException""#]),
    ] {
        assert!(told.starts_with(status) && told.contains(code), "{code}: {told}");
    }
}

#[test]
fn the_explanation_names_what_to_look_at() {
    let (replayer, doubts) = replayer();
    let ask = |change: &dyn Fn(&mut Request)| {
        let mut request = signed("POST /notes?a=b", r#"{"name":"n"}"#, "notes", RIGHT);
        request.headers.push("x-kind", "\u{1b}[31m");
        change(&mut request);
        replayer.answer(&request);
    };
    let say = |request: &mut Request, from: &str, to: &str| {
        let said = request.headers.get("authorization").unwrap().replacen(from, to, 1);
        assert_ne!(Some(&*said), request.headers.get("authorization").as_deref(), "{from}");
        request.headers.set("authorization", said);
    };
    ask(&|request| request.body = "{}".into());
    ask(&|request| request.headers.set("x-amz-content-sha256", "0"));
    ask(&|request| say(request, "x-amz-date,", "x-amz-date;x-gone;\u{7f},"));
    ask(&|request| say(request, "host;", ""));
    ask(&|request| say(request, "/20261121/", "/20261122/"));
    ask(&|request| say(request, "/us-east-1/", "/"));
    ask(&|request| say(request, "Signature=", "Sig="));
    ask(&|request| request.headers.set("x-amz-date", "now"));
    ask(&|request| request.headers.push("x-amz-date", "20261121T073237Z"));
    ask(&|request| say(request, "host;", "host;host;"));
    ask(&|request| request.headers.remove("authorization"));
    ask(&|request| say(request, "AKIDEXAMPLE", "AKIDOTHER"));
    ask(&|request| {
        request.headers.set("authorization", "AWS4-ECDSA-P256-SHA256 Credential=A/20261121/s3/aws4_request")
    });
    let doubts: Vec<_> = doubts.lock().unwrap().iter().map(|doubt| format!("{doubt}\n")).collect();
    let text = doubts.concat();
    assert!(!text.contains(RIGHT) && !text.contains("AKID") && !text.contains('\u{7f}'), "{text}");
    insta::assert_snapshot!(text);
}

/// A profile's secret is told to nobody else.
#[test]
fn what_signatures_are_verified_with_is_shown_nowhere() {
    let secret = "p8Kd0sLqW/verify/Zt2mYxVbN4cRf7gHj1aQeUoI";
    let doubts = Doubts::default();
    let told = doubts.clone();
    let replayer = Replayer::over(Arc::new(Library::new(Vec::new(), vec![recorded(&[])]))).verifying(
        Keyring::default().and(&credentials(secret)),
        move |doubt| {
            told.lock().unwrap().push(doubt.clone());
        },
    );
    let answer = replayer.answer(&signed(&format!("GET /notes/{secret}"), "", "notes", "another"));
    let passed = replayer.answer(&request(&format!("GET /any/{secret}"), secret));
    for text in
        [answer.body.text().unwrap(), passed.body.text().unwrap(), &format!("{:?}", doubts.lock().unwrap())]
    {
        assert!(!text.contains("verify/Zt2"), "{text}");
    }
    assert!(!replayer.misses()[0].to_string().contains("verify/Zt2"));
}
