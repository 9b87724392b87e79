use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
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

/// Signals that ask a process to end, which do not end ours any more once this is made. What must
/// not be cut short is begun after it.
#[derive(Debug)]
pub struct Signals {
    interrupts: Caught,
    terminations: Caught,
    hangups: Option<Caught>,
}

type Caught = tokio::signal::unix::Signal;

impl Signals {
    /// Catches `SIGINT`, `SIGTERM`, and `SIGHUP` unless it is ignored (`nohup`), from now on.
    pub fn catch(runtime: &Runtime) -> Result<Self, NetError> {
        let listen = async {
            let hangups = (!ignores_hangups()).then(|| signal(SignalKind::hangup())).transpose()?;
            let interrupts = signal(SignalKind::interrupt())?;
            Ok(Self { interrupts, terminations: signal(SignalKind::terminate())?, hangups })
        };
        runtime.block_on(listen).map_err(|cause| NetError::Runtime { cause })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupts.recv() => Signal::INT,
            _ = self.terminations.recv() => Signal::TERM,
            () = next(self.hangups.as_mut()) => Signal::HUP,
        }
    }
}

async fn next(caught: Option<&mut Caught>) {
    match caught {
        Some(caught) => {
            caught.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Where the system tells (Linux), the lowest bit of a mask.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Signals that mean something to a wrapped command alone.
struct Foreign {
    quits: Caught,
    first: Caught,
    second: Caught,
}

impl Foreign {
    fn catch() -> std::io::Result<Self> {
        let [quits, first, second] =
            [SignalKind::quit(), SignalKind::user_defined1(), SignalKind::user_defined2()].map(signal);
        Ok(Self { quits: quits?, first: first?, second: second? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.quits.recv() => Signal::QUIT,
            _ = self.first.recv() => Signal::USR1,
            _ = self.second.recv() => Signal::USR2,
        }
    }
}

/// Runs a command to its end, with our standard streams. Its exit code; 128 and the signal's
/// number if one ended it, as shells have it.
///
/// `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, `SIGUSR1` and `SIGUSR2` are passed on to the command,
/// which decides what they mean. On a terminal, the ones that its keys send are not: the terminal
/// sends them to both of us.
pub async fn run(command: &Command, signals: &mut Signals) -> Result<u8, NetError> {
    let mut foreign = Foreign::catch().map_err(|cause| NetError::Runtime { cause })?;
    let mut child = start(command)?;
    loop {
        let signal = tokio::select! {
            status = child.wait() => {
                return status.map(code).map_err(|cause| NetError::Runtime { cause });
            }
            signal = signals.next() => signal,
            signal = foreign.next() => signal,
        };
        if !(is_in_foreground() && matches!(signal, Signal::INT | Signal::QUIT)) {
            pass_on(&child, signal);
        }
    }
}

impl Stop {
    /// Waits until somebody asks, or for the first of the signals, which is to ask.
    pub async fn asked_or_signalled(&self, signals: &mut Signals) {
        tokio::select! {
            () = self.asked() => {}
            _ = signals.next() => {}
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

/// Whether a terminal sends its signals to us and the command alike: it does to the group of processes
/// in its foreground.
fn is_in_foreground() -> bool {
    let terminals = [tcgetpgrp(std::io::stdin()), tcgetpgrp(std::io::stdout()), tcgetpgrp(std::io::stderr())];
    terminals.into_iter().flatten().any(|group| group == getpgrp())
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
