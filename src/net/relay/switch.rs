//! What is passed on without a look: other protocols, and tunnels.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use hyper::upgrade::{OnUpgrade, on};
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::handle::refuse_for;
use super::ongoing::Ongoing;
use super::route::origin;
use super::upload::Upload;
use super::{Lost, Relay, patiently};
use crate::net::convert::forwarded;
use crate::net::entrance::Destination;
use crate::net::front::Seat;
use crate::net::pool::Lease;
use crate::net::server::{Outgoing, refuse};

/// Somebody who looks at a page now and then keeps a connection open for long without a word.
const SILENCE: Duration = Duration::from_secs(3600);

/// A wish to go on in another protocol.
pub(super) struct Switch {
    to: HeaderValue,
    client: OnUpgrade,
    seat: Option<Seat>,
}

impl Switch {
    /// Not the one to go on in HTTP/2: everything would be said in it from then on, and nothing
    /// recorded. A server may decline any (RFC 9110 section 7.8).
    pub(super) fn asked_by(request: &mut Request<Incoming>) -> Option<Self> {
        let headers = request.headers();
        let to = headers.get(UPGRADE).filter(|to| !to.as_bytes().eq_ignore_ascii_case(b"h2c"))?;
        let named = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
        let is_meant =
            named.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
        let to = to.clone();
        let seat = request.extensions().get().cloned();
        (is_meant && request.version() == Version::HTTP_11).then(|| Self { to, client: on(request), seat })
    }

    /// Asks the provider for it.
    pub(super) fn ask(&self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, self.to.clone());
    }

    /// Passes on what both sides say, now that the provider has agreed.
    pub(super) fn through(
        self,
        relay: &Arc<Relay>,
        ongoing: Ongoing,
        mut answer: Response<Incoming>,
        lease: Lease<Upload>,
    ) -> Response<Outgoing> {
        let to = answer.headers().get(UPGRADE).unwrap_or(&self.to).clone();
        ongoing.lose(Lost::Upgraded { to: String::from_utf8_lossy(to.as_bytes()).to_ascii_lowercase() });
        let provider = on(&mut answer);
        let (client, seat) = (self.client, self.seat);
        relay.pass(async move {
            // Where one of them breaks off, so does the other when its connection is dropped.
            if let (Ok(client), Ok(provider)) = tokio::join!(client, provider) {
                pass(TokioIo::new(client), TokioIo::new(provider)).await;
            }
            drop((lease, seat));
        });
        let (mut parts, _) = answer.into_parts();
        parts.headers = forwarded(&parts.headers);
        parts.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        parts.headers.insert(UPGRADE, to);
        Response::from_parts(parts, Outgoing::whole(Bytes::new()))
    }
}

/// Passes on a connection that a forward proxy is not to look into.
pub(super) async fn tunnel(relay: &Arc<Relay>, mut request: Request<Incoming>) -> Response<Outgoing> {
    let Some(destination) = request.extensions_mut().remove::<Destination>() else {
        return refuse(
            StatusCode::NOT_IMPLEMENTED,
            "connect",
            "this is no forward proxy: it takes no CONNECT",
        );
    };
    let origin = match origin(&destination) {
        Ok(origin) => origin,
        Err(refusal) => return refusal.answer(),
    };
    let provider = match relay.pools.reach().connect(&origin, relay.limits.connect).await {
        Ok(provider) => provider,
        Err(error) => return refuse_for(&error),
    };
    relay.tap.lost(Lost::Tunnelled { host: origin.host });
    let client = on(&mut request);
    let seat = request.extensions().get::<Seat>().cloned();
    relay.pass(async move {
        if let Ok(client) = client.await {
            pass(TokioIo::new(client), provider).await;
        }
        drop(seat);
    });
    Response::new(Outgoing::whole(Bytes::new()))
}

/// Copies both ways until both have ended, one has failed, or neither has said anything for long.
async fn pass(client: impl AsyncRead + AsyncWrite, provider: impl AsyncRead + AsyncWrite) {
    let moved = AtomicU64::new(0);
    let (from_client, to_client) = tokio::io::split(client);
    let (from_provider, to_provider) = tokio::io::split(provider);
    let both = async {
        tokio::try_join!(copy(from_client, to_provider, &moved), copy(from_provider, to_client, &moved))
    };
    // How it ended is nobody's business: each side sees its connection end.
    let _ = patiently(SILENCE, || moved.load(Ordering::Relaxed), both).await;
}

async fn copy(from: impl AsyncRead, to: impl AsyncWrite, moved: &AtomicU64) -> Result<(), std::io::Error> {
    let (mut from, mut to) = (std::pin::pin!(from), std::pin::pin!(to));
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return to.shutdown().await;
        }
        moved.fetch_add(1, Ordering::Relaxed);
        to.write_all(&buffer[..count]).await?;
        to.flush().await?;
    }
}
