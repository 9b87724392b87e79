use thiserror::Error;

use super::Describe;
use crate::exchange::Exchange;
use crate::redact::{Leak, Redacted, Redactor};

/// The door lets an exchange not pass.
#[derive(Debug, Error)]
#[error("exchanges[{index}]: {leak}")]
pub struct Held {
    /// Which one, counted from 0.
    pub index: usize,
    /// Why not.
    pub leak: Leak,
}

/// Exchanges as the door lets them pass: each with all that any of them shows to be secret.
///
/// # Errors
/// When a secret would be left in one, or when it cannot be looked into.
pub fn pass<'e>(
    exchanges: impl IntoIterator<Item = &'e Exchange>,
    describe: &dyn Describe,
    redactor: &Redactor,
) -> Result<Vec<Redacted<Exchange>>, Held> {
    let once = |(index, exchange): (usize, &Exchange)| {
        let passed = redactor.exchange(exchange, &describe.describe(exchange).declared);
        passed.map_err(|leak| Held { index, leak })
    };
    let passed = exchanges.into_iter().enumerate().map(once).collect::<Result<Vec<_>, _>>()?;
    // Once more, for what was only learned later.
    let again = |(index, exchange): (usize, &Redacted<Exchange>)| {
        redactor.again(exchange).map_err(|leak| Held { index, leak })
    };
    passed.iter().enumerate().map(again).collect()
}
