//! A server that runs until a signal, or for as long as a wrapped command does.

use std::ffi::OsString;
use std::net::SocketAddr;

use onrecord::net::{Command, NetError, Running, Signals, Stop, run};

use super::context::Context;

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
///
/// An endpoint for a single service would win over ours, and a proxy would be asked for our address.
pub(super) fn command(words: Vec<OsString>, url: &str, context: &Context) -> Option<Command> {
    let ours = ["AWS_ENDPOINT_URL", "ONRECORD_URL"].map(|name| (name.to_owned(), url.to_owned()));
    let direct = ["NO_PROXY", "no_proxy"].map(|name| (name.to_owned(), context.no_proxy.clone()));
    let env = ours.into_iter().chain(direct).collect();
    (!words.is_empty()).then(|| Command { words, env, unset: context.service_endpoints.clone() })
}

/// What is said when a command ran and no request came: it has spoken to somebody else, or to nobody.
pub(super) const NOTHING_CAME: &str = "onrecord: no request reached us: does the command set an endpoint of its own? \
    It is told ours in AWS_ENDPOINT_URL and ONRECORD_URL";
