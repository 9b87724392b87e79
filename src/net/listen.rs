use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::body::BodyError;
use super::{Entrance, Limits, NetError, Stop};

/// An open port.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Listener {
    /// Opens a port; port 0 takes any free one.
    pub async fn bind(addr: SocketAddr) -> Result<Self, NetError> {
        let wrong = |cause| NetError::Bind { addr, cause };
        let socket = TcpListener::bind(addr).await.map_err(wrong)?;
        let addr = socket.local_addr().map_err(wrong)?;
        Ok(Self { socket, addr })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves connections until told to stop; those still open then are handed back.
    pub(super) async fn accept<S, B>(
        self,
        entrance: &Entrance,
        service: S,
        limits: &Limits,
        stop: &Stop,
    ) -> Connections
    where
        S: Service<hyper::Request<Incoming>, Response = hyper::Response<B>> + Clone + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BodyError>,
        B: Body<Data = Bytes, Error = BodyError> + Send + 'static,
    {
        let _ = entrance;
        let seats = Arc::new(Semaphore::new(limits.connections));
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.asked() => return Connections(open),
                accepted = self.next(&seats) => accepted,
            };
            while open.try_join_next().is_some() {}
            let Some((stream, seat)) = accepted else { continue };
            let connection = converse(stream, service.clone(), http(limits), stop.clone());
            open.spawn(async move {
                connection.await;
                drop(seat);
            });
        }
    }

    async fn next(&self, seats: &Arc<Semaphore>) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let seat = seats.clone().acquire_owned().await.ok()?;
        let Ok((stream, _)) = self.socket.accept().await else {
            // Mostly no file descriptors left: let some connections end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return None;
        };
        // Without it small answers wait for acknowledgements; where it cannot be set they just do.
        let _ = stream.set_nodelay(true);
        Some((stream, seat))
    }
}

/// Connections that were open when the listener stopped.
pub(super) struct Connections(JoinSet<()>);

impl Connections {
    /// Waits for them to end by themselves, and ends them at the deadline.
    pub(super) async fn finish(mut self, deadline: Instant) {
        let ended = async { while self.0.join_next().await.is_some() {} };
        let _ = tokio::time::timeout_at(deadline, ended).await;
        self.0.shutdown().await;
    }
}

fn http(limits: &Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .preserve_header_case(true)
        .auto_date_header(false);
    http
}

async fn converse<S, B>(stream: TcpStream, service: S, http: http1::Builder, stop: Stop)
where
    S: Service<hyper::Request<Incoming>, Response = hyper::Response<B>>,
    S::Error: Into<BodyError>,
    B: Body<Data = Bytes, Error = BodyError> + 'static,
{
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    // How a client's connection ends is the client's affair; what it means for an exchange is
    // settled where the exchange is.
    let unfinished = tokio::select! {
        _ = connection.as_mut() => false,
        () = stop.asked() => true,
    };
    if unfinished {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
