//! Bodies that are known before they are sent.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::CONTENT_LENGTH;
use tokio::time::Sleep;

use super::body::BodyError;

/// A body that is known before it is sent.
pub(super) struct Outgoing {
    bytes: Bytes,
    framing: Framing,
    /// The lengths of the frames to send, where they matter.
    pieces: std::vec::IntoIter<usize>,
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
        Self { bytes, framing, pieces: Vec::new().into_iter(), turn: None, trailers: None }
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

    /// Sent in frames of these lengths; what is left over is one more.
    pub(super) fn in_pieces(self, lengths: impl Iterator<Item = usize>) -> Self {
        let lengths: Vec<_> = lengths.filter(|length| *length > 0).collect();
        Self { pieces: lengths.into_iter(), ..self }
    }

    pub(super) fn with_trailers(self, trailers: HeaderMap) -> Self {
        Self { trailers: Some(trailers), ..self }
    }

    fn next_piece(&mut self) -> Bytes {
        let length = self.pieces.next().unwrap_or(self.bytes.len()).min(self.bytes.len());
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
