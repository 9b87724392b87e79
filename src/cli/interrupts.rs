//! A run of checks ends in order: it cleans up and reports before it goes.

use std::thread::{self, JoinHandle};

use onrecord::net::{NetError, Runtime, Signals};
use onrecord::runner::Suite;

/// Has `SIGINT` and `SIGTERM` end a run after the case that is under way.
pub(super) fn end(suite: &Suite) -> Result<JoinHandle<()>, NetError> {
    let runtime = Runtime::new()?;
    let mut signals = Signals::catch(&runtime)?;
    let stop = suite.stopper();
    Ok(thread::spawn(move || runtime.block_on(stop.asked_or_signalled(&mut signals))))
}
