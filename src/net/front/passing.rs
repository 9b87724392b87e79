use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Either;
use hyper::body::{Body, Frame, SizeHint};

use crate::net::body::BodyError;
use crate::net::server::Outgoing;

/// The body of an answer on its way out of a gate: the service's, or our own.
pub(super) struct Passing<B> {
    body: Either<B, Outgoing>,
    /// Held until the answer is over: by it a connection knows that it is in use.
    _use: Arc<()>,
}

impl<B> Passing<B> {
    pub(super) fn served(body: B, use_: Arc<()>) -> Self {
        Self { body: Either::Left(body), _use: use_ }
    }

    pub(super) fn own(body: Outgoing, use_: Arc<()>) -> Self {
        Self { body: Either::Right(body), _use: use_ }
    }
}

impl<B> Body for Passing<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Unpin,
{
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
