//! A server that runs until a signal, or for as long as a wrapped command does.

mod bundle;
mod environment;

use std::ffi::OsString;
use std::net::SocketAddr;

use onrecord::net::{Command, NetError, Running, Signals, Stop, run};

pub(super) use bundle::Bundle;
pub(super) use environment::Environment;

/// Where servers listen unless told otherwise: loopback, any free port.
pub(super) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Waits for one of the signals, or runs the command to its end; the command's exit code, if there is one.
pub(super) fn until_over(
    running: &Running,
    signals: &mut Signals,
    command: Option<&Command>,
) -> Result<Option<u8>, NetError> {
    let Some(command) = command else {
        running.runtime().block_on(Stop::new().asked_or_signalled(signals));
        return Ok(None);
    };
    running.runtime().block_on(run(command, signals)).map(Some)
}

/// A command whose requests come to us, if there is one.
pub(super) fn command(words: Vec<OsString>, environment: Environment) -> Option<Command> {
    let Environment { set, unset } = environment;
    (!words.is_empty()).then_some(Command { words, env: set, unset })
}

/// What is said when a command ran and no request came: it has spoken to somebody else, or to nobody.
pub(super) const NOTHING_CAME: &str = "onrecord: no request reached us: does the command set an endpoint of its own? \
    It is told ours in AWS_ENDPOINT_URL and ONRECORD_URL";

/// The same, where it was to come through the proxy.
pub(super) const NOTHING_CAME_THROUGH: &str = "onrecord: no request reached us: does the command heed a proxy? \
    It is told ours in HTTPS_PROXY and HTTP_PROXY, and some need an option of their own (docs/recording.md)";
