//! The client does not see the end of an answer before the tap has taken the exchange.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use onrecord::exchange::Exchange;
use onrecord::net::{Limits, Lost, Tap, TapError};

use crate::support::{GET, HANG, Peer, provider, saying, tapped};

/// The answers of a provider, and what of them may be seen before the end.
const ANSWERS: [(&str, &str); 4] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
    ("HTTP/1.1 204 No Content\r\n\r\n", ""),
];

/// Does not return from the exchange of `/held` before it is told to.
struct Gate {
    entered: Mutex<Sender<()>>,
    leave: Mutex<Receiver<()>>,
    left: Arc<AtomicBool>,
}

impl Tap for Gate {
    fn seen(&self, exchange: Exchange) -> Result<(), TapError> {
        if exchange.request.target.as_str() == "/held" {
            self.entered.lock().unwrap().send(()).unwrap();
            self.leave.lock().unwrap().recv_timeout(HANG).unwrap();
            self.left.store(true, Ordering::SeqCst);
        }
        Ok(())
    }

    fn lost(&self, why: Lost) {
        panic!("lost: {why}");
    }
}

#[test]
fn the_end_waits_for_the_tap() {
    for (answer, _) in ANSWERS {
        let (entered, has_entered) = channel();
        let (leave, may_leave) = channel();
        let left = Arc::new(AtomicBool::new(false));
        let gate = Gate { entered: Mutex::new(entered), leave: Mutex::new(may_leave), left: left.clone() };
        let running = tapped(saying(answer), Limits::default(), gate);
        let addr = running.local_addr();
        let held = thread::spawn(move || {
            let mut client = Peer::connect(addr);
            client.send("GET /held HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
            (client.read_to_end(), left.load(Ordering::SeqCst))
        });
        has_entered.recv_timeout(HANG).unwrap();
        // Others go through meanwhile: time enough for an end that does not wait.
        for _ in 0..20 {
            let mut other = Peer::connect(addr);
            other.send("GET /other HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
            assert!(other.read_to_end().len() >= answer.len());
            assert!(!held.is_finished(), "the client has seen the end: {answer:?}");
        }
        leave.send(()).unwrap();
        let (seen, had_left) = held.join().unwrap();
        assert!(had_left, "the client has seen the end before the tap let go: {answer:?}");
        assert!(seen.len() >= answer.len(), "{seen:?}");
    }
}

/// Takes nothing.
struct Refusal;

impl Tap for Refusal {
    fn seen(&self, _exchange: Exchange) -> Result<(), TapError> {
        Err(TapError("the disk is full".to_owned()))
    }

    fn lost(&self, why: Lost) {
        panic!("lost: {why}");
    }
}

#[test]
fn what_the_tap_refuses_the_client_does_not_get_to_its_end() {
    for (answer, before) in ANSWERS {
        let running = tapped(saying(answer), Limits::default(), Refusal);
        let mut client = Peer::connect(running.local_addr());
        client.send(GET);
        if before.is_empty() {
            let head = client.read_head();
            assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{head}");
            assert!(head.contains("x-onrecord-error: not-recorded\r\n"), "{head}");
            assert!(client.read_until("\n").contains("the disk is full"));
        } else {
            assert_eq!(client.read_to_end(), before);
        }
    }
}

#[test]
fn nothing_but_the_end_is_held_back() {
    for chunked in [false, true] {
        let (go, may_go) = channel::<()>();
        let may_go = Mutex::new(may_go);
        let provider = provider(move |mut peer| {
            peer.read_head();
            let piece = if chunked {
                peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                "4\r\nstep\r\n"
            } else {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n");
                "step"
            };
            for _ in 0..4 {
                may_go.lock().unwrap().recv_timeout(HANG).unwrap();
                peer.send(piece);
            }
            peer.send(if chunked { "0\r\n\r\n" } else { "" });
        });
        let relay = crate::support::Relay::to(provider);
        let mut client = relay.client();
        client.send(GET);
        client.read_head();
        for _ in 0..4 {
            // Each step is sent only when the one before has arrived.
            go.send(()).unwrap();
            client.read_until("step");
        }
        assert_eq!(relay.seen().response.body.text(), Some("stepstepstepstep"));
    }
}
