//! Connections to one origin: those of HTTP/1.1 are kept for the next request, the one of HTTP/2
//! is shared by all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::watch;

use super::body::BodyError;
use super::convert::{for_http1, for_http2};
use super::error::chain;
use super::reach::{Origin, Reach};
use super::trust::Alpn;
use super::{NetError, Scheme};

/// How many idle connections are kept.
const IDLE: usize = 64;

/// What may be on its way to us in one exchange of HTTP/2, and in all of a connection together:
/// much more, so that a few slow clients do not hold up the others.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 64 << 20;
/// The most header fields of an answer over HTTP/1.1.
const HEADER_FIELDS: usize = 512;
/// The biggest head of an answer over HTTP/2, as big as hyper takes one over HTTP/1.1.
const HEAD: u32 = 400 << 10;
/// How often a connection of HTTP/2 with exchanges on it is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// So soon after its last request a connection says why it ended.
const PARTING: Duration = Duration::from_millis(100);

pub(super) struct Pool<B> {
    origin: Origin,
    reach: Reach,
    connect: Duration,
    idle: Mutex<Vec<http1::SendRequest<B>>>,
    spoken: Mutex<Spoken<B>>,
    /// Held while connecting to an origin that may speak HTTP/2: one connection will do.
    connecting: tokio::sync::Mutex<()>,
}

/// What an origin was found to speak.
enum Spoken<B> {
    Unknown,
    Http1,
    Http2(Shared<B>),
}

/// A connection that can take a request.
enum Line<B> {
    Http1(http1::SendRequest<B>),
    Http2(Shared<B>),
}

/// A connection of HTTP/2.
struct Shared<B> {
    sender: http2::SendRequest<B>,
    /// Why it ended, once it has: requests on it hear only that it did.
    ended: watch::Receiver<Option<String>>,
}

impl<B> Clone for Shared<B> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), ended: self.ended.clone() }
    }
}

/// A connection whose answer is being read.
pub(super) struct Lease<B> {
    line: Line<B>,
    pool: Arc<Pool<B>>,
}

/// Why there is no answer.
pub(super) struct Failure {
    pub(super) error: NetError,
    /// Whether the connection had served before: then the provider may just have closed it.
    pub(super) worn: Worn,
}

impl Failure {
    /// One that has nothing to do with the connection.
    pub(super) fn fresh(error: NetError) -> Self {
        Self { error, worn: Worn::Fresh }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worn {
    Fresh,
    Reused,
}

type Answered<B> = Result<(hyper::Response<Incoming>, Lease<B>), Failure>;

impl<B> Pool<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    pub(super) fn new(origin: Origin, reach: Reach, connect: Duration) -> Self {
        let spoken = match origin.scheme {
            Scheme::Http => Spoken::Http1,
            Scheme::Https => Spoken::Unknown,
        };
        let (idle, connecting) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { origin, reach, connect, idle, spoken: Mutex::new(spoken), connecting }
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Sends a request on a connection that is there, or on a new one. It is written for
    /// HTTP/1.1; what HTTP/2 wants otherwise is seen to here.
    pub(super) async fn send(self: &Arc<Self>, mut request: hyper::Request<B>) -> Answered<B> {
        while let Some(mut line) = self.at_hand() {
            if !line.is_ready().await {
                continue;
            }
            match line.send(request, &self.origin).await {
                Ok(response) => return Ok((response, Lease { line, pool: self.clone() })),
                Err((_, Some(unsent))) => request = *unsent, // Closed before anything was sent.
                Err((error, None)) => return Err(Failure { error, worn: Worn::Reused }),
            }
        }
        Box::pin(self.send_afresh(request)).await
    }

    /// Sends a request on a new connection, or on the one that is shared.
    pub(super) async fn send_afresh(self: &Arc<Self>, request: hyper::Request<B>) -> Answered<B> {
        self.send_on(self.open().await, request).await
    }

    /// Sends a request on a new connection of HTTP/1.1, the only one that can change to another
    /// protocol.
    pub(super) async fn send_to_switch(self: &Arc<Self>, request: hyper::Request<B>) -> Answered<B> {
        self.send_on(self.dial(Alpn::Http1).await, request).await
    }

    async fn send_on(
        self: &Arc<Self>,
        line: Result<Line<B>, NetError>,
        request: hyper::Request<B>,
    ) -> Answered<B> {
        let mut line = line.map_err(Failure::fresh)?;
        match line.send(request, &self.origin).await {
            Ok(response) => Ok((response, Lease { line, pool: self.clone() })),
            Err((error, _)) => Err(Failure::fresh(error)),
        }
    }

    fn at_hand(&self) -> Option<Line<B>> {
        self.shared().or_else(|| lock(&self.idle).pop().map(Line::Http1))
    }

    fn shared(&self) -> Option<Line<B>> {
        let mut spoken = lock(&self.spoken);
        match &*spoken {
            Spoken::Http2(shared) if !shared.sender.is_closed() => Some(Line::Http2(shared.clone())),
            Spoken::Http2(_) => {
                *spoken = Spoken::Unknown;
                None
            }
            Spoken::Unknown | Spoken::Http1 => None,
        }
    }

    async fn open(&self) -> Result<Line<B>, NetError> {
        if matches!(&*lock(&self.spoken), Spoken::Http1) {
            return self.dial(Alpn::Any).await;
        }
        let _connecting = self.connecting.lock().await;
        if let Some(line) = self.shared() {
            return Ok(line); // Connected while we waited for our turn.
        }
        let line = self.dial(Alpn::Any).await?;
        *lock(&self.spoken) = match &line {
            Line::Http1(_) => Spoken::Http1,
            Line::Http2(shared) => Spoken::Http2(shared.clone()),
        };
        Ok(line)
    }

    async fn dial(&self, alpn: Alpn) -> Result<Line<B>, NetError> {
        let stream = self.reach.connect(&self.origin, self.connect).await?;
        if self.origin.scheme == Scheme::Http {
            return self.http1(TokioIo::new(stream)).await;
        }
        let stream = self.reach.secure(&self.origin, stream, alpn, self.connect).await?;
        match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => self.http2(TokioIo::new(stream)).await,
            _ => self.http1(TokioIo::new(stream)).await,
        }
    }

    async fn http1<T: Read + Write + Unpin + Send + 'static>(&self, io: T) -> Result<Line<B>, NetError> {
        let mut http = http1::Builder::new();
        http.preserve_header_case(true).max_headers(HEADER_FIELDS);
        let made = http.handshake(io).await;
        let (sender, connection) = made.map_err(|error| broken(&self.origin, &error))?;
        // Whatever goes wrong on it is told to the request that is on it.
        tokio::spawn(connection.with_upgrades());
        Ok(Line::Http1(sender))
    }

