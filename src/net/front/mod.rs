//! What clients meet: a connection from its first byte to its end, whatever is spoken on it.
//!
//! A client speaks in the clear to begin with ([`wire`]): HTTP/1.1, or HTTP/2 if it knows that we do
//! (RFC 9113 section 3.3). Each of its requests is looked at by a [`Gate`]: what it says about its own host, whether that may be asked for, whether it
//! is too big. What passes goes to the service, a `CONNECT` to a host that we look into becomes a
//! [`tunnel`], in which the client speaks HTTP again, secure and in the version it chose, through
//! a second gate.

mod gate;
mod hosts;
mod passing;
mod patient;
mod tunnel;
mod wire;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::rt::Executor;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use self::gate::{Gate, Origin};
use self::patient::Patient;
use super::body::BodyError;
use super::{Entrance, Limits, Notice, Stop};

/// The connection breaks off without an answer; over HTTP/2 the stream does.
#[derive(Debug, thiserror::Error)]
#[error("broken off without an answer")]
pub(super) struct HungUp;

/// What answers requests once they are through the gate.
pub(super) trait Serving:
    Service<
        hyper::Request<Incoming>,
        Response = hyper::Response<Self::Answer>,
        Error = HungUp,
        Future: Send + 'static,
    > + Send
    + Sync
    + 'static
{
    type Answer: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static;
}

impl<S, B> Serving for S
where
    S: Service<hyper::Request<Incoming>, Response = hyper::Response<B>, Error = HungUp>
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    type Answer = B;
}

/// What a connection of HTTP/2 begins with, as far as it tells it from HTTP/1.1 (RFC 9113 section 3.4). It
/// comes in one piece: clients write all of it, and more, at once.
const PREFACE: &[u8; 14] = b"PRI * HTTP/2.0";

/// A place among the connections that are served at once. Among the extensions of a request that
/// may become a tunnel: whoever goes on with its connection holds on to it.
#[derive(Clone)]
pub(super) struct Seat(
    #[expect(dead_code, reason = "held, not looked at")] pub(super) Arc<OwnedSemaphorePermit>,
);

/// What all connections of a listener share.
pub(super) struct Front<S> {
    service: S,
    entrance: Entrance,
    limits: Limits,
    stop: Stop,
    streams: Tasks,
}

impl<S: Serving> Front<S> {
    pub(super) fn new(service: S, entrance: Entrance, limits: Limits, stop: Stop, streams: Tasks) -> Self {
        Self { service, entrance, limits, stop, streams }
    }

    /// Serves a connection until it ends.
    pub(super) async fn receive(self: Arc<Self>, stream: TcpStream, seat: Seat) {
        let Some(is_second) = self.speaks_second(&stream).await else { return };
        let gate = Arc::new(Gate::new(self.clone(), Origin::Outside, seat));
        let stream = TokioIo::new(Patient::new(stream, self.limits.idle));
        match is_second {
            true => wire::http2(stream, gate.clone()).await,
            false => wire::http1(stream, gate.clone()).await,
        }
        if let Some(opened) = gate.opened() {
            // Apart, so that connections without a tunnel stay small.
            Box::pin(tunnel::go_on(self, opened)).await;
        }
    }

    /// Whether a client begins with the preface of HTTP/2; no method of HTTP/1.1 begins so. `None` if it
    /// says nothing. A proxy's clients open tunnels first, which they do in HTTP/1.1.
    async fn speaks_second(&self, stream: &TcpStream) -> Option<bool> {
        if !matches!(self.entrance, Entrance::Reverse) {
            return Some(false);
        }
        let mut begun = [0; PREFACE.len()];
        tokio::select! {
            seen = stream.peek(&mut begun) => (seen.ok()? > 0).then_some(begun == *PREFACE),
            () = tokio::time::sleep(self.limits.header_read) => None,
            () = self.stop.asked() => None,
        }
    }

    fn notice(&self, notice: &Notice) {
        let Entrance::Proxy(interception) = &self.entrance else { return };
        interception.notice.iter().for_each(|hear| hear(notice));
    }
}

/// Requests that HTTP/2 connections work on. They end with the listener, not with their
/// connection.
#[derive(Clone, Default)]
pub(super) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    pub(super) fn take(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<F> Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}
