//! A run of checks ends in order: it cleans up and reports before it goes.

use std::thread::{self, JoinHandle};

use onrecord::net::{NetError, Runtime, Signals, Stop};

/// Has `SIGINT` and `SIGTERM` end a run after the case that is under way.
pub(super) fn end(stop: &Stop) -> Result<JoinHandle<()>, NetError> {
    let runtime = Runtime::new()?;
    let mut signals = Signals::catch(&runtime)?;
    let stop = stop.clone();
    Ok(thread::spawn(move || runtime.block_on(stop.asked_or_signalled(&mut signals))))
}
