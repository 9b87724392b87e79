//! A server that runs until a signal, or for as long as a wrapped command does.

use std::ffi::OsString;
use std::net::SocketAddr;

use onrecord::net::{Command, NetError, Running, Signals, Stop, run};

/// Where servers listen unless told otherwise: loopback, any free port.
pub(super) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Waits for one of the signals, or runs the command to its end; the command's exit code, if there is one.
pub(super) fn until_over(
    running: &Running,
    signals: &mut Signals,
    words: &[OsString],
) -> Result<Option<u8>, NetError> {
    if words.is_empty() {
        running.runtime().block_on(Stop::new().asked_or_signalled(signals));
        return Ok(None);
    }
    let env = ["AWS_ENDPOINT_URL", "ONRECORD_URL"].map(|name| (name.to_owned(), running.url()));
    let command = Command { words: words.to_vec(), env: env.into() };
    running.runtime().block_on(run(&command, signals)).map(Some)
}
