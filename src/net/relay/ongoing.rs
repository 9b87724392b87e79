use std::sync::Arc;
use std::time::{Duration, Instant};

use super::capture::{Capture, Kept};
use super::upload::{Rest, Sent};
use super::{Lost, Pace, Relay, TapError};
use crate::exchange::{Body, Ending, Exchange, Headers, Request, Response, Timestamp, Timing};

/// Up to so many bytes the bodies of an exchange are looked through without getting in the way.
const SMALL: usize = 1 << 18;
/// What a byte of a packed body may well stand for.
const PACKED: usize = 16;
/// The header field that says that a body is packed.
const CODING: &str = "content-encoding";

/// The account of one exchange. The tap hears of it exactly once: it is seen, or it is lost,
/// at the latest when this is dropped.
pub(super) struct Ongoing {
    relay: Arc<Relay>,
    request: Option<Request>,
    started: Timestamp,
    clock: Instant,
}

impl Ongoing {
    pub(super) fn new(relay: Arc<Relay>, request: Request) -> Self {
        Self { relay, request: Some(request), started: Timestamp::now(), clock: Instant::now() }
    }

    pub(super) fn lose(mut self, why: Lost) {
        if self.request.take().is_some() {
            self.relay.tap.lost(why);
        }
    }

    /// An exchange that is lost passes through.
    fn pass(self, why: Lost, line: Line) -> Result<Line, TapError> {
        self.lose(why);
        Ok(line)
    }

    /// Nothing of it is to be told: it goes nowhere, or to where nobody is to look.
    pub(super) fn untell(&mut self) {
        self.request = None;
    }

    pub(super) fn answered(self, response: Response, sent: Sent) -> Answered {
        let first_byte = self.clock.elapsed();
        Answered { ongoing: self, response, sent, first_byte }
    }

    /// When the request arrived.
    pub(super) fn clock(&self) -> Instant {
        self.clock
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        if self.request.is_some() {
            self.relay.tap.lost(Lost::Stopped);
        }
    }
}

/// The connection that an answer came on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It can take the next request.
    Free,
    /// A request or an answer is in the middle of it.
    Stuck,
}

/// An exchange whose answer has begun.
pub(super) struct Answered {
    ongoing: Ongoing,
    response: Response,
    sent: Sent,
    first_byte: Duration,
}

impl Answered {
    pub(super) fn relay(&self) -> &Arc<Relay> {
        &self.ongoing.relay
    }

    /// Tells the tap, and waits for it. Only where the tap refuses the exchange there is an
    /// error: one that is lost passes through.
    pub(super) async fn conclude(self, mut answer: Capture, ending: Ending) -> Result<Line, TapError> {
        let Self { mut ongoing, response, sent, first_byte } = self;
        let relay = ongoing.relay.clone();
        // Kept until the tap has returned, so that the budget counts what it holds.
        let (mut asked, rest) = match sent.finish().await {
            Ok(sent) => sent,
            Err(why) => return ongoing.pass(why, Line::Stuck),
        };
        let line = match rest {
            Rest::None if ending == Ending::Complete => Line::Free,
            Rest::None | Rest::Unread => Line::Stuck,
            Rest::Missing { why, .. } if ending == Ending::Aborted => {
                return ongoing.pass(Lost::RequestCut(why), Line::Stuck);
            }
            rest @ Rest::Missing { .. } => {
                relay.pass(rest.drain(relay.limits.linger));
                Line::Stuck
            }
        };
        let kept = asked.kept().and_then(|asked| Ok((asked, answer.kept()?)));
        let (said, replied) = match kept {
            Ok(kept) => kept,
            Err(why) => return ongoing.pass(why, line),
        };
        let asked_for = ongoing.request.as_ref().map_or(0, |request| weight(&request.headers, &said.body));
        let weight = asked_for + weight(&response.headers, &replied.body);
        let _turn = if weight > SMALL { relay.turns.acquire().await.ok() } else { None };
        let Some(request) = ongoing.request.take() else { return Ok(line) };
        let request = Request { body: said.body, trailers: said.trailers, ..request };
        let Kept { body, trailers, pieces } = replied;
        let response = Response { body, trailers, pieces, ..response };
        let timing = Timing { started: ongoing.started, first_byte, duration: ongoing.clock.elapsed() };
        let exchange = Exchange { operation: None, request, response, ending, timing };
        // Other exchanges move to another thread meanwhile, where it may take long.
        match relay.tap.pace() {
            Pace::Quick if weight <= SMALL => relay.tap.seen(exchange),
            _ => tokio::task::block_in_place(|| relay.tap.seen(exchange)),
        }
        .map(|()| line)
    }
}

/// How much work it is to look through a body.
fn weight(headers: &Headers, body: &Body) -> usize {
    body.len() * if headers.contains(CODING) { PACKED } else { 1 }
}
