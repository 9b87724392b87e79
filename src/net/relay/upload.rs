use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;

use super::capture::Capture;
use super::{Limits, Lost, patiently};
use crate::net::body::{BodyError, Patience};

/// The body of a request on its way to the provider.
pub(super) struct Upload(Option<Streaming>);

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
    Cut(String),
}

/// The other end of an [`Upload`]: what has been sent.
pub(super) enum Sent {
    Whole(Capture),
    Waiting { told: oneshot::Receiver<Told>, moved: Arc<AtomicU64>, linger: Duration },
}

impl Upload {
    /// No body.
    pub(super) fn empty() -> Self {
        Self(None)
    }

    pub(super) fn new(body: Incoming, capture: Capture, limits: &Limits) -> (Self, Sent) {
        if body.is_end_stream() {
            return (Self::empty(), Sent::Whole(capture));
        }
        let (told, waiting) = oneshot::channel();
        let moved = Arc::new(AtomicU64::new(0));
        let sent = Sent::Waiting { told: waiting, moved: moved.clone(), linger: limits.linger };
        let patience = Patience::new(limits.idle);
        (Self(Some(Streaming { body, patience, told, capture, moved })), sent)
    }

    fn finish(&mut self, told: impl FnOnce(Incoming, Capture) -> Told) {
        if let Some(streaming) = self.0.take() {
            // Nobody waits any more if the exchange has been lost already.
            let _ = streaming.told.send(told(streaming.body, streaming.capture));
        }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(streaming) = &mut self.0 else { return Poll::Ready(None) };
        let next = ready!(streaming.patience.poll_frame(&mut streaming.body, cx));
        match &next {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    streaming.moved.fetch_add(1, Ordering::Relaxed);
                    streaming.capture.add(data);
                }
            }
            Some(Err(why)) => {
                let why = why.clone();
                self.finish(|_, _| Told::Cut(why));
            }
            None => self.finish(|_, kept| Told::Whole(kept)),
        }
        Poll::Ready(next.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|streaming| streaming.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or(SizeHint::with_exact(0), |streaming| streaming.body.size_hint())
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
            Self::Waiting { moved, .. } => Some(moved.clone()),
        };
        move || moved.as_ref().map_or(0, |moved| moved.load(Ordering::Relaxed))
    }

    /// All that the client sends, also what the provider did not wait for: a request is told in
    /// whole, or not at all.
    pub(super) async fn finish(self) -> Result<Capture, Lost> {
        let moved = self.moved();
        match self {
            Self::Whole(capture) => Ok(capture),
            Self::Waiting { told, moved: count, linger } => patiently(linger, moved, rest(told, &count))
                .await
                .unwrap_or_else(|| Err(Lost::RequestCut(format!("nothing arrived for {linger:?}")))),
        }
    }
}

async fn rest(told: oneshot::Receiver<Told>, moved: &AtomicU64) -> Result<Capture, Lost> {
    let (mut body, mut capture) = match told.await {
        Ok(Told::Whole(capture)) => return Ok(capture),
        Ok(Told::Unread(body, capture)) => (body, capture),
        Ok(Told::Cut(why)) => return Err(Lost::RequestCut(why)),
        Err(_) => return Err(Lost::Stopped),
    };
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|error| Lost::RequestCut(crate::net::error::chain(&error)))?;
        moved.fetch_add(1, Ordering::Relaxed);
        capture.add(&frame.into_data().unwrap_or_default());
    }
    Ok(capture)
}
