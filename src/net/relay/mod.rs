//! The streaming proxy, reverse and forward.
//!
//! Both bodies stream; a bounded copy of each is kept. One promise shapes all of it: **the
//! client does not see the end of an answer before the tap has taken the exchange.** What
//! completes an answer is held back until then: its last bytes if it has a `Content-Length`,
//! the last chunk if it is chunked, the head if it has no body. The one client without that
//! promise speaks HTTP/1.0 and gets an answer of unknown length: there the end is the end of
//! the connection, which a refusal looks like too.
//!
//! An exchange goes through these hands: [`route`] says where to, [`handle`] sends the request,
//! [`Upload`] is the request's body on its way, [`Download`] the answer's, [`Ongoing`] is the
//! account of it all and sees to it that the tap hears of every exchange exactly once. Where
//! somebody has a word on requests, [`checked`] reads them whole first; what is no exchange any
//! more, or none at all, goes through [`switch`].

mod capture;
mod checked;
mod detach;
mod download;
mod handle;
mod ongoing;
mod route;
mod switch;
mod upload;

use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use hyper::service::service_fn;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::capture::Budget;
use self::detach::Detach;
use self::handle::handle;
use self::route::Home;
use self::upload::Upload;
use super::front::HungUp;
use super::pools::Pools;
use super::{Checkpoint, Entrance, Limits, Listener, Outbound, Stop};
use crate::exchange::Exchange;

/// What sees the exchanges that pass through a relay.
pub trait Tap: Send + Sync + 'static {
    /// An exchange is over. The client sees the end of the answer when this returns `Ok`, and a
    /// broken connection if it does not.
    fn seen(&self, exchange: Exchange) -> Result<(), TapError>;

    /// Whether `seen` may wait for a disk.
    fn pace(&self) -> Pace {
        Pace::Waits
    }

    /// An exchange took place, or may have, that could not be told in whole.
    fn lost(&self, why: Lost);
}

/// What to expect of a [`Tap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It computes, and writes to memory or to a file's cache: exchanges with small bodies are
    /// told on the spot.
    Quick,
    /// It may wait for a disk: other exchanges are moved out of its way first, which costs each
    /// exchange a change of threads.
    Waits,
}

/// Why a tap did not take an exchange.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TapError(pub String);

/// Why an exchange was not handed to the tap.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Lost {
    /// There was no answer; the client got a 502 that says so.
    #[error("{0}")]
    NoAnswer(String),
    /// A [`Checkpoint`](super::Checkpoint) let it not pass; the client got a 400 that says why.
    #[error("{0}")]
    Refused(String),
    /// A body is bigger than [`Limits::body`]; it went through all the same.
    #[error("the {part} body is bigger than the limit of {limit} bytes")]
    TooBig {
        /// Which body.
        part: Part,
        /// The limit.
        limit: usize,
    },
    /// All bodies in flight together are bigger than [`Limits::bodies`]; they went through.
    #[error("the bodies in flight together are bigger than the limit of {limit} bytes")]
    Crowded {
        /// The limit.
        limit: usize,
    },
    /// The client did not send its request to the end.
    #[error("the client did not finish its request: {0}")]
    RequestCut(String),
    /// Client and provider went on in another protocol; what they said then was passed on.
    #[error("not recorded: switched to {to}")]
    Upgraded {
        /// The protocol, in lower case (`websocket`).
        to: String,
    },
    /// A connection was passed on as it was, for nobody may look into it.
    #[error("not recorded: passed through to {host}")]
    Tunnelled {
        /// The host, without its port.
        host: String,
    },
    /// The relay stopped before the exchange was over.
    #[error("onrecord stopped before the exchange was over")]
    Stopped,
}

/// One half of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Part {
    Request,
    Response,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

