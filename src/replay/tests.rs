mod defaults;
mod hidden;
mod hosts;
mod made_up;
mod misses;
mod packed;
mod properties;
mod recordings;
mod serving;

use std::sync::{Arc, Mutex};

use super::fixtures::{
    answer, cassette, contract, exchange, notes, recorded, replay, request, response, signed,
};
use super::{Reason, Replayer};
use crate::cassette::Cassette;
use crate::exchange::{Ending, Exchange, HeaderValue, Request, Timestamp};
use crate::net::{Answer, Limits, Running};

fn get(target: &str) -> Request {
    request(&format!("GET {target}"), "")
}

#[test]
fn each_page_is_found_by_its_token() {
    let replayer = replay(&[
        ("GET /notes?limit=2", "", "page 1"),
        ("GET /notes?limit=2&token=b", "", "page 2"),
        ("GET /notes?limit=2&token=b%2B", "", "page 3"),
    ]);
    assert_eq!(answer(&replayer, &get("/notes?token=b%2B&limit=2")), "page 3");
    assert_eq!(answer(&replayer, &get("/notes?token=b&limit=2")), "page 2");
    assert_eq!(answer(&replayer, &get("/notes?limit=2")), "page 1");
    assert_eq!(answer(&replayer, &get("/notes?limit=2&token=c")), "miss: never-recorded");
}

#[test]
fn the_nth_equal_request_gets_the_nth_exchange_and_then_nothing() {
    let one = recorded(&[("GET /notes", "", "1"), ("GET /notes?limit=1", "", "x"), ("GET /notes", "", "2")]);
    let two = recorded(&[("GET /notes", "", "3")]);
    let replayer = Replayer::new(vec![notes()], vec![one, two]);
    let answers: Vec<_> = (0..5).map(|_| answer(&replayer, &get("/notes"))).collect();
    assert_eq!(answers, ["1", "2", "3", "miss: used-up", "miss: used-up"]);
    let reasons: Vec<_> = replayer.misses().iter().map(|miss| miss.reason).collect();
    assert_eq!(reasons, [4, 5].map(|asked| Reason::UsedUp { recorded: 3, asked }));
    assert_eq!((replayer.served(), replayer.missed()), (3, 2));
    let unused: Vec<_> = replayer.unused().iter().map(ToString::to_string).collect();
    assert_eq!(unused, ["exchanges[1] of FILE1 (GET /notes?limit=1)"]);
}

#[test]
fn what_differs_from_run_to_run_is_not_compared() {
    let body = r#"{"name":"a","labels":{"x":"1","y":"2"},"weight":1,"clientToken":"token-of-then","password":"old"}"#;
    let live = r#"{ "password":"new", "clientToken":"token-of-now", "weight":1.0, "labels":{"y":"2","x":"1"}, "name":"a" }"#;
    let replayer = replay(&[("POST /notes", body, "made")]);
    assert_eq!(answer(&replayer, &signed(request("POST /notes", live), "us-east-1", "notes")), "made");
}

#[test]
fn a_presigned_request_is_the_same_request() {
    let replayer = replay(&[("GET /notes?limit=1&X-Amz-Date=1&X-Amz-Signature=a", "", "page")]);
    let again = "/notes?X-Amz-Signature=b&X-Amz-Date=2&X-Amz-Security-Token=c&limit=1";
    assert_eq!(answer(&replayer, &get(again)), "page");
}

#[test]
fn a_request_that_was_presigned_the_old_way_is_the_same_request() {
    let replayer = replay(&[
        ("GET /notes/a?AWSAccessKeyId=REDACTED&Signature=REDACTED&Expires=1", "", "note"),
        ("GET /notes?Expires=1&Signature=a", "", "notes of a day"),
    ]);
    assert_eq!(answer(&replayer, &get("/notes/a?Signature=b&Expires=2&AWSAccessKeyId=AKIA")), "note");
    assert_eq!(
        answer(&replayer, &get("/notes?Expires=2&Signature=a")),
        "miss: never-recorded",
        "nobody signed it"
    );
}

