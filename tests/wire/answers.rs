//! The buffered server and the blocking client, at each other.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::channel;

use onrecord::exchange::{Body, Ending, Headers, Method, Request, Response, Target};
use onrecord::net::{Answer, Client, Limits, NetError, Reply, Running, Upstream};

use crate::support::{ANY_PORT, HANG, Peer, provider, saying};

/// Answers with the request's body, or as the path says.
struct Echo;

impl Answer for Echo {
    fn answer(&self, request: Request) -> Response {
        let mut response = Response::new(200);
        response.headers.push("x-target", request.target.as_str());
        response.headers.push("Set-Cookie", "a=1");
        response.headers.push("Set-Cookie", "b=2");
        match request.target.path() {
            "/chunked" => response.headers.push("transfer-encoding", "chunked"),
            "/wrong-length" => response.headers.push("content-length", "7"),
            "/bad" => response.headers.push("x bad", "1"),
            "/status" => response.status = 1000,
            "/304" => {
                response.status = 304;
                response.headers.push("content-length", "7");
            }
            _ => {}
        }
        response.body = if request.body.is_empty() { Body::from("hello") } else { request.body };
        response
    }

    fn reply(&self, request: Request) -> Reply {
        let is_cut = request.target.path().starts_with("/cut");
        let has_length = request.target.path() == "/cut-length";
        let mut response = self.answer(request);
        if has_length {
            response.headers.push("content-length", "100");
        }
        Reply { response, ending: if is_cut { Ending::Aborted } else { Ending::Complete } }
    }
}

fn echo() -> Running {
    Running::serve(ANY_PORT, Arc::new(Echo), Limits { body: 1000, ..Limits::default() }).unwrap()
}

fn client(url: &str) -> Client {
    Client::new(&Upstream::parse(url).unwrap(), Limits { body: 1000, ..Limits::default() }).unwrap()
}

fn get(target: &str) -> Request {
    Request::new(Method::Get, Target::new(target))
}

#[test]
fn what_is_sent_comes_back() {
    let server = echo();
    let client = client(&server.url());
    let request = Request {
        body: Body::from(vec![0, 255, 10]),
        ..Request::new(Method::Post, Target::new("/a?b=%2F&c"))
    };
    for _ in 0..3 {
        let (response, ending, timing) = client.send(&request).unwrap();
        assert_eq!(ending, Ending::Complete);
        assert_eq!(response.body, request.body);
        let fields = [
            ("x-target", "/a?b=%2F&c"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("content-length", "3"),
        ];
        assert_eq!(response.headers, Headers::from_iter(fields), "and no date");
        assert!(timing.first_byte <= timing.duration);
    }
}

#[test]
fn a_response_is_framed_as_it_says() {
    let server = echo();
    let ask = |method: &str, target: &str| {
        let mut peer = Peer::connect(server.local_addr());
        peer.send(&format!("{method} {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        peer.read_to_end()
    };
    assert!(ask("GET", "/chunked").ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    assert!(ask("GET", "/wrong-length").contains("content-length: 5\r\n"), "made true");
    assert!(ask("HEAD", "/wrong-length").contains("content-length: 7\r\n"), "kept");
    assert!(ask("GET", "/304").contains("content-length: 7\r\n"), "kept");
    assert!(ask("HEAD", "/").ends_with("\r\n\r\n"));
    assert!(ask("GET", "/cut").ends_with("\r\n\r\n5\r\nhello\r\n"), "no last chunk");
    assert!(ask("GET", "/cut-length").ends_with("\r\n\r\nhello"));
    assert!(ask("GET", "/bad").starts_with("HTTP/1.1 500"));
    assert!(ask("GET", "/status").starts_with("HTTP/1.1 500"));
}

#[test]
fn an_answer_cut_short_is_an_answer() {
    let server = echo();
    for target in ["/cut", "/cut-length"] {
        let (response, ending, _) = client(&server.url()).send(&get(target)).unwrap();
        assert_eq!((response.body.text(), ending), (Some("hello"), Ending::Aborted));
    }
}

#[test]
fn bodies_are_bounded_on_both_sides() {
    let server = echo();
    let request =
        |size| Request { body: vec![b'x'; size].into(), ..Request::new(Method::Put, Target::new("/")) };
    let client = client(&server.url());
    assert_eq!(client.send(&request(1000)).unwrap().0.body.len(), 1000);
    let (refusal, ..) = client.send(&request(1001)).unwrap();
    assert_eq!(refusal.status, 413);
    assert_eq!(refusal.headers.get("x-onrecord-error").as_deref(), Some("request-too-big"));
    let long = saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n");
    let chatty = provider(move |mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        peer.send(&format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1001)));
    });
    let error = self::client(&format!("http://{chatty}")).send(&get("/")).unwrap_err();
    assert!(matches!(error, NetError::TooBig { limit: 1000, .. }), "{error}");
    let (_, ending, _) = self::client(&format!("http://{long}")).send(&get("/")).unwrap();
    assert_eq!(ending, Ending::Aborted);
}

#[test]
fn a_request_goes_out_as_it_is() {
    let (head, heads) = channel();
    let addr = provider(move |mut peer| {
        head.send(peer.read_head()).unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let client = client(&format!("http://{addr}"));
    let mut request = Request::new(Method::Other("PURGE".to_owned()), Target::new("/a//b%2f?x=+"));
    request.headers = Headers::from_iter([("x-b", "1"), ("host", "signed.example"), ("x-a", "2")]);
    client.send(&request).unwrap();
    assert_eq!(
        heads.recv_timeout(HANG).unwrap(),
        "PURGE /a//b%2f?x=+ HTTP/1.1\r\nx-b: 1\r\nhost: signed.example\r\nx-a: 2\r\n\r\n"
    );
    request.headers.push("x bad", "1");
    assert!(matches!(client.send(&request), Err(NetError::Unsendable { what: "header name", .. })));
    assert!(matches!(client.send(&get("/a b")), Err(NetError::Unsendable { what: "target", .. })));
}

#[test]
fn a_server_that_is_down_or_mute_is_named() {
    let addr = TcpListener::bind(ANY_PORT).unwrap().local_addr().unwrap();
    let error = client(&format!("http://{addr}")).send(&get("/")).unwrap_err();
    assert!(matches!(error, NetError::Connect { .. }), "{error}");
    assert!(error.to_string().contains(&addr.to_string()));
    let mute = saying("");
    let error = client(&format!("http://{mute}")).send(&get("/")).unwrap_err();
    assert!(matches!(error, NetError::Broken { .. }), "{error}");
}
