mod remote;
mod shelf;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use tempfile::TempDir;

use super::*;
use crate::encoding;
use crate::exchange::{
    Body, Ending, Headers, Method, Piece, Request, Response, Target, Timestamp, Timing, Version,
};

pub(super) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("msk.json");
    (folder, path)
}

pub(super) fn header() -> Header {
    let recorded = Timestamp::parse("2026-11-21T07:32:37.250Z").unwrap();
    let contract = ContractRef { id: "msk".into(), digest: "ba78".into() };
    let origin = Origin::Emulator { name: "moto".into(), version: Some("5.1".into()) };
    Header {
        contract: Some(contract),
        origin,
        recorded,
        recorder: "onrecord 0.1.0".into(),
        redaction: 1,
        plan: None,
    }
}

pub(super) fn exchange(target: &str, answer: &[u8]) -> Exchange {
    let mut request = Request::new(Method::Get, Target::new(target));
    request.headers = Headers::from_iter([("host", "kafka"), ("accept", "*/*")]);
    let mut response = Response::new(200);
    response.headers = Headers::from_iter([("content-type", "application/json")]);
    response.body = Body::from(answer.to_vec());
    let timing = Timing {
        started: Timestamp::parse("2026-11-21T07:32:37.250Z").unwrap(),
        first_byte: Duration::from_millis(12),
        duration: Duration::from_millis(15),
    };
    Exchange { operation: Some("ListClusters".into()), request, response, ending: Ending::Complete, timing }
}

fn cassette(exchanges: impl IntoIterator<Item = Exchange>) -> Cassette {
    Cassette { header: header(), exchanges: exchanges.into_iter().map(Redacted::read_back).collect() }
}

/// The message of the error that reading this text gives, without the folder.
fn refused(text: &str) -> String {
    let (folder, path) = folder();
    fs::write(&path, text).unwrap();
    let message = Cassette::load(&path).unwrap_err().to_string();
    message.replace(&format!("{}/", folder.path().display()), "")
}

fn written(cassette: &Cassette) -> String {
    let (_folder, path) = folder();
    cassette.save(&path).unwrap();
    fs::read_to_string(&path).unwrap()
}

