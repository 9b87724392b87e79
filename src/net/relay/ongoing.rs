use std::sync::Arc;
use std::time::{Duration, Instant};

use super::capture::Capture;
use super::upload::Sent;
use super::{Lost, Pace, Relay, TapError};
use crate::exchange::{Ending, Exchange, Request, Response, Timestamp, Timing};

/// Up to so many bytes the bodies of an exchange are looked through without getting in the way.
const SMALL: usize = 1 << 18;

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
    pub(super) async fn conclude(self, mut answer: Capture, ending: Ending) -> Result<(), TapError> {
        let Self { mut ongoing, mut response, sent, first_byte } = self;
        // Kept until the tap has returned, so that the budget counts what it holds.
        let mut asked = match sent.finish().await {
            Ok(capture) => capture,
            Err(why) => {
                ongoing.lose(why);
                return Ok(());
            }
        };
        let kept = asked.kept().and_then(|asked| Ok((asked, answer.kept()?)));
        let (said, replied) = match kept {
            Ok(kept) => kept,
            Err(why) => {
                ongoing.lose(why);
                return Ok(());
            }
        };
        let Some(mut request) = ongoing.request.take() else { return Ok(()) };
        (request.body, request.trailers) = (said.body, said.trailers);
        (response.body, response.trailers, response.pieces) =
            (replied.body, replied.trailers, replied.pieces);
        let timing = Timing { started: ongoing.started, first_byte, duration: ongoing.clock.elapsed() };
        let exchange = Exchange { operation: None, request, response, ending, timing };
        let tap = &ongoing.relay.tap;
        let size = exchange.request.body.len() + exchange.response.body.len();
        match tap.pace() {
            Pace::Quick if size <= SMALL => tap.seen(exchange),
            // Other exchanges move to another thread meanwhile.
            _ => tokio::task::block_in_place(|| tap.seen(exchange)),
        }
    }
}