/// Relays until told to stop, then lets exchanges in flight finish within [`Limits::grace`].
/// When it returns, the tap will not be called again.
///
/// A request goes to the host that its client named to us as a forward proxy, or else to the
/// upstream, and then `Host` is rewritten as [`HostField`](super::HostField) says. Header fields
/// for one hop only are not forwarded. All else arrives as it was sent: order and case of header
/// fields (fields of one name move together), the raw target, bodies with their trailers, the
/// reason phrase; a provider that speaks HTTP/2 is spoken to in it, whatever the client speaks.
/// The tap sees the heads as they were before that. A client that hangs up does not end the
/// exchange: the provider acts on it nonetheless, so it is recorded to its end.
///
/// To be run on a runtime with more than one thread, see [`Runtime`](super::Runtime).
pub async fn relay(
    listener: Listener,
    entrance: Entrance,
    outbound: Outbound,
    tap: Arc<dyn Tap>,
    limits: Limits,
    stop: Stop,
) {
    let Outbound { upstream, reach, checkpoints } = outbound;
    let pools = Pools::new(reach, limits.connect);
    let home = upstream.map(|upstream| Home { pool: pools.to(upstream.origin().clone()), upstream });
    let relay = Arc::new(Relay {
        home,
        pools,
        checkpoints,
        tap,
        budget: Budget::new(limits.body, limits.bodies),
        turns: Semaphore::new(available_parallelism().map_or(1, NonZero::get)),
        limits,
        detached: Mutex::default(),
        passing: Mutex::default(),
    });
    let shared = relay.clone();
    let service = service_fn(move |request| {
        let exchange = Detach::new(shared.clone(), handle(shared.clone(), request));
        async move { Ok::<_, HungUp>(exchange.await) }
    });
    let open = listener.accept(&entrance, service, &relay.limits, &stop).await;
    let deadline = Instant::now() + relay.limits.grace;
    open.finish(deadline).await;
    relay.finish_detached(deadline).await;
    lock(&relay.passing).abort_all();
}

/// What all exchanges of a relay share.
struct Relay {
    home: Option<Home>,
    pools: Pools<Upload>,
    checkpoints: Vec<Arc<dyn Checkpoint>>,
    tap: Arc<dyn Tap>,
    limits: Limits,
    budget: Arc<Budget>,
    /// Big exchanges are told one at a time for each core: looking through them takes memory too.
    turns: Semaphore,
    /// Exchanges whose client has gone.
    detached: Mutex<JoinSet<()>>,
    /// What is passed through without a look.
    passing: Mutex<JoinSet<()>>,
}

impl Relay {
    /// Goes on with an exchange whose client has gone.
    fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        spawn(&self.detached, work);
    }

    /// Passes on what is no exchange, as long as the relay runs.
    fn pass(&self, work: impl Future<Output = ()> + Send + 'static) {
        spawn(&self.passing, work);
    }

    async fn finish_detached(&self, deadline: Instant) {
        loop {
            let mut work = std::mem::take(&mut *lock(&self.detached));
            if work.is_empty() {
                return;
            }
            let ended = async { while work.join_next().await.is_some() {} };
            let _ = tokio::time::timeout_at(deadline, ended).await;
            work.shutdown().await;
        }
    }
}

fn spawn(tasks: &Mutex<JoinSet<()>>, work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let mut tasks = lock(tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(work, &runtime);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a future as long as `count` keeps changing; `None` if it stood still for `limit`.
async fn patiently<T>(
    limit: Duration,
    count: impl Fn() -> u64,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = std::pin::pin!(future);
    loop {
        let before = count();
        match tokio::time::timeout(limit, future.as_mut()).await {
            Ok(value) => return Some(value),
            Err(_) if count() != before => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::handle::handle;

    #[test]
    fn an_exchange_takes_little_room() {
        fn size<A, B, F>(_: fn(A, B) -> F) -> usize {
            size_of::<F>()
        }
        assert!(size(handle) < 6 << 10, "{} bytes: see what is rare in it", size(handle));
    }
}
