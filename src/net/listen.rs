use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::front::{Front, Seat, Serving, Tasks};
use super::{Entrance, Limits, NetError, Stop};

/// How many clients are told at once that there is no place for them. Others are not even told.
const TURNED_AWAY: usize = 256;

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

    /// The same without waiting, within a runtime.
    pub(super) fn bind_now(addr: SocketAddr) -> Result<Self, NetError> {
        let wrong = |cause| NetError::Bind { addr, cause };
        let socket = std::net::TcpListener::bind(addr).map_err(wrong)?;
        socket.set_nonblocking(true).map_err(wrong)?;
        let socket = TcpListener::from_std(socket).map_err(wrong)?;
        let addr = socket.local_addr().map_err(wrong)?;
        Ok(Self { socket, addr })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves connections until told to stop; those still open then are handed back.
    pub(super) async fn accept<S: Serving>(
        self,
        entrance: &Entrance,
        service: S,
        limits: &Limits,
        stop: &Stop,
    ) -> Connections {
        let seats = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        let away = Arc::new(Semaphore::new(TURNED_AWAY));
        let streams = Tasks::default();
        let front =
            Arc::new(Front::new(service, entrance.clone(), limits.clone(), stop.clone(), streams.clone()));
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.asked() => return Connections { open, streams },
                accepted = self.next() => accepted,
            };
            while open.try_join_next().is_some() {}
            let Some(stream) = accepted else { continue };
            if let Ok(seat) = seats.clone().try_acquire_owned() {
                open.spawn(front.clone().receive(stream, Seat(Arc::new(seat))));
            } else if let Ok(place) = away.clone().try_acquire_owned() {
                let limits = limits.clone();
                open.spawn(async move {
                    turn_away(stream, &limits).await;
                    drop(place);
                });
            }
        }
    }

    async fn next(&self) -> Option<TcpStream> {
        let Ok((stream, _)) = self.socket.accept().await else {
            // Mostly no file descriptors left: let some connections end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return None;
        };
        // Without it small answers wait for acknowledgements; where it cannot be set they just do.
        let _ = stream.set_nodelay(true);
        Some(stream)
    }
}

/// Connections that were open when the listener stopped.
pub(super) struct Connections {
    open: JoinSet<()>,
    streams: Tasks,
}

impl Connections {
    /// Waits for them to end by themselves, and ends them at the deadline.
    pub(super) async fn finish(mut self, deadline: Instant) {
        end(&mut self.open, deadline).await;
        // No connection is left that could start another one.
        end(&mut self.streams.take(), deadline).await;
    }
}

async fn end(tasks: &mut JoinSet<()>, deadline: Instant) {
    let ended = async { while tasks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout_at(deadline, ended).await;
    tasks.shutdown().await;
}

/// Tells a client that there is no place for it, and lets it read that: a connection that is
/// closed on unread bytes takes its answer along.
async fn turn_away(mut stream: TcpStream, limits: &Limits) {
    let text = format!(
        "onrecord: the limit of {} connections at once is reached; close some, or raise the limit\n",
        limits.connections
    );
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\nx-onrecord-error: too-many-connections\r\nretry-after: 1\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    );
    let farewell = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whether the client has heard it is all the same to us.
    let _ = tokio::time::timeout(limits.linger, farewell).await;
}
