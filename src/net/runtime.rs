use std::net::SocketAddr;
use std::sync::Arc;

use super::{Answer, Entrance, Limits, Listener, NetError, Outbound, Stop, Tap, relay, serve};

/// What async functions of this room run on. Not to be made or dropped inside one.
#[derive(Debug)]
pub struct Runtime(tokio::runtime::Runtime);

impl Runtime {
    /// With as many threads as there are cores to run on: two on one core would only wake each other.
    pub fn new() -> Result<Self, NetError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .enable_all()
            .build()
            .map(Self)
            .map_err(|cause| NetError::Runtime { cause })
    }

    pub(super) fn handle(&self) -> tokio::runtime::Handle {
        self.0.handle().clone()
    }

    /// Runs a future to its end on the calling thread.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// A server or a relay that runs in the background, for callers that are not async. Dropping it
/// stops it, within [`Limits::grace`].
#[derive(Debug)]
pub struct Running {
    runtime: Runtime,
    addr: SocketAddr,
    stop: Stop,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Running {
    /// A buffered server that clients address as if it were the provider, see [`serve`].
    pub fn serve(addr: SocketAddr, answer: Arc<dyn Answer>, limits: Limits) -> Result<Self, NetError> {
        Self::serve_at(addr, Entrance::Reverse, answer, limits)
    }

    /// A buffered server, see [`serve`].
    pub fn serve_at(
        addr: SocketAddr,
        entrance: Entrance,
        answer: Arc<dyn Answer>,
        limits: Limits,
    ) -> Result<Self, NetError> {
        let (runtime, listener) = open(addr)?;
        let at = listener.local_addr();
        Ok(Self::start(runtime, at, |stop| serve(listener, entrance, answer, limits, stop)))
    }

    /// A relay, see [`relay`]. The tap is made when it is known where the relay listens.
    pub fn relay<T: Tap, E: From<NetError>>(
        addr: SocketAddr,
        entrance: Entrance,
        outbound: impl Into<Outbound>,
        limits: Limits,
        tap: impl FnOnce(SocketAddr) -> Result<Arc<T>, E>,
    ) -> Result<(Self, Arc<T>), E> {
        let (runtime, listener) = open(addr)?;
        let addr = listener.local_addr();
        let tap = tap(addr)?;
        let outbound = outbound.into();
        let running =
            Self::start(runtime, addr, |stop| relay(listener, entrance, outbound, tap.clone(), limits, stop));
        Ok((running, tap))
    }

    fn start<F>(runtime: Runtime, addr: SocketAddr, work: impl FnOnce(Stop) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = Stop::new();
        let task = runtime.0.spawn(work(stop.clone()));
        Self { runtime, addr, stop, task: Some(task) }
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where it listens, as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What stops it.
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// What it runs on, for more work beside it.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Stops it, and returns when exchanges in flight are over or out of time.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        self.stop.now();
        if let Some(task) = self.task.take() {
            // It fails if the work panicked; the panic has been reported where it happened.
            let _ = self.runtime.block_on(task);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.finish();
    }
}

fn open(addr: SocketAddr) -> Result<(Runtime, Listener), NetError> {
    let runtime = Runtime::new()?;
    let listener = runtime.block_on(Listener::bind(addr))?;
    Ok((runtime, listener))
}