#[test]
fn a_cassette_reads_well() {
    let mut aborted = exchange("/v1/clusters?maxResults=2", br#"{"a": [1, 2], "b": {}}"#);
    aborted.ending = Ending::Aborted;
    aborted.response.headers.push("x-odd", &b"\xff"[..]);
    insta::assert_snapshot!(written(&cassette([aborted])), @r#"
    {
      "format": 1,
      "header": {
        "contract": {"id": "msk", "digest": "ba78"},
        "origin": {"emulator": {"name": "moto", "version": "5.1"}},
        "recorded": "2026-11-21T07:32:37.250Z",
        "recorder": "onrecord 0.1.0",
        "redaction": 1
      },
      "exchanges": [
        {
          "operation": "ListClusters",
          "request": {
            "method": "GET",
            "target": "/v1/clusters?maxResults=2",
            "version": "HTTP/1.1",
            "headers": [
              ["host", "kafka"],
              ["accept", "*/*"]
            ]
          },
          "response": {
            "status": 200,
            "version": "HTTP/1.1",
            "headers": [
              ["content-type", "application/json"],
              ["x-odd", {"base64": "/w=="}]
            ],
            "body": {"json_spaced": {"a": [1, 2], "b": {}}},
            "ending": "aborted"
          },
          "timing": {"started": "2026-11-21T07:32:37.250Z", "first_byte_ms": 12, "duration_ms": 15}
        }
      ]
    }
    "#);
}

#[test]
fn what_is_wrong_is_told_with_place_and_cure() {
    let good = written(&cassette([exchange("/", b"{}")]));
    assert_eq!(refused(""), "msk.json:1:1: the file is empty: restore it, or delete it and record it again");
    assert_eq!(
        refused(&good[..good.find("\"method\"").unwrap()]),
        "msk.json:14:8: the cassette is cut short: restore the file, or record it again"
    );
    assert_eq!(
        refused("not json"),
        "msk.json:1:2: not JSON (expected ident): restore the file, or record it again"
    );
    assert_eq!(
        refused("[]"),
        "msk.json:1:0: not a cassette (invalid type: sequence, expected an object of `format`, `header` and \
         `exchanges`): mend the file by hand, or record it again"
    );
    assert_eq!(
        refused(&good.replace("\"format\": 1", "\"format\": 2")),
        "msk.json: format 2 is newer than this onrecord reads (1): upgrade onrecord"
    );
    assert_eq!(
        refused(r#"{"log": {}}"#),
        "msk.json:1:1: a HAR, not a cassette: make one of it with `onrecord cassette import`"
    );
    assert_eq!(
        refused(&good.replace("\"method\"", "\"verb\"")),
        "msk.json:14:14: not a cassette (unknown field `verb`, expected one of `method`, `target`, `version`, \
         `headers`, `body`, `trailers`): mend the file by hand, or record it again"
    );
    assert_eq!(
        refused(&good.replace("\"status\": 200", "\"status\": 99")),
        "msk.json:23:20: not a cassette (invalid value: integer `99`, expected a status from 100 to 999): mend \
         the file by hand, or record it again"
    );
    assert!(refused(&good.replace("2026-11-21T", "yesterday")).contains("expected an RFC 3339 time as"));
    assert!(
        refused(&good.replace("HTTP/1.1", "HTTP/9")).contains("expected `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`")
    );
    assert!(refused(&good.replace("\"emulator\"", "\"dream\"")).contains("unknown variant `dream`"));
    assert!(refused(&format!("{good}x")).contains("not JSON (trailing characters)"));
}

#[test]
fn a_cassette_cut_anywhere_is_an_error() {
    let good = written(&cassette([exchange("/", b"{\"a\":[1]}"), exchange("/", b"x")]));
    for end in 0..good.len() - 2 {
        let message = refused(&good[..end]);
        // In the middle of `200` there still is a number.
        let part = message.contains("integer `2`") || message.contains("integer `20`");
        assert!(part || message.contains("cut short") || end == 0, "{end}: {message}");
    }
    let (_folder, path) = folder();
    assert!(Cassette::load(&path).unwrap_err().to_string().starts_with("cannot read "));
}

#[test]
fn big_bodies_lie_beside() {
    let (_folder, path) = folder();
    let big = vec![b'x'; bodies::INLINE + 1];
    let saved = cassette([exchange("/", &big), exchange("/", &big[1..])]);
    saved.save(&path).unwrap();
    let bodies = path.with_extension("json.bodies");
    let files: Vec<_> = fs::read_dir(&bodies).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(Cassette::load(&path).unwrap(), saved);

    fs::write(&files[0], b"other").unwrap();
    let message = Cassette::load(&path).unwrap_err().to_string();
    assert!(message.contains(": the file is not what was recorded (a body of "), "{message}");
    fs::remove_file(&files[0]).unwrap();
    let message = Cassette::load(&path).unwrap_err().to_string();
    assert!(message.contains(": the file is missing (a body of "), "{message}");
    let text = fs::read_to_string(&path).unwrap();
    let name = files[0].file_name().unwrap().to_str().unwrap();
    fs::write(&path, text.replace(name, "../../etc/passwd")).unwrap();
    assert!(Cassette::load(&path).unwrap_err().to_string().contains("the name is not a SHA-256 in hex"));

    saved.save(&path).unwrap();
    assert_eq!(Cassette::load(&path).unwrap(), saved);
    cassette([]).save(&path).unwrap();
    assert!(!bodies.exists(), "what is no longer named is taken away");
}

#[test]
fn cassettes_of_one_stem_keep_their_bodies_apart() {
    let (_folder, path) = folder();
    let other = path.with_extension("cassette");
    let bodies = [b'x', b'y'].map(|byte| vec![byte; bodies::INLINE + 1]);
    let saved = bodies.each_ref().map(|body| cassette([exchange("/", body)]));
    saved[0].save(&path).unwrap();
    saved[1].save(&other).unwrap();
    assert_eq!(Cassette::load(&path).unwrap(), saved[0]);
    assert_eq!(Cassette::load(&other).unwrap(), saved[1]);
}

#[test]
fn evidence_is_an_exchange_again() {
    let original = exchange("/v1", br#"{"a":1}"#);
    let json = serde_json::to_string(&StoredExchange::from(&original)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    for stored in [serde_json::from_str::<StoredExchange>(&json), serde_json::from_value(value)] {
        assert_eq!(Exchange::try_from(stored.unwrap()).unwrap(), original);
    }
}

/// An answer with everything that a stream may have.
fn streamed() -> Exchange {
    let packed = encoding::pack("gzip", br#"{ "token": [1, 2.0] }"#).unwrap();
    let mut exchange = exchange("/v1", &packed);
    exchange.response.headers.push("content-encoding", "gzip");
    exchange.response.trailers = Headers::from_iter([("x-checksum", "abc")]);
    let piece = |length, millis| Piece { length, after: Duration::from_millis(millis) };
    exchange.response.pieces = vec![piece(20, 5), piece(packed.len() - 20, 700)];
    exchange.request.headers.push("content-type", "application/cbor");
    exchange.request.body = Body::from(b"\xa1\x61a\x41\x00".to_vec());
    exchange
}

#[test]
fn packed_bodies_pieces_and_trailers_read_well() {
    let text = written(&cassette([streamed()]));
    let shown = &text[text.find("      \"request\"").unwrap()..text.find(",\n      \"timing\"").unwrap()];
    insta::assert_snapshot!(shown, @r#"
          "request": {
            "method": "GET",
            "target": "/v1",
            "version": "HTTP/1.1",
            "headers": [
              ["host", "kafka"],
              ["accept", "*/*"],
              ["content-type", "application/cbor"]
            ],
            "body": {"packed": {"base64": "oWFhQQA=", "view": {"json": {"a": {"bytes": "AA=="}}}}}
          },
          "response": {
            "status": 200,
            "version": "HTTP/1.1",
            "headers": [
              ["content-type", "application/json"],
              ["content-encoding", "gzip"]
            ],
            "body": {
              "packed": {
                "base64": "H4sIAAAAAAAA/6tWUCrJz07NU7JSiDbUUTDSM4hVqAUAXqdt9xUAAAA=",
                "view": {"json": {"token": [1, 2.0]}}
              }
            },
            "pieces": [
              [20, 5],
              [21, 700]
            ],
            "trailers": [
              ["x-checksum", "abc"]
            ]
          }
    "#);
}

#[test]
fn an_edited_view_or_piece_is_told() {
    let good = written(&cassette([streamed()]));
    let told = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        refused(&good.replace(from, to))
    };
    let view = "the view of the response's body is not what its bytes hold, which are what is replayed: delete the \
                view, or have it in the place of `packed` and delete the fields content-encoding and content-length";
    assert_eq!(told("2.0", "3.0"), format!("msk.json: GET /v1 of 2026-11-21T07:32:37.250Z: {view}"));
    assert!(told("AA==", "AB==").ends_with(&view.replace("response", "request")));
    assert!(
        told("[20, 5]", "[19, 5]").contains("the response's pieces have 40 bytes and its body has 41: mend")
    );
    assert!(told("[20, 5]", "[18446744073709551615, 5]").contains("the response's pieces have"));
}

#[test]
fn a_view_may_be_left_out() {
    let original = cassette([streamed()]);
    let good = written(&original);
    let mut document: serde_json::Value = serde_json::from_str(&good).unwrap();
    for message in ["request", "response"] {
        let packed = document["exchanges"][0][message]["body"]["packed"].as_object_mut().unwrap();
        assert!(packed.remove("view").is_some());
    }
    let (_folder, path) = folder();
    fs::write(&path, document.to_string()).unwrap();
    let loaded = Cassette::load(&path).unwrap();
    assert!(loaded == original);
    assert_eq!(written(&loaded), good);
}

#[test]
fn a_bomb_has_no_view() {
    let mut bomb = streamed();
    bomb.response.body = Body::from(encoding::pack("gzip", &vec![b' '; 5_000_000]).unwrap());
    bomb.response.pieces.clear();
    let original = cassette([bomb]);
    let text = written(&original);
    assert!(text.len() < 20_000 && text.contains("\"base64\""));
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let json = r#"\{"(a|é|\\n|\\u00e9)":( )?(1|1\.0|1E9|\[1,( )?2\]|\{\}|null)\}\n?"#;
    prop_oneof![
        any::<Vec<u8>>(),
        any::<String>().prop_map(String::into_bytes),
        json.prop_map(String::into_bytes)
    ]
}

/// Fields of an answer that say how its body is packed, and the body.
fn any_packed() -> impl Strategy<Value = (Headers, Body)> {
    let codings = prop_oneof![Just("gzip"), Just("br"), Just("zstd"), Just("deflate, gzip"), Just("other")];
    let media = prop_oneof![Just("application/json"), Just("application/cbor")];
    let bytes = prop_oneof![any_body(), Just(b"\xa2\x61a\x01\x61b\x82\x02\x03".to_vec())];
    (codings, media, bytes, any::<bool>()).prop_map(|(codings, media, bytes, broken)| {
        let mut headers = Headers::from_iter([("content-type", media)]);
        if codings != "other" || broken {
            headers.push("Content-Encoding", codings);
        }
        let packed = encoding::pack(codings, &bytes).filter(|_| !broken).unwrap_or(bytes);
        (headers, Body::from(packed))
    })
}

fn any_pieces(length: usize, cuts: Vec<usize>) -> Vec<Piece> {
    let mut left = length;
    let mut pieces = Vec::new();
    for cut in cuts {
        let length = cut.min(left);
        left -= length;
        pieces.push(Piece { length, after: Duration::from_millis(cut as u64) });
    }
    if !pieces.is_empty() {
        pieces.push(Piece { length: left, after: Duration::from_secs(1) });
    }
    pieces
}

fn any_streamed() -> impl Strategy<Value = Exchange> {
    let trailers = proptest::collection::vec(("[a-z-]{1,8}", any_value()), 0..3);
    let cuts = proptest::collection::vec(0_usize..9, 0..4);
    (any_exchange(), any_packed(), any_packed(), trailers, cuts).prop_map(
        |(mut exchange, asked, answered, trailers, cuts)| {
            (exchange.request.headers, exchange.request.body) = asked;
            (exchange.response.headers, exchange.response.body) = answered;
            exchange.response.pieces = any_pieces(exchange.response.body.len(), cuts);
            exchange.request.trailers = Headers::from_iter(trailers.clone().into_iter().rev());
            exchange.response.trailers = Headers::from_iter(trailers);
            exchange
        },
    )
}

/// Of a header field, as the wire can have it.
fn any_value() -> impl Strategy<Value = Vec<u8>> {
    any::<Vec<u8>>().prop_map(|mut value| {
        value.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
        value
    })
}

fn any_exchange() -> impl Strategy<Value = Exchange> {
    let headers = proptest::collection::vec(("[a-z-]{1,8}", any_value()), 0..4);
    let numbers = (100_u16..1000, 0_u64..1 << 40, any::<bool>());
    ("[^\\x00-\\x1f\\x7f]{0,20}", "[A-Z]{1,7}", headers, any_body(), any_body(), numbers).prop_map(
        |(target, method, headers, asked, answer, (status, millis, aborted))| {
            let mut exchange = exchange(&target, &answer);
            exchange.operation = aborted.then(|| target.clone());
            exchange.request.method = Method::from(method.as_str());
            exchange.request.version = Version::Http2;
            exchange.request.headers = Headers::from_iter(headers.clone());
            exchange.request.body = Body::from(asked);
            exchange.response.status = status;
            exchange.response.headers = Headers::from_iter(headers);
            exchange.ending = if aborted { Ending::Aborted } else { Ending::Complete };
            exchange.timing.duration = Duration::from_millis(millis);
            exchange
        },
    )
}

fn any_exchanges() -> impl Strategy<Value = Vec<Exchange>> {
    proptest::collection::vec(prop_oneof![any_exchange(), any_streamed()], 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn loading_and_saving_changes_no_byte(exchanges in any_exchanges()) {
        let (_folder, path) = folder();
        let original = cassette(exchanges);
        original.save(&path).unwrap();
        let bytes = fs::read(&path).unwrap();
        let loaded = Cassette::load(&path).unwrap();
        prop_assert!(loaded == original);
        loaded.save(&path).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn what_a_journal_makes_is_what_saving_makes(exchanges in any_exchanges()) {
        let (_folder, path) = folder();
        let original = cassette(exchanges);
        let journal = Journal::open(&path, &original.header, Durability::Grouped).unwrap();
        for exchange in &original.exchanges {
            journal.append(exchange.clone()).unwrap();
        }
        journal.finish(&|exchange| Ok(exchange.clone())).unwrap();
        prop_assert_eq!(fs::read_to_string(&path).unwrap(), written(&original));
    }
}
