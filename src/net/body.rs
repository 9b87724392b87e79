//! Reading bodies within bounds.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming};
use tokio::time::Sleep;

use super::convert::headers;
use super::error::chain;
use crate::exchange::Headers;

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

/// Reads a body with its trailers to its end, or as far as the limits allow.
pub(super) async fn read(mut body: Incoming, limit: usize, idle: Duration) -> (Bytes, Headers, End) {
    let mut patience = Patience::new(idle);
    let mut whole = BytesMut::new();
    let mut trailers = Headers::default();
    loop {
        match poll_fn(|cx| patience.poll_frame(&mut body, cx)).await {
            None => return (whole.freeze(), trailers, End::Complete),
            Some(Err(why)) => return (whole.freeze(), trailers, End::Cut(why)),
            Some(Ok(frame)) => {
                let data = match frame.into_data() {
                    Ok(data) => data,
                    Err(frame) => {
                        trailers = frame.trailers_ref().map(headers).unwrap_or_default();
                        continue;
                    }
                };
                if data.len() > limit - whole.len() {
                    return (whole.freeze(), trailers, End::TooBig);
                }
                if whole.is_empty() && body.is_end_stream() {
                    return (data, trailers, End::Complete);
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
