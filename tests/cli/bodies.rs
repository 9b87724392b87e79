//! Requests of no operation, bodies that are no JSON, and big ones.

use onrecord::cassette::Cassette;
use onrecord::exchange::{Body, Ending, Method, Request, Target};

use crate::support::{PAGE, Server, folder, onrecord, provider, recorder, replay, saying};

#[test]
fn a_request_of_no_operation_is_recorded_missed_and_refused() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recorder(&path, &saying(PAGE));
    assert_eq!(server.get("/v2/things").unwrap().0.body.text(), Some(PAGE));
    server.stop().with(0, &["1 exchanges recorded", "1 of no operation that a contract documents"]);
    assert_eq!(Cassette::load(&path).unwrap().exchanges[0].operation, None);

    let server = replay(&path);
    assert_eq!(server.get("/v2/things").unwrap().0.body.text(), Some(PAGE));
    let (miss, _) = server.get("/v2/others").unwrap();
    assert_eq!((miss.status, miss.headers.get("x-onrecord-miss").is_some()), (400, true));
    server.stop().with(1, &["no recorded answer for this request", "1 served, 1 missed, 0 unused"]);

    let server = Server::start(&mut onrecord("sandbox --contract msk --listen 127.0.0.1:0"));
    let (refusal, _) = server.get("/v2/things").unwrap();
    assert!((400..500).contains(&refusal.status), "{refusal:?}");
    assert_eq!(refusal.headers.get("x-amzn-errortype").as_deref(), Some("UnknownOperationException"));
    assert!(refusal.body.json().is_some(), "{refusal:?}");
    server.stop().with(0, &[]);
}

#[test]
fn a_body_that_is_no_json_comes_back_as_it_was() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let server = recorder(&path, &saying("<html>\u{1f980}</html>"));
    for body in ["{\"clusterName\": ", "not json", "[1, 2"] {
        assert_eq!(server.post("/v1/clusters", body).unwrap().0.body.text(), Some("<html>\u{1f980}</html>"));
    }
    server.stop().with(0, &["3 CreateCluster"]);
    let server = replay(&path);
    let (answer, _) = server.post("/v1/clusters", "not json").unwrap();
    assert_eq!(answer.body.text(), Some("<html>\u{1f980}</html>"));
    assert_eq!(server.post("/v1/clusters", "also not").unwrap().0.status, 400);
    server.stop().with(1, &["miss: no recorded answer for CreateCluster", "1 served, 1 missed, 2 unused"]);

    let server = Server::start(&mut onrecord("sandbox --contract msk --listen 127.0.0.1:0"));
    let (refusal, _) = server.post("/v1/clusters", "not json").unwrap();
    assert_eq!(refusal.status, 400);
    assert!(refusal.body.json().is_some_and(|body| body["message"].is_string()), "{refusal:?}");
    server.stop().with(0, &[]);
}

/// Bytes of every value, the same in each run, of which no two megabytes are alike.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}

fn binary(body: &[u8]) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\nconnection: close\r\n";
    [format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[test]
fn a_big_body_comes_back_byte_for_byte() {
    let folder = folder();
    let path = folder.path().join("a.json");
    // Bigger than any buffer; a debug build on a busy machine takes seconds to look through a MiB of it.
    let body = noise(8 << 20);
    let answer = binary(&body);
    let server = recorder(&path, &provider(move |_| answer.clone()));
    let (seen, ending) = server.get("/big").unwrap();
    assert_eq!(ending, Ending::Complete);
    assert!(seen.body.as_bytes() == body, "the client sees it whole");
    server.stop().with(0, &["1 exchanges recorded"]);
    let files: Vec<_> = path.with_extension("json.bodies").read_dir().unwrap().collect();
    assert_eq!(files.len(), 1);
    let server = replay(&path);
    assert!(server.get("/big").unwrap().0.body.as_bytes() == body, "the replay gives it whole");
    server.stop().with(0, &["1 served, 0 missed"]);
}

#[test]
fn a_body_above_the_limit_passes_through_and_is_reported() {
    let folder = folder();
    let path = folder.path().join("a.json");
    let body = vec![b'x'; (128 << 20) + 1];
    let answer = binary(&body);
    let server = recorder(&path, &provider(move |_| answer.clone()));
    let (seen, ending) = server.get("/big").unwrap();
    assert_eq!((ending, seen.body.len()), (Ending::Complete, body.len()));
    let mut request = Request::new(Method::Put, Target::new("/big"));
    request.body = Body::from(body);
    assert_eq!(server.send(&request).unwrap().1, Ending::Complete);
    let told = [
        "0 exchanges recorded",
        "1 not recorded: the request body is bigger than the limit of 134217728 bytes",
        "1 not recorded: the response body is bigger than the limit of 134217728 bytes",
    ];
    server.stop().with(1, &told);
    assert!(!path.exists());
}
