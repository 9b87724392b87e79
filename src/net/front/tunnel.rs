//! What becomes of a connection after a `CONNECT` that we said yes to.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio::time::timeout;

use super::gate::{Gate, Opened, Origin};
use super::{Front, Serving, wire};
use crate::exchange::plain_host;
use crate::net::entrance::Destination;
use crate::net::tls::{Rejected, accept};
use crate::net::{Admission, Notice, Scheme};

/// The first byte of a TLS connection.
const HANDSHAKE: u8 = 0x16;

/// Enough to look at the first byte; bigger reads pass by the buffer.
const PEEK: usize = 256;

/// Goes on with a connection whose client was told that it is connected.
pub(super) async fn go_on<S: Serving>(front: Arc<Front<S>>, mut opened: Opened) {
    let Ok(upgraded) = (&mut opened.upgrade).await else { return };
    let mut io = BufReader::with_capacity(PEEK, TokioIo::new(upgraded));
    let first = async { io.fill_buf().await.ok()?.first().copied() };
    // Nothing is under way yet that a stop would have to wait for.
    let first = tokio::select! {
        first = timeout(front.limits.handshake, first) => first.ok().flatten(),
        () = front.stop.asked() => None,
    };
    match first {
        None => {}
        Some(HANDSHAKE) => secure(front, opened, io).await,
        // Some clients ask for a tunnel whatever they are going to say in it.
        Some(_) => {
            let gate = inside(front, opened, Scheme::Http);
            wire::http1(TokioIo::new(io), gate).await;
        }
    }
}

async fn secure<S, IO>(front: Arc<Front<S>>, opened: Opened, io: IO)
where
    S: Serving,
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let accepting = accept(io, &opened.interception.issuer, |asked| pose(&opened, asked));
    let accepted = tokio::select! {
        accepted = timeout(front.limits.handshake, accepting) => accepted.unwrap_or(Err(Rejected::Broken)),
        () = front.stop.asked() => Err(Rejected::Broken),
    };
    let stream = match accepted {
        Ok(stream) => stream,
        Err(Rejected::Distrusted(why)) => {
            let host = opened.place.host;
            return front.notice(&Notice::Distrusted { host, why });
        }
        Err(Rejected::Broken) => return,
    };
    let is_second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let gate = inside(front, opened, Scheme::Https);
    match is_second {
        true => wire::http2(TokioIo::new(stream), gate).await,
        false => wire::http1(TokioIo::new(stream), gate).await,
    }
}

/// Whom we pose as: the host that the client expects, if it may be asked for, else the one that it
/// wanted to be connected to.
fn pose(opened: &Opened, asked: Option<&str>) -> String {
    let asked = asked
        .and_then(plain_host)
        .filter(|host| (opened.interception.admit)(host, opened.place.port) == Admission::Intercepted);
    asked.unwrap_or_else(|| opened.place.host.clone())
}

fn inside<S: Serving>(front: Arc<Front<S>>, opened: Opened, scheme: Scheme) -> Arc<Gate<S>> {
    let Opened { authority, place, caller, seat, .. } = opened;
    let destination = Destination { scheme, authority, admission: Admission::Intercepted, caller };
    Arc::new(Gate::new(front, Origin::Tunnel(destination, place), seat))
}
