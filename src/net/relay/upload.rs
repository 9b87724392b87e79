use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

use super::capture::Capture;
use super::{Limits, Lost, patiently};
use crate::net::body::{BodyError, Patience};

/// The body of a request on its way to the provider.
pub(super) struct Upload(State);

enum State {
    /// There is none, or it is through.
    Over,
    /// It was read before it was sent.
    Known(Bytes),
    Arriving(Shared),
}

/// Shared with [`Sent`], which takes over what the provider does not read.
type Shared = Arc<Mutex<Option<Streaming>>>;

struct Streaming {
    body: Incoming,
    patience: Patience,
    told: oneshot::Sender<Told>,
    capture: Capture,
    moved: Arc<AtomicU64>,
}

/// How far a request body has come when the provider is done with it.
pub(super) enum Told {
    /// To its end.
    Whole(Capture),
    /// Not to its end: the provider wants no more of it.
    Unread(Incoming, Capture),
    /// The client broke off.
    Cut(String, Capture),
}

/// How a request ended whose answer is complete.
pub(super) enum Rest {
    /// The provider took all of it: its connection is free again.
    None,
    /// The provider did not, but the client said all.
    Unread,
    /// The client did not say all either.
    Missing { why: String, body: Option<Incoming> },
}

impl Rest {
    /// Reads on as long as something comes: a connection that is closed on unread bytes takes the
    /// answer along.
    pub(super) async fn drain(self, linger: Duration) {
        let Self::Missing { body: Some(mut body), .. } = self else { return };
        let mut next = async || poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        while let Ok(Some(Ok(_))) = tokio::time::timeout(linger, next()).await {}
    }
}

/// The other end of an [`Upload`]: what has been sent.
pub(super) enum Sent {
    Whole(Capture),
    Waiting(Waiting),
}

pub(super) struct Waiting {
    told: oneshot::Receiver<Told>,
    shared: Shared,
    moved: Arc<AtomicU64>,
    linger: Duration,
}

impl Upload {
    /// No body.
    pub(super) fn empty() -> Self {
        Self(State::Over)
    }

    /// A body that was read before.
    pub(super) fn known(bytes: Bytes) -> Self {
        Self(if bytes.is_empty() { State::Over } else { State::Known(bytes) })
    }

    /// The same once more, where it need not be asked of the client again.
    pub(super) fn again(&self) -> Option<Self> {
        match &self.0 {
            State::Over => Some(Self::empty()),
            State::Known(bytes) => Some(Self::known(bytes.clone())),
            State::Arriving(_) => None,
        }
    }

    pub(super) fn new(body: Incoming, capture: Capture, limits: &Limits) -> (Self, Sent) {
        if body.is_end_stream() {
            return (Self::empty(), Sent::Whole(capture));
        }
        let (sender, told) = oneshot::channel();
        let moved = Arc::new(AtomicU64::new(0));
        let patience = Patience::new(limits.idle);
        let streaming = Streaming { body, patience, told: sender, capture, moved: moved.clone() };
        let shared = Arc::new(Mutex::new(Some(streaming)));
        let waiting = Waiting { told, shared: shared.clone(), moved, linger: limits.linger };
        (Self(State::Arriving(shared)), Sent::Waiting(waiting))
    }

    fn finish(&mut self, told: impl FnOnce(Incoming, Capture) -> Told) {
        let State::Arriving(shared) = std::mem::replace(&mut self.0, State::Over) else { return };
        if let Some(streaming) = take(&shared) {
            // Nobody waits any more if the exchange has been lost already.
            let _ = streaming.told.send(told(streaming.body, streaming.capture));
        }
    }
}

/// Looks at the body, if it has not been taken over.
fn look<T>(shared: &Shared, look: impl FnOnce(&Incoming) -> T) -> Option<T> {
    let shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    shared.as_ref().map(|streaming| look(&streaming.body))
}

