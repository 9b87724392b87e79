//! Bodies that are known before they are sent.

use std::iter::Peekable;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::CONTENT_LENGTH;
use tokio::time::{Instant, Sleep};

use super::body::BodyError;
use crate::exchange::Piece;

/// A body that is known before it is sent.
pub(super) struct Outgoing {
    bytes: Bytes,
    framing: Framing,
    /// The frames to send, where they matter.
    pieces: Peekable<std::vec::IntoIter<Piece>>,
    /// What the times of pieces are counted from.
    begun: Instant,
    /// When the next piece is to be sent, if that is later.
    due: Option<Pin<Box<Sleep>>>,
    /// Comes before the next frame, or the cut.
    turn: Option<Turn>,
    trailers: Option<HeaderMap>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Whole,
    Chunked,
    Cut(hyper::Version),
}

impl Outgoing {
    fn new(bytes: Bytes, framing: Framing) -> Self {
        let pieces = Vec::new().into_iter().peekable();
        Self { bytes, framing, pieces, begun: Instant::now(), due: None, turn: None, trailers: None }
    }

    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::new(bytes, Framing::Whole)
    }

    /// A body that does not say how long it is.
    pub(super) fn chunked(bytes: Bytes) -> Self {
        Self::new(bytes, Framing::Chunked)
    }

    /// A body that breaks off after these bytes.
    pub(super) fn cut(bytes: Bytes, version: hyper::Version) -> Self {
        let turn = bytes.is_empty().then(|| Turn::for_version(version));
        Self { turn, ..Self::new(bytes, Framing::Cut(version)) }
    }

    /// The body that an answer to `HEAD`, a 204 or a 304 does not have over HTTP/1.1. Where a length
    /// is told hyper must not know that there is nothing, or it would tell another one, or none.
    pub(super) fn none(headers: &HeaderMap) -> Self {
        let framing = if headers.contains_key(CONTENT_LENGTH) { Framing::Chunked } else { Framing::Whole };
        Self::new(Bytes::new(), framing)
    }

    /// Sent in these pieces, none before its time; what is left over is one more.
    pub(super) fn in_pieces(self, mut pieces: Vec<Piece>) -> Self {
        pieces.retain(|piece| piece.length > 0);
        Self { pieces: pieces.into_iter().peekable(), ..self }
    }

    pub(super) fn with_trailers(self, trailers: HeaderMap) -> Self {
        Self { trailers: Some(trailers), ..self }
    }

    /// Whether it is time for the next piece.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let after = self.pieces.peek().map(|piece| piece.after).filter(|after| !after.is_zero());
        let Some(at) = after.and_then(|after| self.begun.checked_add(after)) else { return Poll::Ready(()) };
        let due = self.due.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        std::task::ready!(due.as_mut().poll(cx));
        self.due = None;
        Poll::Ready(())
    }

    fn next_piece(&mut self) -> Bytes {
        let length = self.pieces.next().map_or(self.bytes.len(), |piece| piece.length.min(self.bytes.len()));
        let piece = self.bytes.split_to(length);
        if self.bytes.is_empty() && self.framing == Framing::Chunked {
            self.framing = Framing::Whole; // So that hyper ends it along with the last piece.
        }
        self.turn = match self.framing {
            Framing::Cut(version) if self.bytes.is_empty() => Some(Turn::for_version(version)),
            _ => (!self.bytes.is_empty()).then_some(Turn::Due),
        };
        piece
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(turn) = &mut self.turn {
            std::task::ready!(turn.poll(cx));
            self.turn = None;
        }
        if !self.bytes.is_empty() {
            std::task::ready!(self.poll_due(cx));
            return Poll::Ready(Some(Ok(Frame::data(self.next_piece()))));
        }
        match self.framing {
            Framing::Cut(_) => Poll::Ready(Some(Err("cut as recorded".into()))),
            _ => Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty() && self.framing == Framing::Whole && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.framing {
            Framing::Whole => SizeHint::with_exact(self.bytes.len() as u64),
            Framing::Chunked | Framing::Cut(_) => SizeHint::default(),
        }
    }
}

/// hyper throws away what it has not written yet when a body fails, and puts together what comes
/// at once, so it gets a turn to write.
pub(super) enum Turn {
    Due,
    /// Over HTTP/2 somebody else writes, and nobody says when.
    Later(Pin<Box<Sleep>>),
    Done,
}

impl Turn {
    pub(super) fn for_version(version: hyper::Version) -> Self {
        match version {
            hyper::Version::HTTP_2 => Self::Later(Box::pin(tokio::time::sleep(Duration::from_millis(20)))),
            _ => Self::Due,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Due => {
                *self = Self::Done;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Later(sleep) => sleep.as_mut().poll(cx),
            Self::Done => Poll::Ready(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use http_body_util::BodyExt as _;

    use super::*;

    fn body(pieces: &[(usize, Duration)]) -> Outgoing {
        let piece = |(length, after): &(usize, Duration)| Piece { length: *length, after: *after };
        let bytes = Bytes::from_static(b"onetwothree");
        Outgoing::chunked(bytes).in_pieces(pieces.iter().map(piece).collect())
    }

    async fn next(body: &mut Outgoing) -> Bytes {
        body.frame().await.unwrap().unwrap().into_data().unwrap()
    }

    #[tokio::test]
    async fn a_piece_comes_when_it_is_due_and_not_before() {
        let mut body = body(&[(3, Duration::ZERO), (3, Duration::from_millis(1)), (5, Duration::MAX / 4)]);
        assert_eq!(next(&mut body).await, "one");
        assert_eq!(next(&mut body).await, "two");
        for _ in 0..10 {
            let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending(), "the last one is due in ages");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn pieces_without_times_come_at_once() {
        let mut body = body(&[(3, Duration::ZERO), (3, Duration::ZERO)]);
        for expected in ["one", "two", "three"] {
            assert_eq!(next(&mut body).await, expected);
        }
    }
}
