use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::capture::Capture;
use super::ongoing::{Answered, Line};
use super::upload::Upload;
use super::{Relay, TapError};
use crate::exchange::Ending;
use crate::net::body::{BodyError, Patience};
use crate::net::pool::Lease;
use crate::net::server::{Outgoing, Write};

/// The body of an answer on its way to the client. What completes it is held back until the tap
/// has taken the exchange.
pub(super) struct Download(State);

enum State {
    Known(Outgoing),
    Streaming(Box<Streaming>),
    /// The provider sent all; the tap is being told. Holds back the last bytes.
    Concluding {
        relay: Arc<Relay>,
        told: Telling,
        held: Held,
    },
    /// The tap has taken the exchange: what was held back goes out.
    Ending(Held),
    /// The connection will be cut, because of this.
    Failing {
        why: String,
        write: Write,
    },
    Over,
}

type Telling = Pin<Box<dyn Future<Output = Result<(), TapError>> + Send>>;

/// An answer that is arriving.
pub(super) struct Streaming {
    pub(super) body: Incoming,
    pub(super) answered: Answered,
    pub(super) lease: Lease<Upload>,
    pub(super) capture: Capture,
    pub(super) patience: Patience,
    /// How many bytes are missing, where the answer says how long it is.
    pub(super) missing: Option<u64>,
    /// What completes the answer.
    pub(super) held: Held,
}

/// The end of an answer: its last bytes where it says how long it is, and what comes after the
/// body.
#[derive(Default)]
pub(super) struct Held {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Held {
    fn next(&mut self) -> Option<Frame<Bytes>> {
        let data = self.data.take().map(Frame::data);
        data.or_else(|| self.trailers.take().map(Frame::trailers))
    }
}

/// What a [`Streaming`] body gave.
enum Piece {
    Data(Bytes),
    End,
    Cut(String),
}

impl Streaming {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        loop {
            let data = match ready!(self.patience.poll_frame(&mut self.body, cx)) {
                None => return Poll::Ready(Piece::End),
                Some(Err(why)) => return Poll::Ready(Piece::Cut(why)),
                Some(Ok(frame)) => {
                    self.capture.add_frame(&frame);
                    match frame.into_data() {
                        Ok(data) => data,
                        Err(frame) => {
                            self.held.trailers = frame.into_trailers().ok();
                            continue;
                        }
                    }
                }
            };
            if let Some(missing) = &mut self.missing {
                *missing = missing.saturating_sub(data.len() as u64);
                if *missing == 0 && !data.is_empty() {
                    self.held.data = Some(data);
                    continue;
                }
            }
            if !data.is_empty() {
                return Poll::Ready(Piece::Data(data));
            }
        }
    }

    /// Tells the tap, and only then frees the connection for the next request.
    fn conclude(self, ending: Ending) -> Telling {
        let Self { answered, lease, capture, .. } = self;
        Box::pin(async move {
            if answered.conclude(capture, ending).await? == Line::Free {
                lease.keep();
            }
            Ok(())
        })
    }

    /// Reads on without a client, to the end or as far as bodies are kept.
    async fn drain(mut self) {
        loop {
            let ending = match poll_fn(|cx| self.poll_piece(cx)).await {
                Piece::Data(_) if self.capture.is_over() => Ending::Aborted,
                Piece::Data(_) => continue,
                Piece::End => Ending::Complete,
                Piece::Cut(_) => Ending::Aborted,
            };
            // The client it would be kept from has gone, and the tap knows that it refused.
            let _ = self.conclude(ending).await;
            return;
        }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            let next = match &mut self.0 {
                State::Known(body) => return Pin::new(body).poll_frame(cx),
                State::Streaming(streaming) => match ready!(streaming.poll_piece(cx)) {
                    Piece::Data(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                    Piece::End => self.concluding(Ending::Complete, None),
                    Piece::Cut(why) => self.concluding(Ending::Aborted, Some(why)),
                },
                State::Concluding { told, held, .. } => match ready!(told.as_mut().poll(cx)) {
                    Ok(()) => {
                        let held = std::mem::take(held);
                        State::Ending(held)
                    }
                    Err(error) => State::Failing { why: error.to_string(), write: Write::Due },
                },
                State::Ending(held) => return Poll::Ready(held.next().map(Ok)),
                State::Failing { write: write @ Write::Due, .. } => {
                    *write = Write::Done;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                State::Failing { why, .. } => {
                    let why = std::mem::take(why);
                    self.0 = State::Over;
                    return Poll::Ready(Some(Err(why.into())));
                }
                State::Over => return Poll::Ready(None),
            };
            self.0 = next;
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Known(body) => body.is_end_stream(),
            State::Ending(held) => held.data.is_none() && held.trailers.is_none(),
            other => matches!(other, State::Over),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Known(body) => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

impl Download {
    /// An answer of which all is known, and of which the tap has heard what there is to hear.
    pub(super) fn known(body: Outgoing) -> Self {
        Self(State::Known(body))
    }

    pub(super) fn streaming(streaming: Streaming) -> Self {
        Self(State::Streaming(Box::new(streaming)))
    }

    fn concluding(&mut self, ending: Ending, cut: Option<String>) -> State {
        let State::Streaming(mut streaming) = std::mem::replace(&mut self.0, State::Over) else {
            return State::Over;
        };
        let held = std::mem::take(&mut streaming.held);
        let relay = streaming.answered.relay().clone();
        let told = streaming.conclude(ending);
        let told: Telling = match cut {
            None => told,
            // The client's connection is cut as the provider's was, whatever the tap says.
            Some(why) => Box::pin(async move { told.await.and(Err(TapError(why))) }),
        };
        State::Concluding { relay, told, held }
    }
}

impl Drop for Download {
    /// A client that has gone before the end does not end the exchange.
    fn drop(&mut self) {
        match std::mem::replace(&mut self.0, State::Over) {
            State::Streaming(streaming) => {
                let relay = streaming.answered.relay().clone();
                relay.detach(streaming.drain());
            }
            State::Concluding { relay, told, .. } => relay.detach(async move {
                let _ = told.await; // As in `drain`.
            }),
            State::Known(_) | State::Ending(_) | State::Failing { .. } | State::Over => {}
        }
    }
}
