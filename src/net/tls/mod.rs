//! TLS towards clients: the certificates that we make, and connections that show them.

mod issuer;

pub use issuer::Issuer;
