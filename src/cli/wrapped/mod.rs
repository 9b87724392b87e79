//! A server that runs until a signal, or for as long as a wrapped command does.

mod bundle;
mod environment;

use std::ffi::OsString;
use std::net::SocketAddr;

use onrecord::net::{Command, Limits, NetError, Running, Signals, Stop, raise_descriptor_limit, run};

use super::context::Context;
use super::proxy::Gate;

pub(super) use bundle::{Bundle, system_roots};
pub(super) use environment::Environment;

/// Where servers listen unless told otherwise: loopback, any free port.
pub(super) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Where to listen.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Listening {
    /// Where to listen; port 0 takes a free one
    #[arg(long = "listen", value_name = "ADDR", default_value_t = ANY_PORT)]
    pub(super) addr: SocketAddr,
}

impl Default for Listening {
    fn default() -> Self {
        Self { addr: ANY_PORT }
    }
}

/// Each connection is a file to the system, and one more towards the provider; some are for other things.
pub(super) fn allow_connections(limits: &Limits) {
    let wanted = 2 * limits.connections as u64 + 256;
    raise_descriptor_limit(wanted);
}

/// Waits for one of the signals, or runs the command to its end; the command's exit code, if there is one.
pub(super) fn until_over(
    running: &Running,
    signals: &mut Signals,
    command: Option<&Command>,
) -> Result<Option<u8>, NetError> {
    Context::serve();
    let Some(command) = command else {
        running.runtime().block_on(Stop::new().asked_or_signalled(signals));
        return Ok(None);
    };
    running.runtime().block_on(run(command, signals)).map(Some)
}

/// A command whose requests come to us, if there is one. Without one, whoever wants to come
/// through a gate is told how.
pub(super) fn command(
    words: Vec<OsString>,
    environment: Environment,
    gate: Option<&Gate>,
    context: &Context,
) -> Option<Command> {
    if words.is_empty() {
        if gate.is_some() {
            context.tell("onrecord: to come through it, in a shell:");
            context.tell(&environment.shell());
        }
        return None;
    }
    let led_elsewhere = environment.unset.iter().find(|name| context.variable(name).is_some());
    if let (Some(name), Some(_)) = (led_elsewhere, gate) {
        context.tell(&format!(
            "onrecord: {name} is not set for the command: through a proxy it asks the real hosts"
        ));
    }
    let Environment { set, unset } = environment;
    Some(Command { words, env: set, unset })
}

/// What is said when a command ran and no request came: it has spoken to somebody else, or to nobody.
pub(super) fn nothing_came(gate: Option<&Gate>) -> &'static str {
    match gate {
        None => {
            "onrecord: no request reached us: does the command set an endpoint of its own? \
             It is told ours in AWS_ENDPOINT_URL and ONRECORD_URL. Or did an SDK give up before it asked? \
             It needs credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) and a Region (AWS_REGION \
             and AWS_DEFAULT_REGION), whatever they say"
        }
        Some(gate) if !gate.away.refused().is_empty() => {
            "onrecord: nothing came that is let in: every request was refused"
        }
        Some(gate) if !gate.away.distrusting().is_empty() => {
            "onrecord: nothing came: the command does not trust our certificates"
        }
        Some(_) => {
            "onrecord: no request reached us: does the command heed a proxy? \
             It is told ours in HTTPS_PROXY and HTTP_PROXY. Or did an SDK give up before it asked? \
             It needs credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) and a Region (AWS_REGION \
             and AWS_DEFAULT_REGION)"
        }
    }
}
