//! Many clients at once over sockets, each with a session of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;

use super::{Names, opening};
use crate::encoding::base64;
use crate::net::{Admission, Entrance, Interception, Issuer, Limits, Ports, Running};
use crate::replay::sessions::{Opening, Sessions};

/// How a test says which session it is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Key,
    Query,
    Header,
    Port,
    ProxyUser,
    Tunnel,
}

const WAYS: [Way; 6] = [Way::Key, Way::Query, Way::Header, Way::Port, Way::ProxyUser, Way::Tunnel];

/// What a client writes to get its notes.
fn written(way: Way, name: &str) -> String {
    let host = "host: provider.example\r\n";
    let credential = format!("{name}/20261121/us-east-1/notes/aws4_request");
    match way {
        Way::Port => format!("GET /notes HTTP/1.1\r\n{host}\r\n"),
        Way::Tunnel => format!("GET /notes HTTP/1.1\r\n{host}\r\n"),
        Way::Header => format!("GET /notes HTTP/1.1\r\n{host}x-onrecord-session: {name}\r\n\r\n"),
        Way::Query => {
            let credential = credential.replace('/', "%2F");
            format!("GET /notes?X-Amz-Credential={credential} HTTP/1.1\r\n{host}\r\n")
        }
        Way::ProxyUser => {
            format!("GET http://provider.example/notes HTTP/1.1\r\n{host}{}\r\n", proxy_authorization(name))
        }
        Way::Key => format!(
            "GET /notes HTTP/1.1\r\n{host}authorization: AWS4-HMAC-SHA256 Credential={credential}, \
             SignedHeaders=host, Signature=0\r\n\r\n"
        ),
    }
}

fn proxy_authorization(name: &str) -> String {
    format!("proxy-authorization: Basic {}\r\n", base64(format!("{name}:x").as_bytes()))
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(addr: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(addr).unwrap()))
    }

    /// The body of the answer.
    fn ask(&mut self, text: &str) -> String {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "no answer to {text}");
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}

/// One test of somebody's suite.
fn test(way: Way, name: &str, addr: SocketAddr) {
    let mut client = Client::connect(addr);
    if way == Way::Tunnel {
        let connect = "CONNECT provider.example:80 HTTP/1.1\r\nhost: provider.example:80\r\n";
        client.ask(&format!("{connect}{}\r\n", proxy_authorization(name)));
    }
    for turn in 1..=3 {
        assert_eq!(client.ask(&written(way, name)), format!("{name} {turn}"));
    }
}

/// Five hundred tests at once on one process: each gets its own answers, all of them and in their order.
#[test]
fn five_hundred_tests_do_not_hear_of_each_other() {
    const TESTS: usize = 500;
    let issuer = Issuer::new().unwrap();
    let entrance =
        Entrance::Proxy(Arc::new(Interception::new(issuer, |_: &str, _: u16| Admission::Intercepted)));
    let sessions = Arc::new(Sessions::new(Names { is_proxy: true, ..Names::default() }, TESTS));
    let any = "127.0.0.1:0".parse().unwrap();
    let running = Running::serve_at(any, entrance.clone(), sessions.clone(), Limits::default()).unwrap();
    sessions.listen_at(Ports::new(running.runtime(), any, entrance, Limits::default()));
    let start = Arc::new(Barrier::new(TESTS));
    let tests: Vec<_> = (0..TESTS)
        .map(|number| {
            let (name, way) = (format!("test-{number}"), WAYS[number % WAYS.len()]);
            let session = sessions.open(Opening { port: way == Way::Port, ..opening(&name) }).unwrap();
            let addr = session.port.as_ref().map_or(running.local_addr(), |port| port.local_addr());
            let start = start.clone();
            let work = move || {
                start.wait();
                test(way, &name, addr);
            };
            thread::Builder::new().stack_size(256 << 10).spawn(work).unwrap()
        })
        .collect();
    let failed = tests.into_iter().filter_map(|test| test.join().err()).count();
    assert_eq!(failed, 0);
    let totals = sessions.totals();
    assert_eq!((totals.served, totals.missed), (3 * TESTS, 0));
    assert!(sessions.all().iter().all(|session| session.replayer().unused().is_empty()));
}

#[test]
fn the_port_of_a_closed_session_is_closed() {
    let sessions = Arc::new(Sessions::new(Names::default(), 4));
    let any = "127.0.0.1:0".parse().unwrap();
    let running = Running::serve(any, sessions.clone(), Limits::default()).unwrap();
    sessions.listen_at(Ports::new(running.runtime(), any, Entrance::Reverse, Limits::default()));
    let session = sessions.open(Opening { port: true, ..opening("a") }).unwrap();
    let addr = session.port.as_ref().unwrap().local_addr();
    let mut client = Client::connect(addr);
    assert_eq!(client.ask(&written(Way::Port, "")), "a 1");
    drop(session);
    // The same port leads to what a reset makes of it.
    sessions.reset("a").unwrap();
    assert_eq!(client.ask(&written(Way::Port, "")), "a 1");
    sessions.close("a").unwrap();
    // A connection that was open ends; then nobody listens.
    let mut rest = String::new();
    client.0.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    while TcpStream::connect(addr).is_ok() {}
}
