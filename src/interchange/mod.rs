//! Exchanges in the files of other tools.
//!
//! - [`import`]: what a HAR file, a cassette of VCR or a simulation of Hoverfly holds. It has not passed the
//!   door yet.
//! - [`export`]: a cassette as HAR, or as stub mappings of WireMock.
//!
//! What cannot be carried over is counted by its kind, see [`Left`].

pub mod export;

mod error;
mod import;
mod left;
#[cfg(test)]
mod tests;

pub use error::ImportError;
pub use import::{Format, Imported, import};
pub use left::Left;

/// The biggest body that is unpacked: a few bytes may stand for any number.
const UNPACKED: usize = 128 << 20;
