use std::net::SocketAddr;
use std::sync::Arc;

use super::{Answer, Entrance, Limits, Listener, NetError, Runtime, Stop, serve};

/// Opens more ports beside a server that runs, each with somebody of its own who answers.
#[derive(Debug, Clone)]
pub struct Ports {
    handle: tokio::runtime::Handle,
    addr: SocketAddr,
    entrance: Entrance,
    limits: Limits,
}

impl Ports {
    /// On free ports of the address at `addr`, with the same way in and the same limits each.
    pub fn new(runtime: &Runtime, addr: SocketAddr, entrance: Entrance, limits: Limits) -> Self {
        let addr = SocketAddr::new(addr.ip(), 0);
        Self { handle: runtime.handle(), addr, entrance, limits }
    }

    /// Opens one. Does not wait, and may be called from any thread.
    pub fn open(&self, answer: Arc<dyn Answer>) -> Result<Port, NetError> {
        let _inside = self.handle.enter();
        let listener = Listener::bind_now(self.addr)?;
        let (addr, stop) = (listener.local_addr(), Stop::new());
        self.handle.spawn(serve(listener, self.entrance.clone(), answer, self.limits.clone(), stop.clone()));
        Ok(Port { addr, stop })
    }
}

/// A port that is open for as long as this lives; exchanges in flight may finish.
#[derive(Debug)]
pub struct Port {
    addr: SocketAddr,
    stop: Stop,
}

impl Port {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.stop.now();
    }
}
