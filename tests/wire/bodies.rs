//! Big bodies, early answers, and requests that are none.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use onrecord::net::{Limits, Lost, Part};

use crate::support::{HANG, Peer, Relay, provider};

const BIG: usize = 100 << 20;

/// Both bodies are big.
fn big() -> std::net::SocketAddr {
    provider(|mut peer| {
        let head = peer.read_head();
        peer.skip(BIG, b'x');
        assert!(head.contains(&format!("Content-Length: {BIG}")));
        peer.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n"));
        push(&mut peer, BIG);
    })
}

fn push(peer: &mut Peer, count: usize) {
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..count >> 20 {
        peer.stream.write_all(&piece).unwrap();
    }
}

fn exchange_big(limits: Limits) -> Relay {
    let relay = Relay::within(big(), limits);
    let mut client = relay.client();
    client.send(&format!("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: {BIG}\r\n\r\n"));
    push(&mut client, BIG);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n");
    assert_eq!(client.read_exactly(head.len()), head.as_bytes());
    client.skip(BIG, b'x');
    relay
}

#[test]
fn a_body_below_the_limit_is_kept() {
    let relay = exchange_big(Limits::default());
    let exchange = relay.seen();
    assert_eq!((exchange.request.body.len(), exchange.response.body.len()), (BIG, BIG));
}

#[test]
fn a_body_above_the_limit_passes_and_is_told_as_lost() {
    let relay = exchange_big(Limits { body: BIG - 1, ..Limits::default() });
    assert_eq!(relay.lost(), Lost::TooBig { part: Part::Request, limit: BIG - 1 });
}

#[test]
fn bodies_that_are_too_much_together_pass_and_are_told_as_lost() {
    let relay = exchange_big(Limits { bodies: BIG + 1, ..Limits::default() });
    assert_eq!(relay.lost(), Lost::Crowded { limit: BIG + 1 });
}

#[test]
fn an_early_answer_does_not_cut_the_recorded_request() {
    const SIZE: usize = 32 << 20; // More than sockets hold.
    for reads_on in [true, false] {
        let (_keep, kept) = channel::<()>();
        let kept = Mutex::new(kept);
        let provider = provider(move |mut peer| {
            peer.read_head();
            peer.send("HTTP/1.1 413 Too Big\r\nContent-Length: 2\r\n\r\nno");
            if reads_on {
                peer.skip(SIZE, b'x');
            }
            let _ = kept.lock().unwrap().recv_timeout(HANG);
        });
        let relay =
            Relay::within(provider, Limits { linger: Duration::from_millis(200), ..Limits::default() });
        let mut client = relay.client();
        client.send(&format!("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: {SIZE}\r\n\r\n"));
        let mut sender = Peer::new(client.stream.try_clone().unwrap());
        let sending = thread::spawn(move || push(&mut sender, SIZE));
        assert!(client.read_head().starts_with("HTTP/1.1 413"));
        assert_eq!(client.read_exactly(2), b"no");
        sending.join().unwrap();
        let exchange = relay.seen();
        assert_eq!((exchange.request.body.len(), exchange.response.status), (SIZE, 413));
    }
}

#[test]
fn a_request_that_stops_on_its_answer_is_recorded_as_far_as_it_came() {
    let (_keep, kept) = channel::<()>();
    let kept = Mutex::new(kept);
    let provider = provider(move |mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 413 Too Big\r\nContent-Length: 2\r\n\r\nno");
        let _ = kept.lock().unwrap().recv_timeout(HANG);
    });
    for hangs_up in [false, true] {
        let linger = Duration::from_millis(100);
        let relay = Relay::within(provider, Limits { linger, answer: HANG / 4, ..Limits::default() });
        let mut client = relay.client();
        client.send("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nx");
        assert!(client.read_head().starts_with("HTTP/1.1 413"));
        if hangs_up {
            drop(client);
        } else {
            assert_eq!(client.read_exactly(2), b"no");
        }
        let exchange = relay.seen();
        assert_eq!((exchange.request.body.text(), exchange.response.status), (Some("x"), 413));
        // The connection in which the request is stuck is not for others.
        let mut next = relay.client();
        next.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
        assert!(next.read_head().starts_with("HTTP/1.1 413"));
    }
}

#[test]
fn a_chunked_request_is_recorded_whole() {
    let provider = provider(|mut peer| {
        assert!(peer.read_head().to_ascii_lowercase().contains("transfer-encoding: chunked"));
        peer.read_until("0\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send(
        "PUT / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    client.read_head();
    assert_eq!(relay.seen().request.body.text(), Some("abcde"));
}

#[test]
fn requests_that_are_none_are_not_forwarded() {
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", "501"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let relay = Relay::to(provider(|_| panic!("forwarded")));
        let mut client = relay.client();
        client.send(request);
        let head = client.read_head();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{request:?}: {head}");
        assert!(relay.stop().is_empty());
    }
}
