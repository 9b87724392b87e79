//! Raw peers, and taps that remember.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use onrecord::exchange::Exchange;
use onrecord::net::{Entrance, Limits, Lost, NetError, Running, Tap, TapError, Upstream};

/// After so long a hang is a failure.
pub(crate) const HANG: Duration = Duration::from_secs(60);

pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// One end of a connection, with the bytes read but not used yet.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    left: Vec<u8>,
}

impl Peer {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.set_write_timeout(Some(HANG)).unwrap();
        Self { stream, left: Vec::new() }
    }

    pub(crate) fn connect(addr: SocketAddr) -> Self {
        Self::new(TcpStream::connect(addr).unwrap())
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// Reads up to the end of `mark`, exactly.
    pub(crate) fn read_until(&mut self, mark: &str) -> String {
        loop {
            if let Some(at) = self.left.windows(mark.len()).position(|window| window == mark.as_bytes()) {
                let rest = self.left.split_off(at + mark.len());
                return text(std::mem::replace(&mut self.left, rest));
            }
            assert!(self.fill(), "the connection ended before {mark:?}: {:?}", text(self.left.clone()));
        }
    }

    /// Reads a head, its empty line included.
    pub(crate) fn read_head(&mut self) -> String {
        self.read_until("\r\n\r\n")
    }

    pub(crate) fn read_exactly(&mut self, count: usize) -> Vec<u8> {
        while self.left.len() < count {
            assert!(self.fill(), "the connection ended after {} of {count} bytes", self.left.len());
        }
        let rest = self.left.split_off(count);
        std::mem::replace(&mut self.left, rest)
    }

    /// Reads what comes until the connection ends, in whatever way.
    pub(crate) fn read_to_end(&mut self) -> String {
        while self.fill() {}
        text(std::mem::take(&mut self.left))
    }

    /// Reads so many bytes without keeping them.
    pub(crate) fn skip(&mut self, count: usize, byte: u8) {
        let mut rest = count;
        loop {
            assert!(self.left.len() <= rest, "more than {count} bytes");
            assert!(self.left.iter().all(|one| *one == byte));
            rest -= self.left.len();
            self.left.clear();
            if rest == 0 {
                return;
            }
            assert!(self.fill(), "{rest} of {count} bytes are missing");
        }
    }

    fn fill(&mut self) -> bool {
        let mut buffer = [0; 1 << 16];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(count) => {
                self.left.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("nothing came for {HANG:?}")
            }
            Err(_) => false,
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A provider that does with each connection what it is told.
pub(crate) fn provider(script: impl Fn(Peer) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind(ANY_PORT).unwrap();
    let addr = listener.local_addr().unwrap();
    let script = Arc::new(script);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let script = script.clone();
            thread::spawn(move || script(Peer::new(stream.unwrap())));
        }
    });
    addr
}

/// A provider that reads one request head and answers with these bytes, then closes.
pub(crate) fn saying(answer: &'static str) -> SocketAddr {
    provider(move |mut peer| {
        peer.read_head();
        peer.send(answer);
    })
}

/// What a tap has heard, in order.
#[derive(Debug)]
pub(crate) enum Heard {
    Seen(Box<Exchange>),
    Lost(Lost),
}

/// A tap that tells what it hears, and takes everything.
pub(crate) struct Memory(pub(crate) Mutex<Sender<Heard>>);

impl Tap for Memory {
    fn seen(&self, exchange: Exchange) -> Result<(), TapError> {
        self.0.lock().unwrap().send(Heard::Seen(Box::new(exchange))).unwrap();
        Ok(())
    }

    fn lost(&self, why: Lost) {
        self.0.lock().unwrap().send(Heard::Lost(why)).unwrap();
    }
}

/// A relay to a provider, and what its tap has heard.
pub(crate) struct Relay {
    pub(crate) running: Running,
    heard: Receiver<Heard>,
}

impl Relay {
    pub(crate) fn to(provider: SocketAddr) -> Self {
        Self::within(provider, Limits::default())
    }

    pub(crate) fn within(provider: SocketAddr, limits: Limits) -> Self {
        let (sender, heard) = channel();
        let running = tapped(provider, limits, Memory(Mutex::new(sender)));
        Self { running, heard }
    }

    pub(crate) fn client(&self) -> Peer {
        Peer::connect(self.running.local_addr())
    }

    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(HANG).expect("the tap should hear of an exchange")
    }

    pub(crate) fn seen(&self) -> Exchange {
        match self.next() {
            Heard::Seen(exchange) => *exchange,
            Heard::Lost(why) => panic!("lost: {why}"),
        }
    }

    pub(crate) fn lost(&self) -> Lost {
        match self.next() {
            Heard::Lost(why) => why,
            Heard::Seen(exchange) => panic!("seen: {exchange:?}"),
        }
    }

    /// Stops, and says what else the tap has heard.
    pub(crate) fn stop(self) -> Vec<Heard> {
        self.running.stop();
        self.heard.iter().collect()
    }
}

pub(crate) fn tapped(provider: SocketAddr, limits: Limits, tap: impl Tap) -> Running {
    let upstream = Upstream::parse(&format!("http://{provider}")).unwrap();
    let made = |_| Ok::<_, NetError>(Arc::new(tap));
    Running::relay(ANY_PORT, Entrance::Reverse, upstream, limits, made).unwrap().0
}

pub(crate) const GET: &str = "GET /v1/clusters HTTP/1.1\r\nHost: here\r\n\r\n";
