use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use proptest::prelude::{ProptestConfig, any, prop, proptest};

use super::*;
use crate::encoding::percent_encode;
use crate::exchange::{
    Body, Ending, Exchange, Headers, Method, Request, Response, Target, Timestamp, Timing,
};

const ARN: &str = "arn:aws:kafka:us-east-1:000000000001:cluster/orders/00000000-0000-4000-8000-000000000001";

fn exchange(request: Request, answer: &str) -> StoredExchange {
    let mut response = Response::new(200);
    response.body = Body::from(answer.to_owned());
    let started = Timestamp::parse("2026-03-14T09:26:53Z").unwrap();
    let timing = Timing { started, first_byte: Duration::ZERO, duration: Duration::ZERO };
    StoredExchange::from(&Exchange { operation: None, request, response, ending: Ending::Complete, timing })
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    let mut request = Request::new(Method::from(method), Target::new(target));
    request.headers = Headers::from_iter(headers.iter().copied());
    request.body = Body::from(body.to_vec());
    request
}

fn lifecycle() -> [StoredExchange; 4] {
    let json = [("content-type", "application/json"), ("host", "kafka"), ("amz-sdk-request", "attempt=1")];
    let created = format!(r#"{{"clusterArn":"{ARN}","clusterName":"orders","state":"CREATING"}}"#);
    let page = format!(
        r#"{{"clusterInfoList": [{{"clusterArn": "arn:aws:kafka:us-east-1:000000000001:cluster/old/9", "clusterName": "old"}}, {{"clusterArn": "{ARN}"}}], "nextToken": "cursor-1"}}"#
    );
    let get = format!("/v1/clusters/{}", percent_encode(ARN));
    let tag = format!(r#"{{"arn":"{ARN}","tags":{{"owner's":"a b"}}}}"#);
    [
        exchange(request("POST", "/v1/clusters", &json, br#"{"clusterName":"orders"}"#), &created),
        exchange(request("GET", "/v1/clusters?maxResults=2", &[], b""), &page),
        exchange(request("POST", "/v1/tags?nextToken=cursor-1&other=cursor-10", &json, tag.as_bytes()), ""),
        exchange(request("GET", &get, &[], b""), "{}"),
    ]
}

#[test]
fn what_an_answer_gave_is_taken_from_that_answer() {
    let signing = Signing { service: "kafka".to_owned(), region: "us-east-1".to_owned() };
    let one = &lifecycle()[3..];
    insta::assert_snapshot!(script(one, "http://127.0.0.1:5000/", Some(&signing)), @r#"curl -sS -i -X GET 'http://127.0.0.1:5000/v1/clusters/arn%3Aaws%3Akafka%3Aus-east-1%3A000000000001%3Acluster%2Forders%2F00000000-0000-4000-8000-000000000001' --aws-sigv4 aws:amz:us-east-1:kafka --user "${AWS_ACCESS_KEY_ID:-test}:${AWS_SECRET_ACCESS_KEY:-test}" ${AWS_SESSION_TOKEN:+"-Hx-amz-security-token: $AWS_SESSION_TOKEN"}"#);
    insta::assert_snapshot!(script(&lifecycle(), "http://127.0.0.1:5000", None), @r#"
        enc() { printf %s "$1" | sed 's/%/%25/g;s/:/%3A/g;s,/,%2F,g;s/+/%2B/g;s/=/%3D/g;s/&/%26/g;s/?/%3F/g;s/#/%23/g;s/ /%20/g'; }
        V1=$(curl -sS -X POST 'http://127.0.0.1:5000/v1/clusters' -H 'content-type: application/json' --data-raw '{"clusterName":"orders"}' | grep -o '"clusterArn": *"[^"]*"' | sed -n 1p | cut -d'"' -f4)
        V2=$(curl -sS -X GET 'http://127.0.0.1:5000/v1/clusters?maxResults=2' | grep -o '"nextToken": *"[^"]*"' | sed -n 1p | cut -d'"' -f4)
        curl -sS -o /dev/null -X POST 'http://127.0.0.1:5000/v1/tags?nextToken='"$(enc "$V2")"'&other=cursor-10' -H 'content-type: application/json' --data-raw '{"arn":"'"$V1"'","tags":{"owner'\''s":"a b"}}'
        curl -sS -i -X GET 'http://127.0.0.1:5000/v1/clusters/'"$(enc "$V1")"
        "#);
}

#[test]
fn of_several_members_the_one_is_taken_that_was_used() {
    let [_, list, _, get] = lifecycle();
    insta::assert_snapshot!(script(&[list, get], "http://h", None), @r#"
        enc() { printf %s "$1" | sed 's/%/%25/g;s/:/%3A/g;s,/,%2F,g;s/+/%2B/g;s/=/%3D/g;s/&/%26/g;s/?/%3F/g;s/#/%23/g;s/ /%20/g'; }
        V1=$(curl -sS -X GET 'http://h/v1/clusters?maxResults=2' | grep -o '"clusterArn": *"[^"]*"' | sed -n 2p | cut -d'"' -f4)
        curl -sS -i -X GET 'http://h/v1/clusters/'"$(enc "$V1")"
        "#);
}

#[test]
fn what_the_client_made_up_is_sent_as_it_was() {
    let get = exchange(request("GET", "/v1/things/chosen-by-client-1", &[], b""), "");
    let put = request("PUT", "/v1/things/chosen-by-client-1", &[], b"");
    let put = exchange(put, r#"{"name":"chosen-by-client-1"}"#);
    insta::assert_snapshot!(script(&[put, get], "http://h", None), @r"
        curl -sS -o /dev/null -X PUT 'http://h/v1/things/chosen-by-client-1' -H 'Content-Type:' --data-raw ''
        curl -sS -i -X GET 'http://h/v1/things/chosen-by-client-1'
        ");
}

/// What a shell makes of the lines: the arguments of each `curl`, and what is piped into it.
fn arguments(script: &str) -> Vec<Vec<u8>> {
    let curl = r#"curl() { for a in "$@"; do printf '%s\0' "$a"; done; case "$*" in *@-*) cat;; esac; }"#;
    let output = Command::new("/bin/sh").args(["-c", &format!("{curl}\n{script}")]).output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
    output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
}

#[test]
fn odd_requests_are_sent_as_they_were() {
    let head = exchange(request("HEAD", "/a/../b?x[]={1}", &[("x-empty", ""), ("accept", "*/*")], b""), "");
    insta::assert_snapshot!(script(&[head], "http://h", None), @"curl -sS --head --globoff --path-as-is 'http://h/a/../b?x[]={1}' -H 'x-empty;'");
    let binary = exchange(request("POST", "/it's", &[("content-type", "a/b")], b"\x00'%\\\xff"), "");
    let script = script(&[binary], "http://h", None);
    insta::assert_snapshot!(script, @r"printf '\000'\''%%\\\377' | curl -sS -i -X POST 'http://h/it'\''s' -H 'content-type: a/b' --data-binary @-");
    let output =
        Command::new("/bin/sh").args(["-c", &format!("curl() {{ cat; }}\n{script}")]).output().unwrap();
    assert_eq!(output.stdout, b"\x00'%\\\xff");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text_reaches_curl_as_it_is(
        target in "/[^\0]{0,20}",
        value in "[^\0]{1,12}",
        body in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let headers = [("content-type", "x/y"), ("x-value", &*value)];
        let sent = exchange(request("PUT", &target, &headers, &body), "");
        let arguments = arguments(&script(&[sent], "http://h", None));
        let url = format!("http://h{target}");
        assert!(arguments.contains(&url.into_bytes()), "{target:?}");
        assert!(arguments.contains(&format!("x-value: {value}").into_bytes()), "{value:?}");
        let piped = std::str::from_utf8(&body).is_err() || body.contains(&0);
        if !piped {
            assert!(arguments.contains(&body), "{body:?}");
        }
    }
}

/// Answers each connection with the next of these bodies, and tells what was asked.
fn serve(answers: Vec<String>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, hear) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            asked.send(read_request(&mut stream)).unwrap();
            let length = answer.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            )
            .unwrap();
        }
    });
    (address, hear)
}

fn read_request(stream: &mut std::net::TcpStream) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    let length = |head: &str| {
        let line =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        line.unwrap_or(0usize)
    };
    while !text.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        text.push(byte[0]);
    }
    let mut body = vec![0; length(&String::from_utf8_lossy(&text))];
    stream.read_exact(&mut body).unwrap();
    text.extend(body);
    String::from_utf8(text).unwrap()
}

#[test]
fn the_lines_show_the_finding_against_a_live_provider() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "curl is not installed");
        eprintln!("skipped: curl is not installed");
        return;
    }
    let live = "arn:aws:kafka:us-east-1:999999999999:cluster/orders/f00-1+a=";
    let answers = [
        format!(r#"{{"clusterArn": "{live}"}}"#),
        r#"{"nextToken":"AAA+/=="}"#.to_owned(),
        String::new(),
        r#"{"shown":true}"#.to_owned(),
    ];
    let (address, asked) = serve(answers.to_vec());
    let script = script(&lifecycle(), &address, None);
    let output = Command::new("/bin/sh").args(["-c", &script]).env("no_proxy", "*").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.starts_with("HTTP/1.1 200 OK") && shown.ends_with("{\"shown\":true}"), "{shown}");
    let asked: Vec<String> = asked.iter().collect();
    assert!(asked[2].starts_with("POST /v1/tags?nextToken=AAA%2B%2F%3D%3D&other=cursor-10 "), "{}", asked[2]);
    assert!(asked[2].ends_with(&format!(r#"{{"arn":"{live}","tags":{{"owner's":"a b"}}}}"#)), "{}", asked[2]);
    assert!(asked[3].starts_with(&format!("GET /v1/clusters/{} ", percent_encode(live))), "{}", asked[3]);
}
