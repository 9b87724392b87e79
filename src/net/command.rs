use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command as Process};
use tokio::signal::unix::{SignalKind, signal};

use super::{NetError, Runtime, Stop};

/// A command to run beside a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<OsString>,
    /// What its environment has besides ours, or instead.
    pub env: Vec<(String, String)>,
    /// What its environment has not.
    pub unset: Vec<String>,
}

/// `SIGINT` and `SIGTERM`, which do not end the process any more once this is made. What must
/// not be cut short is begun after it.
#[derive(Debug)]
pub struct Signals {
    interrupts: tokio::signal::unix::Signal,
    terminations: tokio::signal::unix::Signal,
}

impl Signals {
    /// Catches them from now on.
    pub fn catch(runtime: &Runtime) -> Result<Self, NetError> {
        let listen = async {
            let interrupts = signal(SignalKind::interrupt())?;
            Ok(Self { interrupts, terminations: signal(SignalKind::terminate())? })
        };
        runtime.block_on(listen).map_err(|cause| NetError::Runtime { cause })
    }
}

/// Runs a command to its end, with our standard streams. Its exit code; 128 and the signal's
/// number if one ended it, as shells have it.
///
/// `SIGINT` and `SIGTERM` are passed on to the command, which decides what they mean. On a
/// terminal `SIGINT` is not: the terminal sends it to both of us.
pub async fn run(command: &Command, signals: &mut Signals) -> Result<u8, NetError> {
    let mut child = start(command)?;
    let has_terminal =
        std::io::stdin().is_terminal() || std::io::stdout().is_terminal() || std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            status = child.wait() => {
                return status.map(code).map_err(|cause| NetError::Runtime { cause });
            }
            _ = signals.interrupts.recv() => if !has_terminal { pass_on(&child, Signal::INT) },
            _ = signals.terminations.recv() => pass_on(&child, Signal::TERM),
        }
    }
}

impl Stop {
    /// Waits until somebody asks, or for the first `SIGINT` or `SIGTERM`, which is to ask.
    pub async fn asked_or_signalled(&self, signals: &mut Signals) {
        tokio::select! {
            () = self.asked() => {}
            _ = signals.interrupts.recv() => {}
            _ = signals.terminations.recv() => {}
        }
        self.now();
    }
}

fn start(command: &Command) -> Result<Child, NetError> {
    let (program, arguments) = command.words.split_first().ok_or_else(|| NetError::Command {
        program: String::new(),
        cause: std::io::Error::new(std::io::ErrorKind::InvalidInput, "no command given"),
    })?;
    let mut process = Process::new(program);
    command.unset.iter().for_each(|name| {
        process.env_remove(name);
    });
    process.args(arguments).envs(command.env.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
    process
        .spawn()
        .map_err(|cause| NetError::Command { program: program.to_string_lossy().into_owned(), cause })
}

fn pass_on(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(pid) = pid {
        // It fails if the command has just ended, which the loop will see.
        let _ = kill_process(pid, signal);
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default());
    u8::try_from(code).unwrap_or(u8::MAX)
}
