//! Ends that are none: cuts, stalls, hang-ups, stops.

use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use onrecord::exchange::Ending;
use onrecord::net::{Limits, Listener, Lost, Runtime};

use crate::support::{ANY_PORT, GET, HANG, Heard, Relay, provider, saying};

const SOON: Duration = Duration::from_millis(50);

#[test]
fn a_cut_of_the_provider_is_passed_on_and_recorded() {
    for (answer, rest) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "half"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "4\r\nhalf\r\n"),
    ] {
        let relay = Relay::to(saying(answer));
        let mut client = relay.client();
        client.send(GET);
        client.read_head();
        assert_eq!(client.read_to_end(), rest);
        let exchange = relay.seen();
        assert_eq!((exchange.response.body.text(), exchange.ending), (Some("half"), Ending::Aborted));
    }
}

#[test]
fn a_provider_that_stalls_inside_a_body_is_cut() {
    let (_keep, kept) = channel::<()>();
    let kept = Mutex::new(kept);
    let provider = provider(move |mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        let _ = kept.lock().unwrap().recv_timeout(HANG);
    });
    let relay = Relay::within(provider, Limits { idle: SOON, ..Limits::default() });
    let mut client = relay.client();
    client.send(GET);
    client.read_head();
    assert_eq!(client.read_to_end(), "half");
    assert_eq!(relay.seen().ending, Ending::Aborted);
}

#[test]
fn a_provider_that_is_down_is_named() {
    let addr = TcpListener::bind(ANY_PORT).unwrap().local_addr().unwrap();
    let relay = Relay::to(addr);
    let mut client = relay.client();
    client.send(GET);
    let head = client.read_head();
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
    assert!(head.contains("x-onrecord-error: no-answer\r\n"), "{head}");
    assert!(client.read_until("\n").contains(&addr.to_string()));
    assert!(matches!(relay.lost(), Lost::NoAnswer(why) if why.contains(&addr.to_string())));
}

#[test]
fn a_provider_that_does_not_answer_is_named() {
    // Closes without a word, or says nothing for too long.
    let (_keep, kept) = channel::<()>();
    let kept = Mutex::new(kept);
    let silent = provider(move |mut peer| {
        peer.read_head();
        let _ = kept.lock().unwrap().recv_timeout(HANG);
    });
    for (addr, answer, status) in
        [(saying(""), HANG, "502"), (silent, SOON, "504"), (saying("I am no HTTP\r\n\r\n"), HANG, "502")]
    {
        let relay = Relay::within(addr, Limits { answer, ..Limits::default() });
        let mut client = relay.client();
        client.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n");
        assert!(client.read_head().starts_with(&format!("HTTP/1.1 {status}")));
        assert!(matches!(relay.lost(), Lost::NoAnswer(why) if why.contains(&addr.to_string())));
    }
}

#[test]
fn a_kept_connection_that_the_provider_has_closed_costs_no_request() {
    let provider = provider(|mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        // The next request is read, and answered by closing.
        let mut byte = [0];
        let _ = std::io::Read::read(&mut peer.stream, &mut byte);
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    for _ in 0..5 {
        client.send(GET);
        assert!(client.read_head().starts_with("HTTP/1.1 200"));
        client.read_exactly(2);
        relay.seen();
    }
}

#[test]
fn a_client_that_hangs_up_does_not_end_the_exchange() {
    for (early, late) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf", "rest"),
        ("", "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalfrest"),
        ("", "HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let (go, may_go) = channel::<()>();
        let (asked, is_asked) = channel();
        let may_go = Mutex::new(may_go);
        let provider = provider(move |mut peer| {
            peer.read_head();
            peer.send(early);
            asked.send(()).unwrap();
            may_go.lock().unwrap().recv_timeout(HANG).unwrap();
            peer.send(late);
        });
        let relay = Relay::to(provider);
        let mut client = relay.client();
        client.send(GET);
        is_asked.recv_timeout(HANG).unwrap();
        if !early.is_empty() {
            client.read_until("half");
        }
        drop(client);
        go.send(()).unwrap();
        let exchange = relay.seen();
        assert_eq!(exchange.ending, Ending::Complete);
        assert_eq!(exchange.response.body.text(), Some(if late.contains("204") { "" } else { "halfrest" }));
        assert!(relay.stop().is_empty());
    }
}

#[test]
fn a_client_that_breaks_off_its_request_is_lost() {
    let provider = provider(|mut peer| {
        peer.read_head();
        peer.read_to_end();
    });
    let relay = Relay::to(provider);
    let mut client = relay.client();
    client.send("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf");
    drop(client);
    assert!(matches!(relay.lost(), Lost::NoAnswer(_) | Lost::RequestCut(_)));
    assert!(relay.stop().is_empty());
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for() {
    let relay = Relay::within(saying(""), Limits { header_read: SOON, ..Limits::default() });
    let mut client = relay.client();
    client.send("GET / HTTP/1.1\r\nHos");
    client.read_to_end();
    assert!(relay.stop().is_empty());
}

#[test]
fn stopping_lets_an_exchange_finish() {
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let provider = provider(move |mut peer| {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
        may_go.lock().unwrap().recv_timeout(HANG).unwrap();
        peer.send("rest");
    });
    let relay = Relay::within(provider, Limits { grace: HANG, ..Limits::default() });
    let mut client = relay.client();
    client.send(GET);
    client.read_until("half");
    relay.running.stopper().now();
    go.send(()).unwrap();
    assert_eq!(client.read_to_end(), "rest");
    assert_eq!(relay.seen().response.body.text(), Some("halfrest"));
    assert!(relay.stop().is_empty());
}

#[test]
fn an_exchange_that_outlasts_the_grace_is_counted_as_lost() {
    for hangs_up in [false, true] {
        let (_keep, kept) = channel::<()>();
        let kept = Mutex::new(kept);
        let provider = provider(move |mut peer| {
            peer.read_head();
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
            let _ = kept.lock().unwrap().recv_timeout(HANG);
        });
        let relay = Relay::within(provider, Limits { grace: Duration::ZERO, ..Limits::default() });
        let mut client = relay.client();
        client.send(GET);
        client.read_until("half");
        let client = (!hangs_up).then_some(client);
        let heard = relay.stop();
        assert!(matches!(heard[..], [Heard::Lost(Lost::Stopped)]), "{heard:?}");
        drop(client);
    }
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind(ANY_PORT).unwrap();
    let addr = taken.local_addr().unwrap();
    let error = Runtime::new().unwrap().block_on(Listener::bind(addr)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on {addr}: ")), "{error}");
    assert!(error.ends_with("choose another port, or 0 for any free one"), "{error}");
}
