use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use super::{Library, Miss, Replayer, Unused};
use crate::cassette::{CassetteError, Shelf};
use crate::contract::{Contract, ContractError};
use crate::net::{Limits, NetError, Running};

/// A replay with a port of its own, for tests in Rust: async or not, it makes no difference.
/// Dropping it closes the port.
///
/// ```
/// use onrecord::replay::Server;
///
/// let replay = Server::open("cassettes/msk/story-sandbox.json")?;
/// let url = replay.url(); // where the client under test finds the provider
/// # let request = onrecord::exchange::Request::new(
/// #     onrecord::exchange::Method::Get, onrecord::exchange::Target::new("/v1/clusters?maxResults=2"));
/// # let upstream = onrecord::net::Upstream::parse(&url)?;
/// # let client = onrecord::net::Client::new(&upstream, onrecord::net::Limits::default())?;
/// # assert_eq!(client.send(&request)?.0.status, 200);
/// assert!(replay.misses().is_empty());
/// # assert!(!replay.unused().is_empty() && replay.served() == 1);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    replayer: Arc<Replayer>,
    /// Its end is what the thread waits for.
    open: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no replay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The cassette cannot be read.
    #[error(transparent)]
    Cassette(#[from] CassetteError),
    /// Its contract cannot be read.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// No port, or no threads.
    #[error(transparent)]
    Net(#[from] NetError),
}

impl Server {
    /// Replays a cassette, under the contract that it was recorded with where that is a built-in one.
    ///
    /// # Errors
    /// Where the cassette cannot be read, or no port can be opened.
    pub fn open(cassette: impl AsRef<Path>) -> Result<Self, ServerError> {
        let path = cassette.as_ref();
        let cassette = Shelf::open(path)?;
        let recorded = cassette.header().contract.as_ref();
        let contract = recorded.and_then(|contract| Contract::built_in(&contract.id)).transpose()?;
        let contracts = contract.map(Arc::new).into_iter().collect();
        let library = Library::of(contracts, vec![cassette])?.named([path.display().to_string()]);
        Ok(Self::start(Replayer::over(Arc::new(library)))?)
    }

    /// Serves a replay that is made as it has to be.
    ///
    /// # Errors
    /// Where no port can be opened.
    pub fn start(replayer: Replayer) -> Result<Self, NetError> {
        let replayer = Arc::new(replayer);
        let (answer, (open, over), (tell, told)) = (replayer.clone(), channel::<()>(), channel());
        // A thread of its own, for a runtime must not be made or dropped inside another one.
        let serve = move || {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            match Running::serve(any, answer, Limits::default()) {
                Ok(running) => {
                    let _ = tell.send(Ok(running.local_addr()));
                    let _ = over.recv();
                    running.stop();
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        };
        let broken = |cause| NetError::Runtime { cause };
        let thread =
            thread::Builder::new().name("onrecord replay".to_owned()).spawn(serve).map_err(broken)?;
        let addr = told.recv().map_err(|_| broken(std::io::ErrorKind::Other.into()))??;
        Ok(Self { addr, replayer, open: Some(open), thread: Some(thread) })
    }

    /// Where it listens, as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The first hundred misses, in their order.
    pub fn misses(&self) -> Vec<Miss> {
        self.replayer.misses()
    }

    /// The exchanges that were not served, in the order of the cassette.
    pub fn unused(&self) -> Vec<Unused> {
        self.replayer.unused()
    }

    /// How many exchanges were served.
    pub fn served(&self) -> usize {
        self.replayer.served()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.open.take());
        if let Some(thread) = self.thread.take() {
            // It fails if the thread panicked; that has been reported where it happened.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;
    use crate::replay::fixtures::replay;

    #[test]
    fn it_lives_inside_an_async_test_and_closes_its_port() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let addr = runtime.block_on(async {
            let server = Server::start(replay(&[("GET /notes", "", "notes")])).unwrap();
            assert!(TcpStream::connect(server.addr).is_ok());
            server.addr
        });
        assert!(TcpStream::connect(addr).is_err());
    }

    #[test]
    fn what_is_wrong_with_a_cassette_is_told() {
        let error = Server::open("cassettes/none.json").unwrap_err();
        assert!(matches!(error, ServerError::Cassette(CassetteError::Io { .. })), "{error}");
    }
}
