//! Answers of our own in both versions: framing, trailers, pieces, cuts.

use std::sync::Arc;

use onrecord::net::{Limits, Running};
use tokio::net::TcpStream;

use crate::secure::{FIRST, Mirror, Proxy, SECOND, Sender, client};
use crate::support::ANY_PORT;

#[test]
fn who_knows_that_we_speak_http_2_need_not_ask() {
    let running = Running::serve(ANY_PORT, Arc::new(Mirror), Limits::default()).unwrap();
    client(async {
        let mut sender = Sender::second(TcpStream::connect(running.local_addr()).await.unwrap()).await;
        for _ in 0..2 {
            let got = sender.send("GET", "here.example", "/a?b", &[("x-a", "1")]).await.unwrap();
            assert_eq!(got.text(), "GET /a?b HTTP/2\nhost: here.example\nx-a: 1\n");
        }
    });
}

#[test]
fn answers_without_a_body_have_none() {
    let proxy = Proxy::new();
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            let head = sender.send("HEAD", "eks.example", "/304", &[]).await.unwrap();
            assert_eq!((head.header("content-length"), head.text().as_str()), (Some("7"), ""));
            for (path, status, length) in [("/204", 204, None), ("/304", 304, Some("7"))] {
                let got = sender.get("eks.example", path).await;
                assert_eq!(got.status, status);
                assert_eq!((got.header("content-length"), got.text().as_str()), (length, ""), "{version:?}");
                assert!(got.whole);
            }
            assert_eq!(sender.get("eks.example", "/").await.status, 200, "the connection goes on");
        }
    });
}

#[test]
fn fields_for_one_hop_stay_here() {
    let proxy = Proxy::new();
    client(async {
        for version in [FIRST, SECOND] {
            let got = Sender::to(&proxy, "eks.example", version).await.get("eks.example", "/hop").await;
            assert_eq!(got.status, 200);
            assert!(
                ["connection", "x-hop", "keep-alive", "date"].iter().all(|name| got.header(name).is_none())
            );
        }
    });
}

#[test]
fn pieces_arrive_one_by_one() {
    let proxy = Proxy::new();
    client(async {
        for version in [FIRST, SECOND] {
            let got = Sender::to(&proxy, "eks.example", version).await.get("eks.example", "/pieces").await;
            assert_eq!(got.frames, ["one", "two", "three"], "{version:?}");
        }
    });
}

#[test]
fn trailers_go_to_those_who_take_them() {
    let proxy = Proxy::new();
    client(async {
        let mut first = Sender::to(&proxy, "eks.example", FIRST).await;
        let plain = first.get("eks.example", "/trailers").await;
        assert_eq!((plain.header("content-length"), plain.header("trailer")), (Some("4"), None));
        assert!(plain.trailers.is_empty());
        let asked = [("te", "deflate, Trailers")];
        let taken = first.send("GET", "eks.example", "/trailers", &asked).await.unwrap();
        assert_eq!((taken.header("content-length"), taken.text().as_str()), (None, "body"));
        let second = Sender::to(&proxy, "eks.example", SECOND).await.get("eks.example", "/trailers").await;
        assert_eq!(second.header("content-length"), Some("4"));
        for got in [taken, second] {
            assert_eq!(got.header("trailer"), Some("x-checksum, x-late"));
            assert_eq!(got.trailers.len(), 2);
            assert_eq!(got.trailers["x-checksum"], "abc");
        }
    });
}

#[test]
fn a_cut_comes_after_the_bytes_and_is_one_stream_s_affair() {
    let proxy = Proxy::new();
    client(async {
        for version in [FIRST, SECOND] {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            let got = sender.get("eks.example", "/cut").await;
            assert!(!got.whole && got.text().starts_with("GET /cut "), "{version:?}: {got:?}");
            if version == SECOND {
                assert_eq!(sender.get("eks.example", "/").await.status, 200, "the connection goes on");
            }
        }
    });
}
