//! Connections to one upstream, kept for the next request.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;

use super::body::BodyError;
use super::error::chain;
use super::{NetError, Reach, Upstream};

/// How many idle connections are kept.
const IDLE: usize = 64;

pub(super) struct Pool<B> {
    upstream: Upstream,
    reach: Reach,
    connect: Duration,
    idle: Mutex<Vec<SendRequest<B>>>,
}

/// A connection whose answer is being read.
pub(super) struct Lease<B>(SendRequest<B>);

/// Why there is no answer.
pub(super) struct Failure {
    pub(super) error: NetError,
    /// Whether the connection had served before: then the provider may just have closed it.
    pub(super) worn: Worn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worn {
    Fresh,
    Reused,
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    pub(super) fn new(upstream: Upstream, reach: Reach, connect: Duration) -> Self {
        Self { upstream, reach, connect, idle: Mutex::new(Vec::new()) }
    }

    pub(super) fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Sends a request on an idle connection, or on a new one.
    pub(super) async fn send(
        &self,
        mut request: hyper::Request<B>,
    ) -> Result<(hyper::Response<Incoming>, Lease<B>), Failure> {
        while let Some(mut sender) = self.pop() {
            if sender.ready().await.is_err() {
                continue;
            }
            match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, Lease(sender))),
                Err(mut refusal) => match refusal.take_message() {
                    Some(unsent) => request = unsent, // Closed before anything was sent.
                    None => {
                        let error = self.broken(&refusal.into_error());
                        return Err(Failure { error, worn: Worn::Reused });
                    }
                },
            }
        }
        self.send_afresh(request).await
    }

    /// Sends a request on a new connection.
    pub(super) async fn send_afresh(
        &self,
        request: hyper::Request<B>,
    ) -> Result<(hyper::Response<Incoming>, Lease<B>), Failure> {
        let fresh = |error| Failure { error, worn: Worn::Fresh };
        let mut sender = self.open().await.map_err(fresh)?;
        match sender.send_request(request).await {
            Ok(response) => Ok((response, Lease(sender))),
            Err(error) => Err(fresh(self.broken(&error))),
        }
    }

    /// Keeps a connection whose answer has been read, for the next request.
    pub(super) fn keep(&self, lease: Lease<B>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !lease.0.is_closed() && idle.len() < IDLE {
            idle.push(lease.0);
        }
    }

    async fn open(&self) -> Result<SendRequest<B>, NetError> {
        let stream = self.reach.connect(self.upstream.origin(), self.connect).await?;
        let (sender, connection) = Builder::new()
            .preserve_header_case(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.broken(&error))?;
        // Whatever goes wrong on it is told to the request that is on it.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn pop(&self) -> Option<SendRequest<B>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn broken(&self, error: &hyper::Error) -> NetError {
        NetError::Broken { upstream: self.upstream.authority().to_owned(), why: chain(error) }
    }
}
