//! What happens to requests at a checkpoint.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use onrecord::exchange::{Body, Ending, Headers, Request, Response};
use onrecord::net::{
    Checkpoint, Entrance, Limits, Lost, NetError, Outbound, Passage, Reply, Running, Towards, Upstream,
};

use crate::support::{ANY_PORT, HANG, Heard, Memory, Peer, provider};

/// Does what a header field says.
struct Obedient;

impl Checkpoint for Obedient {
    fn pass(&self, mut request: Request, towards: Towards<'_>) -> Passage {
        match request.headers.get("x-do").as_deref() {
            Some("answer") => {
                let response = Response { body: Body::from("known"), ..Response::new(203) };
                Passage::Answered(Reply { response, ending: Ending::Complete })
            }
            Some("refuse") => Passage::Refused("not this one".to_owned()),
            _ => {
                let length = request.body.len();
                request.headers.push("x-passed", format!("{} {length}", towards.host()));
                request.body = Body::from([request.body.as_bytes(), b"!"].concat());
                Passage::On(request)
            }
        }
    }
}

pub(crate) struct Checked {
    pub(crate) running: Running,
    pub(crate) authority: String,
    heard: Receiver<Heard>,
    arrived: Receiver<(String, Vec<u8>)>,
}

impl Checked {
    /// A relay with checkpoints, to a provider that takes bodies with a length.
    pub(crate) fn by(checkpoints: Vec<Arc<dyn Checkpoint>>, limits: Limits) -> Self {
        Self::before(|_| checkpoints, limits)
    }

    /// The same, with checkpoints that know the provider.
    pub(crate) fn before(
        checkpoints: impl FnOnce(&Upstream) -> Vec<Arc<dyn Checkpoint>>,
        limits: Limits,
    ) -> Self {
        let (sender, arrived) = channel();
        let addr = provider(move |mut peer| {
            loop {
                let head = peer.read_head();
                let lower = head.to_ascii_lowercase();
                let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
                let body = peer.read_exactly(length.map_or(0, |length| length.parse().unwrap()));
                sender.send((head, body)).unwrap();
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        let upstream = Upstream::parse(&format!("http://{addr}")).unwrap();
        let checkpoints = checkpoints(&upstream);
        let outbound = Outbound { checkpoints, ..Outbound::from(upstream) };
        let (sender, heard) = channel();
        let memory = move |_| Ok::<_, NetError>(Arc::new(Memory(Mutex::new(sender))));
        let running = Running::relay(ANY_PORT, Entrance::Reverse, outbound, limits, memory).unwrap().0;
        Self { running, authority: addr.to_string(), heard, arrived }
    }

    pub(crate) fn client(&self) -> Peer {
        Peer::connect(self.running.local_addr())
    }

    pub(crate) fn arrived(&self) -> (String, Vec<u8>) {
        self.arrived.recv_timeout(HANG).expect("a request should arrive")
    }

    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(HANG).expect("the tap should hear of an exchange")
    }

    /// Stops, and says what else was heard on either side.
    pub(crate) fn stop(self) -> (Vec<Heard>, usize) {
        self.running.stop();
        (self.heard.iter().collect(), self.arrived.try_iter().count())
    }
}

fn obedient(limits: Limits) -> Checked {
    Checked::by(vec![Arc::new(Obedient), Arc::new(Obedient)], limits)
}

#[test]
fn a_request_is_sent_on_as_it_comes_out_and_recorded_as_it_came() {
    let checked = obedient(Limits::default());
    let mut client = checked.client();
    client.send(
        "PUT /x HTTP/1.1\r\nHost: here\r\nX-Mine: 1\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n\
         2\r\nab\r\n1\r\nc\r\n0\r\nx-sum: 1\r\n\r\n",
    );
    assert!(client.read_head().starts_with("HTTP/1.1 200"));
    let (head, body) = checked.arrived();
    let authority = &checked.authority;
    assert_eq!(
        head,
        format!(
            "PUT /x HTTP/1.1\r\nHost: {authority}\r\nX-Mine: 1\r\nx-passed: {authority} 3\r\n\
             x-passed: {authority} 4\r\ncontent-length: 5\r\n\r\n"
        )
    );
    assert_eq!(body, b"abc!!");
    let Heard::Seen(exchange) = checked.next() else { panic!("lost") };
    assert_eq!(exchange.request.body.text(), Some("abc"));
    assert_eq!(exchange.request.trailers, Headers::from_iter([("x-sum", "1")]));
    assert!(!exchange.request.headers.contains("x-passed"));
    assert_eq!(exchange.request.headers.get("host").as_deref(), Some("here"));
}

#[test]
fn what_is_answered_is_untold_and_what_is_refused_is_lost() {
    let checked = obedient(Limits::default());
    let mut client = checked.client();
    client.send("GET / HTTP/1.1\r\nHost: here\r\nx-do: answer\r\n\r\n");
    assert!(client.read_head().starts_with("HTTP/1.1 203"));
    assert_eq!(client.read_exactly(5), b"known");
    client.send("PUT / HTTP/1.1\r\nHost: here\r\nx-do: refuse\r\nContent-Length: 2\r\n\r\nhi");
    let head = client.read_head();
    assert!(head.starts_with("HTTP/1.1 400") && head.contains("x-onrecord-error: refused\r\n"), "{head}");
    assert_eq!(client.read_until("\n"), "onrecord: not this one\n");
    let (heard, arrived) = checked.stop();
    assert!(matches!(&heard[..], [Heard::Lost(Lost::Refused(why))] if why == "not this one"), "{heard:?}");
    assert_eq!(arrived, 0);
}

#[test]
fn what_is_too_big_to_be_looked_at_is_refused() {
    let checked = obedient(Limits { body: 4, ..Limits::default() });
    let mut client = checked.client();
    client.send("PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nhello");
    let head = client.read_head();
    assert!(head.starts_with("HTTP/1.1 413") && head.contains("x-onrecord-error: request-too-big"), "{head}");
    assert!(matches!(checked.next(), Heard::Lost(Lost::TooBig { limit: 4, .. })));
    let (_, arrived) = checked.stop();
    assert_eq!(arrived, 0);
}
