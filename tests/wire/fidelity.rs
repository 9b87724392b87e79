//! What passes the relay arrives as it was sent.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use onrecord::exchange::{Ending, Headers, Version};
use onrecord::net::{Entrance, HostField, Limits, NetError, Running, Upstream};

use crate::support::{ANY_PORT, GET, HANG, Heard, Memory, Peer, Relay, provider, saying};

#[test]
fn heads_arrive_with_their_order_case_and_duplicates() {
    let (head, heads) = channel();
    let provider = provider(move |mut peer| {
        head.send(peer.read_head()).unwrap();
        assert_eq!(peer.read_exactly(2), b"{}");
        // Head and body in separate segments, and then a close, as moto does.
        peer.send(
            "HTTP/1.1 201 Made It\r\nServer: Werkzeug/3.1.9\r\nDate: Sat, 21 Nov 2026 07:32:37 GMT\r\n\
             x-amzn-RequestId: abc\r\nserver: amazon.com\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
             Connection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\nX-Last: yes\r\n\r\n",
        );
        peer.send("ok");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send(
        "POST /v1/clusters/arn%3Aaws%2Fx//a?b=%2f&a=+&b HTTP/1.1\r\nX-Amz-Target: Baldr.List\r\nhOST: mine:1\r\n\
         x-AMZ-date: 1\r\nTE: trailers\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\n\
         Authorization: AWS4\r\nProxy-Connection: close\r\nContent-Length: 2\r\nX-Dup: 1\r\nX-Dup: 2\r\n\r\n{}",
    );
    let authority = provider.to_string();
    assert_eq!(
        heads.recv_timeout(HANG).unwrap(),
        format!(
            "POST /v1/clusters/arn%3Aaws%2Fx//a?b=%2f&a=+&b HTTP/1.1\r\nX-Amz-Target: Baldr.List\r\n\
             hOST: {authority}\r\nx-AMZ-date: 1\r\nAuthorization: AWS4\r\nContent-Length: 2\r\nX-Dup: 1\r\n\
             X-Dup: 2\r\nTE: trailers\r\nConnection: te\r\n\r\n"
        )
    );
    assert_eq!(
        client.read_head(),
        "HTTP/1.1 201 Made It\r\nServer: Werkzeug/3.1.9\r\nserver: amazon.com\r\n\
         Date: Sat, 21 Nov 2026 07:32:37 GMT\r\nx-amzn-RequestId: abc\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\
         Content-Length: 2\r\nX-Last: yes\r\n\r\n"
    );
    assert_eq!(client.read_exactly(2), b"ok");

    let exchange = relay.seen();
    assert_eq!(exchange.request.target.as_str(), "/v1/clusters/arn%3Aaws%2Fx//a?b=%2f&a=+&b");
    assert_eq!(exchange.request.headers.get("host").as_deref(), Some("mine:1"), "as the client sent it");
    assert_eq!(exchange.request.headers.get("x-private").as_deref(), Some("1"));
    assert_eq!(exchange.request.body.text(), Some("{}"));
    assert_eq!(exchange.response.status, 201);
    assert_eq!(exchange.response.version, Version::Http11);
    assert_eq!(exchange.response.headers.all("server").count(), 2);
    assert_eq!(exchange.response.headers.get("connection").as_deref(), Some("close, X-Hop"));
    assert_eq!(exchange.response.body.text(), Some("ok"));
    assert_eq!(exchange.ending, Ending::Complete);
    assert!(exchange.timing.first_byte <= exchange.timing.duration);
}

#[test]
fn the_host_can_stay_the_clients() {
    let (head, heads) = channel();
    let provider = provider(move |mut peer| {
        head.send(peer.read_head()).unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let upstream = Upstream::parse(&format!("http://{provider}")).unwrap().with_host_field(HostField::Client);
    let (sender, _heard) = channel();
    let memory = move |_| Ok::<_, NetError>(Arc::new(Memory(Mutex::new(sender))));
    let (running, _) =
        Running::relay(ANY_PORT, Entrance::Reverse, upstream, Limits::default(), memory).unwrap();
    let mut client = Peer::connect(running.local_addr());
    client.send(GET);
    assert!(heads.recv_timeout(HANG).unwrap().contains("Host: here\r\n"));
}

#[test]
fn answers_without_a_body_keep_the_length_they_tell() {
    for (method, answer) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"x\"\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n\r\n"),
        ("DELETE", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"x\"\r\n\r\n"),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: \"x\"\r\n\r\n"),
        ("DELETE", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nETag: \"x\"\r\n\r\n"),
    ] {
        let provider = provider(move |mut peer| {
            assert!(peer.read_head().ends_with("\r\nContent-Length: 0\r\n\r\n"), "kept too");
            peer.send(answer);
        });
        let relay = Relay::to(provider);
        let mut client = relay.client();
        client.send(&format!(
            "{method} / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ));
        let expected = answer.replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
        assert_eq!(client.read_to_end(), expected, "{method}");
        assert!(relay.seen().response.body.is_empty());
    }
}

#[test]
fn a_chunked_answer_stays_chunked_and_its_trailers_reach_whoever_takes_them() {
    for (te, end) in [("TE: trailers\r\n", "0\r\nx-sum: 1\r\n\r\n"), ("", "0\r\n\r\n")] {
        let relay = Relay::to(saying(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n\
             0\r\nX-Sum: 1\r\n\r\n",
        ));
        let mut client = relay.client();
        client.send(&format!("GET / HTTP/1.1\r\nHost: here\r\n{te}\r\n"));
        let head = "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(client.read_head(), head);
        let body = client.read_until(end);
        assert!(body.contains("abc") && body.contains("defg"), "{body}");
        let exchange = relay.seen();
        assert_eq!(exchange.response.body.text(), Some("abcdefg"));
        assert_eq!(exchange.response.headers.get("transfer-encoding").as_deref(), Some("chunked"));
        assert_eq!(exchange.response.trailers, Headers::from_iter([("x-sum", "1")]), "taken or not");
        assert_eq!(exchange.response.pieces, [], "no event stream");
        // The connection is good for another request.
        client.send("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        assert!(client.read_to_end().starts_with("HTTP/1.1 200 OK"));
    }
}

#[test]
fn trailers_of_a_request_reach_the_provider() {
    let (all, heard) = channel();
    let provider = provider(move |mut peer| {
        all.send(peer.read_until("x-sum: 1\r\n\r\n")).unwrap();
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send(
        "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    client.read_head();
    assert!(heard.recv_timeout(HANG).unwrap().contains("Trailer: x-sum\r\n"));
    let exchange = relay.seen();
    assert_eq!(exchange.request.body.text(), Some("abc"));
    assert_eq!(exchange.request.trailers, Headers::from_iter([("x-sum", "1")]));
}

#[test]
fn a_body_is_a_body_whatever_the_method() {
    let provider = provider(|mut peer| {
        assert!(peer.read_head().to_ascii_lowercase().contains("transfer-encoding: chunked"));
        peer.read_until("3\r\nabc\r\n0\r\n\r\n");
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    assert!(client.read_head().starts_with("HTTP/1.1 204"));
    assert_eq!(relay.seen().request.body.text(), Some("abc"));
}

#[test]
fn the_pieces_of_an_event_stream_are_told_apart() {
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let provider = provider(move |mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
        for piece in ["8\r\ndata: 1\n\r\n", "9\r\n\ndata: 2\n\r\n", "0\r\n\r\n"] {
            peer.send(piece);
            may_go.lock().unwrap().recv_timeout(HANG).unwrap();
        }
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send(GET);
    client.read_head();
    for piece in ["data: 1", "data: 2"] {
        client.read_until(piece);
        go.send(()).unwrap();
    }
    go.send(()).unwrap();
    client.read_until("0\r\n\r\n");
    let exchange = relay.seen();
    let pieces = exchange.response.pieces;
    assert_eq!(pieces.iter().map(|piece| piece.length).collect::<Vec<_>>(), [8, 9]);
    assert!(exchange.timing.first_byte <= pieces[0].after && pieces[0].after <= pieces[1].after);
    assert!(pieces[1].after <= exchange.timing.duration);
}

#[test]
fn an_answer_that_ends_with_its_connection_is_whole() {
    let relay = Relay::to(saying("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello"));
    let mut client = relay.client();
    client.send(GET);
    client.read_head();
    assert_eq!(client.read_until("0\r\n\r\n"), "5\r\nhello\r\n0\r\n\r\n");
    let exchange = relay.seen();
    assert_eq!(exchange.response.version, Version::Http10);
    assert_eq!((exchange.response.body.text(), exchange.ending), (Some("hello"), Ending::Complete));
}

#[test]
fn a_client_that_waits_for_leave_to_send_gets_it() {
    let provider = provider(|mut peer| {
        assert!(!peer.read_head().contains("Expect"), "we have given leave");
        assert_eq!(peer.read_exactly(5), b"hello");
        peer.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send("PUT /x HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    assert!(client.read_head().starts_with("HTTP/1.1 200 OK"));
    assert_eq!(relay.seen().request.body.text(), Some("hello"));
}

#[test]
fn requests_on_one_connection_are_answered_in_order() {
    let provider = provider(|mut peer| {
        for _ in 0..3 {
            let head = peer.read_head();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            peer.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()));
        }
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    let request = |path| format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
    client.send(&(request("/1") + &request("/2") + &request("/3")));
    for path in ["/1", "/2", "/3"] {
        client.read_head();
        assert_eq!(client.read_exactly(2), path.as_bytes());
        let exchange = relay.seen();
        assert_eq!((exchange.request.target.as_str(), exchange.response.body.text()), (path, Some(path)));
    }
}

#[test]
fn fifty_clients_at_once_get_each_their_own_answer() {
    let provider = provider(|mut peer| {
        let path = peer.read_head().split(' ').nth(1).unwrap().repeat(1000);
        peer.send(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}", path.len()));
    });
    let relay = Relay::to(provider);
    let addr = relay.running.local_addr();
    let clients: Vec<_> = (0..50)
        .map(|index| {
            std::thread::spawn(move || {
                let mut client = Peer::connect(addr);
                for round in 0..4 {
                    let path = format!("/{index:02}/{round}");
                    client.send(&format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n"));
                    client.read_head();
                    assert_eq!(client.read_exactly(5000), path.repeat(1000).as_bytes());
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    let heard = relay.stop();
    assert_eq!(heard.len(), 200);
    for heard in heard {
        let Heard::Seen(exchange) = heard else { panic!("{heard:?}") };
        assert_eq!(exchange.response.body.text().unwrap(), exchange.request.target.as_str().repeat(1000));
    }
}

#[test]
fn compressed_bodies_are_left_alone() {
    let (head, heads) = channel();
    let provider = provider(move |mut peer| {
        head.send(peer.read_head()).unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nzzzzz");
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send("GET / HTTP/1.1\r\nHost: mine\r\nAccept-Encoding: gzip, br\r\n\r\n");
    assert!(client.read_head().contains("Content-Encoding: gzip\r\n"));
    assert_eq!(client.read_exactly(5), b"zzzzz");
    assert!(heads.recv_timeout(HANG).unwrap().contains("Accept-Encoding: gzip, br\r\n"));
    assert_eq!(relay.seen().response.body.text(), Some("zzzzz"));
}
