//! A server that is told to stop: what is under way comes to its end, nothing else is waited for.

use std::sync::mpsc::{Receiver, Sender as Told, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use onrecord::exchange::{Request, Response};
use onrecord::net::{Answer, Limits};
use tokio::io::AsyncReadExt as _;

use crate::secure::{FIRST, Proxy, SECOND, Sender, client, tunnel};
use crate::support::{HANG, Peer};

/// No limit ends anything here before the test does; nor does the grace.
fn patient() -> Limits {
    let never = Duration::from_secs(3600);
    Limits { header_read: never, handshake: never, idle: never, grace: never, ..Limits::default() }
}

/// Tells of each request, and answers when it may.
struct Slow {
    asked: Mutex<Told<()>>,
    may: Mutex<Receiver<()>>,
}

impl Answer for Slow {
    fn answer(&self, _: Request) -> Response {
        self.asked.lock().unwrap().send(()).unwrap();
        self.may.lock().unwrap().recv_timeout(HANG).unwrap();
        Response::new(200)
    }
}

#[test]
fn a_request_in_a_tunnel_gets_its_answer() {
    for version in [FIRST, SECOND] {
        let ((asked, is_asked), (go, may)) = (channel(), channel());
        let slow = Slow { asked: Mutex::new(asked), may: Mutex::new(may) };
        let proxy = Proxy::with(Arc::new(slow), patient());
        let stop = proxy.running.stopper();
        let stopping = thread::spawn(move || {
            is_asked.recv_timeout(HANG).unwrap();
            stop.now();
            go.send(()).unwrap();
        });
        client(async {
            let mut sender = Sender::to(&proxy, "eks.example", version).await;
            assert_eq!(sender.get("eks.example", "/").await.status, 200, "{version:?}");
            sender.closed().await;
        });
        stopping.join().unwrap();
        within_time(move || proxy.stop());
    }
}

#[test]
fn connections_without_a_request_are_not_waited_for() {
    let proxy = Proxy::within(patient());
    client(async {
        let silent = Peer::connect(proxy.addr());
        let mut opened = tunnel(proxy.addr(), "eks.example:443").await;
        let mut begun = tunnel(proxy.addr(), "eks.example:443").await;
        tokio::io::AsyncWriteExt::write_all(&mut begun, b"\x16\x03\x01").await.unwrap();
        let mut first = Sender::to(&proxy, "eks.example", FIRST).await;
        let mut second = Sender::to(&proxy, "eks.example", SECOND).await;
        assert_eq!(first.get("eks.example", "/").await.status, 200);
        assert_eq!(second.get("eks.example", "/").await.status, 200);
        proxy.running.stopper().now();
        first.closed().await;
        second.closed().await;
        for stream in [&mut opened, &mut begun] {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        drop(silent);
    });
    within_time(move || proxy.stop());
}

#[test]
fn a_stop_has_a_deadline() {
    let proxy = Proxy::within(Limits { grace: Duration::ZERO, ..patient() });
    client(async {
        let mut sender = Sender::to(&proxy, "eks.example", SECOND).await;
        // A body that never comes.
        let mut unread = tunnel(proxy.addr(), "eks.example:80").await;
        let said = b"PUT / HTTP/1.1\r\nHost: eks.example\r\nContent-Length: 9\r\n\r\nslow";
        tokio::io::AsyncWriteExt::write_all(&mut unread, said).await.unwrap();
        proxy.running.stopper().now();
        let _ = unread.read_to_end(&mut Vec::new()).await;
        sender.closed().await;
    });
    within_time(move || proxy.stop());
}

fn within_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) {
    let (done, is_done) = channel();
    thread::spawn(move || done.send(work()));
    is_done.recv_timeout(HANG).expect("it should not wait");
}
