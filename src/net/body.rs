//! Reading bodies within bounds.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming};
use tokio::time::Sleep;

use super::error::chain;

/// What a body of ours may fail with, towards hyper.
pub(super) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// How the reading of a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All of it arrived.
    Complete,
    /// The other side broke off, or stalled.
    Cut(String),
    /// It is bigger than the limit.
    TooBig,
}

/// Reads a body to its end, or as far as the limits allow.
pub(super) async fn read(mut body: Incoming, limit: usize, idle: Duration) -> (Bytes, End) {
    let mut patience = Patience::new(idle);
    let mut whole = BytesMut::new();
    loop {
        match poll_fn(|cx| patience.poll_frame(&mut body, cx)).await {
            None => return (whole.freeze(), End::Complete),
            Some(Err(why)) => return (whole.freeze(), End::Cut(why)),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default(); // Trailers are not kept.
                if data.len() > limit - whole.len() {
                    return (whole.freeze(), End::TooBig);
                }
                if whole.is_empty() && body.is_end_stream() {
                    return (data, End::Complete);
                }
                whole.extend_from_slice(&data);
            }
        }
    }
}

/// The time limit for each piece of a body.
pub(super) struct Patience {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, sleep: None }
    }

    /// The next piece, or an error that says what is wrong, time included.
    pub(super) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        if let Poll::Ready(next) = Pin::new(body).poll_frame(cx) {
            self.sleep = None;
            return Poll::Ready(next.map(|frame| frame.map_err(|error| chain(&error))));
        }
        let limit = self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        sleep.as_mut().poll(cx).map(|()| Some(Err(format!("nothing arrived for {limit:?}"))))
    }
}
