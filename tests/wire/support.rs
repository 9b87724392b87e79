//! Raw peers, and taps that remember.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use onrecord::exchange::Exchange;
use onrecord::net::{Limits, Lost, NetError, Running, Tap, TapError, Upstream};

/// After so long a hang is a failure.
pub const HANG: Duration = Duration::from_secs(60);

pub const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// One end of a connection, with the bytes read but not used yet.
pub struct Peer {
    pub stream: TcpStream,
    left: Vec<u8>,
}

impl Peer {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.set_write_timeout(Some(HANG)).unwrap();
        Self { stream, left: Vec::new() }
    }

    pub fn connect(addr: SocketAddr) -> Self {
        Self::new(TcpStream::connect(addr).unwrap())
    }

    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// Reads up to the end of `mark`, exactly.
    pub fn read_until(&mut self, mark: &str) -> String {
        loop {
            if let Some(at) = self.left.windows(mark.len()).position(|window| window == mark.as_bytes()) {
                let rest = self.left.split_off(at + mark.len());
                return text(std::mem::replace(&mut self.left, rest));
            }
            assert!(self.fill(), "the connection ended before {mark:?}: {:?}", text(self.left.clone()));
        }
    }

    /// Reads a head, its empty line included.
    pub fn read_head(&mut self) -> String {
        self.read_until("\r\n\r\n")
    }

    pub fn read_exactly(&mut self, count: usize) -> Vec<u8> {
        while self.left.len() < count {
            assert!(self.fill(), "the connection ended after {} of {count} bytes", self.left.len());
        }
        let rest = self.left.split_off(count);
        std::mem::replace(&mut self.left, rest)
    }

    /// Reads what comes until the connection ends, in whatever way.
    pub fn read_to_end(&mut self) -> String {
        while self.fill() {}
        text(std::mem::take(&mut self.left))
    }

    /// What has been read ahead.
    pub fn take_left(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.left)
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
pub fn provider(script: impl Fn(Peer) + Send + Sync + 'static) -> SocketAddr {
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
pub fn saying(answer: &'static str) -> SocketAddr {
    provider(move |mut peer| {
        peer.read_head();
        peer.send(answer);
    })
}

/// What a tap has heard, in order.
#[derive(Debug)]
pub enum Heard {
    Seen(Exchange),
    Lost(Lost),
}

/// A tap that tells what it hears, and takes everything.
pub struct Memory(Mutex<Sender<Heard>>);

impl Tap for Memory {
    fn seen(&self, exchange: Exchange) -> Result<(), TapError> {
        self.0.lock().unwrap().send(Heard::Seen(exchange)).unwrap();
        Ok(())
    }

    fn lost(&self, why: Lost) {
        self.0.lock().unwrap().send(Heard::Lost(why)).unwrap();
    }
}

/// A relay to a provider, and what its tap has heard.
pub struct Relay {
    pub running: Running,
    heard: Receiver<Heard>,
}

impl Relay {
    pub fn to(provider: SocketAddr) -> Self {
        Self::within(provider, Limits::default())
    }

    pub fn within(provider: SocketAddr, limits: Limits) -> Self {
        let (sender, heard) = channel();
        let running = tapped(provider, limits, Memory(Mutex::new(sender)));
        Self { running, heard }
    }

    pub fn client(&self) -> Peer {
        Peer::connect(self.running.local_addr())
    }

    pub fn next(&self) -> Heard {
        self.heard.recv_timeout(HANG).expect("the tap should hear of an exchange")
    }

    pub fn seen(&self) -> Exchange {
        match self.next() {
            Heard::Seen(exchange) => exchange,
            Heard::Lost(why) => panic!("lost: {why}"),
        }
    }

    pub fn lost(&self) -> Lost {
        match self.next() {
            Heard::Lost(why) => why,
            Heard::Seen(exchange) => panic!("seen: {exchange:?}"),
        }
    }

    /// Stops, and says what else the tap has heard.
    pub fn stop(self) -> Vec<Heard> {
        self.running.stop();
        self.heard.iter().collect()
    }
}

pub fn tapped(provider: SocketAddr, limits: Limits, tap: impl Tap) -> Running {
    let upstream = Upstream::parse(&format!("http://{provider}")).unwrap();
    let made = |_| Ok::<_, NetError>(Arc::new(tap));
    Running::relay(ANY_PORT, upstream, limits, made).unwrap().0
}

pub const GET: &str = "GET /v1/clusters HTTP/1.1\r\nHost: here\r\n\r\n";