    async fn http2<T: Read + Write + Unpin + Send + 'static>(&self, io: T) -> Result<Line<B>, NetError> {
        let mut http = http2::Builder::new(TokioExecutor::new());
        let made = http
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD)
            .keep_alive_interval(PING)
            .handshake(io)
            .await;
        let (sender, connection) = made.map_err(|error| broken(&self.origin, &error))?;
        let (told, ended) = watch::channel(None);
        tokio::spawn(async move {
            let why = connection.await.err().map(|error| chain(&error));
            let _ = told.send(why); // Nobody may be left to hear it.
        });
        Ok(Line::Http2(Shared { sender, ended }))
    }
}

impl<B> Line<B>
where
    B: Body<Data = Bytes, Error = BodyError> + Send + Unpin + 'static,
{
    async fn is_ready(&mut self) -> bool {
        match self {
            Self::Http1(sender) => sender.ready().await.is_ok(),
            Self::Http2(shared) => shared.sender.ready().await.is_ok(),
        }
    }

    /// The answer; else what is wrong, with the request where nothing of it was sent.
    async fn send(
        &mut self,
        request: hyper::Request<B>,
        origin: &Origin,
    ) -> Result<hyper::Response<Incoming>, (NetError, Option<Box<hyper::Request<B>>>)> {
        let unsendable = |error| (error, None);
        let sent = match self {
            Self::Http1(sender) => sender.try_send_request(for_http1(request).map_err(unsendable)?).await,
            Self::Http2(shared) => {
                let request = for_http2(request, origin.scheme).map_err(unsendable)?;
                shared.sender.try_send_request(request).await
            }
        };
        let mut failure = match sent {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        let unsent = failure.take_message().map(Box::new);
        let error = failure.into_error();
        let mut failed = broken(origin, &error);
        if let (Self::Http2(shared), NetError::Broken { why, .. }) = (self, &mut failed) {
            let ended = shared.ended.wait_for(Option::is_some);
            if error.is_canceled()
                && let Ok(Ok(ended)) = tokio::time::timeout(PARTING, ended).await
                && let Some(cause) = &*ended
            {
                *why = cause.clone();
            }
        }
        Err((failed, unsent))
    }
}

impl<B> Lease<B> {
    /// Keeps a connection whose answer has been read, for the next request.
    pub(super) fn keep(self) {
        let Line::Http1(sender) = self.line else { return };
        let mut idle = lock(&self.pool.idle);
        if !sender.is_closed() && idle.len() < IDLE {
            idle.push(sender);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken(origin: &Origin, error: &hyper::Error) -> NetError {
    NetError::Broken { upstream: origin.authority.clone(), why: chain(error) }
}
