//! TLS towards clients: the certificates that we make, and connections that show them.

mod accepting;
mod issuer;

pub(super) use accepting::{Rejected, accept};
pub use issuer::Issuer;
