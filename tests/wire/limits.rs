//! What a server takes from its clients, and what it says about more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use onrecord::exchange::{Request, Response};
use onrecord::net::{Answer, Limits, Running};
use tokio::io::AsyncReadExt as _;

use crate::secure::{FIRST, Proxy, SECOND, Sender, client, secure, tunnel};
use crate::support::{ANY_PORT, GET, HANG, Peer};

/// Longer than any test: what ends before it does so for another reason.
const NEVER: Duration = Duration::from_secs(3600);

/// Long enough to say something, and soon over.
const SOON: Duration = Duration::from_millis(50);

struct Fine;

impl Answer for Fine {
    fn answer(&self, _: Request) -> Response {
        let mut response = Response::new(200);
        response.headers.push("content-length", "0");
        response
    }
}

fn server(limits: Limits) -> Running {
    Running::serve(ANY_PORT, Arc::new(Fine), limits).unwrap()
}

#[test]
fn heads_are_bounded_in_bytes_and_in_fields() {
    let limits = Limits { head: 2000, header_fields: 20, ..Limits::default() };
    let proxy = Proxy::within(limits);
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            let most = "x".repeat(1800);
            assert_eq!(sender.send("GET", "eks.example", "/", &[("a", &most)]).await.unwrap().status, 200);
            let long = "x".repeat(2000);
            let many = [("a", "1"); 21];
            for (headers, path, limit) in [
                (&[("a", long.as_str())][..], "/", "2000 bytes"),
                (&[], long.as_str(), "2000 bytes"),
                (&many, "/", "limit of 20"),
            ] {
                let path = if path == "/" { path.to_owned() } else { format!("/{path}") };
                let got = sender.send("GET", "eks.example", &path, headers).await.unwrap();
                assert_eq!(
                    (got.status.as_u16(), got.header("x-onrecord-error")),
                    (431, Some("head-too-big"))
                );
                assert!(got.text().starts_with("onrecord: ") && got.text().contains(limit), "{}", got.text());
            }
        }
    });
    let mut peer = Peer::connect(proxy.addr());
    peer.send(&format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "a: 1\r\n".repeat(50)));
    assert!(peer.read_to_end().starts_with("HTTP/1.1 431 "), "far beyond it hyper says so");
}

#[test]
fn one_connection_too_many_is_told_so() {
    let server = server(Limits { connections: 2, linger: NEVER, ..Limits::default() });
    let connect = || {
        let mut peer = Peer::connect(server.local_addr());
        peer.send(GET);
        let head = peer.read_head();
        (peer, head)
    };
    let (first, head) = connect();
    assert!(head.starts_with("HTTP/1.1 200 "));
    let (_second, head) = connect();
    assert!(head.starts_with("HTTP/1.1 200 "));
    let (mut third, head) = connect();
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("x-onrecord-error: too-many-connections\r\n"));
    assert!(third.read_to_end().starts_with("onrecord: the limit of 2 connections"));
    drop(first);
    while !connect().1.starts_with("HTTP/1.1 200 ") {}
}

#[test]
fn a_tunnel_is_a_connection() {
    let proxy = Proxy::within(Limits { connections: 1, ..Limits::default() });
    client(async {
        let mut sender = Sender::to(&proxy, "eks.example", SECOND).await;
        assert_eq!(sender.get("eks.example", "/").await.status, 200);
        let mut peer = Peer::connect(proxy.addr());
        assert!(peer.read_head().starts_with("HTTP/1.1 503 "));
        assert_eq!(sender.get("eks.example", "/").await.status, 200);
    });
}

#[test]
fn slow_clients_do_not_stop_the_others() {
    let proxy = Proxy::within(Limits { header_read: NEVER, handshake: NEVER, ..Limits::default() });
    let say = |said: &str| {
        let mut peer = Peer::connect(proxy.addr());
        peer.send(said);
        peer
    };
    let silent: Vec<_> = (0..150).map(|_| say("")).collect();
    let heads: Vec<_> = (0..150).map(|_| say("GET / HTTP/1.1\r\nHost: h\r\nX-Slow")).collect();
    let bodies: Vec<_> =
        (0..150).map(|_| say("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nslow")).collect();
    let tunnels: Vec<_> = (0..150)
        .map(|_| say("CONNECT eks.example:443 HTTP/1.1\r\nHost: eks.example\r\n\r\n\u{16}"))
        .collect();
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            assert_eq!(sender.get("eks.example", "/").await.status, 200);
        }
    });
    drop((silent, heads, bodies, tunnels));
}

#[test]
fn slow_clients_are_not_waited_for_for_ever() {
    let limits = Limits { header_read: SOON, handshake: NEVER, idle: NEVER, ..Limits::default() };
    let server = server(limits);
    for said in ["", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow"] {
        let mut peer = Peer::connect(server.local_addr());
        peer.send(said);
        assert_eq!(peer.read_to_end(), "", "closed without a word after {said:?}");
    }
    let mut kept = Peer::connect(server.local_addr());
    kept.send(GET);
    assert!(kept.read_to_end().starts_with("HTTP/1.1 200 "), "closed after its answer");
}

#[test]
fn tunnels_are_not_waited_for_for_ever() {
    let proxy = Proxy::within(Limits { handshake: SOON, ..Limits::default() });
    client(async {
        for said in [&b""[..], b"\x16", b"\x16\x03\x01\x01\x00"] {
            let mut stream = tunnel(proxy.addr(), "eks.example:443").await;
            tokio::io::AsyncWriteExt::write_all(&mut stream, said).await.unwrap();
            // However it ends: what matters is that it does.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    assert!(proxy.stop().is_empty(), "not a matter of trust");
}

#[test]
fn an_idle_connection_is_closed_in_both_versions() {
    let proxy = Proxy::within(Limits { header_read: SOON, ..Limits::default() });
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            assert_eq!(sender.get("eks.example", "/").await.status, 200);
            sender.closed().await;
            let stream = tunnel(proxy.addr(), "eks.example:443").await;
            let mut stream = secure(stream, "eks.example", &proxy.authority, version).await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
}

#[test]
fn clients_that_do_not_read_are_not_waited_for_for_ever() {
    struct Flood;
    impl Answer for Flood {
        fn answer(&self, request: Request) -> Response {
            let mut response = Response::new(200);
            if request.target.path() == "/flood" {
                response.body = vec![b'x'; 64 << 20].into();
            }
            response
        }
    }
    let limits = Limits { idle: SOON, connections: 1, ..Limits::default() };
    let server = Running::serve(ANY_PORT, Arc::new(Flood), limits).unwrap();
    let mut full = Peer::connect(server.local_addr());
    full.send("GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
    full.read_head();
    let begun = Instant::now();
    while begun.elapsed() < HANG {
        let mut next = Peer::connect(server.local_addr());
        next.send(GET);
        if next.read_head().starts_with("HTTP/1.1 200 ") {
            return;
        }
    }
    panic!("its place is never given free");
}

#[test]
fn the_time_limits_of_tests_are_in_order() {
    assert!(SOON < HANG && HANG < NEVER);
}