fn take(shared: &Shared) -> Option<Streaming> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Streaming {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        let next = ready!(self.patience.poll_frame(&mut self.body, cx));
        if let Some(Ok(frame)) = &next {
            self.moved.fetch_add(1, Ordering::Relaxed);
            self.capture.add_frame(frame);
        }
        Poll::Ready(next)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let shared = match &mut self.0 {
            State::Over => return Poll::Ready(None),
            State::Known(bytes) => {
                let frame = Frame::data(std::mem::take(bytes));
                self.0 = State::Over;
                return Poll::Ready(Some(Ok(frame)));
            }
            State::Arriving(shared) => shared,
        };
        let next = match &mut *shared.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(streaming) => ready!(streaming.poll_frame(cx)),
            None => return Poll::Ready(Some(Err("the provider answered without reading on".into()))),
        };
        match &next {
            Some(Ok(_)) => {}
            Some(Err(why)) => {
                let why = why.clone();
                self.finish(|_, kept| Told::Cut(why, kept));
            }
            None => self.finish(|_, kept| Told::Whole(kept)),
        }
        Poll::Ready(next.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Over => true,
            State::Known(_) => false,
            State::Arriving(shared) => look(shared, Incoming::is_end_stream) == Some(true),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Over => SizeHint::with_exact(0),
            State::Known(bytes) => SizeHint::with_exact(bytes.len() as u64),
            State::Arriving(shared) => look(shared, Incoming::size_hint).unwrap_or_default(),
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.finish(|body, kept| match body.is_end_stream() {
            true => Told::Whole(kept),
            false => Told::Unread(body, kept),
        });
    }
}

impl Sent {
    /// How often a piece of the body has moved.
    pub(super) fn moved(&self) -> impl Fn() -> u64 + use<> {
        let moved = match self {
            Self::Whole(_) => None,
            Self::Waiting(waiting) => Some(waiting.moved.clone()),
        };
        move || moved.as_ref().map_or(0, |moved| moved.load(Ordering::Relaxed))
    }

    /// What the client sends, also where the provider does not read it: all of it, unless it stops
    /// on its answer.
    pub(super) async fn finish(self) -> Result<(Capture, Rest), Lost> {
        match self {
            Self::Whole(capture) => Ok((capture, Rest::None)),
            Self::Waiting(waiting) => Box::pin(waiting.finish()).await,
        }
    }
}

impl Waiting {
    async fn finish(self) -> Result<(Capture, Rest), Lost> {
        let Self { mut told, shared, moved: count, linger } = self;
        let moved = || count.load(Ordering::Relaxed);
        let state = match patiently(linger, &moved, &mut told).await {
            Some(state) => state.ok(),
            // Either side has stopped. If it is the provider, the client still has more to say.
            None => match take(&shared) {
                Some(streaming) => Some(Told::Unread(streaming.body, streaming.capture)),
                None => told.await.ok(), // Told at the last moment.
            },
        };
        let (mut body, mut capture) = match state {
            Some(Told::Whole(capture)) => return Ok((capture, Rest::None)),
            Some(Told::Cut(why, capture)) => return Ok((capture, Rest::Missing { why, body: None })),
            Some(Told::Unread(body, capture)) => (body, capture),
            None => return Err(Lost::Stopped),
        };
        let why = match patiently(linger, moved, read_on(&mut body, &mut capture, &count)).await {
            Some(Ok(())) => return Ok((capture, Rest::Unread)),
            Some(Err(why)) => why,
            None => format!("nothing arrived for {linger:?}"),
        };
        Ok((capture, Rest::Missing { why, body: Some(body) }))
    }
}

async fn read_on(body: &mut Incoming, capture: &mut Capture, moved: &AtomicU64) -> Result<(), String> {
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame.map_err(|error| crate::net::error::chain(&error))?;
        moved.fetch_add(1, Ordering::Relaxed);
        capture.add_frame(&frame);
    }
    Ok(())
}
