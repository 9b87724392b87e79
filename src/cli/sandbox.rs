use std::net::SocketAddr;
use std::sync::Arc;

use onrecord::net::{Limits, Running, Signals};
use onrecord::sandbox::{FAULTS, Fault, Sandbox};

use super::context::Context;
use super::contracts::Overlays;
use super::failure::{End, Failure};
use super::{contracts, wrapped};

/// Serve a contract from memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: onrecord sandbox --contract msk --listen 127.0.0.1:4566\n\
    then:    AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws kafka list-clusters")]
pub(super) struct Args {
    /// A built-in contract (msk), or a file with a Smithy JSON AST or an OpenAPI document
    #[arg(long, value_name = "C")]
    contract: String,
    #[command(flatten)]
    overlays: Overlays,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4566")]
    listen: SocketAddr,
    /// A deliberate misbehaviour, by name; `list` names them all
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<End, Failure> {
    if asks_for_list(&args.faults) {
        context.say(&list());
        return Ok(End::Well);
    }
    let contract = contracts::load(&args.contract, &args.overlays, context)?;
    let sandbox = Sandbox::new(contract.clone(), &faults(&args.faults)?);
    let running = Running::serve(args.listen, Arc::new(sandbox), Limits::default())?;
    let mut signals = Signals::catch(running.runtime())?;
    context.tell(&format!("onrecord: the sandbox serves {} at {}", contract.title, running.url()));
    wrapped::until_over(&running, &mut signals, None)?;
    Ok(End::Well)
}

/// Whether the faults are to be named, and none to be planted.
pub(super) fn asks_for_list(names: &[String]) -> bool {
    names.iter().any(|name| name == "list")
}

/// The faults of those names.
pub(super) fn faults(names: &[String]) -> Result<Vec<Fault>, Failure> {
    let known = |name: &String| {
        Fault::named(name)
            .copied()
            .ok_or_else(|| Failure::Input(format!("there is no fault {name}; there are:\n{}", list())))
    };
    names.iter().map(known).collect()
}

/// Every fault, a line each.
pub(super) fn list() -> String {
    let line =
        |fault: &Fault| format!("  {:28} {} (breaks {})\n", fault.name, fault.says, fault.breaks.join(", "));
    FAULTS.iter().map(line).collect()
}