#[test]
fn anything_else_that_differs_is_a_miss() {
    let replayer = replay(&[
        ("POST /notes", r#"{"name":"a"}"#, "made"),
        ("GET /notes?tag=a&tag=b&other=1", "", "list"),
        ("POST /notes/1/copy", r#"{"to":"x"}"#, "copied"),
        ("DELETE /notes/1", "", "gone"),
    ]);
    let mut headers = request("POST /notes/1/copy", r#"{"to":"x"}"#);
    headers.headers.push("x-kind", "deep");
    let mut part = get("/notes?tag=a&tag=b&other=1");
    part.headers.push("range", "bytes=0-1");
    for near in [
        request("POST /notes", r#"{"name":"b"}"#),
        request("POST /notes", r#"{"name":"a","weight":0}"#),
        request("POST /notes", r#"{"name":"b","name":"a"}"#),
        request("POST /notes", r#"{"name":"a","unknown":1}"#),
        request("POST /notes", r#"{"name":"a""#),
        request("POST /notes", r#"[{"name":"a"}]"#),
        request("POST /notes?other=1", r#"{"name":"a"}"#),
        request("PUT /notes", r#"{"name":"a"}"#),
        get("/notes?tag=b&tag=a&other=1"),
        get("/notes?tag=a&other=1"),
        get("/notes?tag=a&tag=b&other=1&other=1"),
        get("/notes?tag=a&tag=b&other=2"),
        get("/notes/?tag=a&tag=b&other=1"),
        part,
        headers,
        request("POST /notes/1/copy", r#"{"to":"x","id":"2"}"#),
        request("POST /notes/2/copy", r#"{"to":"x"}"#),
        request("DELETE /notes/1", r#"{"force":true}"#),
        request("DELETE /notes/1%00", ""),
        request("DELETE /notes/%FF", ""),
    ] {
        let answer = answer(&replayer, &near);
        assert!(answer.starts_with("miss: "), "{} {} got {answer}", near.method, near.target);
    }
    assert_eq!(replayer.served(), 0);
}

#[test]
fn parameters_that_would_blur_when_read_stay_apart() {
    let replayer = replay(&[
        ("GET /notes?token=b", "", "b"),
        ("GET /notes?token=%FF", "", "ff"),
        ("GET /notes?token=a&token=b", "", "a and b"),
    ]);
    assert_eq!(answer(&replayer, &get("/notes?token=b&token=a")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &get("/notes?token=%FE")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &get("/notes?token=a&token=b")), "a and b");
    assert_eq!(answer(&replayer, &get("/notes?token=%FF")), "ff");
    assert_eq!(answer(&replayer, &get("/notes?token=b")), "b");
}

#[test]
fn without_a_contract_a_request_is_compared_as_it_is() {
    let cassette = recorded(&[
        ("POST /any?b=2&a=1", r#"{"x":1,"y":[1]}"#, "json"),
        ("POST /any?b=2&a=1", "x=1&y=2", "form"),
        ("GET /any", "", "nothing"),
    ]);
    let replayer = Replayer::new(Vec::new(), vec![cassette]);
    assert_eq!(answer(&replayer, &request("POST /any?a=1&b=2", r#"{"y": [1.0], "x": 1}"#)), "json");
    assert_eq!(answer(&replayer, &request("POST /any?a=1&b=2", "y=2&x=1")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &request("POST /any?a=1&b=2", "x=1&y=2")), "form");
    assert_eq!(answer(&replayer, &request("GET /any", "null")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &request("GET /%61ny", "")), "nothing");
}

#[test]
fn the_header_that_names_an_operation_counts_without_a_contract() {
    let call = |target: &str| {
        let mut request = request("POST /", "{}");
        request.headers.push("x-amz-target", target);
        request
    };
    let recorded = ["Baldr.Describe", "Baldr.Delete"];
    let exchanges = recorded.map(|name| exchange(call(name), response(name)));
    let replayer = Replayer::new(Vec::new(), vec![cassette(exchanges)]);
    assert_eq!(answer(&replayer, &call("Baldr.Delete")), "Baldr.Delete");
    assert_eq!(answer(&replayer, &call("Baldr.Create")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &call("Baldr.Describe")), "Baldr.Describe");
}

#[test]
fn two_regions_are_told_apart_and_never_mixed_up() {
    let regions = ["us-east-1", "eu-west-1"];
    let call = |region: &str| signed(get("/notes"), region, "notes");
    let exchanges = regions.map(|region| exchange(call(region), response(region)));
    let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
    assert_eq!(answer(&replayer, &call("eu-west-1")), "eu-west-1");
    assert_eq!(answer(&replayer, &call("ap-south-1")), "miss: other-regions");
    assert_eq!(answer(&replayer, &get("/notes")), "miss: ambiguous");
    assert_eq!(answer(&replayer, &call("eu-west-1")), "miss: used-up");
    assert_eq!(answer(&replayer, &call("us-east-1")), "us-east-1");
}

#[test]
fn what_was_recorded_in_one_region_answers_for_no_other() {
    let call = |region: &str, service: &str| signed(get("/notes"), region, service);
    let recorded = exchange(call("us-east-1", "notes"), response("it"));
    let replayer = Replayer::new(vec![notes()], vec![cassette([recorded])]);
    assert_eq!(answer(&replayer, &call("eu-west-1", "notes")), "miss: other-regions");
    assert_eq!(answer(&replayer, &call("us-east-1", "other")), "miss: other-regions");
    assert_eq!(answer(&replayer, &get("/notes")), "it", "who does not say means no other");
}

#[test]
fn a_signature_tells_two_contracts_with_one_path_apart() {
    let contracts = vec![contract("one", "one"), contract("two", "two")];
    let call = |service: &str| signed(get("/notes"), "us-east-1", service);
    let exchanges = ["two", "one"].map(|service| exchange(call(service), response(service)));
    let replayer = Replayer::new(contracts, vec![cassette(exchanges)]);
    assert_eq!(answer(&replayer, &get("/notes")), "miss: ambiguous");
    assert_eq!(answer(&replayer, &call("one")), "one");
    assert_eq!(answer(&replayer, &call("two")), "two");
}

#[test]
fn the_live_token_stands_where_the_recorded_one_stood() {
    let body = |token: &str| format!(r#"{{"name":"token-of-then","clientToken":"{token}"}}"#);
    let told = r#"{"clientToken":"token-of-then","more":"token-of-then-2","at":"/t/token-of-then"}"#;
    let replayer = replay(&[("POST /notes", &body("token-of-then"), told)]);
    let answer = replayer.answer(&request("POST /notes", &body("another-token-of-now")));
    let expected =
        r#"{"clientToken":"another-token-of-now","more":"token-of-then-2","at":"/t/another-token-of-now"}"#;
    assert_eq!(answer.body.text(), Some(expected));
    assert_eq!(answer.headers.get("content-length").as_deref(), Some(expected.len().to_string().as_str()));
}

#[test]
fn an_answer_is_as_recorded_but_for_its_date() {
    let mut odd = response("\u{0}");
    odd.body = vec![0, 159, 146, 150].into();
    odd.headers.push("x-bytes", HeaderValue::from(vec![0xFF]));
    let replayer = Replayer::new(vec![notes()], vec![cassette([exchange(get("/notes"), odd.clone())])]);
    let answer = replayer.answer(&get("/notes"));
    let date = Timestamp::parse_http(&answer.headers.get("date").unwrap()).unwrap();
    assert!(Timestamp::now().epoch_seconds() - date.epoch_seconds() < 60.0);
    let mut back = answer.clone();
    back.headers = answer
        .headers
        .iter()
        .map(|(name, value)| match name {
            "date" => (name, HeaderValue::from("Sat, 21 Nov 2020 07:32:37 GMT")),
            _ => (name, value.clone()),
        })
        .collect();
    assert_eq!(back, odd);
}

#[test]
fn our_address_stands_where_the_providers_stood() {
    let told = r#"{"next":"https://provider.example/notes?token=b","host":"provider.example","not":"x.provider.example.org"}"#;
    let replayer = replay(&[("GET /notes", "", told)]).with_origin("http://127.0.0.1:8080");
    let expected = r#"{"next":"http://127.0.0.1:8080/notes?token=b","host":"127.0.0.1:8080","not":"x.provider.example.org"}"#;
    assert_eq!(answer(&replayer, &get("/notes")), expected);
}

#[test]
fn an_aborted_answer_is_aborted_again() {
    let aborted =
        crate::exchange::Exchange { ending: Ending::Aborted, ..exchange(get("/notes"), response("half")) };
    let replayer = Replayer::new(vec![notes()], vec![cassette([aborted])]);
    let reply = Answer::reply(&replayer, get("/notes"));
    assert_eq!(reply.ending, Ending::Aborted);
    assert_eq!(reply.response.body.text(), Some("half"));
}

#[test]
fn a_miss_is_a_client_error_in_the_providers_protocol() {
    let replayer = replay(&[("GET /notes", "", "page")]);
    let miss = replayer.answer(&request("DELETE /notes/1", ""));
    assert_eq!(miss.status, 400);
    assert_eq!(miss.headers.get("x-onrecord-miss").as_deref(), Some("other-operations"));
    assert_eq!(miss.headers.get("x-amzn-errortype").as_deref(), Some("OnrecordMiss"));
    let message = miss.body.json().unwrap();
    assert_eq!(
        message["message"],
        "onrecord has no recorded answer for Delete: this operation was never recorded"
    );
}

#[test]
fn every_miss_is_told_at_once_and_only_the_first_are_kept() {
    let told = Arc::new(Mutex::new(0));
    let counter = told.clone();
    let replayer = replay(&[]).on_miss(move |_| *counter.lock().unwrap() += 1);
    for _ in 0..250 {
        assert_eq!(answer(&replayer, &get("/notes")), "miss: empty");
    }
    assert_eq!((*told.lock().unwrap(), replayer.missed(), replayer.misses().len()), (250, 250, 100));
}

#[test]
fn a_saved_cassette_is_served_on_the_wire() {
    use std::io::{Read as _, Write as _};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.json");
    let aborted = Exchange { ending: Ending::Aborted, ..exchange(get("/notes?token=b"), response("half")) };
    cassette([exchange(get("/notes"), response("{ \"notes\": [1.0] }")), aborted]).save(&path).unwrap();

    let replayer = Arc::new(Replayer::new(vec![notes()], vec![Cassette::load(&path).unwrap()]));
    let server = Running::serve(([127, 0, 0, 1], 0).into(), replayer.clone(), Limits::default()).unwrap();
    let fetch = |target: &str| {
        let mut stream = std::net::TcpStream::connect(server.local_addr()).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        // An aborted answer may end in a reset.
        let _ = stream.read_to_string(&mut text);
        text
    };
    let whole = fetch("/notes");
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "{ \"notes\": [1.0] }");
    assert!(
        head.contains("x-trace: a\r\n") && head.contains("x-trace: b") && !head.contains("2020"),
        "{head}"
    );
    assert!(head.to_lowercase().matches("date:").count() == 1, "{head}");
    let half = fetch("/notes?token=b");
    assert!(half.contains("half") && !half.ends_with("0\r\n\r\n"), "{half}");
    assert!(fetch("/notes").contains("x-onrecord-miss: used-up"));
    server.stop();
    assert_eq!((replayer.served(), replayer.missed(), replayer.unused().len()), (2, 1, 0));
}

/// All that is known here of the sockets' room: how an answer looks, how a recording lets one stand
/// for the provider's, who asks, and how a port is opened.
const ALLOWED: [&str; 12] = [
    "use crate::net::{Answer, Keyring, Reply};",
    "use crate::net::{Keyring, Verdict, Wrong, verify};",
    "use crate::net::is_same_secret;",
    "use crate::net::{Checkpoint, Passage, Towards};",
    "use crate::net::{Answer, Caller, Port, Ports, Reply};",
    "use crate::net::Answer;",
    "use crate::net::Caller;",
    "use crate::net::NetError;",
    "use crate::net::Port;",
    "use crate::net::Reply;",
    "use crate::net::{Limits, NetError, Running};",
    "use std::net::{Ipv4Addr, SocketAddr};",
];

/// The replayer cannot reach a provider.
#[test]
fn nothing_here_can_connect() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/replay")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match file.is_dir() {
                true if !file.ends_with("tests") => folders.push(file),
                false if !file.ends_with("tests.rs") => knows_no_way_out(&file),
                _ => {}
            }
        }
    }
}

fn knows_no_way_out(file: &std::path::Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    for word in ["net::", "hyper", "tokio", "Client", "Upstream", "crate::record", "TcpStream"] {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let lines = code.filter(|line| line.contains(word));
        let found: Vec<_> = lines.filter(|line| !ALLOWED.contains(line)).collect();
        assert!(found.is_empty(), "{}: {found:?}", file.display());
    }
}

#[test]
fn the_order_of_equal_parameters_is_compared() {
    for path in ["/notes", "/other"] {
        let recorded = [format!("GET {path}?x=1&sort=a&sort=b"), format!("GET {path}?x=1&sort=b&sort=a")];
        let replayer = replay(&[(&recorded[0], "", "ab"), (&recorded[1], "", "ba")]);
        assert_eq!(answer(&replayer, &get(&format!("{path}?sort=b&sort=a&x=1"))), "ba");
        assert_eq!(answer(&replayer, &get(&format!("{path}?sort=a&x=1&sort=b"))), "ab");
    }
}

#[test]
fn an_empty_segment_makes_another_path() {
    let replayer = replay(&[("GET /key", "", "key"), ("GET /notes", "", "notes")]);
    assert_eq!(answer(&replayer, &get("//key")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &get("//notes")), "miss: never-recorded");
    assert_eq!(answer(&replayer, &get("/key")), "key");
}

#[test]
fn the_form_that_is_asked_for_counts_without_a_contract() {
    for name in ["Accept", "Accept-Language", "Content-Type", "X-HTTP-Method", "X-HTTP-Method-Override"] {
        let with = |value: &str| {
            let mut request = request("POST /other", "body");
            request.headers.push(name, value);
            request
        };
        let exchanges = ["a", "b"].map(|value| exchange(with(value), response(value)));
        let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
        assert_eq!(answer(&replayer, &with("b")), "b", "{name}");
        assert_eq!(answer(&replayer, &with("c")), "miss: never-recorded", "{name}");
        assert_eq!(answer(&replayer, &with("a")), "a", "{name}");
    }
}

#[test]
fn numbers_that_one_double_stands_for_stay_apart() {
    for (one, other) in
        [("9.007199254740993", "9.007199254740992"), ("9007199254740993.0", "9007199254740992.0")]
    {
        for path in ["/notes", "/other"] {
            let line = format!("POST {path}");
            let body = |weight: &str| format!(r#"{{"weight":{weight}}}"#);
            let replayer = replay(&[(&line, &body(one), "one")]);
            let found = answer(&replayer, &request(&line, &body(other)));
            assert!(found.starts_with("miss: "), "{other} got the answer of {one}");
            assert_eq!(answer(&replayer, &request(&line, &body(one))), "one");
        }
    }
}

#[test]
fn parameters_that_one_number_stands_for_stay_apart() {
    let recorded = ["limit=5", "ratio=9.007199254740993"];
    for (recorded, others) in
        recorded.iter().zip([["limit=%2B5", "limit=05"], ["ratio=9.007199254740992", ""]])
    {
        let line = format!("GET /notes?{recorded}");
        let replayer = replay(&[(&line, "", "it")]);
        for other in others {
            assert_eq!(
                answer(&replayer, &get(&format!("/notes?{other}"))),
                "miss: never-recorded",
                "{other}"
            );
        }
        assert_eq!(answer(&replayer, &get(&format!("/notes?{recorded}"))), "it");
    }
}

#[test]
fn a_label_is_compared_whatever_it_holds() {
    let replayer = replay(&[("GET /secrets/a", "", "a"), ("GET /tokens/a", "", "a")]);
    for path in ["/secrets/", "/tokens/"] {
        assert_eq!(answer(&replayer, &get(&format!("{path}b"))), "miss: never-recorded", "{path}");
        assert_eq!(answer(&replayer, &get(&format!("{path}a"))), "a", "{path}");
    }
}

#[test]
fn a_host_does_not_stand_for_a_region() {
    let call = |region: &str, host: &str| {
        let mut call = signed(get("/notes"), region, "notes");
        call.headers.set("host", host);
        call
    };
    let exchanges = [("us-east-1", "a"), ("eu-west-1", "b")]
        .map(|(region, host)| exchange(call(region, host), response(region)));
    let replayer = Replayer::new(vec![notes()], vec![cassette(exchanges)]);
    assert_eq!(answer(&replayer, &call("ap-south-1", "a")), "miss: other-regions");
    assert_eq!(answer(&replayer, &call("eu-west-1", "a")), "eu-west-1");
}
